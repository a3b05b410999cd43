"""Landing: raw rows as they came, append-only, with the cursor that makes the next read go on from here.

A row is landed when its hash differs from its latest version's, so reading the same rows again adds nothing, and a
row that goes from A to B and back to A has A as its latest version again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import pandas as pd
import sqlalchemy as sa

from connectors.sources.source import Cursor, Page, Raw
from connectors.warehouse import quarantine
from connectors.warehouse.bulk import fetch, insert_rows, stored, time_value
from connectors.warehouse.canonical import payload_hash, payload_text, storable
from connectors.warehouse.dialects import claim
from connectors.warehouse.tables import SCHEMAS, TABLES
from connectors.warehouse.upsert import upsert_rows

IDS_PER_QUERY = 5_000
_RAW = TABLES["raw_record"]
_SYNC = TABLES["sync_state"]
LATEST_COLUMNS = (
    "seq",
    "source",
    "stream",
    "source_id",
    "payload_hash",
    "payload",
    "updated_at",
    "deleted",
    "merged_into",
)


@dataclass(frozen=True, slots=True)
class LandingCounts:
    """What became of a page: read = new + unchanged + quarantined."""

    read: int
    new: int
    unchanged: int
    quarantined: int


class _Version(NamedTuple):
    """One row as it would be landed."""

    row: Raw
    source_id: str
    payload: str
    hash: str


def land_page(conn: sa.Connection, source: str, stream: str, page: Page, run_id: str, at: datetime) -> LandingCounts:
    """Append the rows of a page that changed, note its rejects in the quarantine, and move the cursor.

    All of it in the caller's transaction: rows and cursor are committed together, or neither is.
    """
    claim(conn)
    place = quarantine.Place(source, stream, run_id, at)
    versions = [_version(row) for row in page.rows]
    new = _changed(versions, _latest_hashes(conn, source, stream, [v.source_id for v in versions]))
    seq = int(conn.scalar(sa.select(sa.func.max(_RAW.c.seq))) or 0)
    landed_at = time_value(conn, at)
    insert_rows(conn, _RAW, [_raw_row(v, i, place, landed_at) for i, v in enumerate(new, start=seq + 1)])
    quarantine.release_read(conn, place, accepted={v.source_id for v in versions}, changed={v.source_id for v in new})
    quarantine.hold_back(conn, place, page.rejects)
    _move_cursor(conn, place, page.cursor, len(new))
    return LandingCounts(len(versions) + len(page.rejects), len(new), len(versions) - len(new), len(page.rejects))


def load_cursor(conn: sa.Connection, source: str, stream: str) -> Cursor | None:
    """Return how far a stream has been read; None when it never was."""
    query = sa.select(_SYNC.c.cursor).where(_SYNC.c.source == source, _SYNC.c.stream == stream)
    text = conn.scalar(query)
    return None if text is None else dict(orjson.loads(text))


def load_latest(conn: sa.Connection, source: str, stream: str, *, after: int = 0) -> pd.DataFrame:
    """Return the latest version of each row of a stream, tombstones included, ordered by source_id.

    Columns: LATEST_COLUMNS. `after` leaves out rows whose latest version has a seq up to it.
    """
    newest = _newest(source, stream).subquery()
    query = sa.select(*(stored(_RAW.c[name]) for name in LATEST_COLUMNS)).join(newest, newest.c.seq == _RAW.c.seq)
    kinds = {c.name: c for c in SCHEMAS["raw_record"].columns}
    frame = fetch(conn, query.where(_RAW.c.seq > after), [kinds[name] for name in LATEST_COLUMNS])
    return frame.sort_values("source_id", ignore_index=True)


def living_ids(conn: sa.Connection, source: str, stream: str) -> set[str]:
    """Return the ids of a stream's rows that are not deleted."""
    newest = _newest(source, stream).subquery()
    query = sa.select(_RAW.c.source_id).join(newest, newest.c.seq == _RAW.c.seq).where(sa.not_(_RAW.c.deleted))
    return set(conn.scalars(query))


def _version(row: Raw) -> _Version:
    """Return a raw row with its text and hash."""
    text = payload_text(row.payload)
    return _Version(
        row, storable(row.source_id), text, payload_hash(text, deleted=row.deleted, merged_into=row.merged_into)
    )


def _raw_row(version: _Version, seq: int, place: quarantine.Place, landed_at: Any) -> tuple[Any, ...]:
    """Return a version as a row of raw_record."""
    row = version.row
    named = (seq, place.source, place.stream, version.source_id, version.hash, version.payload)
    return (*named, row.updated_at, row.deleted, row.merged_into, landed_at, place.run_id)


def _changed(versions: Sequence[_Version], latest: dict[str, str]) -> list[_Version]:
    """Return the versions that differ from the one before them, in order; `latest` is updated on the way."""
    changed = []
    for version in versions:
        if latest.get(version.source_id) != version.hash:
            latest[version.source_id] = version.hash
            changed.append(version)
    return changed


def _latest_hashes(conn: sa.Connection, source: str, stream: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the hash of the latest version of each of the rows that was landed before."""
    found: dict[str, str] = {}
    if load_cursor(conn, source, stream) is None:
        return found
    for start in range(0, len(ids), IDS_PER_QUERY):
        newest = _newest(source, stream, ids[start : start + IDS_PER_QUERY]).subquery()
        query = sa.select(newest.c.source_id, newest.c.payload_hash)
        found.update((row[0], row[1]) for row in conn.execute(query))
    return found


def _newest(source: str, stream: str, ids: Sequence[str] | None = None) -> sa.Select[Any]:
    """Return a query of source_id, seq and payload_hash of the latest version of each row, by an index alone."""
    last = sa.select(_RAW.c.source_id, sa.func.max(_RAW.c.seq).label("seq"))
    last = last.where(_RAW.c.source == source, _RAW.c.stream == stream).group_by(_RAW.c.source_id)
    if ids is not None:
        last = last.where(_RAW.c.source_id.in_(ids))
    found = last.subquery()
    same = sa.and_(
        _RAW.c.source == source,
        _RAW.c.stream == stream,
        _RAW.c.source_id == found.c.source_id,
        _RAW.c.seq == found.c.seq,
    )
    return sa.select(_RAW.c.source_id, _RAW.c.seq, _RAW.c.payload_hash).join(found, same)


def _move_cursor(conn: sa.Connection, place: quarantine.Place, cursor: Cursor, new: int) -> None:
    """Store how far the stream has been read."""
    query = sa.select(_SYNC.c.row_count).where(_SYNC.c.source == place.source, _SYNC.c.stream == place.stream)
    row = {
        "source": place.source,
        "stream": place.stream,
        "cursor": payload_text(cursor),
        "row_count": int(conn.scalar(query) or 0) + new,
        "updated_at": place.at,
        "run_id": place.run_id,
    }
    upsert_rows(conn, _SYNC, [row])
