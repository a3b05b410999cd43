"""The registry of golden IDs after a run, and where every ID ever published leads."""

import numpy as np
import pandas as pd

from resolve.golden.board import Board, Status
from resolve.golden.order import names_of
from resolve.golden.outcome import ERASED, Fate, Outcome
from resolve.schema import OPERATIONS, PUBLISHED, conform

_STATUS = {
    Fate.CREATED: Status.ACTIVE,
    Fate.RESTORED: Status.ACTIVE,
    Fate.MERGED: Status.MERGED,
    Fate.RETIRED: Status.RETIRED,
    Fate.ERASED: Status.ERASED,
}


def register_ids(board: Board, outcome: Outcome, minted: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Return the new golden_registry without run_id: the rows of the old one in order of their ID, minted ones behind.

    IDs whose fate is kept or idle keep their row, except that one whose target moved says so in `since`.
    """
    new = minted.assign(status=Status.ACTIVE.value, first_seen_at=at, is_locked=False, since=at, run_id="")
    new = conform(new, OPERATIONS["golden_registry"]).drop(columns="run_id")
    rows = _append(board.registry, new)
    fate, known = outcome.fate, len(board.registry)
    moved = resolve_ids(_active(outcome), outcome.parent)[:known] != _before(board)
    changed = ~np.isin(fate, [Fate.KEPT, Fate.IDLE])
    status = rows["status"].to_numpy(dtype=object, copy=True)
    for one, becomes in _STATUS.items():
        status[fate == one.value] = becomes.value
    rows["status"] = pd.Series(status, index=rows.index, dtype=object)
    rows["since"] = rows["since"].mask(changed | np.append(moved, np.ones(len(minted), dtype=bool)), at)
    ended = np.flatnonzero(board.is_active & np.isin(fate[:known], [Fate.MERGED, Fate.RETIRED, Fate.ERASED]))
    rows.loc[ended, "retired_at"] = at
    rows["merged_into"] = names_of(outcome.names, outcome.parent)
    members = rows["members"].to_numpy(dtype=object, copy=True)
    members[ended] = _members(board, ended)
    restored, erased = fate == Fate.RESTORED, fate == Fate.ERASED
    members[restored | erased] = None
    rows.loc[restored, "retired_at"] = pd.NaT
    rows["members"] = members
    return _forget(rows, board.links.loc[board.links["gone"] == ERASED, "contact_id"])


def _append(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both, column by column, so that columns without a value keep their type at no cost."""
    columns = {}
    for name in old.columns:
        if old[name].dtype == object:
            columns[name] = pd.Series(np.append(old[name].to_numpy(), new[name].to_numpy()), dtype=object)
        else:
            columns[name] = pd.concat([old[name], new[name]], ignore_index=True)
    return pd.DataFrame(columns)


def list_former_members(registry: pd.DataFrame) -> pd.DataFrame:
    """Return former_member without run_id: golden_id, contact_id of the members that merged and retired IDs had."""
    ended = registry["status"].isin([Status.MERGED, Status.RETIRED]) & registry["members"].notna()
    lists = [text.split("\n") for text in registry.loc[ended, "members"]]
    golden = np.repeat(registry.loc[ended, "golden_id"].to_numpy(dtype=object), [len(names) for names in lists])
    contacts = np.array([one for names in lists for one in names], dtype=object)
    return pd.DataFrame({"golden_id": golden, "contact_id": contacts}, dtype=object)


def resolve_redirects(registry: pd.DataFrame) -> pd.DataFrame:
    """Return golden_id_redirect without run_id: every ID and the living one at its chain's end, itself if it lives."""
    parent = pd.Index(registry["golden_id"]).get_indexer(pd.Index(registry["merged_into"]))
    end = resolve_ids((registry["status"] == Status.ACTIVE).to_numpy(), parent)
    names = registry["golden_id"].to_numpy(dtype=object)
    frame = registry[["golden_id", "since"]].assign(current_golden_id=names_of(names, end), run_id="")
    return conform(frame, PUBLISHED["golden_id_redirect"]).drop(columns="run_id")


def resolve_ids(active: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Return the code of the living ID that each code leads to by its parents, -1 where the chain ends dead."""
    end = np.arange(len(active))
    while True:
        on = (end >= 0) & ~active[end]
        if not on.any():
            return end
        end[on] = parent[end[on]]


def _active(outcome: Outcome) -> np.ndarray:
    """Return whether each ID is a living customer's after the run."""
    return np.isin(outcome.fate, [Fate.KEPT, Fate.CREATED, Fate.RESTORED])


def _before(board: Board) -> np.ndarray:
    """Return the code of the living ID that each known code led to before the run."""
    return resolve_ids(board.is_active, board.golden.get_indexer(pd.Index(board.registry["merged_into"])))


def _members(board: Board, ended: np.ndarray) -> list[str | None]:
    """Return the contacts that each ended ID had in the last run, one a line."""
    names: dict[int, list[str]] = {code: [] for code in ended.tolist()}
    rows = np.flatnonzero(np.isin(board.link_golden, ended))
    contacts = board.links["contact_id"].to_numpy()[rows].tolist()
    for code, contact in zip(board.link_golden[rows].tolist(), contacts, strict=True):
        names[code].append(contact)
    return ["\n".join(group) or None for group in names.values()]


def _forget(rows: pd.DataFrame, erased: pd.Series) -> pd.DataFrame:
    """Return the registry without the names of erased contacts."""
    if not len(erased):
        return rows
    names = set(erased)
    members = [_without(text, names) for text in rows["members"]]
    founder = rows["founder"].mask(rows["founder"].isin(names), ERASED)
    return rows.assign(founder=founder, members=pd.Series(members, index=rows.index, dtype=object))


def _without(text: str | None, names: set[str]) -> str | None:
    """Return a list of contacts, one a line, without some of them; None when none is left."""
    if text is None:
        return None
    return "\n".join(one for one in text.split("\n") if one not in names) or None
