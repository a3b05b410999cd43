"""Who is in which system, since when, and what a careful clerk would have entered on that day."""

from dataclasses import dataclass, field

import numpy as np

from generator.address_text import write_addresses
from generator.companies import write_companies
from generator.draw import Draw, Ints, Texts, missing, texts
from generator.households import People
from generator.lives import END, START, Lives
from generator.tags import mark

SOURCES = ("sales", "marketing", "support")
_PRESENCE = (0.56, 0.70, 0.55)
_SPAN = int((END - START).astype(int))
TEXT_FIELDS = (
    "family", "given", "middle", "suffix", "family_kana", "given_kana", "full", "email", "more_emails", "phone", "mobile",
    "company", "department", "title", "postal", "region", "city", "street", "building", "country", "birth_date", "gender",
    "language", "opt_out",
)  # fmt: skip


@dataclass
class Records:
    """Source records under construction: one row per record, `text` holds its columns."""

    source: Ints  # index into SOURCES
    person: Ints  # row of people; -1 for records of nobody
    created: np.ndarray
    updated: np.ndarray
    kind: Texts  # person, role or junk
    noise: Ints
    text: dict[str, Texts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person)


def place_records(draw: Draw, n_people: int, repeats: float) -> Records:
    """Return empty records: each person in at least one system, some of them twice or more in the same one."""
    counts = np.stack([draw.chance(p, n_people).astype(np.int64) for p in _PRESENCE], axis=1)
    nowhere = counts.sum(axis=1) == 0
    counts[nowhere, draw.weighted(_PRESENCE, n_people)[nowhere]] = 1
    for column in range(len(SOURCES)):
        again = draw.weighted((1 - 0.12 * repeats, 0.10 * repeats, 0.015 * repeats, 0.005 * repeats), n_people)
        counts[:, column] *= 1 + again
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    person, source = cell // len(SOURCES), cell % len(SOURCES)
    n = len(cell)
    created = START + draw.whole(0, _SPAN - 90_000, n).astype("timedelta64[s]")
    span = (END - created).astype(np.int64)
    updated = created + (draw.unit(n) ** 1.5 * span * draw.chance(0.8, n)).astype("timedelta64[s]")
    records = Records(source, person, created, updated, texts(["person"] * n), np.zeros(n, dtype=np.int64))
    records.text = {name: missing(n) for name in TEXT_FIELDS}
    duplicate = np.zeros(n, dtype=bool)
    duplicate[1:] = cell[1:] == cell[:-1]
    mark(records.noise, duplicate, "duplicate")
    return records


def fill_names(draw: Draw, records: Records, people: People, lives: Lives) -> None:
    """Enter names as they were on the day of the record; readings only where the system asks for them."""
    n, person, text = len(records), records.person, records.text
    kana = (records.source == 0) & draw.chance(0.55, n)
    former = (people.maiden[person] != np.array(None)) & (records.updated < lives.married[person])
    mark(records.noise, former, "maiden_name")
    text["family"] = np.where(former, people.maiden[person], people.family[person])
    text["given"] = people.given[person].copy()
    text["family_kana"] = np.where(kana, np.where(former, people.maiden_kana[person], people.family_kana[person]), None)
    text["given_kana"] = np.where(kana, people.given_kana[person], None)
    text["middle"] = np.where(draw.chance(0.3, n), people.middle[person], None)
    suffixed = people.suffix[person] != np.array(None)
    kept = draw.chance(0.75, n) & (people.suffix[person] == "Jr") | draw.chance(0.2, n)
    text["suffix"] = np.where(kept, people.suffix[person], None)
    mark(records.noise, suffixed, "junior")
    mark(records.noise, suffixed & ~kept, "no_suffix")
    mark(records.noise, people.twin[person], "twin")
    born = texts(people.born.astype(str))[person]
    text["birth_date"] = np.where(draw.chance(np.array([0.25, 0.18, 0.0])[records.source], n), born, None)
    sex = np.where(people.female, "female", "male")[person].astype(object)
    text["gender"] = np.where(draw.chance(np.array([0.0, 0.2, 0.0])[records.source], n), sex, None)
    text["language"] = np.where(people.japan, "ja", "en")[person].astype(object)
    text["opt_out"] = np.where(draw.chance(0.08, n), "true", "false").astype(object)


def fill_work(draw: Draw, records: Records, lives: Lives) -> Ints:
    """Enter company, department and title as of the day; return the row of the company, -1 for none."""
    n, person, text = len(records), records.person, records.text
    before = records.updated < lives.changed_job[person]
    company = np.where(before, lives.old_company[person], lives.company[person])
    mark(records.noise, before & (company >= 0), "old_company")
    shown = np.where(draw.chance(np.array([0.9, 0.45, 0.3])[records.source], n), company, -1)
    text["company"] = write_companies(draw, lives.companies, shown)
    detail = (shown >= 0) & (records.source < 2)
    text["department"] = np.where(detail & draw.chance(0.4, n), lives.department[person], None)
    text["title"] = np.where(detail & draw.chance(0.5, n), lives.title[person], None)
    return company


def fill_addresses(draw: Draw, records: Records, lives: Lives, company: Ints) -> None:
    """Enter the home or the office address as of the day, in any notation, not always whole."""
    n, person, text = len(records), records.person, records.text
    before = records.updated < lives.moved[person]
    home = np.where(before, lives.old_home[person], lives.home[person])
    office = np.where(company >= 0, lives.office[person] + company, -1)
    work = (office >= 0) & draw.chance(np.array([0.55, 0.1, 0.0])[records.source], n)
    given = draw.chance(np.array([0.75, 0.5, 0.0])[records.source], n)
    row = np.where(given, np.where(work, office, home), -1)
    mark(records.noise, given & ~work & before, "old_address")
    text.update(write_addresses(draw, lives.addresses, row))
    for name, p in (("postal", 0.12), ("street", 0.2), ("region", 0.12), ("country", 0.3)):
        text[name] = np.where(draw.chance(p, n), None, text[name])
    text["building"] = np.where(text["street"] == np.array(None), None, text["building"])


def fill_channels(draw: Draw, records: Records, lives: Lives, company: Ints) -> None:
    """Enter mailboxes and numbers: work ones in sales, private ones elsewhere, shared ones here and there."""
    n, person, text = len(records), records.person, records.text
    old_job = records.updated < lives.changed_job[person]
    work = np.where(old_job, lives.old_work_mail[person], lives.work_mail[person])
    as_work = (work != np.array(None)) & draw.chance(np.array([0.75, 0.3, 0.25])[records.source], n)
    other = draw.chance(np.array([0.1, 0.16, 0.14])[records.source], n)
    family = (lives.family_mail[person] != np.array(None)) & draw.chance(np.array([0.08, 0.3, 0.25])[records.source], n)
    private = np.where(other, lives.other_mail[person], lives.mail[person])
    text["email"] = np.where(as_work, work, np.where(family, lives.family_mail[person], private))
    mark(records.noise, ~as_work & family, "shared_email")
    mark(records.noise, ~as_work & ~family & other, "other_email")
    more = (records.source == 1) & draw.chance(0.08, n)
    text["more_emails"] = np.where(more & as_work, lives.mail[person], np.where(more & other, lives.mail[person], None))
    board = np.where(company >= 0, lives.companies.switchboard[company], None)
    rank = draw.unit(n)
    desk = np.where((rank < 0.6) & (board != np.array(None)), board, lives.direct[person])
    at_home = np.where(rank < 0.75, lives.landline[person], None)
    text["phone"] = np.where(as_work, desk, at_home)
    with_mobile = draw.chance(np.array([0.5, 0.45, 0.5])[records.source], n)
    text["mobile"] = np.where(with_mobile, lives.mobile[person], None)
    shared = (text["phone"] != np.array(None)) & (text["phone"] != lives.direct[person])
    mark(records.noise, shared, "shared_phone")
