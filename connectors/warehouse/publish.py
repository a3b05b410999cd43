"""Publishing: the difference between what a run decided and what the warehouse holds, in the caller's transaction.

Readers see the tables before or after the transaction, never between. A row whose content did not change is not
written, so its run_id, time and version stay. Profiles keep every version in golden_profile_history: a change or a
removal closes the version that was current, a change opens the next one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pandas as pd
import sqlalchemy as sa

from connectors.warehouse import bulk, profiles
from connectors.warehouse.asked import prefer_indexes
from connectors.warehouse.blocking_index import INDEX_TABLE, copy_index
from connectors.warehouse.bulk import Staging
from connectors.warehouse.dialects import claim
from connectors.warehouse.diff import KNOWN, Changes, Diff, count, is_empty
from connectors.warehouse.early import Staged
from connectors.warehouse.early_copies import Copied
from connectors.warehouse.filling import Parts
from connectors.warehouse.first_rows import complete
from connectors.warehouse.plans import PLANS, Stamps
from connectors.warehouse.staged_rows import EVENTS, Content, encode_parts, plan_of
from connectors.warehouse.tables import SCHEMAS, TABLES
from resolve.errors import SchemaError
from resolve.schema import check_key

Begun = Staged | Copied


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run touched: rows of these ids are replaced by the frames, all others are neither read nor written.

    golden_ids delimit golden_profile, profile_identifier and golden_lineage; contact_ids profile_link; changed_ids
    contact; touchpoint_ids contact_history and planned_contact; event_ids touchpoint; scored_ids (contacts all of whose
    pairs are given) match_edge and review_queue; ended_ids former_member; holder_ids kept_denial. A row outside the
    scope that is given is written, too.
    """

    golden_ids: frozenset[str] = frozenset()
    contact_ids: frozenset[str] = frozenset()
    touchpoint_ids: frozenset[str] = frozenset()
    scored_ids: frozenset[str] = frozenset()
    changed_ids: frozenset[str] = frozenset()
    event_ids: frozenset[str] = frozenset()
    ended_ids: frozenset[str] = frozenset()
    holder_ids: frozenset[str] = frozenset()


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
    if scope is not None:  # the planner would rather read whole tables than look up one row in fifty
        prefer_indexes(conn)
    frames = dict(tables) | ({EVENTS: _numbered(conn, events)} if events is not None and len(events) else {})
    rows, stamps = sum(map(len, frames.values())), Stamps(run_id, at)
    straight = _straight(conn, frames, rows) if scope is None else frozenset()
    staging, changes = Staging(conn, straight), {EVENTS: Changes()}
    try:
        limits = _limits(staging, scope)
        for name, table in staging.each(_loads(conn, frames, straight, stamps), rows):
            changes[name] = _publish_one(Diff(staging, name, table, plan_of(name)), limits, stamps)
        staging.close()
    finally:
        staging.discard()
    return changes


def _loads(
    conn: sa.Connection, frames: Mapping[str, Content], straight: Collection[str], stamps: Stamps
) -> dict[str, Parts]:
    """Return what makes the rows of each table, stamped where they go straight into it."""
    return {
        name: partial(encode_parts, name, frame, conn.dialect.name, stamps if name in straight else None)
        for name, frame in frames.items()
    }


def publish_begun(
    conn: sa.Connection, begun: Begun, tables: Mapping[str, Content], events: pd.DataFrame
) -> dict[str, Changes]:
    """Do the same for the first run of a warehouse, some of whose tables are staged already.

    `tables` and `events` as above; those that are under way are not looked at again. The blocking index is written,
    too, where it was staged. Of tables that were copied already `conn` is the connection that they were copied on.
    """
    for name, frame in (dict(tables) | {EVENTS: events.assign(event_id=range(1, 1 + len(events)))}).items():
        if name not in begun.names:
            begun.add(name, frame)
    changes = begun.finish() if isinstance(begun, Copied) else _take_over(conn, begun)
    begun.discard()
    return {EVENTS: Changes()} | changes


def _take_over(conn: sa.Connection, begun: Staged) -> dict[str, Changes]:
    """Copy what was staged to where it belongs; return what changed, per table."""
    claim(conn)
    changes, staging = {}, Staging(conn)
    for name, table in begun.attach(conn):
        if name == INDEX_TABLE.name:
            copy_index(conn, table)
        else:
            changes[name] = _publish_one(Diff(staging, name, table, plan_of(name)), None, begun.stamps)
    return changes


Limits = Mapping[str, sa.Table]


def _limits(staging: Staging, scope: Scope | None) -> Limits | None:
    """Return the ids of the scope as temporary tables, by kind of id."""
    if scope is None:
        return None
    records = [c.partition(":")[::2] for c in sorted(scope.contact_ids)]  # a judgement may name one without a colon
    single = {
        "golden_id": scope.golden_ids,
        "changed": scope.changed_ids,
        "touchpoint_id": scope.touchpoint_ids,
        "event": scope.event_ids,
        "ended": scope.ended_ids,
        "holder": scope.holder_ids,
        "scored": scope.scored_ids,
    }
    limits = {kind: staging.keys(f"scope_{kind}", ["id"], [(i,) for i in sorted(ids)]) for kind, ids in single.items()}
    return limits | {"record": staging.keys("scope_record", ["source", "source_id"], records)}


def _straight(conn: sa.Connection, names: Iterable[str], rows: int) -> frozenset[str]:
    """Return the tables that rows may go to as they are: empty ones, but for small loads in SQLite.

    A profile that comes back counts its versions on, so that there must have been none.
    """
    if conn.dialect.name == "sqlite" and rows < bulk.FILE_ROWS:
        return frozenset()
    empty = {name for name in names if is_empty(conn, TABLES[name])}
    if profiles.PROFILE in empty and not is_empty(conn, TABLES["golden_profile_history"]):
        empty.discard(profiles.PROFILE)
    return frozenset(empty)


def _publish_one(diff: Diff, limits: Limits | None, stamps: Stamps) -> Changes:
    """Publish one table; returns what changed."""
    conn, is_profile = diff.conn, diff.target.name == profiles.PROFILE
    is_there = diff.staged is diff.target
    if is_there or diff.target.name == EVENTS or diff.is_first():
        inserted = count(conn, diff.target) if is_there else diff.insert_all(stamps)
        complete(conn, diff.target.name, stamps)
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
