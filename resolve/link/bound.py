"""Upper bounds of the weight of a pair, for rule sets that compare single columns: what pruning stands on.

    bound = log2 L_M/L_U + weights of the decided columns + the best weight of each undecided one  >=  the pair's weight

because the household and colleague classes only add to what a match competes with. A pair whose bound is below the
floor is rejected for certain.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resolve.link.arrays import Bools, Codes32, Floats
from resolve.link.block import Blocks
from resolve.link.compare import Comparer
from resolve.link.encode import Column, Encoded
from resolve.link.rules import Comparison, LinkRules
from resolve.link.score import log_levels
from resolve.link.short_texts import MOST
from resolve.link.signature import DIGITS, LETTERS, Side, Signatures, least_matches, too_many_edits, too_unlike
from resolve.link.workers import in_turn

PLAIN_KINDS = ("exact", "similar", "edits", "number", "date")
GROUP = 7  # columns whose equality and absence index one table of bounds
MOST_FIELDS = 28  # columns whose state fits an integer of 32 bits
SAFETY = 1e-3  # bits against rounding of 32-bit sums
LONGEST_MEAN = 16.0  # mean length above which a signature says too little
FILTER_FROM = 4  # size of group from which signatures are worth their look-up
MEETINGS = 3  # pairs in such groups, per contact, from which signatures are worth building
REJECTED = np.float32(-1e9)
SPAN = 1 << 14  # contacts whose codes are laid side by side at a time: half a megabyte


def is_plain(rules: LinkRules) -> bool:
    """Return whether every comparison is of a single column by itself."""
    return len(rules.comparisons) <= MOST_FIELDS and all(c.kind in PLAIN_KINDS for c in rules.comparisons)


@dataclass(frozen=True)
class Field:
    """One column and its comparison: weights by level (bits), rarity of values, signatures.

    `slot` is its place among the columns of the row tables, and its bit in the state of a pair. `rarity`: bits, by
    code, that sharing a value adds for being rare; None: frequencies play no part.
    """

    comparison: Comparison
    column: Column
    weights: Floats
    slot: int
    rarity: Floats | None
    signatures: Signatures | None
    least: np.ndarray | None

    @property
    def unequal(self) -> float:
        """The best weight of different values."""
        return float(self.weights[2:].max())

    @property
    def equal(self) -> float:
        """The best weight of equal values."""
        rarest = float(self.rarity.max(initial=0.0)) if self.rarity is not None else 0.0
        return float(self.weights[1]) + rarest

    @property
    def penalty(self) -> float:
        """What is lost when different values reach no level between."""
        return self.unequal - float(self.weights[-1])

    @property
    def last(self) -> int:
        """The level of different values."""
        return len(self.weights) - 1

    @property
    def is_short(self) -> bool:
        """Whether few edits of short texts are counted, which needs no strings."""
        kind, limits = self.comparison.kind, self.comparison.thresholds
        return kind == "edits" and limits[-1] <= MOST and self.column.short is not None

    @cached_property
    def lost(self) -> np.ndarray:
        """By code, 32 bit: what the bound of an equal pair has too much; 0 behind the last, for missing."""
        if self.rarity is None:
            raise LookupError(f"{self.comparison.name} has no frequencies")
        return np.append(self.equal - self.weights[1] - self.rarity, 0.0).astype(np.float32)

    @cached_property
    def by_code(self) -> Side:
        """By code, missing (-1) last: signature of the value, 0 if missing; for texts length, slack, first letter."""
        if self.signatures is None:
            raise LookupError(f"{self.comparison.name} has no signatures")
        signed = self.signatures
        parts = (signed.bits, signed.lengths, signed.slack, signed.first)[: 1 if self.least is None else 4]
        return tuple(np.append(part, part.dtype.type(0)) for part in parts)

    def sides(self, codes: Codes32) -> Side:
        """Return what `are_hopeless` needs of the values of some contacts."""
        return tuple(np.take(part, codes) for part in self.by_code)

    def are_hopeless(self, left: Side, right: Side) -> Bools:
        """Return where signatures prove that different values reach no level between."""
        if self.least is None:
            return too_many_edits(left[0], right[0], int(self.comparison.thresholds[-1]))
        return too_unlike(left, right, self.least)


class Bounds:
    """The fields of plain rules, the codes of each contact side by side, and tables that bound a pair's weight.

    `rows`: for every GROUP fields a table (contacts + 1, 8) of codes, -1 for missing; the last column says as bits
    which are missing. The row behind the last contact is padding.
    """

    def __init__(self, comparer: Comparer, blocks: Blocks, workers: int = 1) -> None:
        """Prepare codes, weights and signatures, with `workers` threads; columns of blocking rules come first."""
        self.comparer, self.rules = comparer, comparer.rules
        tables = log_levels(comparer.rules)
        shares = comparer.rules.sizes.shares(len(comparer.contacts))
        self.prior = float(np.log2(shares[0] / shares[3])) + SAFETY
        keys = {key for rule in blocks.rules for key in rule.keys}
        compared = comparer.rules.comparisons
        order = sorted(range(len(compared)), key=lambda i: (compared[i].columns[0] not in keys, i))
        slot = {number: place for place, number in enumerate(order)}
        large = [block.sizes[block.sizes >= FILTER_FROM].astype(np.float64) for block in blocks.blocks]
        meetings = sum(int(sizes @ sizes) // 2 for sizes in large)
        weights = [(table[0] - table[3], slot[number]) for number, table in enumerate(tables)]
        given = list(zip(compared, weights, strict=True))
        self.fields = in_turn(lambda pair: _field(comparer, *pair, meetings), given, workers)
        self.by_slot = sorted(self.fields, key=lambda field: field.slot)
        self.groups = [self.by_slot[i : i + GROUP] for i in range(0, len(self.by_slot), GROUP)]
        self.rows = [_rows(group, comparer.contacts, workers) for group in self.groups]
        self._tables = [self._table(number, group) for number, group in enumerate(self.groups)]
        self.masks = [
            self._mask(rule.keys, block.skipped_keys) for rule, block in zip(blocks.rules, blocks.blocks, strict=True)
        ]

    def prepare(self, workers: int = 1) -> None:
        """Make what several threads will read."""

        def make(field: Field) -> None:
            _ = field.is_short, field.column.is_ascii, field.rarity is None or field.lost
            _ = field.signatures is None or field.by_code

        in_turn(make, self.fields, workers)
        _ = self.penalties

    def _table(self, number: int, group: list[Field]) -> np.ndarray:
        """Return bounds by (which are equal) | (which are missing) << GROUP, 32 bit; the prior is in the first."""
        index = np.arange(1 << 2 * GROUP)
        bound = np.full(len(index), self.prior if number == 0 else 0.0)
        for place, field in enumerate(group):
            equal, missing = index >> place & 1, index >> (GROUP + place) & 1
            bound += np.where(missing, 0.0, np.where(equal, field.equal, field.unequal))
        return bound.astype(np.float32)

    def _mask(self, keys: tuple[str, ...], skipped: int) -> int | None:
        """Return which fields of the first group are equal in the pairs of a rule; None: not told by them."""
        slots = {field.comparison.columns[0]: field.slot for field in self.groups[0]} if self.groups else {}
        if skipped or not keys or not all(key in slots for key in keys):
            return None
        return sum(1 << slots[key] for key in set(keys))

    def tables(self, rule: int | None) -> list[np.ndarray]:
        """Return the tables for pairs of a rule: those that an earlier rule produces are rejected there."""
        if rule is None:
            return self._tables
        equal = np.arange(1 << 2 * GROUP) & ((1 << GROUP) - 1)
        theirs = np.zeros(len(equal), dtype=bool)
        for mask in self.masks[:rule]:
            if mask is not None:
                theirs |= (equal & mask) == mask
        own = self.masks[rule]
        if own is not None:
            theirs |= (equal & own) != own
        return [np.where(theirs, REJECTED, self._tables[0]), *self._tables[1:]]

    def first_found(self, rule: int, equal: np.ndarray) -> Bools:
        """Return which pairs of a rule no earlier rule produces, as far as the tables can tell by what is equal."""
        return np.asarray(self.tables(rule)[0][equal & np.uint32((1 << GROUP) - 1)] > REJECTED)

    @cached_property
    def penalties(self) -> list[np.ndarray]:
        """For each group, 32 bit: what the bound loses by (which fields are proven to reach no level between)."""
        tables = []
        for group in self.groups:
            index, lost = np.arange(1 << GROUP), np.zeros(1 << GROUP, dtype=np.float32)
            for place, field in enumerate(group):
                lost += (index >> place & 1) * np.float32(field.penalty)
            tables.append(lost)
        return tables

    def filters(self, rule: int) -> list[Field]:
        """Return the fields that signatures can decide in the pairs of a rule; in those of its keys all are equal."""
        own = self.masks[rule] or 0
        return [f for f in self.fields if f.signatures is not None and f.penalty > 0.1 and not own >> f.slot & 1]

    def lost_by(self, rule: int, codes: np.ndarray) -> np.ndarray | None:
        """Return by contact, 32 bit, what bounds of a rule have too much, because its own values are not so rare.

        `codes`: of the first group of fields, by contact.
        """
        own = self.masks[rule] or 0
        fields = [field for field in self.groups[0] if field.rarity is not None and own >> field.slot & 1]
        return np.sum([np.take(f.lost, codes[:, f.slot]) for f in fields], axis=0) if fields else None


def _field(comparer: Comparer, comparison: Comparison, where: tuple[Floats, int], meetings: int) -> Field:
    """Prepare one field; signatures where there are many pairs in larger groups (`meetings`)."""
    column = comparer.contacts.text(comparison.columns[0])
    weights, slot = where
    rarity = -comparer.bits_of(comparison.columns[0]) if comparison.frequency else None
    signatures = least = None
    if (
        comparison.kind in ("edits", "similar")
        and meetings > MEETINGS * len(column.codes)
        and column.mean_length <= LONGEST_MEAN
    ):
        edits = comparison.kind == "edits"
        signatures = column.signatures(DIGITS if edits else LETTERS)
        least = None if edits else least_matches(comparison.thresholds[-1])
    return Field(comparison, column, weights, slot, rarity, signatures, least)


def _rows(group: list[Field], contacts: Encoded, workers: int) -> np.ndarray:
    """Return the codes of a group of fields for each contact and the padding, and which are missing, as bits."""
    name = ("rows", *(field.comparison.columns[0] for field in group))
    found = contacts.prepared.get(name)
    if isinstance(found, np.ndarray):
        return found
    records = len(contacts)
    table = np.full((records + 1, 8), -1, dtype=np.int32)

    def fill(first: int) -> None:
        span = slice(first, min(first + SPAN, records))
        absent = np.zeros(span.stop - first, dtype=np.int32)
        for place, field in enumerate(group):
            table[span, place] = field.column.codes[span]
            absent |= (table[span, place] < 0).astype(np.int32) << np.int32(place)
        table[span, 7] = absent

    in_turn(fill, range(0, records, SPAN), workers)
    table[records, 7] = (1 << GROUP) - 1
    contacts.prepared[name] = table
    return table
