"""The feed of identity events: what happened to each golden ID, with the records that joined and left.

Replayed from the start (`+` puts a record under the ID, `-` takes it from there if it is still there), the records of
all events give exactly the links.
"""

import numpy as np
import pandas as pd

from resolve.golden.board import Board
from resolve.golden.order import names_of, rank_texts, take_rows
from resolve.golden.outcome import Fate, Outcome
from resolve.schema import PUBLISHED, conform

_TYPES = ("created", "restored", "merged", "grown", "split", "shrunk", "retired", "erased")
_CODE = {name: code for code, name in enumerate(_TYPES)}
_CAME, _MOVED, _SPLIT_OFF, _TOOK_OVER = "new records", "records moved", "split off", "took over"
_TAKEN_OVER, _VANISHED = "taken over", "vanished"
_TABLE = PUBLISHED["identity_event"]


def tell_events(board: Board, outcome: Outcome, at: pd.Timestamp) -> pd.DataFrame:
    """Return identity_event without event_id and run_id, one row per golden ID and type, in the order of IDs.

    An ID that took over others is `merged`, and so are those; one that lost a part to a new or restored ID is `split`;
    other records that came or went make it `grown` or `shrunk`. `other_golden_ids` are separated by commas.
    """
    joined, left = _joined(board, outcome), _left(board, outcome)
    rows = pd.concat([joined, left, _late_mergers(board, outcome)], ignore_index=True)
    if not len(rows):
        return conform(pd.DataFrame(columns=_TABLE.names), _TABLE).drop(columns=["event_id", "run_id"])
    contact = rank_texts(rows["contact"])[0]
    order = np.lexsort((contact, (rows["sign"] == "-").to_numpy(), rows["type"].to_numpy(), rows["golden"].to_numpy()))
    rows = take_rows(rows, order)
    step = np.diff(rows["golden"] * len(_TYPES) + rows["type"], prepend=-1)
    starts = np.flatnonzero(step)
    ends = np.append(starts[1:], len(rows))
    others = names_of(outcome.names, rows["other"].to_numpy())
    records = (rows["sign"] + rows["contact"]).tolist()
    events = pd.DataFrame(
        {
            "event_id": 0,
            "run_id": "",
            "golden_id": outcome.names[rows["golden"].to_numpy()[starts]],
            "type": np.array(_TYPES, dtype=object)[rows["type"].to_numpy()[starts]],
            "other_golden_ids": _joined_distinct(others, starts, ",").tolist(),
            "reason": _joined_distinct(rows["reason"], starts, ", ").tolist(),
            "records": ["\n".join(filter(None, records[a:b])) or None for a, b in zip(starts, ends, strict=True)],
            "at": at,
        }
    )
    return conform(events, _TABLE).drop(columns=["event_id", "run_id"])


def _joined(board: Board, outcome: Outcome) -> pd.DataFrame:
    """Return a row per contact that is under another ID than before, seen from the ID it joined."""
    moved = np.flatnonzero(outcome.now != board.old)
    golden, other = outcome.now[moved], board.old[moved]
    fate, fresh = outcome.fate[golden], other < 0
    absorbed = ~fresh & (outcome.fate[np.maximum(other, 0)] == Fate.MERGED)
    born = np.isin(fate, [Fate.CREATED, Fate.RESTORED])
    kind = np.where(absorbed, _CODE["merged"], _CODE["grown"])
    kind = np.where(fate == Fate.CREATED, _CODE["created"], np.where(fate == Fate.RESTORED, _CODE["restored"], kind))
    reason = np.select([fresh, born & ~absorbed, absorbed], [_CAME, _SPLIT_OFF, _TOOK_OVER], _MOVED)
    return _rows(board.ids.to_numpy()[moved], "+", (golden, kind, other), reason)


def _left(board: Board, outcome: Outcome) -> pd.DataFrame:
    """Return a row per contact that is no longer under the ID it had, seen from that ID."""
    moved = np.flatnonzero((board.old >= 0) & (outcome.now != board.old))
    other = np.append(outcome.now[moved], np.full(len(outcome.gone), -1))
    golden = np.append(board.old[moved], board.link_golden[outcome.gone])
    contact = np.append(board.ids.to_numpy()[moved], board.links["contact_id"].to_numpy()[outcome.gone])
    fate = outcome.fate[golden]
    born = np.isin(outcome.fate[np.maximum(other, 0)], [Fate.CREATED, Fate.RESTORED]) & (other >= 0)
    kind = np.where(born, _CODE["split"], _CODE["shrunk"])
    for ending in (Fate.MERGED, Fate.RETIRED, Fate.ERASED):
        kind = np.where(fate == ending, _CODE[ending.value], kind)
    why = board.links["gone"].to_numpy()[outcome.gone]
    reason = np.where(fate[: len(moved)] == Fate.MERGED, _TAKEN_OVER, np.where(born[: len(moved)], _SPLIT_OFF, _MOVED))
    reason = np.append(reason.astype(object), np.where(pd.isna(why), _VANISHED, why))
    return _rows(contact, "-", (golden, kind, other), reason)


def _late_mergers(board: Board, outcome: Outcome) -> pd.DataFrame:
    """Return a row per ID that was retired and whose records came back under another one."""
    known = outcome.fate[: len(board.golden)]
    golden = np.flatnonzero((known == Fate.MERGED) & ~board.is_active)
    kind = np.full(len(golden), _CODE["merged"])
    blank = np.full(len(golden), "", dtype=object)
    return _rows(blank, "", (golden, kind, outcome.parent[golden]), np.full(len(golden), _TAKEN_OVER))


def _rows(
    contact: np.ndarray, sign: str, codes: tuple[np.ndarray, np.ndarray, np.ndarray], reason: np.ndarray
) -> pd.DataFrame:
    """Return rows of one kind: contact, sign, codes (golden, type, other), reason."""
    golden, kind, other = codes
    columns = {"golden": golden, "type": kind, "other": other, "contact": contact, "sign": sign, "reason": reason}
    return pd.DataFrame(columns).astype({"contact": object, "sign": object, "reason": object})


def _joined_distinct(values: np.ndarray | pd.Series, starts: np.ndarray, separator: str) -> np.ndarray:
    """Return the distinct values of each slice, sorted and joined; None where there is none."""
    code, names = rank_texts(values)
    low = np.minimum.reduceat(np.where(code < 0, len(names), code), starts)
    high = np.maximum.reduceat(code, starts)
    joined = names_of(names, high)  # most slices have one value or none
    ends = np.append(starts[1:], len(code))
    for at in np.flatnonzero(low < high).tolist():
        distinct = np.unique(code[starts[at] : ends[at]])
        joined[at] = separator.join(names[distinct[distinct >= 0]])
    return joined
