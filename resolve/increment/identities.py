"""Golden IDs for the contacts a change can move: the part of the registry that the rules look at, and nothing else.

An ID that ended is settled by where its former members live now, so those are asked for too; and where it leads to
changes with the IDs that took over, so chains are followed both ways.
"""

from dataclasses import replace

import pandas as pd

from resolve.golden.board import Status
from resolve.golden.identify import Identification, identify_clusters
from resolve.increment.settle import Settled
from resolve.increment.stored import Change, Stored
from resolve.pipeline import RunContext
from resolve.schema.rows import join_rows

_LINKS = ["contact_id", "golden_id", "previous_golden_id", "linked_at"]
_ENDED = [Status.MERGED.value, Status.RETIRED.value]


def identify_change(change: Change, stored: Stored, settled: Settled, run: RunContext) -> Identification:
    """Return the identification of the living contacts that can move, as a full run would give it."""
    chain = Chain(stored, settled)
    while True:
        found = _identify(chain, settled, change, run)
        minted = pd.Index(found.registry["golden_id"]).difference(pd.Index(chain.rows["golden_id"]))
        if not chain.add(stored.rows("golden_registry", "golden_id", minted)):
            break
    mine = found.links["contact_id"].isin(settled.clusters["contact_id"])
    return replace(found, links=found.links[mine].reset_index(drop=True))


def _identify(chain: "Chain", settled: Settled, change: Change, run: RunContext) -> Identification:
    """Run the rules on the part of the registry that is at hand."""
    outside = chain.outside
    smallest = outside.groupby("golden_id")["contact_id"].transform("min") if len(outside) else outside["contact_id"]
    others = pd.DataFrame({"contact_id": outside["contact_id"], "cluster_id": smallest}, dtype=object)
    clusters = join_rows([settled.clusters[["contact_id", "cluster_id"]], others])
    links = join_rows([settled.closure.links[_LINKS], outside[_LINKS]])
    reasons = dict(zip(change.gone["contact_id"], change.gone["reason"], strict=True))
    gone = pd.Series([reasons.get(one) for one in links["contact_id"]], index=links.index, dtype=object)
    links = links.assign(gone=gone)
    contacts = settled.contacts[["contact_id", "created_at"]]
    return identify_clusters(clusters, contacts, chain.rows, links, key=run.id_key, at=run.at)


class Chain:
    """Rows of the registry around the contacts, and links of living former members elsewhere."""

    def __init__(self, stored: Stored, settled: Settled) -> None:
        """Gather what the contacts have to do with: their IDs, those they founded, those they once were in."""
        self._stored = stored
        self._inside = settled.closure.ids
        self.rows = stored.rows("golden_registry", "golden_id", [])
        self.outside = stored.rows("profile_link", "contact_id", [])
        self._held = pd.Index(settled.closure.links["golden_id"].unique(), dtype=object)
        former = stored.rows("former_member", "contact_id", self._inside)["golden_id"]
        wanted = pd.Index([*self._held, *former], dtype=object).unique()
        known = stored.rows("golden_registry", "golden_id", wanted)
        founded = stored.rows("golden_registry", "founder", self._inside)
        self.add(join_rows([known, founded]))

    def add(self, rows: pd.DataFrame) -> bool:
        """Take in rows of the registry and all that hangs together with them; return whether any was new."""
        new = self._unknown(rows)
        if not len(new):
            return False
        while len(new):
            self.rows = join_rows([self.rows, new])
            targets = pd.Index(new["merged_into"].dropna().unique(), dtype=object)
            parts = [
                self._stored.rows("golden_registry", "golden_id", targets),
                self._stored.rows("golden_registry", "merged_into", new["golden_id"].tolist()),
                self._homes(new),
            ]
            new = self._unknown(join_rows(parts))
        return True

    def _unknown(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are not here yet, each once."""
        return rows[~rows["golden_id"].isin(self.rows["golden_id"])].drop_duplicates("golden_id")

    def _homes(self, new: pd.DataFrame) -> pd.DataFrame:
        """Return the registry's rows of the IDs of living members of new rows outside; note their links."""
        ended = new[new["status"].isin(_ENDED) & new["members"].notna()]
        members = pd.Index([one for text in ended["members"] for one in text.split("\n")], dtype=object)
        active = new.loc[new["status"] == Status.ACTIVE, "golden_id"]
        found = [
            self._stored.rows("profile_link", "contact_id", members.unique().difference(self._inside)),
            self._stored.rows("profile_link", "golden_id", active[~active.isin(self._held)].tolist()),
        ]
        links = join_rows(found)
        links = links[~links["contact_id"].isin(self._inside)].drop_duplicates("contact_id")
        fresh = links[~links["contact_id"].isin(self.outside["contact_id"])]
        self.outside = join_rows([self.outside, fresh])
        return self._stored.rows("golden_registry", "golden_id", fresh["golden_id"].unique())
