"""What a run means for every golden ID: kept, created, restored, merged, retired, erased or idle, and who took over."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from resolve.golden.board import Board, Status

ERASED = "erased"  # reason in links.gone that ends an ID for ever


class Fate(StrEnum):
    """What a run did to one golden ID."""

    KEPT = "kept"
    CREATED = "created"
    RESTORED = "restored"
    MERGED = "merged"
    RETIRED = "retired"
    ERASED = "erased"
    IDLE = "idle"  # ended before this run, and still


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision of a run, by code: the registry's IDs first, the minted ones behind them.

    names: golden IDs. now: code of each contact's ID, along board.ids. fate: by code. parent: code of the ID that took
    over, -1 for none. gone: positions in board.links of contacts that are not in this run.
    """

    names: np.ndarray
    now: np.ndarray
    fate: np.ndarray
    parent: np.ndarray
    gone: np.ndarray


def settle_ids(board: Board, holder: np.ndarray, minted: pd.DataFrame) -> Outcome:
    """Return the outcome when the clusters carry the IDs `holder`, codes from len(registry) on meaning minted ones."""
    known, total = len(board.golden), len(board.golden) + len(minted)
    now = holder[board.cluster]
    carried = np.zeros(total, dtype=bool)
    carried[holder] = True
    active = np.append(board.is_active, np.zeros(len(minted), dtype=bool))
    fate = np.full(total, Fate.IDLE.value, dtype=object)
    fate[active & carried] = Fate.KEPT.value
    fate[~active & carried] = Fate.RESTORED.value
    fate[known:] = Fate.CREATED.value
    parent = np.append(board.golden.get_indexer(pd.Index(board.registry["merged_into"])), np.full(len(minted), -1))
    heir = _find_heirs(board, now, carried, parent)
    present = np.zeros(len(board.links), dtype=bool)
    present[board.link_at[board.link_at >= 0]] = True
    gone = np.flatnonzero(~present)
    ended = active & ~carried
    fate[ended] = Fate.RETIRED.value
    erased = gone[(board.links["gone"].to_numpy()[gone] == ERASED)]
    fate[_only(ended, board.link_golden[erased])] = Fate.ERASED.value
    status = np.append(board.registry["status"].to_numpy(), np.full(len(minted), None))
    fate[(heir >= 0) & (ended | (status == Status.RETIRED))] = Fate.MERGED.value
    parent = np.where(heir >= 0, heir, parent)
    parent[carried] = -1
    names = np.append(board.golden.to_numpy(), minted["golden_id"].to_numpy(dtype=object))
    return Outcome(names, now, fate, parent, gone)


def _only(mask: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the codes where the mask holds."""
    kept: np.ndarray = codes[mask[codes]]
    return kept


def _find_heirs(board: Board, now: np.ndarray, carried: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Return for each ended ID the living one that holds most of its living contacts, -1 where none of them lives.

    Ties: the ID it redirects to already, then the older, then the smaller; minted ones last.
    """
    total = len(carried)
    old = np.flatnonzero(board.old >= 0)
    contact = np.append(board.former[0], old)
    golden = np.append(board.former[1], board.old[old])
    lost = ~carried[golden]
    key, count = np.unique(golden[lost] * np.int64(total) + now[contact[lost]], return_counts=True)
    ended, target = key // max(total, 1), key % max(total, 1)
    seniority = np.append(board.seniority, np.arange(len(board.golden), total))
    order = np.lexsort((seniority[target], parent[ended] != target, -count, ended))
    first = order[np.flatnonzero(np.diff(ended[order], prepend=-1))]
    heir = np.full(total, -1, dtype=np.int64)
    heir[ended[first]] = target[first]
    return heir
