"""Which cluster carries which golden ID on: the largest overlap, and for parts of a split what they once were."""

import numpy as np
import pandas as pd

from resolve.golden.board import Board


def inherit_ids(board: Board) -> np.ndarray:
    """Return the code of the golden ID of each cluster, -1 for those that need a new one.

    1. A part of a split that is exactly a merged or retired ID, records that joined later aside, gets that ID back, the
       latest merge first, as long as a part is left to carry on the ID that is split; then one that is several of them
       exactly gets that of the most records: who was taken over leaves, whoever had the ID first keeps it.
    2. Clusters and active IDs pair up one to one, the largest number of shared contacts first; IDs that a person locked
       go before all others; ties go to the older ID, then the smaller; between two parts of one ID to the part with
       more contacts that no other ID ever had, then the one with the founding record, then the smallest contact_id.
    3. A cluster that got none gets back the merged or retired ID of which it holds at least half of the living records:
       the one with most records, the one that ended last, the older, the smaller.
    """
    holder = np.full(board.cluster_count, -1, dtype=np.int64)
    had = np.flatnonzero(board.old >= 0)
    cluster, golden, count = board.by_cluster(had, board.old[had])
    parts_of = np.bincount(golden, minlength=len(board.golden))
    ids_of = np.bincount(cluster, minlength=board.cluster_count)
    plain = (parts_of[golden] == 1) & (ids_of[cluster] == 1)
    holder[cluster[plain]] = golden[plain]
    open_edges = np.flatnonzero(~plain)
    if len(open_edges):
        cluster, golden, count = cluster[open_edges], golden[open_edges], count[open_edges]
        _undo_merges(board, holder, (cluster, golden, count))
        _pair_up(board, holder, (cluster, golden, count))
    if (holder < 0).any() and len(board.former[0]):
        _restore(board, holder)
    return holder


def _undo_merges(board: Board, holder: np.ndarray, edges: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Give parts of splits the ended IDs that they were, in the order of `_former_parts`; a part is left for the ID."""
    parts: dict[int, set[int]] = {}  # of an active ID
    carried: dict[int, list[int]] = {}  # active IDs of a part
    for part, code in zip(edges[0].tolist(), edges[1].tolist(), strict=True):
        parts.setdefault(code, set()).add(part)
        carried.setdefault(part, []).append(code)
    for part, code in _former_parts(board, np.unique(edges[0])):
        if holder[part] < 0 and code not in holder and all(len(parts[one]) > 1 for one in carried[part]):
            holder[part] = code
            for one in carried[part]:
                parts[one].discard(part)


def _former_parts(board: Board, parts: np.ndarray) -> list[tuple[int, int]]:
    """Return (cluster, ended ID) where the living records of one ended ID, or of several, are those of the cluster.

    Records that joined later are left aside. Clusters of one ended ID come first, the latest merge before others; then
    those of several, for the ID that has most of the records, then ended last, is the older, the smaller.
    """
    cluster, golden, count = board.by_cluster(*board.former)
    living = np.bincount(board.former[1], minlength=len(board.golden))
    rows = np.flatnonzero(np.isin(cluster, parts) & (count == living[golden]))
    ended: dict[int, list[int]] = {}
    for part, code in zip(cluster[rows].tolist(), golden[rows].tolist(), strict=True):
        ended.setdefault(part, []).append(code)
    where = np.flatnonzero(np.isin(board.cluster, list(ended)))
    members = pd.Series(where).groupby(board.cluster[where]).indices
    covered = np.zeros(len(board.ids), dtype=bool)
    covered[board.former[0][np.isin(board.former[1], golden[rows])]] = True
    found: list[tuple[int, ...]] = []
    for part, codes in ended.items():
        mine = where[members[part]]
        joined = board.came[mine]
        alone = [code for code in codes if (joined <= board.ended_at[code]).sum() == living[code]]
        if alone:
            found += [(0, 0, -board.ended_at[code], board.seniority[code], part, code) for code in alone]
        elif covered[mine[joined <= board.ended_at[codes].max()]].all():
            found += [(1, -living[code], -board.ended_at[code], board.seniority[code], part, code) for code in codes]
    return [(int(part), int(code)) for *_, part, code in sorted(found)]


def _pair_up(board: Board, holder: np.ndarray, edges: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Pair contested clusters with active IDs, one to one, greedily."""
    cluster, golden, count = edges
    locked = board.registry["is_locked"].to_numpy(dtype=bool)
    elsewhere = np.zeros(len(board.ids), dtype=bool)
    elsewhere[board.former[0]] = True
    own = {
        pair[:2]: pair[2]
        for pair in zip(*(a.tolist() for a in board.by_cluster(*_own_contacts(board, elsewhere))), strict=True)
    }
    own_count = np.array([own.get(pair, 0) for pair in zip(cluster.tolist(), golden.tolist(), strict=True)])
    founder = board.ids.get_indexer(board.registry["founder"].to_numpy()[golden])
    founded = (founder >= 0) & (board.cluster[founder] == cluster)
    order = np.lexsort((cluster, ~founded, -own_count, board.seniority[golden], -count, ~locked[golden]))
    _take(holder, cluster[order], golden[order])


def _own_contacts(board: Board, elsewhere: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (contact, ID) for the contacts that no ended ID ever had."""
    contact = np.flatnonzero((board.old >= 0) & ~elsewhere)
    return contact, board.old[contact]


def _restore(board: Board, holder: np.ndarray) -> None:
    """Give clusters without an ID the ended ID of which they hold at least half of the living records."""
    cluster, golden, count = board.by_cluster(*board.former)
    living = np.bincount(board.former[1], minlength=len(board.golden))
    rows = np.flatnonzero((holder[cluster] < 0) & (count * 2 >= living[golden]))
    newest = -board.ended_at[golden[rows]]
    rows = rows[np.lexsort((cluster[rows], board.seniority[golden[rows]], newest, -count[rows]))]
    _take(holder, cluster[rows], golden[rows])


def _take(holder: np.ndarray, cluster: np.ndarray, golden: np.ndarray) -> None:
    """Give IDs to clusters in the order given, each at most once."""
    taken = set(holder[holder >= 0].tolist())
    for part, code in zip(cluster.tolist(), golden.tolist(), strict=True):
        if holder[part] < 0 and code not in taken:
            holder[part] = code
            taken.add(code)
