"""Scored pairs as arrays, and what linking returns: frames are built when somebody asks for them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from resolve.link.arrays import Bools, Floats, Ints, Levels, Rows, first_of_each
from resolve.link.encode import Encoded
from resolve.link.rules import LinkRules
from resolve.link.score import pattern_texts, probability_of, relation_names

if TYPE_CHECKING:
    import pandas as pd

LISTED = "listed"  # rule of a pair that no blocking rule produced
SHARED_BY_MANY = "shared_by_many"  # without the number, which would change for everyone with every new name


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs by rows of the contacts, left < right.

    `rule`: number of the blocking rule, -1 for none. `weight`: bits. `relation`: number of the most probable class.
    `levels`: level of each comparison, (pairs, comparisons).
    """

    left: Rows
    right: Rows
    rule: np.ndarray
    weight: Floats
    relation: np.ndarray
    levels: Levels

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    def at(self, rows: Ints | Bools) -> "Scored":
        """Return the pairs at the given positions."""
        if rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)
        return Scored(*(np.take(getattr(self, name), rows, axis=0) for name in self.__slots__))

    def codes(self, records: int) -> Ints:
        """Return each pair as one number that sorts by left, right."""
        return np.asarray(self.left.astype(np.int64) * records + self.right)

    def firsts(self, records: int) -> Ints:
        """Return where each pair comes first, under the first rule if they come by rule; by left, right."""
        return first_of_each(self.codes(records), records * records)

    def in_order(self, records: int) -> "Scored":
        """Return the pairs by left, right, each once, as it comes first."""
        return self.at(self.firsts(records))


def join_scored(parts: list[Scored], comparisons: int) -> Scored:
    """Return the pairs of all parts, one behind the other."""
    none = np.empty(0, dtype=np.int32)
    if not parts:
        return Scored(none, none, none, none.astype(np.float64), none, np.empty((0, comparisons), dtype=np.uint8))
    return Scored(*(np.concatenate([getattr(part, name) for part in parts]) for name in Scored.__slots__))


@dataclass(frozen=True)
class LinkStats:
    """What linking met: `pairs` distinct candidates, `kept` at or above the floor.

    `by_rule`: distinct pairs that each rule was the first to find (of rules on single columns: all pairs of the rule).
    `losses`: rule, keys and pairs left out because too many contacts share a key. `shared`: type, value and number of
    names of identifier values that many people share.
    """

    pairs: int
    kept: int
    by_rule: dict[str, int]
    losses: list[tuple[str, int, int]]
    shared: list[tuple[str, str, int]] = field(repr=False)

    @cached_property
    def skipped(self) -> "pd.DataFrame":
        """The losses as a frame: rule, keys, pairs."""
        import pandas as pd

        return pd.DataFrame(self.losses, columns=["rule", "keys", "pairs"])

    @cached_property
    def hot(self) -> "pd.DataFrame":
        """The shared values as a frame: type, value, count, reason; by type, then value."""
        return shared_frame(self.shared)


@dataclass(frozen=True)
class Linkage:
    """What linking found: `scored` pairs by rows of `contacts`, ordered by left and right, and what it met."""

    contacts: Encoded
    rules: LinkRules
    scored: Scored
    stats: LinkStats

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """The scored pairs as SCORED_PAIRS (key contact_id_l, contact_id_r), sorted by key."""
        return pairs_frame(self.contacts, self.rules, self.scored)


def pairs_frame(contacts: Encoded, rules: LinkRules, scored: Scored) -> "pd.DataFrame":
    """Return SCORED_PAIRS of pairs that are in order."""
    import pandas as pd

    from resolve.schema.frames import SCORED_PAIRS

    names = np.asarray([rule.name for rule in rules.blocking] + [LISTED], dtype=object)
    return pd.DataFrame(
        {
            "contact_id_l": contacts.ids[scored.left],
            "contact_id_r": contacts.ids[scored.right],
            "match_weight": scored.weight,
            "match_probability": probability_of(scored.weight),
            "relation": relation_names(scored.relation),
            "rule": names[scored.rule],
            "pattern": pattern_texts(list(scored.levels.T), rules),
        },
        columns=SCORED_PAIRS.names,
    )


def shared_frame(shared: list[tuple[str, str, int]]) -> "pd.DataFrame":
    """Return type, value, count (distinct names) and reason of values that many people share."""
    import pandas as pd

    return pd.DataFrame([(*row, SHARED_BY_MANY) for row in shared], columns=["type", "value", "count", "reason"])
