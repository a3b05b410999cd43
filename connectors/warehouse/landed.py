"""Landed rows read back: the latest version of each, those that are new since a run, and what they were before."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.warehouse.asked import among, parts_of
from connectors.warehouse.bulk import fetch, learn, stored
from connectors.warehouse.tables import SCHEMAS, TABLES

MANY_IDS = 1_000  # from here on it is worth a query whether any of them can be known
RAW = TABLES["raw_record"]
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


class Known(NamedTuple):
    """What is landed of a row: the hash of its latest version, and the time that its source gave that."""

    hash: str
    updated_at: str | None


_LAST = sa.select(sa.func.max(RAW.c.seq))
_KINDS = {c.name: c for c in SCHEMAS["raw_record"].columns}


def last_seq(conn: sa.Connection) -> int:
    """Return the number of the last row landed; 0 when there is none."""
    return int(conn.scalar(_LAST) or 0)


def count_landed(conn: sa.Connection, after: int) -> dict[tuple[str, str], int]:
    """Return how many versions were landed after number `after`, by source and stream; read by number alone."""
    # Grouped by the columns themselves SQLite walks through all of an index that is in their order.
    groups = [RAW.c[name].concat(sa.literal_column("''")) for name in ("source", "stream")]
    query = sa.select(*groups, sa.func.count()).where(RAW.c.seq > after).group_by(*groups)
    return {(row[0], row[1]): row[2] for row in conn.execute(query)}


def load_changed(conn: sa.Connection, after: int) -> pd.DataFrame:
    """Return the latest version of every row, of all streams, that was landed after number `after`.

    Columns: LATEST_COLUMNS. Read by number alone: what it costs depends on how much was landed since.
    """
    query = sa.select(*_columns()).where(RAW.c.seq > after).order_by(RAW.c.seq)
    versions = _fetch(conn, query)
    return versions.drop_duplicates(["source", "stream", "source_id"], keep="last").sort_values(
        ["source", "stream", "source_id"], ignore_index=True
    )


def load_latest(conn: sa.Connection, source: str, stream: str) -> pd.DataFrame:
    """Return the latest version of each row of a stream, tombstones included, ordered by source_id.

    LATEST_COLUMNS without the hash: of a million rows every column that is not read counts.
    """
    names = [name for name in LATEST_COLUMNS if name not in ("source", "stream", "payload_hash")]
    newest = _last_numbers(source, stream).subquery()
    query = sa.select(*(stored(RAW.c[name]) for name in names)).join(newest, newest.c.seq == RAW.c.seq)
    frame = fetch(conn, query, [_KINDS[name] for name in names])
    frame["source"], frame["stream"] = (np.full(len(frame), name, dtype=object) for name in (source, stream))
    if frame["source_id"].is_monotonic_increasing:
        return frame
    order = pc.sort_indices(pa.array(frame["source_id"], type=pa.large_string())).to_numpy()
    return frame.take(order).reset_index(drop=True)


def load_rows(conn: sa.Connection, source: str, stream: str, ids: Sequence[str]) -> pd.DataFrame:
    """Return the latest version of some rows of a stream, as `load_latest` does; unknown ids are left out."""
    parts = [
        _fetch(conn, sa.select(*_columns()).join(newest, newest.c.seq == RAW.c.seq))
        for newest in (newest_versions(source, stream, part).subquery() for part in parts_of(ids))
    ]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(LATEST_COLUMNS), dtype=object)
    return found.sort_values("source_id", ignore_index=True)


def load_marks(
    conn: sa.Connection, source: str, stream: str, ids: Sequence[str], *, upto: int | None = None
) -> dict[str, bool]:
    """Return for each known id whether its latest version is a tombstone; `upto` leaves out what was landed later."""
    marks: dict[str, bool] = {}
    for part in parts_of(ids):
        newest = newest_versions(source, stream, part, upto=upto).subquery()
        query = sa.select(RAW.c.source_id, RAW.c.deleted).join(newest, newest.c.seq == RAW.c.seq)
        marks.update((row[0], bool(row[1])) for row in conn.execute(query))
    return marks


def load_known(
    conn: sa.Connection, source: str, stream: str, ids: Sequence[str], *, has_times: bool
) -> dict[str, Known]:
    """Return for each known id what its latest version was; its time only where it is asked for, as no index has it.

    All versions are looked up, the latest is taken here: PostgreSQL may plan a search for it in the database, on a
    table that is growing and of which it has no statistics, as a comparison of every row with every other.
    """
    found: dict[str, Known] = {}
    time = RAW.c.updated_at if has_times else sa.null()
    if len(ids) >= MANY_IDS and not _has_between(conn, source, stream, (min(ids), max(ids))):
        return found
    for part in parts_of(ids):
        query = sa.select(RAW.c.source_id, RAW.c.payload_hash, time).where(
            RAW.c.source == source, RAW.c.stream == stream, among(conn, RAW.c.source_id, part)
        )
        found.update((row[0], Known(row[1], row[2])) for row in conn.execute(query.order_by(RAW.c.seq)))
    return found


def load_payloads(conn: sa.Connection, source: str, stream: str, ids: Sequence[str]) -> dict[str, str]:
    """Return for each known id the payload of its latest version, looked up as `load_known` does."""
    found: dict[str, str] = {}
    for part in parts_of(ids):
        query = sa.select(RAW.c.source_id, stored(RAW.c.payload)).where(
            RAW.c.source == source, RAW.c.stream == stream, among(conn, RAW.c.source_id, part)
        )
        found.update((row[0], row[1]) for row in conn.execute(query.order_by(RAW.c.seq)))
    return found


def _has_between(conn: sa.Connection, source: str, stream: str, ends: tuple[str, str]) -> bool:
    """Return whether a row of a stream has an id between two, both included; a first reading often goes up by id.

    The order makes PostgreSQL look into the index, whatever it believes a growing table to hold. Both databases, and
    Python, order ids by code point.
    """
    query = sa.select(RAW.c.source_id).where(RAW.c.source == source, RAW.c.stream == stream)
    found = conn.scalar(query.where(RAW.c.source_id >= ends[0]).order_by(RAW.c.source_id).limit(1))
    return found is not None and found <= ends[1]


def learn_landed(conn: sa.Connection) -> None:
    """Let PostgreSQL know what the landing holds, once much was landed; it would find out by itself, but later."""
    learn(conn, RAW)


def living_ids(conn: sa.Connection, source: str, stream: str) -> set[str]:
    """Return the ids of a stream's rows that are not deleted."""
    newest = newest_versions(source, stream).subquery()
    query = sa.select(RAW.c.source_id).join(newest, newest.c.seq == RAW.c.seq).where(sa.not_(RAW.c.deleted))
    return set(conn.scalars(query))


def newest_versions(source: Any, stream: Any, ids: Any = None, *, upto: int | None = None) -> sa.Select[Any]:
    """Return a query of source_id, seq and payload_hash of the latest version of each row, by an index alone.

    source, stream and ids (all where None) are values, or parameters of the query.
    """
    last = _last_numbers(source, stream)
    if ids is not None:
        last = last.where(RAW.c.source_id.in_(ids))
    if upto is not None:
        last = last.where(RAW.c.seq <= upto)
    found = last.subquery()
    same = sa.and_(
        RAW.c.source == source,
        RAW.c.stream == stream,
        RAW.c.source_id == found.c.source_id,
        RAW.c.seq == found.c.seq,
    )
    return sa.select(RAW.c.source_id, RAW.c.seq, RAW.c.payload_hash).join(found, same)


def _last_numbers(source: Any, stream: Any) -> sa.Select[Any]:
    """Return a query of source_id and seq of the latest version of each row."""
    last = sa.select(RAW.c.source_id, sa.func.max(RAW.c.seq).label("seq"))
    return last.where(RAW.c.source == source, RAW.c.stream == stream).group_by(RAW.c.source_id)


def _columns() -> list[sa.ColumnElement[Any]]:
    """Return LATEST_COLUMNS for a query."""
    return [stored(RAW.c[name]) for name in LATEST_COLUMNS]


def _fetch(conn: sa.Connection, query: sa.Select[Any]) -> pd.DataFrame:
    """Return the versions that a query of LATEST_COLUMNS finds."""
    return fetch(conn, query, [_KINDS[name] for name in LATEST_COLUMNS])
