"""Which contacts a change can move: everyone linked to it, before or after, and the customers they belong to."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.judge import Verdict
from resolve.increment.rows import join_rows
from resolve.increment.stored import Stored

SOURCE_MERGE = "source_merge"  # such a pair holds even where a person overruled it: it names the rule of the pair
_PAIR = ["contact_id_l", "contact_id_r"]


@dataclass(frozen=True, slots=True)
class Closure:
    """The contacts to decide again (`ids`, those that are gone included), their stored pairs and their links.

    edges: rows of match_edge with either side among them. links: rows of profile_link, with contact_id.
    """

    ids: pd.Index
    edges: pd.DataFrame
    links: pd.DataFrame


def close_links(stored: Stored, seeds: pd.Index, fresh: pd.DataFrame, strong: float) -> Closure:
    """Return everyone who is linked to the seeds by stored or fresh pairs, or shares a customer with one.

    `fresh`: contact_id_l, contact_id_r of new links. Stored pairs count from `strong` bits, or by their verdict.
    """
    known, frontier = pd.Index([], dtype=object), seeds.unique()
    edges, links = [pair_rows(stored, "match_edge", known)], [stored.rows("profile_link", "contact_id", known)]
    sides = [fresh.set_index(one)[other] for one, other in (_PAIR, _PAIR[::-1])]
    while len(frontier):
        known = known.append(frontier)
        found = pair_rows(stored, "match_edge", frontier)
        edges.append(found)
        held = (found["verdict"] == Verdict.LINK) | (found["match_weight"] >= strong) | (found["rule"] == SOURCE_MERGE)
        near = [found.loc[held, side] for side in _PAIR]
        near += [side[side.index.isin(frontier)] for side in sides]
        mine = stored.rows("profile_link", "contact_id", frontier)
        mates = stored.rows("profile_link", "golden_id", mine["golden_id"].unique())
        links += [mine, mates]
        near.append(mates["contact_id"])
        frontier = pd.Index(pd.concat(near, ignore_index=True).unique(), dtype=object).difference(known)
    return Closure(known, _joined(edges, _PAIR), _joined(links, ["contact_id"]))


def pair_rows(stored: Stored, table: str, ids: pd.Index) -> pd.DataFrame:
    """Return the rows of a table of pairs with either side among the ids, each once."""
    return _joined([stored.rows(table, side, ids) for side in _PAIR], _PAIR)


def _joined(parts: list[pd.DataFrame], key: list[str]) -> pd.DataFrame:
    """Return the rows of all parts, each key once, in its order."""
    return join_rows(parts).drop_duplicates(key, ignore_index=True).sort_values(key, ignore_index=True)


def out_of_date(edges: pd.DataFrame, touched: pd.Index, groups: pd.DataFrame) -> np.ndarray:
    """Return which stored pairs must be scored again: one side is touched, or both stand in one group."""
    result: np.ndarray = np.any([edges[side].isin(touched).to_numpy() for side in _PAIR], axis=0)
    if len(groups) and len(edges):
        left = edges.reset_index()[["index", _PAIR[0]]].merge(groups, left_on=_PAIR[0], right_on="contact_id")
        both = left.assign(other=edges[_PAIR[1]].to_numpy()[left["index"]])
        both = both.merge(groups, left_on=["other", "group"], right_on=["contact_id", "group"])
        result[both["index"].unique()] = True
    return result
