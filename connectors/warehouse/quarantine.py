"""The quarantine: rows that could not be used, each with its reason, open until a later version of the row is accepted.

Reasons are of two kinds. A row that reading refused (READ_REASONS) was never landed: it is released when a row of its
id is accepted. A row that mapping refused is landed: it is released when a new version comes, or when mapping takes it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from connectors.sources.source import Reject
from connectors.warehouse.canonical import payload_text, storable
from connectors.warehouse.tables import TABLES
from connectors.warehouse.upsert import upsert_rows

READ_REASONS = frozenset(
    (
        *("missing_id", "bad_id", "duplicate_id", "bad_deleted"),
        *("ragged_row", "nul_byte", "bad_encoding", "bad_quoting", "bad_json"),
    )
)
AMBIGUOUS = "ambiguous_id"
_TABLE = TABLES["quarantine"]
_OPEN = sa.select(_TABLE.c.row_key, _TABLE.c.reason).where(
    _TABLE.c.source == sa.bindparam("of_source"),
    _TABLE.c.stream == sa.bindparam("of_stream"),
    _TABLE.c.resolved_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A stream, the run that reads it, and the time of the run."""

    source: str
    stream: str
    run_id: str
    at: datetime


def quarantine_rows(
    conn: sa.Connection, source: str, stream: str, rejects: pd.DataFrame, run_id: str, at: datetime
) -> int:
    """Hold back the rows that mapping a whole stream refused, release those it takes now; return how many are held.

    rejects: row_key, reason, detail, payload; the refused ones among all living rows of the stream.
    """
    return quarantine_some(conn, Place(source, stream, run_id, at), rejects)


def quarantine_some(
    conn: sa.Connection,
    place: Place,
    rejects: pd.DataFrame,
    mapped: Collection[str] | None = None,
    parts: Collection[str] = (),
) -> int:
    """Do as `quarantine_rows` for a part of a stream: `mapped` are the ids of its rows, deleted ones included.

    parts: names of the events that a row of the stream may give.
    """
    rows = [
        Reject("", str(r["reason"]), r.get("detail") or "", r.get("payload") or {}, str(r["row_key"]))
        for r in rejects.to_dict("records")
    ]
    held = {(r.row_key, r.reason) for r in rows}
    released = [
        found
        for found in _open(conn, place)
        if found[1] not in READ_REASONS and found not in held and (mapped is None or row_of(*found, parts) in mapped)
    ]
    _release(conn, place, released)
    hold_back(conn, place, rows)
    return len(held)


def row_of(key: str, reason: str, parts: Collection[str]) -> str:
    """Return the id of the row that a key names which mapping refused: of `7:opened` it is 7 where `opened` is a part.

    A row that is itself called so gives no main event: AMBIGUOUS is all that it can be refused for under its own id.
    """
    row, _, part = key.rpartition(":")
    return row if part and part in parts and reason != AMBIGUOUS else key


def wholes_of(rejects: pd.DataFrame) -> dict[str, str]:
    """Return the key of each reject with that of the row whose part it may name: `7:opened` with `7`.

    What reading refused is a whole row, whatever signs its id has.

    rejects: row_key, reason.
    """
    pairs = zip(rejects["row_key"], rejects["reason"], strict=True)
    return {key: key if reason in READ_REASONS else key.rpartition(":")[0] for key, reason in pairs}


def hold_back(conn: sa.Connection, place: Place, rejects: Iterable[Reject]) -> None:
    """Write rejects; one that is there already keeps the time it was first seen, and is open again."""
    held = {(storable(r.row_key), r.reason): r for r in rejects}
    if not held:
        return
    upsert_rows(conn, _TABLE, [_row(place, key, reject) for key, reject in held.items()], once={"first_seen_at"})


def release_read(conn: sa.Connection, place: Place, *, accepted: Collection[str], changed: Collection[str]) -> None:
    """Release open rows of accepted ids: all of an id that `changed`, else those that reading had refused."""
    released = [
        (key, reason)
        for key, reason in _open(conn, place)
        if key in changed or (key in accepted and reason in READ_REASONS)
    ]
    _release(conn, place, released)


def release_reread(conn: sa.Connection, place: Place, prefixes: Collection[str]) -> None:
    """Release what reading had refused at places of these beginnings, and what this run did not meet again.

    Rows that an older Meibo held back have no place beside their key: it was the place.
    """
    if not prefixes:
        return
    met = sa.func.coalesce(_TABLE.c.place, _TABLE.c.row_key).label("met")
    query = sa.select(_TABLE.c.row_key, _TABLE.c.reason, met)
    found = conn.execute(query.where(*_is_open(place), _TABLE.c.run_id != place.run_id)).all()
    starts = tuple(storable(prefix) for prefix in prefixes)
    reread = [row for row in found if row.reason in READ_REASONS and row.met.startswith(starts)]
    _release(conn, place, [(row.row_key, row.reason) for row in reread])


def _open(conn: sa.Connection, place: Place) -> list[tuple[str, str]]:
    """Return row_key and reason of a stream's open rows."""
    return [(row[0], row[1]) for row in conn.execute(_OPEN, {"of_source": place.source, "of_stream": place.stream})]


def _release(conn: sa.Connection, place: Place, keys: Sequence[tuple[str, str]]) -> None:
    """Note when the given open rows (row_key, reason) were resolved."""
    if not keys:
        return
    named = _TABLE.c.row_key == sa.bindparam("key"), _TABLE.c.reason == sa.bindparam("why")
    released = sa.update(_TABLE).where(*_is_open(place), *named).values(resolved_at=place.at)
    conn.execute(released, [{"key": key, "why": reason} for key, reason in keys])


def _is_open(place: Place) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of the stream's open rows."""
    return (_TABLE.c.source == place.source, _TABLE.c.stream == place.stream, _TABLE.c.resolved_at.is_(None))


def _row(place: Place, key: tuple[str, str], reject: Reject) -> dict[str, Any]:
    """Return one reject as a row of the table."""
    payload: Any = reject.payload
    return {
        "source": place.source,
        "stream": place.stream,
        "row_key": key[0],
        "reason": key[1],
        "place": storable(reject.place) or None,
        "detail": storable(reject.detail) or None,
        "payload": None if not payload else storable(payload) if isinstance(payload, str) else payload_text(payload),
        "first_seen_at": place.at,
        "last_seen_at": place.at,
        "resolved_at": None,
        "run_id": place.run_id,
    }
