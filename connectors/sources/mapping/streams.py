"""Raw rows to contacts and touchpoints, as a stream's plan says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from connectors.settings.project import SourceSettings
from connectors.sources.mapping.cells import Cells, RowBlock
from connectors.sources.mapping.choices import contact_times
from connectors.sources.mapping.events import map_part
from connectors.sources.mapping.merges import Merge, alias_frame, list_merges, resolve_merges
from connectors.sources.mapping.times import CONTACT_TIMES
from connectors.sources.plan import StreamPlan, plan_stream
from resolve.errors import SourceError
from resolve.schema import EXTRA, assemble, empty
from resolve.schema.frames import SOURCE_RECORDS, TOUCHPOINTS

BLOCK_ROWS, BLOCK_CHARACTERS = 50_000, 32_000_000  # of payloads that are unpacked at a time, whichever is less
LONGEST_PHONES = 500  # characters of a cell of numbers that standardising reads
REJECT_COLUMNS = ("source", "stream", "row_key", "reason", "detail", "payload")


@dataclass(frozen=True)
class Mapped:
    """What mapping made of a stream's rows.

    `records`: SOURCE_RECORDS or TOUCHPOINTS. `rejects`: REJECT_COLUMNS, one row each. `gone`: source and source_id of
    rows that their source deleted. `aliases`: contact_id and merged_into (both source:id) of every record that its
    source merged into another. `notes`: counts of what was left empty because it was unreadable. `merges`: every merge
    as its row tells it.
    """

    records: pd.DataFrame
    rejects: pd.DataFrame
    gone: pd.DataFrame
    aliases: pd.DataFrame
    notes: dict[str, int] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)


def map_contacts(raw: pd.DataFrame, source: SourceSettings, stream: str, *, is_part: bool = False) -> Mapped:
    """Return one source record per living raw row, in its order.

    `raw`: source, source_id, payload (JSON text), updated_at, deleted, merged_into; rows of one stream. A row that its
    source merged into a living one stays, with `merged_into`, so that its id and history follow the winner; a row that
    is deleted otherwise is in `gone`. Unreadable times are left empty and counted in `notes`.
    Raises SourceError when a column that the user mapped is in no row, unless the rows are a part of the stream
    (`is_part`); a part has to hold all rows that merges connect.
    """
    plan = _plan_of(raw, source, stream)
    notes: Counter[str] = Counter()
    present: set[str] = set()
    columns: dict[str, Cells] = {}
    listed: Cells = []
    for block, rows in _blocks(raw):
        for name, cells in _contact_columns(block, rows, plan, notes).items():
            columns.setdefault(name, []).extend(cells)
        listed += block.first_of(plan.merged_ids)
        present.update(column for column in plan.required if block.has(column))
    deleted = raw["deleted"].astype(bool)
    if not is_part:
        _check_columns(present, plan, raw[~deleted])
    told = list_merges(raw, listed)
    merges = resolve_merges(told)
    living = set(raw.loc[~deleted, "source_id"])
    follows = {loser for loser, winner in merges.items() if winner in living}
    kept = ~deleted | (raw["source_id"].isin(follows) & (raw["payload"] != "{}"))
    records = _contact_frame(columns, raw, kept.to_numpy(), merges)
    gone = raw.loc[~kept, ["source", "source_id"]].reset_index(drop=True)
    aliases = alias_frame(plan.source, merges)
    return Mapped(records, _reject_frame([], plan), gone, aliases, dict(notes), told)


def map_touchpoints(raw: pd.DataFrame, source: SourceSettings, stream: str, *, is_part: bool = False) -> Mapped:
    """Return the touchpoints of raw rows (as `map_contacts`); a row may give several, or none when no part applies.

    Of several parts with one name the first that applies to a row counts. Rows with an unreadable or missing time or
    score are in `rejects` (bad_time, bad_score, ambiguous_id), with the part's name in the row key. Raises SourceError
    when a column that the user mapped is in no row, unless the rows are a part.
    """
    plan = _plan_of(raw, source, stream)
    gone = raw["deleted"].astype(bool)
    notes: Counter[str] = Counter()
    parts: list[dict[str, np.ndarray]] = []
    present: set[str] = set()
    rejects: list[tuple[str, str, str, str]] = []
    for block, rows in _blocks(raw[~gone]):
        for part in plan.parts:
            columns, refused = map_part(block, rows, plan, part, notes)
            parts.append(columns)
            rejects += refused
        present.update(column for column in plan.required if block.has(column))
    if not is_part:
        _check_columns(present, plan, raw[~gone])
    gone_rows = raw.loc[gone, ["source", "source_id"]].reset_index(drop=True)
    none = alias_frame(plan.source, {})
    events = _event_frame(parts)
    if len({part.name for part in plan.parts}) < len(plan.parts):
        events = events.drop_duplicates("touchpoint_id", ignore_index=True)
    return Mapped(events, _reject_frame(rejects, plan), gone_rows, none, dict(notes))


def _plan_of(raw: pd.DataFrame, source: SourceSettings, stream: str) -> StreamPlan:
    """Return the plan under the source name that the rows carry."""
    return plan_stream(str(raw["source"].iloc[0]) if len(raw) else "", source, stream)


def _blocks(raw: pd.DataFrame) -> Iterator[tuple[RowBlock, pd.DataFrame]]:
    """Yield blocks of unpacked payloads beside their raw rows; a row may be wide, and takes eight times its text."""
    payloads = raw["payload"].tolist()
    ends = np.cumsum(np.fromiter(map(len, payloads), dtype=np.int64, count=len(payloads)))
    start = 0
    while start < len(raw):
        full = int(np.searchsorted(ends, (ends[start - 1] if start else 0) + BLOCK_CHARACTERS, "right"))
        stop = min(start + BLOCK_ROWS, max(full, start + 1))
        yield RowBlock.of_payloads(payloads[start:stop]), raw.iloc[start:stop]
        start = stop


def _contact_columns(block: RowBlock, rows: pd.DataFrame, plan: StreamPlan, notes: Counter[str]) -> dict[str, Cells]:
    """Return the columns of the source records of one block but for their ids; every block of a stream has the same."""
    part = plan.parts[0]
    names = [n for n in dict.fromkeys((*part.fields, *part.constants)) if n in SOURCE_RECORDS.names or n[:2] == EXTRA]
    columns: dict[str, Cells] = {name: block.field(name, part) for name in names}
    if "updated_at" not in part.fields:
        columns["updated_at"] = list(rows["updated_at"])
    long = sum(cell is not None and len(cell) > LONGEST_PHONES for cell in columns.get("phone", ()))
    if long:
        notes[f"phone not read beyond {LONGEST_PHONES} characters"] += long
    for name in CONTACT_TIMES:
        if name in columns or name == "created_at":
            columns[name] = _as_iso(name, columns.get(name, [None] * len(rows)), plan, notes)
    return columns


def _contact_frame(
    columns: dict[str, Cells], raw: pd.DataFrame, kept: np.ndarray, merges: dict[str, str]
) -> pd.DataFrame:
    """Return the source records of the raw rows that are kept; `columns` is emptied."""
    arrays = {name: np.fromiter(columns.pop(name), dtype=object, count=len(raw)) for name in list(columns)}
    arrays |= {name: raw[name].to_numpy(dtype=object) for name in ("source", "source_id")}
    if not kept.all():
        arrays = {name: cells[kept] for name, cells in arrays.items()}
    if merges:
        arrays["merged_into"] = np.fromiter(map(merges.get, arrays["source_id"]), dtype=object)
    return assemble(arrays, SOURCE_RECORDS, pd.RangeIndex(int(kept.sum())))


def _event_frame(parts: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Return the touchpoints of all parts of all blocks, given as columns."""
    filled = [part for part in parts if part and len(part["source_id"])]
    if not filled:
        return empty(TOUCHPOINTS)
    columns: dict[str, Any] = {name: np.concatenate([part[name] for part in filled]) for name in filled[0]}
    columns["occurred_at"] = pd.Series(columns["occurred_at"]).dt.tz_localize("UTC")
    return assemble(columns, TOUCHPOINTS, pd.RangeIndex(len(columns["source_id"])))


def _as_iso(name: str, cells: Cells, plan: StreamPlan, notes: Counter[str]) -> Cells:
    """Return times of contacts as ISO text in UTC; unreadable ones are left empty and counted."""
    series = pd.Series(cells, dtype=object)
    texts = contact_times(name, series, plan.time_zone, plan.country)
    bad = int(series.notna().sum()) - (len(texts) - texts.count(None))
    if bad:
        notes[f"{name} unreadable"] += bad
    return texts


def _check_columns(present: set[str], plan: StreamPlan, living: pd.DataFrame) -> None:
    """Raise SourceError when a column that the user named is in no row at all."""
    missing = [column for column in plan.required if column not in present]
    if len(living) and missing:
        raise SourceError(
            plan.source,
            f"stream {plan.stream}: no row has a column {', '.join(missing)}",
            f"Correct sources.{plan.source}.streams.{plan.stream}, or mark it as an alternative with any: [...]",
        )


def _reject_frame(rejects: list[tuple[str, str, str, str]], plan: StreamPlan) -> pd.DataFrame:
    """Return refused rows (row_key, reason, detail, payload) as a frame of REJECT_COLUMNS."""
    rows = [(plan.source, plan.stream, *reject) for reject in rejects]
    return pd.DataFrame(rows, columns=list(REJECT_COLUMNS), dtype=object)
