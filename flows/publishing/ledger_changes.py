"""The ledger of a difference: that of the last published run, and what changed since, counted from both ends."""

from collections import Counter
from collections.abc import Collection, Mapping

import pandas as pd
from sqlalchemy import Connection

from connectors.sources.plan import plan_stream
from connectors.warehouse.diff import Changes
from connectors.warehouse.landed import load_marks
from connectors.warehouse.links import load_attributed, load_links_of
from connectors.warehouse.quarantine import wholes_of
from flows.intake.changed_contacts import contact_streams
from flows.intake.changed_events import possible_ids
from flows.intake.extract import StreamReading
from flows.intake.prepared import Prepared, Stream
from flows.run import Run
from resolve.errors import GateError
from resolve.schema import OPERATIONS, conform

_LEDGER = OPERATIONS["run_ledger"]
_HISTORY = ["touchpoint_id", "source", "source_id", "golden_id"]
Tables = Mapping[str, pd.DataFrame]


def extend_ledger(
    conn: Connection, run: Run, prepared: Prepared, readings: list[StreamReading], tables: Tables
) -> pd.DataFrame:
    """Return run_ledger after a difference, before it is published: one row a stream.

    `tables`: the rows that are going to be published; empty where nothing changes. Rows landed come from the landing,
    linked ones from the tables, what is left of them is single. Costs what changed, and a look at the quarantine.
    """
    before = {(r["source"], r["stream"]): r for r in prepared.books.before.to_dict("records")}
    changed = {(c.source, c.stream): c for c in prepared.books.changed}
    linked = {**_linked_contacts(conn, run, prepared, tables), **_linked_events(conn, run, prepared, tables)}
    rows = []
    for reading in readings:
        stream = (reading.source, reading.stream)
        old, change = before[stream], changed.get(stream)
        landed = int(old["row_count"] - old["unread_count"]) + (change.landed if change else 0)
        deleted = int(old["deleted_count"]) + (change.deleted if change else 0)
        unread, unused = _count_open(conn, run, reading, prepared)
        links = int(old["linked_count"]) + linked.get(stream, 0)
        counts = {
            "row_count": landed + unread,
            "linked_count": links,
            "single_count": landed - deleted - unused - links,
            "quarantined_count": unread + unused,
            "deleted_count": deleted,
            "erased_count": int(old["erased_count"]),
            "new_count": reading.new,
            "unread_count": unread,
        }
        rows.append({"run_id": run.run_id, "source": reading.source, "stream": reading.stream} | counts)
    return conform(pd.DataFrame(rows, columns=_LEDGER.names), _LEDGER)


def check_growth(prepared: Prepared, changes: Mapping[str, Changes]) -> None:
    """Raise GateError when a table did not grow by what the difference says: a row was lost, or written twice."""
    wrong = []
    for name, more in prepared.books.more.items():
        change = changes.get(name, Changes())
        grown = change.inserted - change.deleted
        if grown != more:
            wrong.append(f"{name}: {more:+} rows were to come, {grown:+} came")
    if wrong:
        raise GateError([*wrong, "nothing was published; this is a mistake in Meibo, please report it"])


def is_news(before: pd.DataFrame, ledger: pd.DataFrame) -> bool:
    """Return whether a ledger counts otherwise than the one before it."""
    names = [name for name in _LEDGER.names if name not in ("run_id", "new_count")]
    by = ["source", "stream"]
    one, other = (rows[names].sort_values(by, ignore_index=True) for rows in (before, ledger))
    return not one.equals(other)


def _count_open(conn: Connection, run: Run, reading: StreamReading, prepared: Prepared) -> tuple[int, int]:
    """Return how many rows in quarantine were never landed, and how many landed ones give nothing else."""
    quarantine = prepared.quarantine
    mine = (quarantine["source"] == reading.source) & (quarantine["stream"] == reading.stream)
    wholes = wholes_of(quarantine.loc[mine])
    if not wholes:
        return 0, 0
    marks = load_marks(conn, reading.source, reading.stream, sorted({*wholes, *wholes.values()}))
    living = {row for row, is_deleted in marks.items() if not is_deleted}
    rows = {whole if key not in living and whole in living else key for key, whole in wholes.items()}
    unread = len(rows - marks.keys())
    if reading.role == "contacts":  # a row in use by an earlier version counts as used
        return unread, 0
    held = rows & living
    stored = load_attributed(conn, _events_of(run, (reading.source, reading.stream), held))
    still = stored[~stored["touchpoint_id"].isin(prepared.delta.touchpoints_gone["touchpoint_id"])]
    fresh = prepared.touchpoints
    here = (fresh["source"] == reading.source) & (fresh["stream"] == reading.stream)
    return unread, len(held - set(still["source_id"]) - set(fresh.loc[here, "source_id"]))


def _events_of(run: Run, stream: Stream, rows: Collection[str]) -> list[str]:
    """Return every touchpoint_id that rows of a stream may have."""
    parts = [part.name for part in plan_stream(stream[0], run.settings.sources[stream[0]], stream[1]).parts]
    return possible_ids(*stream, sorted(rows), tuple(parts))


def _linked_contacts(conn: Connection, run: Run, prepared: Prepared, tables: Tables) -> dict[Stream, int]:
    """Return by how many the contacts are more, or fewer, that share their customer with others."""
    new = tables.get("profile_link")
    if new is None or prepared.books.basis is None:
        return {}
    fresh = new.set_index(new["source"] + ":" + new["source_id"])["golden_id"]
    touched = {*fresh.index, *prepared.delta.gone["contact_id"]}
    before = load_links_of(conn, touched, set(fresh))
    after = pd.concat([before[~before.index.isin(touched)], fresh])
    more: Counter[Stream] = Counter()
    for sign, links, upto in ((-1, before, prepared.books.basis.watermark.seq), (1, after, None)):
        shared = links.index[links.duplicated(keep=False)]
        for stream, count in _count_streams(conn, run, shared, upto).items():
            more[stream] += sign * count
    return more


def _count_streams(conn: Connection, run: Run, contact_ids: pd.Index, upto: int | None) -> Counter[Stream]:
    """Return how many of the contacts each stream gives; of several of a source, the landing up to a number tells."""
    by_source: dict[str, list[str]] = {source: [] for source in run.settings.sources}
    for source, _, row in (contact_id.partition(":") for contact_id in contact_ids):
        by_source[source].append(row)
    counts: Counter[Stream] = Counter()
    for source, ids in by_source.items():
        streams = contact_streams(run.settings, source)
        if len(streams) == 1:
            counts[source, streams[0]] = len(ids)
            continue
        marks = {stream: load_marks(conn, source, stream, sorted(ids), upto=upto) for stream in streams}
        for row in ids:
            known = [stream for stream in streams if row in marks[stream]] or streams
            counts[source, next((s for s in known if not marks[s].get(row, False)), known[0])] += 1
    return counts


def _linked_events(conn: Connection, run: Run, prepared: Prepared, tables: Tables) -> dict[Stream, int]:
    """Return by how many the rows are more, or fewer, any of whose events is attributed to a customer."""
    new = tables.get("contact_history")
    if new is None:
        return {}
    gone = prepared.delta.touchpoints_gone["touchpoint_id"].tolist()
    touched = pd.concat([new[_HISTORY], load_attributed(conn, gone)], ignore_index=True)
    more: Counter[Stream] = Counter()
    for key, rows in touched.groupby([touched["source"], _stream_names(touched)]):
        stream = (str(key[0]), str(key[1]))
        before = load_attributed(conn, _events_of(run, stream, set(rows["source_id"])))
        kept = before[~before["touchpoint_id"].isin({*new["touchpoint_id"], *gone})]
        after = pd.concat([kept, rows[rows["touchpoint_id"].isin(new["touchpoint_id"])]])
        more[stream] += _attributed_rows(after) - _attributed_rows(before)
    return more


def _stream_names(history: pd.DataFrame) -> pd.Series:
    """Return the stream of each event, as its id tells it: source:stream:source_id."""
    return history["touchpoint_id"].str.split(":", n=2).str[1]


def _attributed_rows(history: pd.DataFrame) -> int:
    """Return how many rows of a stream have an event that is attributed."""
    return int(history.loc[history["golden_id"].notna(), "source_id"].nunique())
