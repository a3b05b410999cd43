"""The board on which golden IDs are given out: clusters, contacts and IDs as integer codes."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from resolve.errors import SchemaError
from resolve.golden.order import sort_order
from resolve.schema import OPERATIONS, conform

_REGISTRY = OPERATIONS["golden_registry"]
_NEVER = np.iinfo(np.int64).min


class Status(StrEnum):
    """Where a golden ID is in its life."""

    ACTIVE = "active"
    MERGED = "merged"
    RETIRED = "retired"
    ERASED = "erased"


@dataclass(frozen=True)
class Board:
    """Clusters of this run against the IDs of the last one.

    ids: contact_ids of the clusters, sorted. cluster: code of each contact's cluster, in the order of smallest members.
    registry: golden_registry sorted by golden_id; the code of an ID is its row. links: contact_id, golden_id,
    previous_golden_id, linked_at, gone of the last run, sorted by contact_id.
    """

    ids: pd.Index
    cluster: np.ndarray
    registry: pd.DataFrame
    links: pd.DataFrame

    @classmethod
    def lay_out(cls, clusters: pd.DataFrame, registry: pd.DataFrame, links: pd.DataFrame) -> "Board":
        """Return the board, independent of the order of rows of its inputs."""
        members = _sorted(clusters[["contact_id", "cluster_id"]], "contact_id")
        rows = registry.reindex(columns=_REGISTRY.names).assign(run_id="")
        known = _sorted(conform(rows, _REGISTRY).drop(columns="run_id"), "golden_id")
        held = links.reindex(columns=["contact_id", "golden_id", "previous_golden_id", "linked_at", "gone"])
        held = held.assign(linked_at=pd.to_datetime(held["linked_at"], utc=True))
        code = pd.factorize(members["cluster_id"])[0]
        return cls(pd.Index(members["contact_id"]), code.astype(np.int64), known, _sorted(held, "contact_id"))

    @cached_property
    def cluster_count(self) -> int:
        """The number of clusters."""
        return int(self.cluster.max(initial=-1)) + 1

    @cached_property
    def golden(self) -> pd.Index:
        """The golden IDs, by code."""
        ids: pd.Index = pd.Index(self.registry["golden_id"])
        return ids

    @cached_property
    def link_golden(self) -> np.ndarray:
        """The code of the golden ID of each link; SchemaError when the registry does not know it as active."""
        code = np.asarray(self.golden.get_indexer(pd.Index(self.links["golden_id"])))
        if (code < 0).any() or not self.is_active[code].all():
            raise SchemaError(_REGISTRY.name, "a link names a golden ID that is not active", ["golden_id"])
        return code

    @cached_property
    def link_at(self) -> np.ndarray:
        """The row in links of each contact, -1 where it is new."""
        return np.asarray(pd.Index(self.links["contact_id"]).get_indexer(self.ids))

    @cached_property
    def old(self) -> np.ndarray:
        """The code of the golden ID that each contact had, -1 where it had none."""
        return take_or(self.link_golden, self.link_at, -1)

    @cached_property
    def came(self) -> np.ndarray:
        """When each contact joined the customer it had, ns; the beginning of time for those that a split gave it.

        These came with the ID, which was restored or minted for them. The end of time for those without a customer.
        """
        at, since = (
            frame.astype("datetime64[ns, UTC]").astype("int64").to_numpy()
            for frame in (self.links["linked_at"], self.registry["since"])
        )
        moved = self.links["previous_golden_id"].notna().to_numpy() & (at == since[self.link_golden])
        return take_or(np.where(moved, _NEVER, at), self.link_at, np.iinfo(np.int64).max)

    @cached_property
    def is_active(self) -> np.ndarray:
        """Whether each golden ID is a living customer's."""
        return (self.registry["status"] == Status.ACTIVE).to_numpy()

    @cached_property
    def seniority(self) -> np.ndarray:
        """The rank of each golden ID: older first, then the smaller."""
        first = self.registry["first_seen_at"].astype("int64").to_numpy()
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(first))
        return rank

    @cached_property
    def ended_at(self) -> np.ndarray:
        """When each golden ID ended, ns; the beginning of time for living ones."""
        ended = self.registry["retired_at"].astype("datetime64[ns, UTC]").astype("int64")
        return ended.to_numpy()

    @cached_property
    def former(self) -> tuple[np.ndarray, np.ndarray]:
        """Living contacts that a merged or retired ID had when it ended: (position of the contact, code of the ID)."""
        ended = self.registry["status"].isin([Status.MERGED, Status.RETIRED]) & self.registry["members"].notna()
        code = np.flatnonzero(ended.to_numpy())
        lists = [text.split("\n") for text in self.registry["members"].to_numpy()[code]]
        contact = self.ids.get_indexer(pd.Index([one for group in lists for one in group], dtype="object"))
        golden = np.repeat(code, [len(group) for group in lists])
        return contact[contact >= 0], golden[contact >= 0]

    def by_cluster(self, contact: np.ndarray, golden: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (cluster, golden, number of contacts) of every cluster and ID that share some of the contacts."""
        width = max(len(self.golden), 1)
        key, count = np.unique(self.cluster[contact] * width + golden, return_counts=True)
        return key // width, key % width, count


def take_or(values: np.ndarray, at: np.ndarray, missing: int) -> np.ndarray:
    """Return `values` at the positions, `missing` where a position is -1."""
    if not len(values):
        return np.full(len(at), missing, dtype=np.int64)
    return np.where(at >= 0, values[np.maximum(at, 0)], missing)


def _sorted(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the frame sorted by a text column; cheap when it is sorted already."""
    return frame.take(sort_order(frame[column])).reset_index(drop=True)
