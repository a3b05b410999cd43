"""The windows of a backfill as the warehouse knows them: planned once, read one by one, resumed where it stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa

from connectors.sources.source import Cursor, Page, Window
from connectors.warehouse.canonical import payload_text
from connectors.warehouse.landing import LandingCounts, land_again
from connectors.warehouse.quarantine import Place
from connectors.warehouse.tables import TABLES
from connectors.warehouse.written import WrittenPage

_TABLE = TABLES["backfill_chunk"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One window of one stream, and how far it has been read."""

    backfill_id: str
    source: str
    stream: str
    chunk: int
    window: Window
    cursor: Cursor | None = None


def plan_chunks(conn: sa.Connection, chunks: Sequence[Chunk], run_id: str) -> None:
    """Store the windows of a backfill that begins."""
    rows = [
        {
            "backfill_id": one.backfill_id,
            "source": one.source,
            "stream": one.stream,
            "chunk": one.chunk,
            "since": one.window.since,
            "until": one.window.until,
            "cursor": None,
            "row_count": 0,
            "new_count": 0,
            "ended_at": None,
            "run_id": run_id,
        }
        for one in chunks
    ]
    if rows:
        conn.execute(sa.insert(_TABLE), rows)


def last_backfill(conn: sa.Connection) -> str | None:
    """Return the newest backfill; None before the first. Its name begins with its time."""
    found: str | None = conn.scalar(sa.select(sa.func.max(_TABLE.c.backfill_id)))
    return found


def open_chunks(conn: sa.Connection, backfill_id: str) -> list[Chunk]:
    """Return the windows of a backfill that were not read to their end, in their order."""
    query = sa.select(_TABLE).where(_TABLE.c.backfill_id == backfill_id, _TABLE.c.ended_at.is_(None))
    return [
        Chunk(
            row.backfill_id,
            row.source,
            row.stream,
            row.chunk,
            Window(row.since, row.until),
            None if row.cursor is None else dict(orjson.loads(row.cursor)),
        )
        for row in conn.execute(query.order_by(_TABLE.c.source, _TABLE.c.stream, _TABLE.c.chunk))
    ]


def land_chunk(conn: sa.Connection, chunk: Chunk, page: Page | WrittenPage, run_id: str, at: datetime) -> LandingCounts:
    """Land a page of a window, and note how far it is, in one transaction; the stream's own cursor stays."""
    counts = land_again(conn, Place(chunk.source, chunk.stream, run_id, at), page)
    values = {
        "cursor": payload_text(page.cursor),
        "row_count": _TABLE.c.row_count + counts.read,
        "new_count": _TABLE.c.new_count + counts.new,
        "run_id": run_id,
    }
    conn.execute(sa.update(_TABLE).where(*_is(chunk)).values(values))
    return counts


def end_chunk(conn: sa.Connection, chunk: Chunk, at: datetime) -> None:
    """Note that a window was read to its end."""
    conn.execute(sa.update(_TABLE).where(*_is(chunk)).values(ended_at=at))


def _is(chunk: Chunk) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition for a window's row."""
    return (
        _TABLE.c.backfill_id == chunk.backfill_id,
        _TABLE.c.source == chunk.source,
        _TABLE.c.stream == chunk.stream,
        _TABLE.c.chunk == chunk.chunk,
    )
