"""Publishing: the difference between what a run decided and what the warehouse holds, in the caller's transaction.

Readers see the tables before or after the transaction, never between. A row whose content did not change is not
written, so its run_id, time and version stay. Profiles keep every version in golden_profile_history: a change or a
removal closes the version that was current, a change opens the next one.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from connectors.warehouse import cells, profiles
from connectors.warehouse.bulk import Staging, learn
from connectors.warehouse.dialects import claim
from connectors.warehouse.diff import KNOWN, Changes, Diff, count, is_empty
from connectors.warehouse.plans import PLANS, Plan, Stamps
from connectors.warehouse.tables import SCHEMAS, TABLES, add_indexes
from resolve.errors import SchemaError
from resolve.schema import check_key

EVENTS = "identity_event"


@dataclass(frozen=True, slots=True)
class Later:
    """A frame of so many rows, no two of one key, that is made when its turn comes and let go once it is staged."""

    rows: int
    make: Callable[[], pd.DataFrame]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.rows


Content = pd.DataFrame | Later


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run touched: rows of these ids are replaced by the frames, all others are neither read nor written.

    golden_ids delimit golden_profile, profile_identifier and golden_lineage; contact_ids profile_link; changed_ids
    contact; touchpoint_ids contact_history; event_ids touchpoint; scored_ids (contacts all of whose pairs are given)
    match_edge and review_queue; ended_ids former_member. A row outside the scope that is given is written, too.
    """

    golden_ids: frozenset[str] = frozenset()
    contact_ids: frozenset[str] = frozenset()
    touchpoint_ids: frozenset[str] = frozenset()
    scored_ids: frozenset[str] = frozenset()
    changed_ids: frozenset[str] = frozenset()
    event_ids: frozenset[str] = frozenset()
    ended_ids: frozenset[str] = frozenset()


def publish_tables(
    conn: sa.Connection,
    tables: Mapping[str, Content],
    *,
    run_id: str,
    at: datetime,
    events: pd.DataFrame | None = None,
    scope: Scope | None = None,
) -> dict[str, Changes]:
    """Make the warehouse hold `tables` and append `events`; return what changed, per table.

    Each frame is the whole new content of its table, or of the rows in `scope`. Frames carry no run_id;
    golden_profile no golden_version and updated_at; profile_link may leave out linked_at and previous_golden_id,
    golden_id_redirect `since`: the warehouse fills them. `events` are identity_event rows without event_id and
    run_id. Rows leave golden_id_redirect and golden_registry never. Raises SchemaError for a frame that does not fit;
    the caller's transaction is to be rolled back then.
    """
    unknown = [name for name in tables if name not in PLANS]
    if unknown:
        raise SchemaError(unknown[0], "is not a table that a run publishes", unknown)
    for name, frame in tables.items():
        if isinstance(frame, pd.DataFrame):
            check_key(frame, SCHEMAS[name])
    claim(conn)
    frames = dict(tables) | ({EVENTS: _numbered(conn, events)} if events is not None and len(events) else {})
    loads = ((name, _encode(name, frame, conn.dialect.name)) for name, frame in frames.items())
    rows = sum(map(len, frames.values()))
    staging = Staging(conn, dict.fromkeys(_straight(conn, frames) if scope is None else (), run_id))
    try:
        limits = _limits(staging, scope)
        stamps = Stamps(run_id, at)
        changes = {EVENTS: Changes()}
        with closing(staging.each(loads, rows)) as staged:
            for name, table in staged:
                changes[name] = _publish_one(Diff(staging, name, table, _plan(name)), limits, stamps)
        staging.close()
    finally:
        staging.discard()
    return changes


def _encode(name: str, frame: Content, dialect: str) -> pa.Table:
    """Return a frame as its table stores it."""
    made = frame if isinstance(frame, pd.DataFrame) else frame.make()
    return cells.encode(made, SCHEMAS[name], dialect, filled=_plan(name).filled())


Limits = Mapping[str, sa.Table]


def _limits(staging: Staging, scope: Scope | None) -> Limits | None:
    """Return the ids of the scope as temporary tables, by kind of id."""
    if scope is None:
        return None
    records = [tuple(c.split(":", 1)) for c in sorted(scope.contact_ids)]
    single = {
        "golden_id": scope.golden_ids,
        "changed": scope.changed_ids,
        "touchpoint_id": scope.touchpoint_ids,
        "event": scope.event_ids,
        "ended": scope.ended_ids,
        "scored": scope.scored_ids,
    }
    limits = {kind: staging.keys(f"scope_{kind}", ["id"], [(i,) for i in sorted(ids)]) for kind, ids in single.items()}
    return limits | {"record": staging.keys("scope_record", ["source", "source_id"], records)}


def _plan(name: str) -> Plan:
    """Return how a table is published; events are only ever appended."""
    return PLANS.get(name, Plan(keeps=True))


def _straight(conn: sa.Connection, names: Iterable[str]) -> list[str]:
    """Return the tables that need no staging: empty ones in PostgreSQL, whose COPY is inside the transaction.

    Not those of which the warehouse fills columns.
    """
    if conn.dialect.name != "postgresql":
        return []
    return [name for name in names if not _plan(name).fills and name != EVENTS and is_empty(conn, TABLES[name])]


def _publish_one(diff: Diff, limits: Limits | None, stamps: Stamps) -> Changes:
    """Publish one table; returns what changed."""
    conn, is_profile = diff.conn, diff.target.name == profiles.PROFILE
    is_there = diff.staged is diff.target
    if is_there or diff.target.name == EVENTS or diff.is_first():
        inserted = count(conn, diff.target) if is_there else diff.insert_all(stamps)
        add_indexes(conn, diff.target.name)
        learn(conn, diff.target)
        if is_profile:
            profiles.open_all(conn, stamps)
        return Changes(inserted=inserted)
    given, before = count(conn, diff.staged), count(conn, diff.target) if limits is None else 0
    fresh = diff.fresh(stamps)
    updated = count(conn, fresh, fresh.c[KNOWN])
    inserted = count(conn, fresh) - updated
    deleted = 0
    if not diff.plan.keeps and (limits is not None or before + inserted > given):
        gone = diff.gone(_within(diff, limits) if limits is not None and diff.plan.scope else None)
        if is_profile:
            profiles.close(conn, gone, stamps)
        deleted = diff.delete(gone)
    if inserted or updated:
        if is_profile:
            profiles.succeed(conn, fresh, stamps)
        diff.upsert(fresh)
    return Changes(inserted, updated, deleted, given - inserted - updated)


def _within(diff: Diff, limits: Limits) -> list[sa.ColumnElement[bool]]:
    """Return the conditions, any of which puts a stored row into the scope."""
    return [
        sa.tuple_(*(diff.target.c[c] for c in columns)).in_(sa.select(*limits[kind].c))
        for kind, columns in diff.plan.scope
    ]


def _numbered(conn: sa.Connection, events: pd.DataFrame) -> pd.DataFrame:
    """Return the events in their order, numbered on from the last one."""
    last = int(conn.scalar(sa.select(sa.func.max(TABLES[EVENTS].c.event_id))) or 0)
    return events.assign(event_id=range(last + 1, last + 1 + len(events)))
