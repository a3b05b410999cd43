"""What happens to names on their way into a system: nicknames, other scripts, slips, wrong boxes."""

from collections.abc import Callable

import numpy as np

from generator.draw import Bools, Draw, Texts, texts
from generator.households import People
from generator.kana import to_half_width, to_hiragana, to_latin
from generator.lists import families, givens
from generator.observe import Records
from generator.tags import mark

_RATES = {  # by source: sales, marketing, support
    "nickname": (0.10, 0.24, 0.20),
    "kana": (0.02, 0.08, 0.12),
    "romaji": (0.04, 0.18, 0.18),
    "kanji_variant": (0.3, 0.25, 0.25),
    "typo_name": (0.03, 0.04, 0.03),
    "homophone": (0.008, 0.004, 0.015),
    "initial": (0.015, 0.04, 0.02),
    "swapped_name": (0.015, 0.025, 0.02),
    "full_in_last": (0.02, 0.01, 0.0),
    "no_given": (0.01, 0.03, 0.02),
    "no_name": (0.0, 0.04, 0.02),
    "name_from_email": (0.0, 0.02, 0.05),
    "honorific": (0.02, 0.005, 0.03),
}
_KEYS = dict(zip("abcdefghijklmnopqrstuvwxyz", "snvfrdgujklhnbipqeatycxszu", strict=True))  # a key nearby


def spoil_names(draw: Draw, records: Records, people: People, factor: float) -> None:
    """Apply the name noise to fresh records, `factor` times as often as usual (edits `records`)."""
    n = len(records)
    japan = people.japan[records.person]

    def struck(tag: str, among: Bools) -> Bools:
        rate = np.minimum(np.array(_RATES[tag])[records.source] * factor, 0.9)
        mask = draw.chance(rate, n) & among
        mark(records.noise, mask, tag)
        return mask

    _nicknames(draw, records, people, struck("nickname", ~japan & _has_nickname(records, people)))
    _variants(draw, records, people, struck("kanji_variant", japan & _has_variant(records, people)))
    _mishear(draw, records, people, struck("homophone", japan))
    rewritten = struck("kana", japan)
    _to_kana(draw, records, people, rewritten)
    latin = struck("romaji", japan & ~rewritten)
    _to_latin(draw, records, people, latin)
    _slip(draw, records, struck("typo_name", (~japan | latin)))
    initial = struck("initial", ~japan | latin)
    records.text["given"][initial] = [_initial(name) for name in records.text["given"][initial]]
    _case(draw, records.text, (~japan | latin) & draw.chance(0.06 * factor, n))
    _misplace(draw, records, struck, latin)


def _has_nickname(records: Records, people: People) -> Bools:
    """Return which records' people have a given name with nicknames."""
    known = {
        name
        for sex in "mf"
        for name, other in zip(givens("en", sex).names, givens("en", sex).others, strict=True)
        if other
    }
    return np.array([name in known for name in people.given])[records.person]


def _nicknames(draw: Draw, records: Records, people: People, mask: Bools) -> None:
    """Replace given names by one of their nicknames."""
    pick = draw.unit(len(records))
    for i in np.flatnonzero(mask):
        at = records.person[i]
        names = givens("en", "f" if people.female[at] else "m").others[people.given_at[at]]
        records.text["given"][i] = names[int(pick[i] * len(names))] if names else records.text["given"][i]


def _has_variant(records: Records, people: People) -> Bools:
    """Return which records show a family name that is written in several ways."""
    known = {name for name, other in zip(families("ja").names, families("ja").others, strict=True) if other}
    return np.array([name in known for name in records.text["family"]])


def _variants(draw: Draw, records: Records, people: People, mask: Bools) -> None:
    """Replace family names by another written form of the same name."""
    listed = families("ja")
    others = {name: other for name, other in zip(listed.names, listed.others, strict=True) if other}
    pick = draw.unit(len(records))
    for i in np.flatnonzero(mask):
        forms = others[records.text["family"][i]]
        records.text["family"][i] = forms[int(pick[i] * len(forms))]


def _mishear(draw: Draw, records: Records, people: People, mask: Bools) -> None:
    """Write given names with other characters that sound the same, as heard on the telephone."""
    pick = draw.unit(len(records))
    alike: dict[str, list[str]] = {}
    for sex in "mf":
        for name, kana in zip(givens("ja", sex).names, givens("ja", sex).readings, strict=True):
            alike.setdefault(f"{sex}{kana}", []).append(name)
    for i in np.flatnonzero(mask):
        at = records.person[i]
        names = alike[f"{'f' if people.female[at] else 'm'}{people.given_kana[at]}"]
        records.text["given"][i] = names[int(pick[i] * len(names))]


def _readings(records: Records, people: People, i: int) -> tuple[str, str]:
    """Return the readings of family and given name that the record shows."""
    at = records.person[i]
    maiden = records.text["family"][i] == people.maiden[at]
    return (people.maiden_kana[at] if maiden else people.family_kana[at]), people.given_kana[at]


def _to_kana(draw: Draw, records: Records, people: People, mask: Bools) -> None:
    """Write names in katakana, hiragana or half-width katakana."""
    style = draw.unit(len(records))
    for i in np.flatnonzero(mask):
        write = to_hiragana if style[i] < 0.3 else to_half_width if style[i] < 0.45 else str
        family, given = _readings(records, people, i)
        records.text["family"][i], records.text["given"][i] = write(family), write(given)
    records.text["family_kana"][mask] = records.text["given_kana"][mask] = None


def _to_latin(draw: Draw, records: Records, people: People, mask: Bools) -> None:
    """Write names in Latin letters, mostly in the person's own style."""
    style, own = draw.of(("passport", "typed", "oh"), len(records)), draw.chance(0.8, len(records))
    for i in np.flatnonzero(mask):
        shown = people.latin[records.person[i]] if own[i] else style[i]
        family, given = _readings(records, people, i)
        records.text["family"][i] = to_latin(family, shown).capitalize()
        records.text["given"][i] = to_latin(given, shown).capitalize()
    records.text["family_kana"][mask] = records.text["given_kana"][mask] = None


def _slip(draw: Draw, records: Records, mask: Bools) -> None:
    """Make one typing error in the family or the given name."""
    n = len(records)
    kind, where, box = draw.unit(n), draw.unit(n), draw.chance(0.5, n)
    for name, chosen in (("family", mask & box), ("given", mask & ~box)):
        column = records.text[name]
        for i in np.flatnonzero(chosen):
            column[i] = mistyped(column[i], kind[i], where[i])


def mistyped(word: str | None, kind: float, where: float) -> str | None:
    """Return a word with one letter dropped, doubled, swapped with the next, or replaced by a key nearby."""
    if word is None or len(word) < 3:
        return word
    at = 1 + int(where * (len(word) - 2))
    if kind < 0.25:
        return word[:at] + word[at + 1 :]
    if kind < 0.5:
        return word[:at] + word[at] + word[at:]
    if kind < 0.75:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + _KEYS.get(word[at].lower(), "e") + word[at + 1 :]


def _initial(name: str | None) -> str | None:
    """Return the initial, as it stands in address books."""
    return name and f"{name[0]}."


def _case(draw: Draw, text: dict[str, Texts], mask: Bools) -> None:
    """Write names in capitals or in small letters."""
    upper = draw.chance(0.5, len(mask))
    for name in ("family", "given"):
        for i in np.flatnonzero(mask):
            word = text[name][i]
            text[name][i] = word and (word.upper() if upper[i] else word.lower())


def _misplace(draw: Draw, records: Records, struck: Callable[[str, Bools], Bools], latin: Bools) -> None:
    """Put names into the wrong box, or leave them out."""
    n, text = len(records), records.text
    swapped = struck("swapped_name", np.ones(n, dtype=bool)) | (latin & draw.chance(0.06, n))
    mark(records.noise, swapped, "swapped_name")
    text["family"], text["given"] = (
        np.where(swapped, text["given"], text["family"]),
        np.where(swapped, text["family"], text["given"]),
    )
    whole = struck("full_in_last", ~swapped)
    for i in np.flatnonzero(whole):
        text["family"][i] = " ".join(part for part in (text["family"][i], text["given"][i]) if part)
    text["given"][whole] = None
    polite = struck("honorific", ~whole & (text["family"] != np.array(None)))
    for i in np.flatnonzero(polite):
        native = text["language"][i] == "ja" and not str(text["family"][i]).isascii()
        if native and text["given"][i]:
            text["given"][i] += "様"
        elif not native and text["given"][i]:
            text["given"][i] = ("Ms " if text["gender"][i] == "female" else "Dr ") + text["given"][i]
    text["given"][struck("no_given", ~whole)] = None
    mailed = struck("name_from_email", text["email"] != np.array(None))
    text["given"][mailed] = None
    text["family"][mailed] = texts([mail.split("@")[0] for mail in text["email"][mailed]])
    nameless = struck("no_name", ~mailed)
    for name in ("family", "given", "middle", "suffix"):
        text[name][nameless] = None
