"""Landing: raw rows as they came, append-only, with the cursor that makes the next read go on from here.

A row is landed when its hash or its time differs from its latest version's, so reading the same rows again adds
nothing, and a row that goes from A to B and back to A has A as its latest version again. A row that is older than its
latest version, as in a file that is sent again, is not landed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from connectors.sources.source import Cursor, Page
from connectors.warehouse import quarantine
from connectors.warehouse.bulk import insert_rows, time_value
from connectors.warehouse.canonical import payload_text
from connectors.warehouse.changed import find_changed
from connectors.warehouse.dialects import claim, need_no_sync
from connectors.warehouse.landed import RAW, last_seq
from connectors.warehouse.tables import TABLES
from connectors.warehouse.upsert import upsert_rows
from connectors.warehouse.written import Version, WrittenPage, write_page

_SYNC = TABLES["sync_state"]
_STATE = sa.select(_SYNC.c.cursor, _SYNC.c.row_count).where(
    _SYNC.c.source == sa.bindparam("of_source"), _SYNC.c.stream == sa.bindparam("of_stream")
)
UNREAD = "{}"  # the cursor of a stream that only windows were read of


@dataclass(frozen=True, slots=True)
class LandingCounts:
    """What became of a page: read = new + unchanged + quarantined; older rows than those landed count as unchanged.

    fresh: rows, of the new, whose ids were never landed before.
    """

    read: int
    new: int
    unchanged: int
    quarantined: int
    fresh: int = 0


def land_page(
    conn: sa.Connection, source: str, stream: str, page: Page | WrittenPage, run_id: str, at: datetime
) -> LandingCounts:
    """Append the rows of a page that changed, note its rejects in the quarantine, and move the cursor.

    All of it in the caller's transaction: rows and cursor are committed together, or neither is.
    """
    place = quarantine.Place(source, stream, run_id, at)
    return _land(conn, place, page, lambda _: payload_text(page.cursor))


def land_again(conn: sa.Connection, place: quarantine.Place, page: Page | WrittenPage) -> LandingCounts:
    """Land a page as `land_page` does, but leave the stream's cursor where it is: for windows that are read again."""
    return _land(conn, place, page, lambda cursor: cursor or UNREAD)


def load_cursor(conn: sa.Connection, source: str, stream: str) -> Cursor | None:
    """Return how far a stream has been read; None when no night has read it yet."""
    known = _load_state(conn, source, stream)
    return None if known is None or known[0] == UNREAD else dict(orjson.loads(known[0]))


def _land(
    conn: sa.Connection, place: quarantine.Place, page: Page | WrittenPage, next_cursor: Callable[[str | None], str]
) -> LandingCounts:
    """Append the rows of a page that changed, note its rejects, and store what follows the stored cursor."""
    claim(conn)
    need_no_sync(conn)
    source, stream = place.source, place.stream
    cursor, row_count = _load_state(conn, source, stream) or (None, 0)
    written = page if isinstance(page, WrittenPage) else write_page(page)
    versions = written.versions
    new, fresh = find_changed(conn, place, versions, is_first=cursor is None)
    landed_at = time_value(conn, place.at)
    insert_rows(conn, RAW, [_raw_row(v, i, place, landed_at) for i, v in enumerate(new, start=last_seq(conn) + 1)])
    quarantine.release_read(conn, place, accepted={v.source_id for v in versions}, changed={v.source_id for v in new})
    quarantine.hold_back(conn, place, page.rejects)
    quarantine.release_reread(conn, place, page.reread)
    _store_state(conn, place, next_cursor(cursor), row_count + len(new))
    refused, unchanged = len(page.rejects), len(versions) - len(new)
    return LandingCounts(len(versions) + refused, len(new), unchanged, refused, fresh)


def _raw_row(version: Version, seq: int, place: quarantine.Place, landed_at: Any) -> tuple[Any, ...]:
    """Return a version as a row of raw_record."""
    source_id, code, payload, updated_at, deleted, merged_into = version
    named = (seq, place.source, place.stream, source_id, code, payload)
    return (*named, updated_at, deleted, merged_into, landed_at, place.run_id)


def _load_state(conn: sa.Connection, source: str, stream: str) -> tuple[str, int] | None:
    """Return the stored cursor of a stream, and how many rows of it were landed; None before the first."""
    row = conn.execute(_STATE, {"of_source": source, "of_stream": stream}).first()
    return None if row is None else (row.cursor, row.row_count)


def _store_state(conn: sa.Connection, place: quarantine.Place, cursor: str, row_count: int) -> None:
    """Store how far the stream has been read, and how many rows of it were landed."""
    row = {
        "source": place.source,
        "stream": place.stream,
        "cursor": cursor,
        "row_count": row_count,
        "updated_at": place.at,
        "run_id": place.run_id,
    }
    upsert_rows(conn, _SYNC, [row], once={"columns", "dropped_to"})
