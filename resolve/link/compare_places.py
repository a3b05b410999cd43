"""Addresses and employers: several columns that make one statement together."""

import numpy as np

from resolve.link.arrays import Bools, Ints, Levels, Ragged
from resolve.link.compare_values import compare_texts
from resolve.link.encode import Column, Encoded
from resolve.link.similar_streets import similar_streets

ADDRESS_LEVELS = (
    "same unit",
    "same house",
    "same house, other unit",
    "same number and street",
    "same number and street, other city",
    "same number, similar street",
    "same place, no number",
    "same postcode",
    "same postcode, other number",
    "same city",
    "same city, elsewhere",
    "similar city",
    "different",
)
_UNIT, _HOUSE, _OTHER_UNIT, _NUMBER, _AWAY, _ALIKE, _PLACE, _POSTCODE, _OTHER_NUMBER = range(1, 10)
_CITY, _ELSEWHERE, _SIMILAR, _DIFFERENT = range(10, 14)
COMPANY_LEVELS = ("equal", "similar", "same work domain", "different", "employer")
EQUAL_COMPANY, SAME_DOMAIN, EMPLOYER = 1, 3, 5


def compare_addresses(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of ADDRESS_LEVELS; missing unless postcodes, cities or streets can be compared."""
    postal, region, city, street, number, unit = (
        _both(contacts.text(f"{n}_key"), left, right) for n in ("postal", "region", "city", "street", "number", "unit")
    )
    city = _Both(city.known, city.equal & (region.equal | ~region.known), city.empty)  # 府中市 is in two prefectures
    here = postal.equal | city.equal
    street_fits = street.equal | ~street.known
    house = number.equal & street_fits & (postal.equal | (city.equal & street.equal))
    elsewhere = street.known & ~street.equal
    part = (
        number.known & ~number.equal & _is_part(contacts.text("number_key"), number.known & ~number.equal, left, right)
    )
    levels = np.full(len(left), _DIFFERENT, dtype=np.uint8)
    levels[compare_texts(contacts.text("city_key"), (left, right), "similar", (0.9,)) == 2] = _SIMILAR
    levels[city.equal] = _CITY
    levels[city.equal & (elsewhere | (street.equal & number.known & ~number.equal & ~part))] = _ELSEWHERE
    levels[postal.equal & number.known] = _OTHER_NUMBER
    levels[(postal.equal & ~number.known & ~elsewhere) | (here & street.equal & (part | ~number.known))] = _POSTCODE
    levels[here & street_fits & number.empty & (street.equal | street.empty) & (postal.equal | street.equal)] = _PLACE
    levels[number.equal & street.equal] = np.where(city.known & ~here, _AWAY, _NUMBER)[number.equal & street.equal]
    near = number.equal & elsewhere & (here | ~city.known)
    levels[similar_streets(contacts.text("street_key"), near, left, right)] = _ALIKE
    levels[house & ~unit.known] = _HOUSE
    levels[house & unit.equal] = _UNIT
    levels[house & unit.known & ~unit.equal] = _OTHER_UNIT
    levels[~(postal.known | city.known | (street.known & number.known))] = 0
    return levels


def _is_part(column: Column, rows: Bools, left: Ints, right: Ints) -> Bools:
    """Return where one chain of numbers is the beginning of the other: 1丁目 and 1-2-3."""
    result = np.zeros(len(left), dtype=bool)
    at = np.flatnonzero(rows)
    if len(at):
        a, b = (column.codes[side[at]].astype(np.int64) for side in (left, right))
        result[at] = begins(column.beginnings, a, b) | begins(column.beginnings, b, a)
    return result


def begins(beginnings: Ragged, a: Ints, b: Ints) -> Bools:
    """Return where the chain a begins the chain b."""
    depth = beginnings.counts
    last = beginnings.offsets[b] + np.minimum(depth[a], depth[b]) - 1
    return np.asarray((depth[a] <= depth[b]) & (beginnings.values[last] == a))


class _Both:
    """Where both sides of a pair hold a value, where the values are equal, and where neither side holds one."""

    def __init__(self, known: Bools, equal: Bools, empty: Bools) -> None:
        self.known = known
        self.equal = equal
        self.empty = empty


def _both(column: Column, left: Ints, right: Ints) -> _Both:
    """Return where a column is known on both sides and where it is equal."""
    a, b = column.codes[left], column.codes[right]
    known = (a >= 0) & (b >= 0)
    return _Both(known, known & (a == b), (a < 0) & (b < 0))


def compare_companies(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of COMPANY_LEVELS for people's employers; missing where both are organisations themselves.

    That a person works for a company makes the two no more one customer than two colleagues. A record without a name
    that has a person's mailbox is somebody who works there.
    """
    company = contacts.text("org_key")
    levels = compare_texts(company, (left, right), "similar", (0.92,))
    levels[levels == 3] = 4
    domain = _both(contacts.text("work_domain"), left, right)
    levels[domain.equal & ((levels == 0) | (levels == 4))] = SAME_DOMAIN
    firms = contacts.organisation[left].astype(np.uint8) + contacts.organisation[right]
    levels[firms == 2] = 0
    levels[(contacts.firm[left] | contacts.firm[right]) & (firms == 1) & (levels == EQUAL_COMPANY)] = EMPLOYER
    return levels
