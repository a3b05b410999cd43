"""Candidate pairs of plain rules without index arrays, pruned where they arise.

Groups of one size are laid out position by position: with G groups side by side, the pairs at distance d are the slices
`X[:-d * G]` and `X[d * G:]`. Equality, absence and signatures are compared slice against slice; only pairs whose bound
reaches the floor are ever written down.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Codes32, Ints, Rows
from resolve.link.block import Block
from resolve.link.bound import FILTER_FROM, GROUP, Bounds, Field
from resolve.link.signature import Side

POSITIONS = 1 << 16  # contacts laid out at a time: near what the second-level cache holds
PART_PAIRS = 1 << 20  # pairs, before pruning, that one worker solves at a time
EXACT_SIZES = 12  # groups up to this size are laid out as they are, larger ones padded to 8 steps an octave
_PACK = np.uint64(0x0102040810204080)  # times eight bytes of 0 or 1: their bits, in the highest byte
_BITS = np.uint8((1 << GROUP) - 1)
State = tuple[np.ndarray, np.ndarray, np.ndarray]  # of a group of fields, as bits: equal, missing, far


@dataclass(frozen=True, slots=True)
class Survivors:
    """Pairs that may still reach the floor: rows of the contacts, the rule, and what is known of each field.

    `equal`, `missing`, `far` (different, and proven to reach no level between) are bits by the slot of the field.
    """

    left: Rows
    right: Rows
    rule: np.ndarray
    equal: np.ndarray
    missing: np.ndarray
    far: np.ndarray

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    def at(self, rows: Ints) -> "Survivors":
        """Return the pairs at the given positions."""
        return Survivors(*(getattr(self, name)[rows] for name in self.__slots__))


def join_survivors(parts: list[Survivors]) -> Survivors:
    """Return the pairs of all parts."""
    if not parts:
        none = np.empty(0, dtype=np.int32)
        bits = none.astype(np.uint32)
        return Survivors(none, none, none.astype(np.uint8), bits, bits, bits)
    return Survivors(*(np.concatenate([getattr(part, name) for part in parts]) for name in Survivors.__slots__))


def known_pairs(left: Rows, right: Rows, bounds: Bounds) -> Survivors:
    """Return what codes alone tell of given pairs."""
    equal, missing = (np.zeros(len(left), dtype=np.uint32) for _ in range(2))
    for number, rows in enumerate(bounds.rows):
        one, two = np.take(rows, left, axis=0), np.take(rows, right, axis=0)
        absent = (one[:, 7] | two[:, 7]).astype(np.uint8)
        same = _equal_bits(one, two) & ~absent & _BITS
        equal |= same.astype(np.uint32) << np.uint32(number * GROUP)
        missing |= absent.astype(np.uint32) << np.uint32(number * GROUP)
    return Survivors(left, right, np.zeros(len(left), dtype=np.uint8), equal, missing, np.zeros_like(equal))


@dataclass(frozen=True, slots=True)
class Part:
    """Groups of one rule that are compared together: `layouts` of (size to lay out at, starts and sizes of groups)."""

    rule: int
    members: Codes32
    layouts: list[tuple[int, Ints, Ints]]


def cut_block(number: int, block: Block) -> list[Part]:
    """Cut the groups of rule `number` into parts of about PART_PAIRS pairs, each of layouts of at most POSITIONS."""
    parts: list[Part] = []
    held: list[tuple[int, Ints, Ints]] = []
    pairs = 0
    for layout in _layouts(block):
        held.append(layout)
        pairs += len(layout[1]) * layout[0] * (layout[0] - 1) // 2
        if pairs >= PART_PAIRS:
            parts.append(Part(number, block.members, held))
            held, pairs = [], 0
    if held:
        parts.append(Part(number, block.members, held))
    return parts


def surviving_pairs(part: Part, bounds: Bounds, floor: float) -> Iterator[Survivors]:
    """Yield the pairs of a part whose bound reaches `floor`, in small chunks.

    A pair that several rules produce comes once, under the first of them, as far as the tables can tell.
    """
    given = (bounds, bounds.tables(part.rule), part.rule)
    for size, starts, sizes in part.layouts:
        rows = _lay_out(part.members, size, (starts, sizes), len(bounds.rows[0]) - 1)
        for left, right, states in _compare_layout(rows, len(starts), given, floor):
            yield _collect(left, right, part.rule, states)


def _layouts(block: Block) -> Iterator[tuple[int, Ints, Ints]]:
    """Yield (size to lay out at, starts, sizes) of groups of one such size, as many as fit side by side."""
    starts = np.cumsum(block.sizes) - block.sizes
    top = int(block.sizes.max(initial=0))
    few = top < 1 << 15  # then each size is padded once
    padded = padded_sizes(np.arange(top + 1))[block.sizes] if few else padded_sizes(block.sizes)
    order = np.argsort(padded.astype(np.uint16 if few else np.int64), kind="stable")  # 16 bits are sorted by counting
    counts = np.bincount(padded)
    ends = np.cumsum(counts)
    for size in np.flatnonzero(counts).tolist():
        step = max(1, POSITIONS // size)
        for at in range(int(ends[size] - counts[size]), int(ends[size]), step):
            chosen = order[at : min(at + step, int(ends[size]))]
            yield size, starts[chosen], block.sizes[chosen]


def _lay_out(members: Codes32, size: int, groups: tuple[Ints, Ints], padding: int) -> Codes32:
    """Return the members of groups position by position; above EXACT_SIZES filled up with `padding`."""
    starts, sizes = groups
    position = np.arange(size)[:, None]
    places = starts[None, :] + position
    if size <= EXACT_SIZES:
        return np.take(members, places).reshape(-1)
    inside = position < sizes[None, :]
    return np.where(inside, np.take(members, np.where(inside, places, 0)), np.int32(padding)).reshape(-1)


def padded_sizes(sizes: Ints) -> Ints:
    """Return the sizes to lay groups out at: exact up to EXACT_SIZES, above in steps of an eighth of an octave."""
    step = np.maximum(np.left_shift(1, np.maximum(np.frexp(sizes.astype(np.float64))[1].astype(np.int64) - 4, 0)), 1)
    return np.where(sizes <= EXACT_SIZES, sizes, -(-sizes // step) * step)


def _compare_layout(
    rows: Codes32, groups: int, given: tuple[Bounds, list[np.ndarray], int], floor: float
) -> Iterator[tuple[Codes32, Codes32, list[State]]]:
    """Yield the passing pairs of groups of one size; `rows` holds their members, position by position."""
    bounds, tables, rule = given
    size = len(rows) // groups
    codes = [np.take(table, rows, axis=0) for table in bounds.rows]
    absent = [table[:, 7].astype(np.uint8) for table in codes]
    lost = bounds.lost_by(rule, codes[0])
    signed = bounds.filters(rule) if size >= FILTER_FROM else []
    filters = [(field, field.sides(_own(codes, field))) for field in signed]
    for distance in range(1, size):
        here, there = slice(0, (size - distance) * groups), slice(distance * groups, size * groups)
        states: list[State] = []
        bound = np.float32(0.0) if lost is None else -lost[here]
        for table, codes_, absent_ in zip(tables, codes, absent, strict=True):
            missing = absent_[here] | absent_[there]
            equal = _equal_bits(codes_[here], codes_[there]) & ~missing & _BITS
            bound = bound + np.take(table, equal | missing.astype(np.uint16) << np.uint16(GROUP))
            states.append((equal, missing, np.zeros_like(equal)))
        if filters:
            _reject(filters, states, (here, there))
            for penalty, state in zip(bounds.penalties, states, strict=True):
                bound -= np.take(penalty, state[2])
        keep = np.flatnonzero(bound >= floor)
        if len(keep) and size > EXACT_SIZES:
            keep = keep[rows[there][keep] < len(bounds.rows[0]) - 1]
        if len(keep):
            yield rows[here][keep], rows[there][keep], [(e[keep], m[keep], f[keep]) for e, m, f in states]


def _own(codes: list[np.ndarray], field: Field) -> Codes32:
    """Return the codes of one field from the codes of all."""
    group, place = divmod(field.slot, GROUP)
    return np.asarray(codes[group][:, place])


def _equal_bits(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return as bits which of the eight codes of two rows are equal."""
    same: np.ndarray = np.equal(one, two).view(np.uint64)
    same *= _PACK
    same >>= np.uint64(56)
    return same.reshape(-1).astype(np.uint8)


def _reject(filters: list[tuple[Field, Side]], states: list[State], sides: tuple[slice, slice]) -> None:
    """Note where signatures prove that different values reach no level between."""
    for field, signed in filters:
        left, right = (tuple(part[side] for part in signed) for side in sides)
        equal, missing, far = states[field.slot // GROUP]
        proven = field.are_hopeless(left, right).view(np.uint8) << np.uint8(field.slot % GROUP)
        far |= proven & ~(equal | missing)


def _collect(left: Codes32, right: Codes32, rule: int, states: list[State]) -> Survivors:
    """Return pairs with the states of all groups of fields."""
    merged = [np.zeros(len(left), dtype=np.uint32) for _ in range(3)]
    for number, state in enumerate(states):
        for which, bits in enumerate(state):
            merged[which] |= bits.astype(np.uint32) << np.uint32(number * GROUP)
    return Survivors(left, right, np.full(len(left), rule, dtype=np.uint8), *merged)
