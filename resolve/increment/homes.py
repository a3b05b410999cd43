"""Households that a change can move: those of the decided customers, before and after, as wholes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.households import HOUSEHOLD, find_households
from resolve.golden.identify import Identification
from resolve.increment.closure import pair_rows
from resolve.increment.settle import Settled
from resolve.increment.stored import Stored
from resolve.schema.rows import join_rows

_PAIR = ["contact_id_l", "contact_id_r"]


@dataclass(frozen=True, slots=True)
class Homes:
    """golden_id, household_id of those of `customers` that share a household; the others of them share none."""

    customers: pd.Index
    households: pd.DataFrame


def find_homes(stored: Stored, settled: Settled, identity: Identification) -> Homes:
    """Return the households of everyone who lived or lives with one of the decided customers."""
    inside = settled.closure.ids
    near = [_outside(edges, inside) for edges in (settled.closure.edges, settled.verdicts)]
    neighbours = stored.rows("profile_link", "contact_id", near[0].union(near[1]))["golden_id"].unique()
    old = pd.Index(settled.closure.links["golden_id"].unique(), dtype=object)
    asked = old.union(pd.Index(neighbours, dtype=object))
    homes = stored.rows("golden_profile", "golden_id", asked, ["household_id"])["household_id"].dropna().unique()
    mates = stored.rows("golden_profile", "household_id", homes, ["golden_id"])["golden_id"]
    others = pd.Index(mates, dtype=object).union(pd.Index(neighbours, dtype=object)).difference(old)
    links = stored.rows("profile_link", "golden_id", others)[["contact_id", "golden_id"]]
    links = links[~links["contact_id"].isin(inside)]
    edges = pair_rows(stored, "match_edge", pd.Index(links["contact_id"], dtype=object))
    edges = edges[~np.any([edges[side].isin(inside) for side in _PAIR], axis=0)]
    columns = [*_PAIR, "relation"]
    related = join_rows([settled.verdicts[columns], edges[columns]])
    now = join_rows([identity.links[["contact_id", "golden_id"]], links])
    customers = others.union(pd.Index(identity.links["golden_id"].unique(), dtype=object))
    return Homes(customers, find_households(related, now))


def _outside(edges: pd.DataFrame, inside: pd.Index) -> pd.Index:
    """Return the contacts beyond those inside that a household pair leads to."""
    held = edges[edges["relation"] == HOUSEHOLD]
    ends = pd.Index(pd.concat([held[side] for side in _PAIR], ignore_index=True).unique(), dtype=object)
    return ends.difference(inside)
