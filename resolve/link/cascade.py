"""Strings last: the remaining pairs of plain rules, column by column, without those that cannot reach the floor."""

from collections.abc import Iterable, Iterator

import numpy as np

from resolve.link.arrays import Levels, Rows
from resolve.link.bound import GROUP, Bounds, Field
from resolve.link.compare_values import unequal_levels
from resolve.link.slices import Survivors, join_survivors

BATCH = 1 << 20
DEAD = 0.1  # share of dropped pairs from which the rest is gathered anew


def decided_batches(
    chunks: Iterable[Survivors], bounds: Bounds, floor: float
) -> Iterator[tuple[Survivors, list[Levels]]]:
    """Yield (pairs, levels of each comparison) of all pairs that may reach the floor, about BATCH at a time."""
    held: list[Survivors] = []
    count = 0
    for chunk in chunks:
        held.append(chunk)
        count += len(chunk)
        if count >= BATCH:
            yield decide(join_survivors(held), bounds, floor)
            held, count = [], 0
    if held:
        yield decide(join_survivors(held), bounds, floor)


def decide(pairs: Survivors, bounds: Bounds, floor: float) -> tuple[Survivors, list[Levels]]:
    """Return the pairs that may reach the floor, and the levels of each comparison for them."""
    bound = _bound(pairs, bounds)
    found = {field.slot: np.zeros(len(pairs), dtype=np.uint8) for field in bounds.fields}
    alive = np.flatnonzero(bound >= floor)
    for field in _order(bounds):
        bit = np.uint32(1 << field.slot)
        decided = pairs.equal[alive] | pairs.missing[alive] | pairs.far[alive]
        rows = alive[decided & bit == 0]
        if len(rows):
            levels = found[field.slot]
            levels[rows] = _levels(field, pairs.left[rows], pairs.right[rows])
            bound[rows] += (field.weights[levels[rows]] - field.unequal).astype(np.float32)
        dead = bound[alive] < floor
        if dead.sum() > DEAD * len(alive):
            alive = alive[~dead]
    alive = alive[bound[alive] >= floor]
    kept = pairs.at(alive)
    return kept, [_complete(field, kept, found[field.slot][alive]) for field in bounds.fields]


def _bound(pairs: Survivors, bounds: Bounds) -> np.ndarray:
    """Return the bound of each pair from what is known of it, the rarity of shared values included."""
    total = np.zeros(len(pairs), dtype=np.float32)
    low = np.uint32((1 << GROUP) - 1)
    for number, table in enumerate(bounds.tables(None)):
        shift = np.uint32(number * GROUP)
        equal, missing, far = (bits >> shift & low for bits in (pairs.equal, pairs.missing, pairs.far))
        total += table[equal | missing << np.uint32(GROUP)]
        total -= bounds.penalties[number][far]
    for field in bounds.fields:
        if field.rarity is not None:
            same = np.flatnonzero(pairs.equal & np.uint32(1 << field.slot))
            total[same] -= field.lost[field.column.codes[pairs.left[same]]]
    return total


def _levels(field: Field, left: Rows, right: Rows) -> Levels:
    """Return the levels of different values."""
    codes = field.column.codes
    if field.comparison.kind == "exact":
        return np.full(len(left), 2, dtype=np.uint8)
    if field.signatures is None:
        return unequal_levels(
            field.column, codes[left], codes[right], (field.comparison.kind, field.comparison.thresholds)
        )
    levels = np.full(len(left), field.last, dtype=np.uint8)
    open_ = np.flatnonzero(~field.are_hopeless(field.sides(left), field.sides(right)))
    a, b = codes[left[open_]], codes[right[open_]]
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
    """Return the fields by what they can take away, signed ones first: they are cheap."""
    return sorted(bounds.fields, key=lambda field: (field.signatures is None, -field.penalty, field.slot))
