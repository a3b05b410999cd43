"""The touchpoints of rows that were landed since the last published run, and those that a merge of contacts moves."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from connectors.settings.project import Settings
from connectors.sources.mapping.streams import Mapped, map_touchpoints
from connectors.sources.plan import plan_stream
from connectors.warehouse.landed import load_marks
from connectors.warehouse.touchpoints import load_touchpoints_by
from flows.intake.prepared import ChangedStream
from resolve.schema import conform, frames

_COMPARED = [name for name in frames.TOUCHPOINTS.names if name != "touchpoint_id"]


@dataclass(frozen=True, slots=True)
class ChangedEvents:
    """The changed rows of one stream of events, and what they give."""

    source: str
    stream: str
    raw: pd.DataFrame
    mapped: Mapped
    parts: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of the rows."""
        listed: list[str] = self.raw["source_id"].tolist()
        return listed


def map_events(settings: Settings, source: str, stream: str, raw: pd.DataFrame) -> ChangedEvents:
    """Map the changed rows of a stream of events."""
    rules = settings.sources[source]
    parts = tuple(part.name for part in plan_stream(source, rules, stream).parts)
    return ChangedEvents(source, stream, raw, map_touchpoints(raw, rules, stream, is_part=True), parts)


def possible_ids(source: str, stream: str, ids: list[str], parts: tuple[str, ...]) -> list[str]:
    """Return every touchpoint_id that rows of a stream may have by its mapping."""
    suffixes = [f":{part}" if part else "" for part in parts]
    return [f"{source}:{stream}:{row}{suffix}" for row in ids for suffix in suffixes]


def compare_events(
    conn: Connection, events: list[ChangedEvents], prepared: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return TOUCHPOINTS that are new or differ, touchpoint_id of those that are gone, and how many more there are."""
    asked = [i for e in events for i in possible_ids(e.source, e.stream, e.ids, e.parts)]
    stored = load_touchpoints_by(conn, "touchpoint_id", asked)
    told_by = stored["source"] + ":" + stored["stream"] + ":" + stored["source_id"]  # `7:opened` may be a part of row 7
    stored = stored[told_by.isin([f"{e.source}:{e.stream}:{i}" for e in events for i in e.ids])]
    changed = prepared[differ(prepared, stored)].reset_index(drop=True)
    gone = stored.loc[~stored["touchpoint_id"].isin(prepared["touchpoint_id"]), ["touchpoint_id"]]
    return changed, gone.reset_index(drop=True), len(prepared) - len(stored)


def differ(new: pd.DataFrame, old: pd.DataFrame) -> np.ndarray:
    """Return which of the new TOUCHPOINTS are not among the old ones, or not the same, times to the microsecond."""
    at = pd.Index(old["touchpoint_id"]).get_indexer(pd.Index(new["touchpoint_id"]))
    changed: np.ndarray = at < 0
    for name in _COMPARED if len(old) else ():
        left, right = _cells(new[name]), _cells(old[name])[at]
        missing = pd.isna(left) & pd.isna(right)
        changed |= ~(missing | (left == right))
    return changed


def _cells(column: pd.Series) -> np.ndarray:
    """Return a column's cells as objects, times cut to what a warehouse stores."""
    times = isinstance(column.dtype, pd.DatetimeTZDtype)
    cells: np.ndarray = (column.dt.floor("us") if times else column).to_numpy(dtype=object)
    return cells


def move_touchpoints(conn: Connection, moved: dict[str, tuple[str, str]], but: set[str]) -> pd.DataFrame:
    """Return stored TOUCHPOINTS of contacts that follow another survivor now, with that one; `but`: ids left out.

    moved: by the contact that is named, its survivor before and now.
    """
    stored = load_touchpoints_by(conn, "contact_id", sorted({before for before, _ in moved.values()}))
    named = stored["named_contact_id"].fillna(stored["contact_id"])
    mine = named.isin(list(moved)) & ~stored["touchpoint_id"].isin(but)
    rows, named = stored[mine].reset_index(drop=True), named[mine].reset_index(drop=True)
    rows["contact_id"] = named.map(lambda contact: moved[contact][1]).astype(object)
    rows["named_contact_id"] = named.mask(named == rows["contact_id"])
    return conform(rows, frames.TOUCHPOINTS)


def count_events(conn: Connection, events: ChangedEvents, upto: int) -> ChangedStream:
    """Return what changed in a stream of events; `upto`: the seq of the watermark."""
    before = load_marks(conn, events.source, events.stream, events.ids, upto=upto)
    dead_now, dead_then = int(events.raw["deleted"].sum()), sum(before.values())
    landed = len(events.ids) - len(before)
    return ChangedStream(
        source=events.source,
        stream=events.stream,
        role="touchpoints",
        landed=landed,
        living=landed - (dead_now - dead_then),
        deleted=dead_now - dead_then,
    )
