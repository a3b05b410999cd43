"""Raw rows to contacts and touchpoints, as a stream's plan says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from connectors.settings.project import SourceSettings
from connectors.sources.mapping.cells import Cells, RowBlock
from connectors.sources.mapping.events import map_part
from connectors.sources.mapping.merges import Merge, alias_frame, list_merges, resolve_merges
from connectors.sources.mapping.times import CONTACT_TIMES, iso_texts, parse_times
from connectors.sources.plan import StreamPlan, plan_stream
from resolve.errors import SourceError
from resolve.schema import EXTRA, conform, empty, text_series
from resolve.schema.frames import SOURCE_RECORDS, TOUCHPOINTS

BLOCK_ROWS = 50_000  # rows whose payloads are unpacked at a time
REJECT_COLUMNS = ("source", "stream", "row_key", "reason", "detail", "payload")
GONE_COLUMNS = ("source", "source_id", "reason")


@dataclass(frozen=True)
class Mapped:
    """What mapping made of a stream's rows.

    `records`: SOURCE_RECORDS or TOUCHPOINTS. `rejects`: REJECT_COLUMNS, one row each. `gone`: GONE_COLUMNS, rows that
    their source deleted. `aliases`: contact_id and merged_into (both source:id) of every record that its source merged
    into another. `notes`: counts of what was left empty because it was unreadable. `merges`: every merge as its row
    tells it.
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
    records = _contact_frame(columns, raw)[kept] if len(raw) else empty(SOURCE_RECORDS)
    records["merged_into"] = text_series(map(merges.get, records["source_id"]), records.index)
    gone = raw.loc[~kept, ["source", "source_id"]].assign(reason="deleted").reset_index(drop=True)
    aliases = alias_frame(plan.source, merges)
    records = conform(records.reset_index(drop=True), SOURCE_RECORDS)
    return Mapped(records, _reject_frame([], plan), gone, aliases, dict(notes), told)


def map_touchpoints(raw: pd.DataFrame, source: SourceSettings, stream: str, *, is_part: bool = False) -> Mapped:
    """Return the touchpoints of raw rows (as `map_contacts`); a row may give several, or none when no part applies.

    Rows with an unreadable or missing time or score are in `rejects` (bad_time, bad_score), with the part's name in the
    row key. Raises SourceError when a column that the user mapped is in no row, unless the rows are a part.
    """
    plan = _plan_of(raw, source, stream)
    gone = raw["deleted"].astype(bool)
    notes: Counter[str] = Counter()
    frames: list[pd.DataFrame] = []
    present: set[str] = set()
    rejects: list[tuple[str, str, str, str]] = []
    for block, rows in _blocks(raw[~gone]):
        for part in plan.parts:
            frame, refused = map_part(block, rows, plan, part, notes)
            frames.append(frame)
            rejects += refused
        present.update(column for column in plan.required if block.has(column))
    if not is_part:
        _check_columns(present, plan, raw[~gone])
    filled = [frame for frame in frames if len(frame)]
    records = pd.concat(filled, ignore_index=True) if filled else empty(TOUCHPOINTS)
    gone_rows = raw.loc[gone, ["source", "source_id"]].assign(reason="deleted").reset_index(drop=True)
    none = alias_frame(plan.source, {})
    return Mapped(conform(records, TOUCHPOINTS), _reject_frame(rejects, plan), gone_rows, none, dict(notes))


def _plan_of(raw: pd.DataFrame, source: SourceSettings, stream: str) -> StreamPlan:
    """Return the plan under the source name that the rows carry."""
    return plan_stream(str(raw["source"].iloc[0]) if len(raw) else "", source, stream)


def _blocks(raw: pd.DataFrame) -> Iterator[tuple[RowBlock, pd.DataFrame]]:
    """Yield blocks of unpacked payloads beside their raw rows."""
    for start in range(0, len(raw), BLOCK_ROWS):
        rows = raw.iloc[start : start + BLOCK_ROWS]
        yield RowBlock.of_payloads(rows["payload"].tolist()), rows


def _contact_columns(block: RowBlock, rows: pd.DataFrame, plan: StreamPlan, notes: Counter[str]) -> dict[str, Cells]:
    """Return the columns of the source records of one block but for their ids; every block of a stream has the same."""
    part = plan.parts[0]
    names = [n for n in dict.fromkeys((*part.fields, *part.constants)) if n in SOURCE_RECORDS.names or n[:2] == EXTRA]
    columns: dict[str, Cells] = {name: block.field(name, part) for name in names}
    if "updated_at" not in part.fields:
        columns["updated_at"] = list(rows["updated_at"])
    for name in CONTACT_TIMES:
        if name in columns or name == "created_at":
            columns[name] = _as_iso(name, columns.get(name, [None] * len(rows)), plan, notes)
    return columns


def _contact_frame(columns: dict[str, Cells], raw: pd.DataFrame) -> pd.DataFrame:
    """Return the source records of all raw rows, on their index; `columns` is emptied."""
    arrays = {name: text_series(columns.pop(name), raw.index) for name in list(columns)}
    return pd.DataFrame(arrays | {name: raw[name] for name in ("source", "source_id")}, copy=False)


def _as_iso(name: str, cells: Cells, plan: StreamPlan, notes: Counter[str]) -> Cells:
    """Return times as ISO text in UTC; unreadable ones are left empty and counted."""
    series = pd.Series(cells, dtype=object)
    texts = iso_texts(parse_times(series, plan.time_zone, plan.country))
    bad = int(series.notna().sum()) - sum(text is not None for text in texts)
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
