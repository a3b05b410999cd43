"""Everything that linking needs to know, as data: blocking rules, comparisons with their probabilities, class sizes.

The model assembles these from model.yaml and training; linking reads nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from resolve.link.arrays import Bools, Floats, Hashes

SLACK = 1e-3  # how far from 1 a sum of probabilities may be: values are written with few digits
SAYS_SAME, SAYS_DIFFERENT = 8.0, 0.5  # odds of a level between one person and strangers
CLASSES = ("match", "household", "colleague", "unrelated")


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """Contacts that agree on all `keys` become candidate pairs, unless more than `cap` contacts share the value.

    A key is a column of CONTACTS or an extra column `x_…` (`column:4` takes the first four characters), or one of the
    built-in keys of `resolve.link.keys`, some of which give several values a contact (every phone, every reading).
    """

    name: str
    keys: tuple[str, ...]
    cap: int = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field, or group of fields, compared by levels; level 0 is "missing" and is no evidence.

    `levels` names levels 1, 2, …; `match`, `household`, `colleague`, `unrelated` are their probabilities in each class
    (each sums to 1). `tied` says where a class must equal `unrelated`: "all", "none", "given" (a name: only the given
    name part is tied), or names of levels.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    levels: tuple[str, ...]
    match: tuple[float, ...]
    household: tuple[float, ...]
    colleague: tuple[float, ...]
    unrelated: tuple[float, ...]
    household_tied: tuple[str, ...] = ("all",)
    colleague_tied: tuple[str, ...] = ("all",)
    frequency: bool = False
    thresholds: tuple[float, ...] = ()
    said: tuple[str | None, ...] = ()

    def says(self, level: int) -> str:
        """Return what a level (from 1) alone says of two values: same, review or different.

        `said` has the policy's word for each level; where it has none, the odds of the level decide.
        """
        word = self.said[level - 1] if self.said else None
        if word is None:
            odds = self.match[level - 1] / max(self.unrelated[level - 1], 1e-12)
            word = "same" if odds >= SAYS_SAME else "different" if odds <= SAYS_DIFFERENT else "review"
        return word

    def probabilities(self) -> Floats:
        """Return the probabilities, shape (4 classes, levels)."""
        return np.asarray([self.match, self.household, self.colleague, self.unrelated], dtype=np.float64)

    def with_probabilities(self, table: Floats) -> "Comparison":
        """Return the comparison with other probabilities, shape (4 classes, levels)."""
        match, household, colleague, unrelated = (tuple(float(p) for p in row) for row in table)
        return replace(self, match=match, household=household, colleague=colleague, unrelated=unrelated)

    def tied(self, relation: int) -> Bools | None:
        """Return which levels of class `relation` (in CLASSES) equal `unrelated`; None: only the given name is tied."""
        names = {1: self.household_tied, 2: self.colleague_tied}.get(relation, ("none",))
        if names == ("given",):
            return None
        if names == ("all",):
            return np.ones(len(self.levels), dtype=bool)
        return np.asarray([level in names for level in self.levels])


@dataclass(frozen=True, slots=True)
class ClassSizes:
    """How many pairs of each relation there are per contact, and for how many contacts that was estimated.

    `records` None: not estimated on data; the number of contacts at hand is taken, at least `fewest`.
    """

    match: float = 0.82
    household: float = 0.31
    colleague: float = 0.25
    records: int | None = None
    fewest: int = 200

    def shares(self, records: int) -> Floats:
        """Return the share of each class among all pairs, shape (4,), sum 1."""
        n = self.records if self.records is not None else max(records, self.fewest)
        shares = np.asarray([self.match, self.household, self.colleague]) * 2.0 / max(n - 1, 1)
        shares = np.clip(shares, 1e-12, None)
        if shares.sum() > 0.5:
            shares *= 0.5 / shares.sum()
        return np.append(shares, 1.0 - shares.sum())


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common the values of one field are: log2(f(v) / sum f**2), bits, by hash of the value.

    A value that was not there gets `unseen`: as common as a value seen once.
    """

    hashes: Hashes
    bits: Floats
    unseen: float

    def of(self, hashes: Hashes) -> Floats:
        """Return the adjustment of each hash, bits to add to log2 u."""
        if not len(self.hashes):
            return np.full(len(hashes), self.unseen)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[at] == hashes, self.bits[at], self.unseen)


@dataclass(frozen=True, slots=True)
class LinkRules:
    """The part of a model that linking reads.

    `frequencies` and `hot` (hashes of keys that are never paired, by blocking rule) are frozen when a model is trained;
    what is absent there is counted on the contacts at hand.
    """

    blocking: tuple[BlockingRule, ...]
    comparisons: tuple[Comparison, ...]
    sizes: ClassSizes = ClassSizes()
    floor: float = -3.0
    frequencies: Mapping[str, Frequencies] = field(default_factory=dict)
    hot: Mapping[str, Hashes] = field(default_factory=dict)


def tie(comparison: Comparison) -> Comparison:
    """Return the comparison with rows summing to 1 and tied levels of household and colleague equal to unrelated.

    Rows that are right already stay as they are, to the last digit. Names keep their own sums, one a group of levels.
    """
    table = comparison.probabilities()
    if comparison.kind != "name":
        table = np.stack([row if abs(row.sum() - 1.0) < SLACK else row / row.sum() for row in table])
    for relation in (1, 2):
        tied = comparison.tied(relation)
        if tied is not None:
            table[relation] = tie_row(table[relation], table[3], tied)
    return comparison.with_probabilities(table)


def tie_row(row: Floats, unrelated: Floats, tied: Bools) -> Floats:
    """Return a row whose tied levels equal `unrelated` and whose other levels share what remains."""
    result = np.where(tied, unrelated, row)
    excess = result.sum() - unrelated.sum()
    if not tied.all() and abs(excess) >= SLACK:
        free = row[~tied].sum()
        result[~tied] = row[~tied] / max(float(free), 1e-300) * (unrelated.sum() - unrelated[tied].sum())
    return np.asarray(result)
