"""What happens to mailboxes, numbers and dates: tags, dots, slips, junk, and blanks."""

from collections.abc import Callable

import numpy as np

from generator.draw import Bools, Draw, texts
from generator.lives import Lives
from generator.noise_names import mistyped
from generator.observe import Records
from generator.phones import mistype, write_phones
from generator.tags import mark

JUNK_MAILS = ("test@test.com", "none@none.com", "noemail@example.com", "aaa@aaa.com", "xxx@example.com", "info@")
JUNK_PHONES = ("0000000000", "000-0000-0000", "111-1111-1111", "9999999999", "123-456-7890", "0", "なし")
_TAGS = ("news", "shop", "work", "1", "support")


def spoil_channels(draw: Draw, records: Records, lives: Lives, company: np.ndarray, factor: float) -> None:
    """Apply the noise of mailboxes, numbers and dates, `factor` times as often as usual (edits `records`)."""
    n, text = len(records), records.text
    exists = text["email"] != np.array(None)

    def struck(tag: str, rates: tuple[float, float, float], among: Bools) -> Bools:
        mask = draw.chance(np.minimum(np.array(rates)[records.source] * factor, 0.9), n) & among
        mark(records.noise, mask, tag)
        return mask

    role = struck("role_email", (0.01, 0.004, 0.01), exists & (company >= 0))
    hosts = lives.companies.domain[np.maximum(company, 0)]
    text["email"][role] = (draw.of(("info@", "sales@", "office@", "soumu@"), n) + hosts)[role]
    _decorate(draw, records, struck, exists & ~role)
    junk = struck("junk_email", (0.008, 0.008, 0.004), np.ones(n, dtype=bool))
    text["email"][junk] = draw.of(JUNK_MAILS, n)[junk]
    gone = struck("no_email", (0.12, 0.03, 0.06), ~junk)
    text["email"][gone] = None
    for name in ("phone", "mobile"):
        text[name] = mistype(draw, text[name], struck("typo_phone", (0.015, 0.02, 0.02), text[name] != np.array(None)))
        text[name] = write_phones(draw, text[name])
    dummy = struck("junk_phone", (0.01, 0.012, 0.006), np.ones(n, dtype=bool))
    text["phone"][dummy] = draw.of(JUNK_PHONES, n)[dummy]
    nothing = struck("no_phone", (0.12, 0.3, 0.25), ~dummy)
    text["phone"][nothing] = text["mobile"][nothing] = None
    _swap_dates(draw, records, struck("typo_birth", (0.03, 0.05, 0.0), text["birth_date"] != np.array(None)))


def _decorate(
    draw: Draw, records: Records, struck: Callable[[str, tuple[float, float, float], Bools], Bools], exists: Bools
) -> None:
    """Write the same mailbox in another way, or with a slip."""
    n, mails = len(records), records.text["email"]
    google = np.array([bool(mail) and mail.endswith("@gmail.com") for mail in mails])
    tag, kind, where = draw.of(_TAGS, n), draw.unit(n), draw.unit(n)
    for i in np.flatnonzero(struck("plus_email", (0.01, 0.05, 0.02), exists & google)):
        local, host = mails[i].split("@")
        mails[i] = f"{local}+{tag[i]}@{host}"
    for i in np.flatnonzero(struck("dot_email", (0.02, 0.06, 0.04), exists & google)):
        local, host = mails[i].split("@")
        mails[i] = f"{local.replace('.', '') if '.' in local else local[0] + '.' + local[1:]}@{host}"
    for i in np.flatnonzero(struck("typo_email", (0.025, 0.02, 0.012), exists)):
        local, host = mails[i].split("@")
        mails[i] = (
            f"{mistyped(local, kind[i], where[i])}@{host}"
            if kind[i] < 0.8
            else f"{local}@{mistyped(host, kind[i], 0.1)}"
        )
    shout = exists & draw.chance(0.04, n)
    mails[shout] = texts([mail.upper() for mail in mails[shout]])
    padded = exists & draw.chance(0.01, n)
    mails[padded] = mails[padded] + " "


def _swap_dates(draw: Draw, records: Records, mask: Bools) -> None:
    """Swap day and month where that gives a date, else move the year by one."""
    dates = records.text["birth_date"]
    for i in np.flatnonzero(mask):
        year, month, day = dates[i].split("-")
        dates[i] = f"{year}-{day}-{month}" if int(day) <= 12 else f"{int(year) + 1}-{month}-{day}"
    full = (dates != np.array(None)) & draw.chance(0.3, len(records))
    dates[full] = texts([date.replace("-", "/") for date in dates[full]])
