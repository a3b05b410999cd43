"""Upper bounds of the weight of a pair, for rule sets that compare single columns: what pruning stands on.

    bound = log2 L_M/L_U + weights of the decided columns + the best weight of each undecided one  >=  the pair's weight

because the household and colleague classes only add to what a match competes with. A pair whose bound is below the
floor is rejected for certain.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resolve.link.arrays import Bools, Codes32, Floats, Hashes, Ints
from resolve.link.compare import Comparer
from resolve.link.rules import Comparison, LinkRules
from resolve.link.score import log_levels
from resolve.link.signature import Signatures, least_matches, too_many_edits, too_unlike

PLAIN_KINDS = ("exact", "similar", "edits", "number", "date")
GROUP = 7  # columns whose equality and absence index one table of bounds
SAFETY = 1e-3  # bits against rounding of 32-bit sums
LONGEST_MEAN = 16.0  # mean length above which a signature says too little


def is_plain(rules: LinkRules) -> bool:
    """Return whether every comparison is of a single column by itself."""
    return all(c.kind in PLAIN_KINDS for c in rules.comparisons)


@dataclass(frozen=True)
class Field:
    """One column and its comparison: codes with -1 for missing, weights by level (bits), signatures."""

    comparison: Comparison
    codes: Codes32  # one longer than the contacts: the last is the padding of groups, and missing
    weights: Floats
    rarity: np.ndarray | None  # by contact, bits that sharing its value adds for being rare, 32 bit; None: no frequency
    signatures: Signatures | None
    least: np.ndarray | None

    @property
    def unequal(self) -> float:
        """The best weight of different values."""
        return float(self.weights[2:].max())

    @property
    def penalty(self) -> float:
        """What is lost when different values reach no level between."""
        return self.unequal - float(self.weights[-1])

    @cached_property
    def by_row(self) -> tuple[np.ndarray, ...]:
        """Signature, length and first letter of each contact's value; of a missing one, 0."""
        if self.signatures is None:
            raise LookupError(f"{self.comparison.name} has no signatures")
        bits, lengths, first = self.signatures.bits, self.signatures.lengths, self.signatures.first
        return tuple(np.append(part, part.dtype.type(0))[self.codes] for part in (bits, lengths, first))

    def hopeless(self, left: Ints, right: Ints) -> Bools:
        """Return where signatures prove that the different values of two contacts reach no level between."""
        bits, lengths, first = self.by_row
        if self.least is None:
            return self.hopeless_edits(bits[left], bits[right])
        one, two = ((bits[side], lengths[side], first[side]) for side in (left, right))
        return too_unlike(one, two, self.least)

    def hopeless_edits(self, left: Hashes, right: Hashes) -> Bools:
        """Return the same from the signatures themselves, for the kind "edits"."""
        return too_many_edits(left, right, int(self.comparison.thresholds[-1]))


class Bounds:
    """The fields of plain rules and the tables that bound a pair's weight from equality and absence alone."""

    def __init__(self, comparer: Comparer) -> None:
        """Prepare codes, weights, signatures and tables."""
        self.rules = comparer.rules
        tables = log_levels(comparer.rules)
        self.fields = [
            _field(comparer, c, t[0] - t[3]) for c, t in zip(comparer.rules.comparisons, tables, strict=True)
        ]
        shares = comparer.rules.sizes.shares(len(comparer.contacts))
        self.prior = float(np.log2(shares[0] / shares[3])) + SAFETY
        self.groups = [self.fields[i : i + GROUP] for i in range(0, len(self.fields), GROUP)]
        self.tables = [self._table(group) for group in self.groups]
        self.absent = [_absent(group) for group in self.groups]

    def _table(self, group: list[Field]) -> np.ndarray:
        """Return bounds by (which are equal) | (which are missing) << GROUP, 32 bit."""
        index = np.arange(1 << 2 * GROUP)
        bound = np.full(len(index), self.prior / len(self.groups))
        for place, field in enumerate(group):
            equal, missing = index >> place & 1, index >> (GROUP + place) & 1
            bound += np.where(missing, 0.0, np.where(equal, field.weights[1], field.unequal))
        return bound.astype(np.float32)

    @cached_property
    def filters(self) -> list[tuple[int, Field]]:
        """The (number, field) that signatures can decide: numbers first (cheap), then by what they take away."""
        useful = [(i, f) for i, f in enumerate(self.fields) if f.signatures is not None and f.penalty > 0.1]
        return sorted(useful, key=lambda pair: (pair[1].comparison.kind != "edits", -pair[1].penalty, pair[0]))


def _field(comparer: Comparer, comparison: Comparison, weights: Floats) -> Field:
    """Prepare one field."""
    column = comparer.contacts.text(comparison.columns[0])
    codes = np.append(column.codes, np.int32(-1))
    rarity = None
    if comparison.frequency:
        rarity = np.append(-comparer.bits_of(comparison.columns[0]), 0.0).astype(np.float32)[codes]
    mean = float(column.lengths.mean()) if len(column.values) else 0.0
    signatures = least = None
    if comparison.kind in ("edits", "similar") and mean <= LONGEST_MEAN:
        edits = comparison.kind == "edits"
        signatures = column.signatures(16 if edits else 32)
        least = None if edits else least_matches(comparison.thresholds[-1])
    return Field(comparison, codes, weights, rarity, signatures, least)


def _absent(group: list[Field]) -> np.ndarray:
    """Return for each contact which fields of the group are missing, as bits."""
    bits = np.zeros(len(group[0].codes), dtype=np.uint8)
    for place, field in enumerate(group):
        bits |= (field.codes < 0).astype(np.uint8) << np.uint8(place)
    return bits
