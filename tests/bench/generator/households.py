"""Households and the people in them: who shares a surname, a home, a landline and a mailbox with whom."""

from dataclasses import dataclass

import numpy as np

from generator.draw import Bools, Draw, Ints, Texts, missing, texts
from generator.lists import families, givens

_SIZES = (0.44, 0.28, 0.14, 0.10, 0.04)  # share of households of 1..5 people
_DAY = np.timedelta64(1, "D")
_EPOCH = np.datetime64("1930-01-01")


@dataclass(frozen=True)
class People:
    """One row per person; texts are the person's own spelling of himself."""

    number: Ints  # position in the whole world, over all blocks
    household: Ints  # position of the household in this block
    seat: Ints  # 0 head, 1 partner, 2.. children
    japan: Bools
    female: Bools
    family: Texts
    family_kana: Texts
    family_at: Ints  # row in the list of family names
    maiden: Texts  # family name before marriage, for those who changed it
    maiden_kana: Texts
    given: Texts
    given_kana: Texts
    given_at: Ints
    middle: Texts
    suffix: Texts
    born: np.ndarray  # datetime64[D]
    latin: Texts  # which romaji style the person uses
    twin: Bools

    def __len__(self) -> int:
        return len(self.number)


def make_people(draw: Draw, n: int, first_number: int, japanese_share: float) -> People:
    """Return n people in households; the last household may be cut short."""
    sizes = draw.weighted(_SIZES, n) + 1
    household = np.repeat(np.arange(n), sizes)[:n]
    seat = (np.arange(n) - np.searchsorted(household, household)).astype(np.int64)
    japan = draw.chance(japanese_share, n)[household]
    twin = (seat == 3) & draw.chance(0.06, n)
    female = _sexes(draw, household, seat)
    born = _births(draw, household, seat, twin)
    family_at, family, family_kana = _family_names(draw, japan, household)
    given_at, given, given_kana = _given_names(draw, japan, female, household)
    maiden_at, maiden, maiden_kana = _family_names(draw, japan, np.arange(n))
    changed = (seat == 1) & female & draw.chance(0.85, n)
    apart = (seat == 1) & draw.chance(0.10, n)  # partners who keep their own name
    people = People(
        np.arange(first_number, first_number + n), household, seat, japan, female,
        np.where(apart, maiden, family), np.where(apart, maiden_kana, family_kana), np.where(apart, maiden_at, family_at),
        np.where(changed & ~apart, maiden, None), np.where(changed & ~apart, maiden_kana, None),
        given, given_kana, given_at,
        _middles(draw, japan), missing(n), born,
        texts(["passport", "passport", "passport", "typed", "oh", "kunrei"])[draw.weighted((6, 6, 6, 4, 2, 1), n)],
        twin,
    )  # fmt: skip
    _name_juniors(draw, people)
    return people


def _sexes(draw: Draw, household: Ints, seat: Ints) -> Bools:
    """Return sexes; partners differ from the head in most households."""
    n = len(seat)
    own = draw.chance(0.5, n)
    head = own[np.searchsorted(household, household)]
    return np.where((seat == 1) & draw.chance(0.96, n), ~head, own)


def _births(draw: Draw, household: Ints, seat: Ints, twin: Bools) -> np.ndarray:
    """Return birth dates: heads of 24 to 80 years, partners near them, children a generation later, twins on one day."""
    n = len(seat)
    first = np.searchsorted(household, household)
    head = _EPOCH + draw.whole(0, 26300, n) * _DAY
    offset = np.where(seat == 0, 0, np.where(seat == 1, draw.whole(-2200, 2200, n), draw.whole(7700, 13500, n)))
    offset[twin] = offset[np.flatnonzero(twin) - 1]
    return np.minimum(head[first] + offset * _DAY, np.datetime64("2009-12-28") - draw.whole(0, 900, n)[first] * _DAY)


def _family_names(draw: Draw, japan: Bools, household: Ints) -> tuple[Ints, Texts, Texts]:
    """Return row, name and reading of the family name that each household drew."""
    n = len(japan)
    rows, names, kana = np.zeros(n, dtype=np.int64), missing(n), missing(n)
    for locale in ("ja", "en"):
        listed = families(locale)
        drawn = draw.weighted(listed.weights, n)[household]
        mask = japan == (locale == "ja")
        rows[mask], names[mask], kana[mask] = drawn[mask], listed.names[drawn[mask]], listed.readings[drawn[mask]]
    return rows, names, kana


def _given_names(draw: Draw, japan: Bools, female: Bools, household: Ints) -> tuple[Ints, Texts, Texts]:
    """Return row, name and reading of given names; a household does not use one twice (three redraws)."""
    n = len(japan)
    rows, names, kana = np.zeros(n, dtype=np.int64), missing(n), missing(n)
    todo = np.ones(n, dtype=bool)
    for _ in range(4):
        for locale in ("ja", "en"):
            for sex in ("m", "f"):
                listed = givens(locale, sex)
                drawn = draw.weighted(listed.weights, n)
                mask = todo & (japan == (locale == "ja")) & (female == (sex == "f"))
                rows[mask], names[mask], kana[mask] = (
                    drawn[mask],
                    listed.names[drawn[mask]],
                    listed.readings[drawn[mask]],
                )
        order = np.lexsort((rows, female, household))
        same = np.zeros(n, dtype=bool)
        a, b = order[:-1], order[1:]
        same[b] = (household[a] == household[b]) & (female[a] == female[b]) & (rows[a] == rows[b])
        todo = same
    return rows, names, kana


def _middles(draw: Draw, japan: Bools) -> Texts:
    """Return middle initials for four in ten Western people."""
    n = len(japan)
    letters = draw.of(tuple("ABCDEFGHJKLMNPRSTW"), n)
    return np.where(~japan & draw.chance(0.4, n), letters, None)


def _name_juniors(draw: Draw, people: People) -> None:
    """Give some eldest sons of Western households the father's name, and both a suffix (edits the fresh arrays)."""
    n = len(people)
    chosen = (people.seat == 2) & ~people.japan & ~people.female & draw.chance(0.04, n)
    for son in np.flatnonzero(chosen):
        heads = [at for at in (son - 2, son - 1) if not people.female[at]]
        if not heads:
            continue
        father = heads[0]
        for column in (people.given, people.given_at, people.family, people.family_at):
            column[son] = column[father]
        people.suffix[son], people.suffix[father] = "Jr", "Sr"
