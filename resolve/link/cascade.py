"""Strings last: the remaining pairs of plain rules, column by column, without those that cannot reach the floor."""

from collections.abc import Iterator

import numpy as np

from resolve.link.arrays import Floats, Ints, Levels
from resolve.link.block import Pairs
from resolve.link.bound import Bounds, Field
from resolve.link.compare import Agreement, Comparer
from resolve.link.compare_values import compare_columns

BATCH = 1 << 20
DEAD = 0.1  # share of dropped pairs from which the rest is gathered anew


def decided_batches(
    comparer: Comparer, pairs: Pairs, bounds: Bounds, floor: float
) -> Iterator[tuple[Pairs, list[Agreement]]]:
    """Yield (pairs, agreements in the order of the comparisons) of all pairs that may reach the floor."""
    for start in range(0, len(pairs), BATCH):
        batch = pairs.at(np.arange(start, min(start + BATCH, len(pairs))))
        alive, levels = _decide(comparer, batch, bounds, floor)
        kept = batch.at(alive)
        yield kept, comparer.with_bits([column[alive] for column in levels], kept.left, kept.right)


def complete_levels(comparer: Comparer, pairs: Pairs, bounds: Bounds) -> list[Levels]:
    """Return the levels of every comparison of plain rules for all pairs, near and far."""
    return _decide(comparer, pairs, bounds, -np.inf)[1]


def _decide(comparer: Comparer, pairs: Pairs, bounds: Bounds, floor: float) -> tuple[Ints, list[Levels]]:
    """Return the pairs that may reach the floor, and the levels of each field (only theirs are complete)."""
    levels = [_exact_levels(field, pairs) for field in bounds.fields]
    bound = np.full(len(pairs), bounds.prior)
    for field, column in zip(bounds.fields, levels, strict=True):
        bound += np.asarray([0.0, field.weights[1], field.unequal])[column]
        if field.rarity is not None:
            bound += np.where(column == 1, field.rarity[pairs.left], 0.0)
    alive = np.flatnonzero(bound >= floor)
    for number in _order(bounds):
        field, column = bounds.fields[number], levels[number]
        rows = alive[column[alive] == 2]
        if len(rows) and field.comparison.kind != "exact":
            _decide_field(comparer, field, (pairs.left[rows], pairs.right[rows]), rows, (column, bound))
        dead = bound[alive] < floor
        if dead.sum() > DEAD * len(alive):
            alive = alive[~dead]
    return alive[bound[alive] >= floor], levels


def _exact_levels(field: Field, pairs: Pairs) -> Levels:
    """Return 0 missing, 1 equal, 2 different."""
    a, b = field.codes[pairs.left], field.codes[pairs.right]
    return np.where((a < 0) | (b < 0), 0, np.where(a == b, 1, 2)).astype(np.uint8)


def _decide_field(
    comparer: Comparer, field: Field, sides: tuple[Ints, Ints], rows: Ints, out: tuple[Levels, Floats]
) -> None:
    """Set the levels of pairs of different values and correct their bounds."""
    column, bound = out
    found = np.full(len(rows), len(field.comparison.levels), dtype=np.uint8)
    open_ = np.arange(len(rows))
    if field.signatures is not None:
        open_ = np.flatnonzero(~field.hopeless(*sides))
    if len(open_):
        comparison = field.comparison
        pair = (sides[0][open_], sides[1][open_])
        found[open_] = compare_columns(
            comparer.contacts, comparison.kind, comparison.columns[0], pair, comparison.thresholds
        )
    column[rows] = found
    bound[rows] += field.weights[found] - field.unequal


def _order(bounds: Bounds) -> list[int]:
    """Return the fields by what they can take away, signed ones first: they are cheap."""
    fields = bounds.fields
    return sorted(range(len(fields)), key=lambda i: (fields[i].signatures is None, -fields[i].penalty, i))
