"""What earlier runs left behind: their counts and ledgers, and the report of each."""

import json
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES
from connectors.warehouse.upsert import upsert_rows
from resolve.schema import OPERATIONS, empty

ENDED_WELL = ("succeeded", "partial", "unchanged")  # status
PUBLISHING = ("nightly", "backfill")  # kind: those of `train` change no published table
_PUBLISHED = ("succeeded", "partial")  # status
_MANIFEST, _LEDGER, _REPORT = TABLES["run_manifest"], TABLES["run_ledger"], TABLES["run_report"]
_NEWEST = _MANIFEST.c.started_at.desc(), _MANIFEST.c.run_id.desc()


def last_begin(conn: sa.Connection) -> datetime | None:
    """Return when the newest run began; None before the first."""
    begun: datetime | None = conn.scalar(sa.select(sa.func.max(_MANIFEST.c.started_at)))
    return begun


def last_ended_well(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
    """Return the row of run_manifest of the newest nightly run or backfill that ended well; None before the first.

    `conditions` on columns of run_manifest that it has to meet besides.
    """
    ended = sa.select(_MANIFEST).where(_MANIFEST.c.status.in_(ENDED_WELL), _MANIFEST.c.kind.in_(PUBLISHING))
    return conn.execute(ended.where(*conditions).order_by(*_NEWEST).limit(1)).first()


def last_changing(conn: sa.Connection) -> sa.Row[Any] | None:
    """Return the row of run_manifest of the newest run that changed published tables; None before the first.

    A run in which only the ledger changed noted no counts.
    """
    return last_ended_well(conn, _MANIFEST.c.counts.is_not(None), _MANIFEST.c.status.in_(_PUBLISHED))


def had_other_settings(conn: sa.Connection, run_id: str) -> bool:
    """Return whether a run that began after this one had other settings than it.

    Such a run may have noted in the quarantine what its mapping made of rows that did not change.
    """
    this = sa.select(_MANIFEST.c.started_at, _MANIFEST.c.config_hash).where(_MANIFEST.c.run_id == run_id).subquery()
    later = sa.and_(_MANIFEST.c.started_at > this.c.started_at, _MANIFEST.c.config_hash != this.c.config_hash)
    return conn.execute(sa.select(_MANIFEST.c.run_id).join(this, later).limit(1)).first() is not None


def published_runs(conn: sa.Connection, limit: int) -> list[str]:
    """Return the newest runs that published tables, the newest first; at most `limit`."""
    ledgers = sa.select(_LEDGER.c.run_id).distinct()
    query = sa.select(_MANIFEST.c.run_id).where(_MANIFEST.c.run_id.in_(ledgers))
    query = query.where(_MANIFEST.c.status.in_(_PUBLISHED))
    query = query.order_by(*_NEWEST).limit(limit)
    return list(conn.scalars(query))


def load_runs(conn: sa.Connection, limit: int, run_id: str | None = None) -> list[dict[str, Any]]:
    """Return rows of run_manifest, newest first, `counts` as data and `seconds` added; `run_id` may be its start."""
    query = sa.select(_MANIFEST).order_by(*_NEWEST).limit(limit)
    if run_id is not None:
        query = query.where(_MANIFEST.c.run_id.startswith(run_id, autoescape=True))
    return [_run(dict(row)) for row in conn.execute(query).mappings()]


def _run(row: dict[str, Any]) -> dict[str, Any]:
    """Return a run with its counts as data and its length in seconds."""
    ended = row["ended_at"]
    seconds = None if ended is None else round((ended - row["started_at"]).total_seconds(), 1)
    return row | {"counts": json.loads(row["counts"]) if row["counts"] else {}, "seconds": seconds}


def last_counts(conn: sa.Connection) -> dict[str, int]:
    """Return the counts of the tables as they are: those of the last run that changed some; none before the first."""
    last = last_changing(conn)
    return {} if last is None else json.loads(last.counts)


def newest_ledger(conn: sa.Connection) -> pd.DataFrame:
    """Return the run_ledger as the last run left it: of that run, or of one before it where no count changed."""
    last = sa.select(_LEDGER.c.run_id).join(_MANIFEST, _MANIFEST.c.run_id == _LEDGER.c.run_id)
    last = last.where(_MANIFEST.c.status.in_(ENDED_WELL))
    having = conn.scalar(last.order_by(*_NEWEST).limit(1))
    return load_ledgers(conn, [having]) if having else empty(OPERATIONS["run_ledger"])


def load_ledgers(conn: sa.Connection, runs: list[str]) -> pd.DataFrame:
    """Return the rows of run_ledger of some runs."""
    return load_table(conn, "run_ledger", where=_LEDGER.c.run_id.in_(runs))


def largest_profile(conn: sa.Connection) -> int:
    """Return how many records the largest profile has; 0 without profiles. An index answers."""
    return int(conn.scalar(sa.select(sa.func.max(TABLES["golden_profile"].c.record_count))) or 0)


def save_report(conn: sa.Connection, run_id: str, facts: dict[str, Any]) -> None:
    """Store what a run did, as plain data; a second time replaces the first."""
    body = json.dumps(facts, ensure_ascii=False, default=str)
    upsert_rows(conn, _REPORT, [{"run_id": run_id, "body": body}])


def load_report(conn: sa.Connection, run_id: str) -> dict[str, Any] | None:
    """Return what a run did; None when it was cut off, or is still at work."""
    body = conn.scalar(sa.select(_REPORT.c.body).where(_REPORT.c.run_id == run_id))
    return None if body is None else json.loads(body)
