"""Candidate pairs of plain rules without index arrays, pruned where they arise.

Groups of one size are laid out position by position: with G groups side by side, the pairs at distance d are the slices
`X[:-d * G]` and `X[d * G:]`. Equality, absence and signatures are compared slice against slice; only pairs whose bound
reaches the floor are ever written down.
"""

from collections.abc import Iterator

import numpy as np

from resolve.link.arrays import Bools, Ints
from resolve.link.block import Block, Blocks, Pairs
from resolve.link.bound import GROUP, Bounds

POSITIONS = 1 << 15  # contacts laid out at a time: what stays in the second-level cache
EXACT_SIZES = 12  # groups up to this size are laid out as they are, larger ones padded to 8 steps an octave
FILTER_FROM = 3  # size of group from which signatures are worth their look-up


def surviving_pairs(blocks: Blocks, bounds: Bounds, floor: float) -> Pairs:
    """Return the distinct pairs whose bound reaches `floor`, each with the first rule that produced it, ordered."""
    bits = max(int(blocks.records + 1).bit_length(), 1)
    found = [np.empty(0, dtype=np.int64)]
    for number, block in enumerate(blocks.blocks):
        for left, right in _survivors(block, bounds, floor):
            found.append((left << bits | right) << 8 | number)
    codes = np.concatenate(found)
    codes.sort()
    pair = codes >> 8
    first = np.append(True, pair[1:] != pair[:-1]) if len(pair) else np.empty(0, dtype=bool)
    pair = pair[first]
    return Pairs(pair >> bits, pair & ((1 << bits) - 1), codes[first] & 255)


def _survivors(block: Block, bounds: Bounds, floor: float) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs of one rule that pass, chunk by chunk."""
    starts = np.cumsum(block.sizes) - block.sizes
    padded = padded_sizes(block.sizes)
    order = np.argsort(padded, kind="stable")
    sizes, counts = np.unique(padded, return_counts=True)
    for size, groups in zip(sizes.tolist(), np.split(order, np.cumsum(counts)[:-1]), strict=True):
        step = max(1, POSITIONS // size)
        for at in range(0, len(groups), step):
            chosen = groups[at : at + step]
            position = np.arange(size)[:, None]
            inside = position < block.sizes[chosen][None, :]
            members = block.members[np.where(inside, starts[chosen][None, :] + position, 0)]
            rows = np.where(inside, members, block.records).reshape(-1)
            yield from _compare_layout(rows, len(chosen), bounds, floor)


def padded_sizes(sizes: Ints) -> Ints:
    """Return the sizes to lay groups out at: exact up to EXACT_SIZES, above in steps of an eighth of an octave."""
    step = np.maximum(np.left_shift(1, np.maximum(np.frexp(sizes.astype(np.float64))[1].astype(np.int64) - 4, 0)), 1)
    return np.where(sizes <= EXACT_SIZES, sizes, -(-sizes // step) * step)


def _compare_layout(rows: Ints, groups: int, bounds: Bounds, floor: float) -> Iterator[tuple[Ints, Ints]]:
    """Yield the passing pairs of groups of one size; `rows` holds their members, position by position."""
    size = len(rows) // groups
    codes = [field.codes[rows] for field in bounds.fields]
    absent = [bits[rows] for bits in bounds.absent]
    rarity = {i: field.rarity[rows] for i, field in enumerate(bounds.fields) if field.rarity is not None}
    filters = bounds.filters if size >= FILTER_FROM else []
    cheap = [(number, field, field.by_row[0][rows]) for number, field in filters if field.least is None]
    for distance in range(1, size):
        left, right = slice(0, (size - distance) * groups), slice(distance * groups, size * groups)
        indexes, bound = _bound((codes, absent, rarity), (left, right), bounds)
        for number, field, bits in cheap:
            far = field.hopeless_edits(bits[left], bits[right]) & ~_decided(indexes, number)
            bound -= far * np.float32(field.penalty)
        keep = np.flatnonzero(bound >= floor)
        bound = bound[keep]
        for number, field in filters:
            if field.least is None or not len(keep):
                continue
            open_ = ~_decided([index[keep] for index in indexes], number)
            far = field.hopeless(rows[keep], rows[keep + distance * groups]) & open_
            bound = bound - far * np.float32(field.penalty)
            keep, bound = keep[bound >= floor], bound[bound >= floor]
        if len(keep):
            yield rows[keep], rows[keep + distance * groups]


def _decided(indexes: list[np.ndarray], number: int) -> Bools:
    """Return where a field is equal or missing, from the table indexes of `_bound`."""
    group, place = divmod(number, GROUP)
    return np.asarray(indexes[group] & np.uint16((1 << place) | (1 << (GROUP + place))), dtype=bool)


def _bound(
    laid: tuple[list[np.ndarray], list[np.ndarray], dict[int, np.ndarray]], sides: tuple[slice, slice], bounds: Bounds
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return for each group of fields the table index (equal, missing << GROUP), and the bound of each pair."""
    (codes, absent, rarity), (left, right) = laid, sides
    indexes, total = [], np.zeros(left.stop, dtype=np.float32)
    for number, group in enumerate(bounds.groups):
        equal = np.zeros(left.stop, dtype=np.uint8)
        for place in range(len(group)):
            same = codes[number * GROUP + place][left] == codes[number * GROUP + place][right]
            equal |= same.view(np.uint8) << np.uint8(place)
            if number * GROUP + place in rarity:
                total += same * rarity[number * GROUP + place][left]
        missing = absent[number][left] | absent[number][right]
        index = (equal & ~missing).astype(np.uint16) | missing.astype(np.uint16) << np.uint16(GROUP)
        indexes.append(index)
        total += bounds.tables[number][index]
    return indexes, total
