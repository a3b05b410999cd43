"""Comparisons of single values by type: exact, similar text, few edits, dates, numbers, lists.

They serve generic columns (`x_…`), and any column that a rule names.
"""

import numpy as np
from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist

from resolve.link.arrays import Floats, Ints, Levels, Rows, distinct_pairs
from resolve.link.encode import Column, Encoded, ListColumn
from resolve.link.short_texts import MOST, OPEN

DATE_LEVELS = (
    "equal",
    "equal, other given name",
    "day and month swapped",
    "one digit",
    "same day and month",
    "two digits",
    "same year",
    "different",
)
EQUAL_DATE, TWINS = 1, 2  # compare_dates never sets TWINS: it cannot see names


def compare_exact(column: Column, left: Ints, right: Ints) -> Levels:
    """Return 1 equal, 2 different, 0 missing."""
    a, b = column.codes[left], column.codes[right]
    return np.where((a < 0) | (b < 0), 0, np.where(a == b, 1, 2)).astype(np.uint8)


def compare_texts(column: Column, pairs: tuple[Ints, Ints], kind: str, thresholds: tuple[float, ...]) -> Levels:
    """Return 1 equal, 2… within each threshold in turn, then different; 0 missing.

    `kind` is similar (Jaro-Winkler at least, falling), edits (Levenshtein at most, rising) or number (relative
    difference at most, rising).
    """
    a, b = (column.codes[side].astype(np.int64) for side in pairs)
    levels = np.zeros(len(a), dtype=np.uint8)
    both = (a >= 0) & (b >= 0)
    levels[both] = 1
    rows = np.flatnonzero(both & (a != b))
    if len(rows):
        levels[rows] = unequal_levels(column, a[rows], b[rows], (kind, thresholds))
    return levels


def unequal_levels(column: Column, a: Rows, b: Rows, kind: tuple[str, tuple[float, ...]]) -> Levels:
    """Return the levels (2 and more) of pairs of different values, given by their codes; `kind` with its thresholds."""
    if kind[0] == "date":
        low, high, at = distinct_pairs(a, b)
        return np.asarray(_date_levels(column, low, high)[at])
    # One order of the two, whichever side they stand on, so that rounding is the same.
    distance = _distance(column, np.minimum(a, b), np.maximum(a, b), kind)
    found = np.full(len(a), 2, dtype=np.uint8)
    for limit in kind[1]:
        found += distance > (-limit if kind[0] == "similar" else limit)
    return found


def _distance(column: Column, a: Rows, b: Rows, kind: tuple[str, tuple[float, ...]]) -> Floats | Levels:
    """Return a distance that is compared with rising limits; beyond the last one it may be anything larger."""
    if kind[0] == "similar":
        return -np.asarray(cpdist(*column.spell(a, b), scorer=JaroWinkler.similarity, dtype=np.float64))
    if kind[0] == "edits":
        return _edits(column, a, b, int(max(kind[1])))
    numbers = np.asarray([_number(t) for t in column.texts])
    scale = np.maximum(np.abs(numbers[a]), np.abs(numbers[b]))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.abs(numbers[a] - numbers[b]) / scale
    return np.where(np.isnan(relative), np.inf, relative)


def _edits(column: Column, a: Rows, b: Rows, most: int) -> Levels:
    """Return the Levenshtein distance of different values; above `most` it may be anything larger."""
    found = np.full(len(a), OPEN, dtype=np.uint8)
    if most <= MOST and column.short is not None:
        found = column.short.edits(a, b)
    rows = np.flatnonzero(found == OPEN)
    if len(rows):
        sides = column.spell(a[rows], b[rows])
        found[rows] = cpdist(*sides, scorer=Levenshtein.distance, score_cutoff=most, dtype=np.uint8)
    return found


def _number(text: str) -> float:
    """Return the number a text stands for, NaN if none."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return float("nan")


def compare_dates(column: Column, left: Ints, right: Ints) -> Levels:
    """Return levels of DATE_LEVELS for ISO dates, 0 missing."""
    a, b = column.codes[left].astype(np.int64), column.codes[right].astype(np.int64)
    levels = np.zeros(len(a), dtype=np.uint8)
    both = (a >= 0) & (b >= 0)
    levels[both] = 1
    rows = np.flatnonzero(both & (a != b))
    if len(rows):
        levels[rows] = unequal_levels(column, a[rows], b[rows], ("date", ()))
    return levels


def _date_levels(column: Column, a: Ints, b: Ints) -> Levels:
    """Return levels of pairs of different dates."""
    x, y = column.dates[a], column.dates[b]
    same = x == y
    edits = (~same).sum(axis=1)
    year, rest = same[:, :4].all(axis=1), same[:, 4:].all(axis=1)
    swapped = year & (x[:, 5:7] == y[:, 8:]).all(axis=1) & (x[:, 8:] == y[:, 5:7]).all(axis=1)
    return np.select([swapped, edits <= 1, rest, edits == 2, year], [3, 4, 5, 6, 7], 8).astype(np.uint8)


def compare_lists(column: ListColumn, left: Ints, right: Ints) -> Levels:
    """Return 1 where a value is shared, 2 where none is, 0 missing."""
    from resolve.link.parts import meeting_form

    levels = np.where((column.lists.counts[left] > 0) & (column.lists.counts[right] > 0), 2, 0).astype(np.uint8)
    levels[meeting_form(column.lists, column.lists, left, right) >= 0] = 1
    return levels


def compare_columns(
    contacts: Encoded, kind: str, column: str, pairs: tuple[Ints, Ints], limits: tuple[float, ...]
) -> Levels:
    """Compare one column by kind: exact, similar, edits, number, date or lists."""
    if kind == "lists":
        return compare_lists(contacts.lists(column), *pairs)
    values = contacts.text(column)
    if kind == "exact":
        return compare_exact(values, *pairs)
    if kind == "date":
        return compare_dates(values, *pairs)
    return compare_texts(values, pairs, kind, limits)
