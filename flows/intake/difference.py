"""The difference between what is landed now and what the last published run saw: only that is mapped."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.landed import load_changed
from connectors.warehouse.quarantine import Place, quarantine_some
from connectors.warehouse.store import load_open_quarantine
from connectors.warehouse.touchpoints import load_due
from flows.intake.basis import Basis, check_judgements, load_judged, read_watermark
from flows.intake.changed_contacts import (
    ChangedSource,
    check_streams,
    compare_contacts,
    contact_streams,
    count_contacts,
    find_aliases,
    map_source,
    moved_aliases,
    told_merges,
)
from flows.intake.changed_events import ChangedEvents, compare_events, count_events, map_events, move_touchpoints
from flows.intake.delta import Delta
from flows.intake.extract import Extraction
from flows.intake.prepared import Books, ChangedStream, Prepared, Stream
from flows.intake.standardise import country_defaults, joined, standardise_records
from flows.run import Run
from resolve.pipeline import prepare_touchpoints
from resolve.schema import frames

OPEN = ("source", "stream", "row_key", "reason")  # what is needed of the rows in quarantine


@dataclass(frozen=True, slots=True)
class _Changed:
    """The changed rows, mapped: sources of contacts by name, streams of events."""

    sources: dict[str, ChangedSource]
    events: list[ChangedEvents]


def prepare_difference(run: Run, extraction: Extraction, basis: Basis) -> Prepared:
    """Return what differs from the basis: rows landed since, rows that merges connect with them, new judgements.

    It depends on the landing alone, not on what this run read: rows that a failed run landed are among them.
    """
    with run.transactions.begin() as conn:
        check_judgements(run, conn)
        watermark = read_watermark(conn)
        changed = _map_changed(run, conn, extraction, basis)
        judged = load_judged(conn, basis)
    _quarantine(run, changed.events)
    mapped = {(s.source, stream): one.records for s in changed.sources.values() for stream, one in s.mapped.items()}
    contacts = standardise_records(run.settings, list(mapped.values()), list(mapped), run.workers)
    with run.transactions.begin() as conn:
        fresh, gone, was = compare_contacts(conn, changed.sources, contacts)
        aliases, touchpoints, touchpoints_gone, more = _compare_events(run, conn, changed)
        counted = _count(conn, changed, was, basis.watermark.seq)
        quarantine = load_open_quarantine(conn, OPEN)
        due = load_due(conn, run.at.to_pydatetime())
    more |= dict.fromkeys(("contact", "profile_link"), len(set(fresh["contact_id"]) - was) - len(gone))
    merges = {stream: told for source in changed.sources.values() for stream, told in told_merges(source).items()}
    delta = Delta(fresh, gone, touchpoints, touchpoints_gone, aliases, judged, due)
    books = Books(watermark, basis, changed=counted, more=more, merges=merges)
    return Prepared(fresh, touchpoints, aliases, quarantine, delta, books)


def _map_changed(run: Run, conn: Connection, extraction: Extraction, basis: Basis) -> _Changed:
    """Map every row that was landed since the basis, stream by stream."""
    landed = load_changed(conn, basis.watermark.seq)
    groups = landed.groupby(["source", "stream"], sort=False)
    raw: dict[Stream, pd.DataFrame] = {(str(key[0]), str(key[1])): rows.reset_index(drop=True) for key, rows in groups}
    sources = {}
    for name in run.settings.sources:
        mine = {s: raw[name, s] for s in contact_streams(run.settings, name) if (name, s) in raw}
        if mine:
            sources[name] = map_source(conn, run.settings, name, mine)
            check_streams(conn, run.settings, sources[name])
    events = [
        map_events(run.settings, r.source, r.stream, raw[r.source, r.stream])
        for r in extraction.readings
        if r.role == "touchpoints" and (r.source, r.stream) in raw
    ]
    return _Changed(sources, events)


def _quarantine(run: Run, events: list[ChangedEvents]) -> None:
    """Hold back the events that cannot be mapped, release those that can be now."""
    for one in events:
        with run.transactions.writing() as conn:
            place = Place(one.source, one.stream, run.run_id, run.at)
            quarantine_some(conn, place, one.mapped.rejects, set(one.ids), one.parts)


def _compare_events(
    run: Run, conn: Connection, changed: _Changed
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Return the aliases that moved, the touchpoints that differ or are gone, and by how many there are more."""
    records = joined([one.mapped.records for one in changed.events], frames.TOUCHPOINTS)
    moved = {c: ends for source in changed.sources.values() for c, ends in moved_aliases(run.settings, source).items()}
    if not len(changed.events) and not moved:
        return _alias_rows({}), records, records[["touchpoint_id"]], {}
    aliases = find_aliases(conn, run.settings, changed.sources, set(records["contact_id"].dropna()))
    prepared = prepare_touchpoints(records, country_defaults(run.settings), aliases)
    mine, gone, more = compare_events(conn, changed.events, prepared)
    also = move_touchpoints(conn, moved, {*prepared["touchpoint_id"], *gone["touchpoint_id"]})
    touchpoints = joined([mine, also], frames.TOUCHPOINTS)
    return _alias_rows(moved), touchpoints, gone, dict.fromkeys(("contact_history", "touchpoint"), more)


def _alias_rows(moved: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return contact_id and merged_into of contacts with a new survivor, themselves where they follow none now."""
    rows = [(contact, after) for contact, (_, after) in sorted(moved.items())]
    return pd.DataFrame(rows, columns=["contact_id", "merged_into"], dtype=object)


def _count(conn: Connection, changed: _Changed, was: set[str], upto: int) -> list[ChangedStream]:
    """Return what changed in each stream, in rows."""
    counted = [one for source in changed.sources.values() for one in count_contacts(conn, source, was, upto)]
    return counted + [count_events(conn, one, upto) for one in changed.events]
