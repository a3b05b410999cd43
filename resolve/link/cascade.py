"""Strings last: the remaining pairs of plain rules, column by column, without those that cannot reach the floor."""

import numpy as np

from resolve.link.arrays import Levels, Rows
from resolve.link.bound import GROUP, LONGEST_MEAN, Bounds, Field
from resolve.link.compare_values import unequal_levels
from resolve.link.slices import Survivors

DEAD = 0.1  # share of dropped pairs from which the rest is gathered anew


def decide(pairs: Survivors, bounds: Bounds, floor: float) -> tuple[Survivors, list[Levels]]:
    """Return the pairs that may reach the floor, and the levels of each comparison for them."""
    bound = _bound(pairs, bounds)
    found: dict[int, Levels] = {}
    pairs, bound = _alive(pairs, bound, found, floor)
    for field in _order(bounds):
        known = pairs.equal | pairs.missing | pairs.far
        rows = np.flatnonzero(known & np.uint32(1 << field.slot) == 0)
        found[field.slot] = np.zeros(len(pairs), dtype=np.uint8)
        if len(rows):
            levels = _levels(field, pairs.left[rows], pairs.right[rows])
            found[field.slot][rows] = levels
            bound[rows] += np.take((field.weights - field.unequal).astype(np.float32), levels)
            pairs, bound = _alive(pairs, bound, found, floor, DEAD)
    pairs, _ = _alive(pairs, bound, found, floor)
    return pairs, [_complete(field, pairs, found[field.slot]) for field in bounds.fields]


def _alive(
    pairs: Survivors, bound: np.ndarray, found: dict[int, Levels], floor: float, worth: float = 0.0
) -> tuple[Survivors, np.ndarray]:
    """Return the pairs that still reach the floor, and their bounds, and drop the rest of `found` too.

    All stay as they are where not more than the share `worth` is to be dropped.
    """
    alive = np.flatnonzero(bound >= floor)
    if len(bound) - len(alive) <= worth * len(bound):
        return pairs, bound
    for slot, levels in found.items():
        found[slot] = levels[alive]
    return pairs.at(alive), bound[alive]


def _bound(pairs: Survivors, bounds: Bounds) -> np.ndarray:
    """Return the bound of each pair from what is known of it, the rarity of shared values included."""
    total = np.zeros(len(pairs), dtype=np.float32)
    low = np.uint32((1 << GROUP) - 1)
    for number, table in enumerate(bounds.tables(None)):
        shift = np.uint32(number * GROUP)
        equal, missing, far = (bits >> shift & low for bits in (pairs.equal, pairs.missing, pairs.far))
        total += np.take(table, equal | missing << np.uint32(GROUP))
        total -= np.take(bounds.penalties[number], far)
    for field in bounds.fields:
        if field.rarity is not None:
            same = np.flatnonzero(pairs.equal & np.uint32(1 << field.slot))
            total[same] -= np.take(field.lost, np.take(field.column.codes, pairs.left[same]))
    return total


def _levels(field: Field, left: Rows, right: Rows) -> Levels:
    """Return the levels of different values."""
    codes = field.column.codes
    if field.comparison.kind == "exact":
        return np.full(len(left), 2, dtype=np.uint8)
    if field.signatures is None or field.is_short:
        return unequal_levels(
            field.column, codes[left], codes[right], (field.comparison.kind, field.comparison.thresholds)
        )
    levels = np.full(len(left), field.last, dtype=np.uint8)
    a, b = codes[left], codes[right]
    open_ = np.flatnonzero(~field.are_hopeless(field.sides(a), field.sides(b)))
    a, b = a[open_], b[open_]
    levels[open_] = unequal_levels(field.column, a, b, (field.comparison.kind, field.comparison.thresholds))
    return levels


def _complete(field: Field, pairs: Survivors, found: Levels) -> Levels:
    """Return the levels of a field from what codes and signatures told and from what was found by comparing."""
    slot = np.uint32(field.slot)
    levels = found.copy()
    for state, level in ((pairs.far, field.last), (pairs.equal, 1)):
        levels += (state >> slot & np.uint32(1)).astype(np.uint8) * np.uint8(level)
    return levels


def _order(bounds: Bounds) -> list[Field]:
    """Return the fields by price, then by what they can take away: codes, short texts, signed ones, other strings."""
    return sorted(bounds.fields, key=lambda field: (_price(field), -field.penalty, field.slot))


def _price(field: Field) -> int:
    """Return how dear it is to compare two values of a field, from 0."""
    if field.comparison.kind == "exact":
        return 0
    if field.is_short:
        return 1
    return 2 if field.signatures is not None or field.column.mean_length <= LONGEST_MEAN else 3
