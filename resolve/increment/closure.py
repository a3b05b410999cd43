"""Stored pairs and customers around a change, loaded as they are needed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.judge import Authority, Verdict
from resolve.increment.stored import Stored
from resolve.schema.rows import join_rows

SOURCE_MERGE = "source_merge"  # such a pair holds even where a person overruled it: it names the rule of the pair
_PAIR = ["contact_id_l", "contact_id_r"]


@dataclass(frozen=True, slots=True)
class Closure:
    """The contacts to decide again (`ids`, those that are gone included), their stored pairs and their links.

    They are whole customers. edges: rows of match_edge with either side among them. links: rows of profile_link, with
    contact_id.
    """

    ids: pd.Index
    edges: pd.DataFrame
    links: pd.DataFrame


class Pairs:
    """Rows of match_edge with either side among the `ids` that were asked for, each once."""

    def __init__(self, stored: Stored) -> None:
        """Start with none."""
        self._stored = stored
        self.ids = pd.Index([], dtype=object)
        self._parts = [stored.rows("match_edge", _PAIR[0], [])]
        self.hard = hard_pairs(self._parts[0])  # those of them that a person or a rule keeps together

    def load(self, ids: pd.Index) -> pd.DataFrame:
        """Load the pairs of contacts; return those that were not here before."""
        new = ids[~ids.isin(self.ids)].unique()
        if not len(new):
            return self._parts[0].iloc[:0]
        left, right = (self._stored.rows("match_edge", side, new) for side in _PAIR)
        left = left[~left[_PAIR[1]].isin(self.ids)]
        right = right[~right[_PAIR[0]].isin(self.ids) & ~right[_PAIR[0]].isin(new)]
        self.ids = self.ids.append(new)
        self._parts.append(join_rows([left, right]))
        self.hard = join_rows([self.hard, hard_pairs(self._parts[-1])])
        return self._parts[-1]

    @property
    def rows(self) -> pd.DataFrame:
        """All that was loaded."""
        if len(self._parts) > 1:
            self._parts = [join_rows(self._parts)]
        return self._parts[0]

    def of(self, ids: pd.Index) -> pd.DataFrame:
        """Return the loaded rows with either side among the ids, in order of their keys."""
        rows = self.rows
        return rows[with_an_end(rows, ids)].sort_values(_PAIR, ignore_index=True)


def with_an_end(pairs: pd.DataFrame, ids: pd.Index) -> np.ndarray:
    """Return which pairs have either side among the ids."""
    return np.asarray(pairs[_PAIR[0]].isin(ids).to_numpy() | pairs[_PAIR[1]].isin(ids).to_numpy())


def ends_of(pairs: pd.DataFrame) -> pd.Index:
    """Return the contacts of pairs, each once."""
    return pd.Index(pd.concat([pairs[side] for side in _PAIR], ignore_index=True).unique(), dtype=object)


def hard_pairs(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the stored pairs that a person or a rule keeps together."""
    hard = (edges["verdict"] == Verdict.LINK) & (edges["decided_by"] != Authority.WEIGHT)
    return edges.loc[hard | (edges["rule"] == SOURCE_MERGE), _PAIR]


def load_customers(stored: Stored, ids: pd.Index) -> pd.DataFrame:
    """Return the links (profile_link with contact_id) of all contacts of the customers of some contacts."""
    mine = stored.rows("profile_link", "contact_id", ids)
    return stored.rows("profile_link", "golden_id", mine["golden_id"].unique())


def pair_rows(stored: Stored, table: str, ids: pd.Index) -> pd.DataFrame:
    """Return the rows of a table of pairs with either side among the ids, each once."""
    parts = [stored.rows(table, side, ids) for side in _PAIR]
    return join_rows(parts).drop_duplicates(_PAIR, ignore_index=True).sort_values(_PAIR, ignore_index=True)


def out_of_date(edges: pd.DataFrame, touched: pd.Index, groups: pd.DataFrame) -> np.ndarray:
    """Return which stored pairs must be scored again: one side is touched, or both stand in one group."""
    result: np.ndarray = with_an_end(edges, touched)
    if len(groups) and len(edges):
        left = edges.reset_index()[["index", _PAIR[0]]].merge(groups, left_on=_PAIR[0], right_on="contact_id")
        both = left.assign(other=edges[_PAIR[1]].to_numpy()[left["index"]])
        both = both.merge(groups, left_on=["other", "group"], right_on=["contact_id", "group"])
        result[both["index"].unique()] = True
    return result
