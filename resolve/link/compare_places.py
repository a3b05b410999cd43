"""Addresses and organisations: several columns that make one statement together."""

import re

import numpy as np
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from resolve.link.arrays import Bools, Ints, Levels, distinct_pairs
from resolve.link.compare_values import compare_texts
from resolve.link.encode import Column, Encoded

ADDRESS_LEVELS = (
    "same unit",
    "same house",
    "same number and street",
    "same postcode",
    "same postcode, other number",
    "same city",
    "similar city",
    "different",
)
COMPANY_LEVELS = ("equal", "similar", "same work domain", "different")
ORGANISATION_LEVELS = ("equal", "same words", "one holds the other", "similar", "some words", "different")


def compare_addresses(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of ADDRESS_LEVELS; missing unless postcodes, cities or streets can be compared."""
    postal, city, street, number, unit = (
        _both(contacts.text(f"{name}_key"), left, right) for name in ("postal", "city", "street", "number", "unit")
    )
    here = postal.equal | city.equal
    street_fits = street.equal | ~street.known
    house = number.equal & ((postal.equal & street_fits) | (city.equal & street_fits & (street.equal | postal.equal)))
    levels = np.full(len(left), 8, dtype=np.uint8)
    levels[compare_texts(contacts.text("city_key"), (left, right), "similar", (0.9,)) == 2] = 7
    levels[city.equal] = 6
    levels[postal.equal & number.known] = 5
    levels[postal.equal & ~number.known] = 4
    levels[number.equal & street.equal] = 3
    levels[house & here & ~unit.known] = 2
    levels[house & here & unit.equal] = 1
    levels[house & here & unit.known & ~unit.equal] = 3
    levels[~(postal.known | city.known | (street.known & number.known))] = 0
    return levels


class _Both:
    """Where both sides of a pair hold a value, and where the values are equal."""

    def __init__(self, known: Bools, equal: Bools) -> None:
        self.known = known
        self.equal = equal


def _both(column: Column, left: Ints, right: Ints) -> _Both:
    """Return where a column is known on both sides and where it is equal."""
    a, b = column.codes[left], column.codes[right]
    known = (a >= 0) & (b >= 0)
    return _Both(known, known & (a == b))


def compare_companies(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of COMPANY_LEVELS for people's employers."""
    company = contacts.text("org_key")
    levels = compare_texts(company, (left, right), "similar", (0.92,))
    levels[levels == 3] = 4
    domain = _both(contacts.text("work_domain"), left, right)
    levels[domain.equal & ((levels == 0) | (levels == 4))] = 3
    return levels


def compare_organisations(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of ORGANISATION_LEVELS for the names of contacts that are organisations themselves."""
    core, column = _both(contacts.text("org_key"), left, right), contacts.text("organization")
    a, b = column.codes[left].astype(np.int64), column.codes[right].astype(np.int64)
    levels = np.zeros(len(a), dtype=np.uint8)
    both = (a >= 0) & (b >= 0) & contacts.organisation[left] & contacts.organisation[right]
    rows = np.flatnonzero(both)
    if len(rows):
        low, high, at = distinct_pairs(a[rows], b[rows])
        levels[rows] = _organisation_levels(column, low, high)[at]
    levels[both & core.equal] = 1
    return levels


def _organisation_levels(column: Column, a: Ints, b: Ints) -> Levels:
    """Return levels of distinct pairs of names."""
    texts = column.texts
    score = cpdist(texts[a], texts[b], scorer=JaroWinkler.similarity, dtype=np.float64)
    words = [frozenset(re.findall(r"\w+", t.casefold())) for t in texts]
    shared = np.asarray([len(words[x] & words[y]) for x, y in zip(a, b, strict=True)], dtype=np.int64)
    sizes = np.asarray([len(w) for w in words], dtype=np.int64)
    fewer, more = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
    conditions = [
        shared == more,
        (shared == fewer) & (shared > 0),
        score >= 0.9,
        2 * shared >= np.maximum(fewer, 1),
    ]
    return np.select(conditions, [2, 3, 4, 5], 6).astype(np.uint8)
