"""The version of a warehouse's tables: made new, checked, or brought from an older one to this one, data kept.

Every change of the tables is an Upgrade with the next number; SCHEMA_VERSION is the last of them. An upgrade runs in
the transaction of its caller, under the run's lock: readers see the old tables or the new, a kill leaves the old.
docs/decisions/0006-upgrades-by-number.md has the reasons.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.warehouse.blocking_index import INDEX_TABLE
from connectors.warehouse.missing import check_present, check_version_table
from connectors.warehouse.tables import LOADED_FIRST, METADATA, TABLES, VERSION_TABLE, add_indexes
from connectors.warehouse.views import create_views, drop_views, restore_views
from resolve.errors import WarehouseError

# Tables whose rows a night rewrites in place. With room in its page a new version of a row lies beside the old one, and
# no index has to learn of it where no indexed column changed.
REWRITTEN = frozenset({
    "contact", "contact_history", "golden_profile", "golden_profile_history", "profile_identifier", "profile_link",
    "touchpoint",
})  # fmt: skip
PAGES_FILLED = 90  # percent


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What one version has that the version before it had not.

    tables: new ones. columns: new ones of tables that were there, nullable; a run fills them. indexed: tables with new
    indexes. dropped: names of old indexes. change: what else is to be done, with SQL of its own, after all that.
    """

    version: int
    tables: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    indexed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    change: Callable[[sa.Connection], None] | None = None


def _add_blocking_index(conn: sa.Connection) -> None:
    """Create the table of version 3 that stands outside the schema; ids of merged customers sort by code point."""
    _create(conn, INDEX_TABLE)
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql('ALTER TABLE golden_registry ALTER COLUMN merged_into TYPE TEXT COLLATE "C"')


def _compare_duplicates_by_code_point(conn: sa.Connection) -> None:
    """Give the ids in duplicate_of, which version 7 looks up, the order of all other ids."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql('ALTER TABLE contact_history ALTER COLUMN duplicate_of TYPE TEXT COLLATE "C"')


def _leave_room(conn: sa.Connection, tables: frozenset[str] = REWRITTEN) -> None:
    """Let PostgreSQL leave room in the pages of tables; those that are full stay so until they are rewritten."""
    if conn.dialect.name == "postgresql":
        for name in sorted(tables):
            conn.exec_driver_sql(f'ALTER TABLE "{name}" SET (fillfactor = {PAGES_FILLED})')


# Version 1 is that of the first release. Once released, an entry is never changed: add the next one.
UPGRADES = (
    Upgrade(
        2,
        tables=("touchpoint", "source_merge", "backfill_chunk", "run_report"),
        columns={"run_manifest": ("watermark",), "run_ledger": ("unread_count",)},
        indexed=("golden_profile",),
    ),
    Upgrade(
        3,
        tables=("former_member",),
        columns={"contact": ("contact_hash",)},
        indexed=("contact", "golden_registry", "profile_identifier"),
        dropped=("ix_profile_identifier_type_value",),
        change=_add_blocking_index,
    ),
    Upgrade(4, columns={"sync_state": ("columns", "dropped_to")}),
    Upgrade(5, tables=("segment_rule",)),
    Upgrade(6, columns={"quarantine": ("place",)}),
    Upgrade(
        7,
        indexed=("contact_history",),
        dropped=("ix_contact_history_golden_id",),
        change=_compare_duplicates_by_code_point,
    ),
    Upgrade(8),  # other queries behind the views
    Upgrade(9, tables=("kept_denial", "planned_contact"), change=_leave_room),
)
SCHEMA_VERSION = UPGRADES[-1].version
WITH_VIEWS = 5  # the first version that has views


def create_tables(conn: sa.Connection, at: datetime) -> bool:
    """Create the tables where there are none and return True; otherwise bring them to this version and return False.

    `at` is stored as the time of the creation or upgrade. Views that were dropped are made anew. Raises WarehouseError
    when the tables are of a newer version, when some of them or of their columns were dropped, or when tables of the
    same names are there that Meibo did not make.
    """
    _refuse_another_schema(conn)
    present = set(sa.inspect(conn).get_table_names())
    if VERSION_TABLE.name in present:
        _upgrade(conn, at)
        check_present(conn)
        restore_views(conn)
        return False
    foreign = sorted(present & set(TABLES))
    check_version_table(foreign)
    if foreign:
        raise WarehouseError(
            f"the warehouse already has tables of these names that Meibo did not make: {', '.join(foreign)}. "
            "Give Meibo a database or a PostgreSQL schema of its own (`warehouse` in meibo.yaml)"
        )
    for table in METADATA.sorted_tables:
        _create(conn, table)
    create_views(conn)
    conn.execute(sa.insert(VERSION_TABLE).values(version=SCHEMA_VERSION, created_at=at))
    return True


def has_tables(conn: sa.Connection) -> bool:
    """Return whether the warehouse holds Meibo's tables.

    Raises WarehouseError when they are of another version, or in another schema than the one that a run would write, or
    when some of them were dropped.
    """
    _refuse_another_schema(conn)
    if not sa.inspect(conn).has_table(VERSION_TABLE.name):
        return False
    version = _stored_version(conn)
    if version < SCHEMA_VERSION:
        raise WarehouseError(
            f"the warehouse has tables of version {version}, this Meibo needs version {SCHEMA_VERSION}. "
            "The next `meibo nightly` upgrades them and keeps what they hold; back the warehouse up before"
        )
    check_present(conn)
    return True


def _refuse_another_schema(conn: sa.Connection) -> None:
    """Raise WarehouseError when PostgreSQL's search_path finds Meibo's tables behind the schema that it begins with.

    They may be those of another project; the lock, too, is that of the first schema.
    """
    if conn.dialect.name != "postgresql":
        return
    query = (
        "SELECT current_schema(), (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass(:of))"
    )
    first, holding = conn.execute(sa.text(query), {"of": VERSION_TABLE.name}).one()
    if holding is not None and holding.strip('"') != first:
        raise WarehouseError(
            f"the search_path begins with the schema {first}, and finds Meibo's tables in {holding}, perhaps those of "
            "another project. Name the one schema that is meant in `warehouse`: ?options=-csearch_path%3DNAME"
        )


def _stored_version(conn: sa.Connection) -> int:
    """Return the version of the tables; raises WarehouseError when this code does not know it."""
    version = conn.scalar(sa.select(sa.func.max(VERSION_TABLE.c.version)))
    if version is not None and version > SCHEMA_VERSION:
        raise WarehouseError(
            f"the warehouse has tables of version {version}, this Meibo knows version {SCHEMA_VERSION}: "
            "a newer Meibo wrote it. Upgrade this one"
        )
    if version is None:
        raise WarehouseError(
            f"the table {VERSION_TABLE.name}, which says of which version Meibo's tables are, has no rows any more. "
            "Restore it from a backup of the warehouse, then run again"
        )
    if version < UPGRADES[0].version - 1:
        raise WarehouseError(
            f"the warehouse has tables of version {version}, this Meibo needs version {SCHEMA_VERSION}, and knows no "
            "way from the one to the other. Start a new warehouse, or use the Meibo that wrote it"
        )
    return int(version)


def _upgrade(conn: sa.Connection, at: datetime) -> None:
    """Take every step from the stored version to this one; several in one transaction, or none.

    The views stand on the tables, so they go before the first step and come back as they are now after the last.
    """
    version = _stored_version(conn)
    if WITH_VIEWS <= version < SCHEMA_VERSION:
        drop_views(conn)
    for step in UPGRADES:
        if step.version > version:
            _take(conn, step)
    if version < SCHEMA_VERSION:
        create_views(conn)
        conn.execute(sa.insert(VERSION_TABLE).values(version=SCHEMA_VERSION, created_at=at))


def _take(conn: sa.Connection, step: Upgrade) -> None:
    """Take one step."""
    for name in step.tables:
        _create(conn, TABLES[name])
    for name, columns in step.columns.items():
        for column in columns:
            _add_column(conn, TABLES[name].c[column])
    for name in step.indexed:
        add_indexes(conn, name)
    for name in step.dropped:
        conn.exec_driver_sql(f'DROP INDEX IF EXISTS "{name}"')
    if step.change is not None:
        step.change(conn)


def _create(conn: sa.Connection, table: sa.Table) -> None:
    """Create a table, with its indexes unless its first load makes them."""
    conn.execute(sa.schema.CreateTable(table))
    _leave_room(conn, REWRITTEN & {table.name})
    if table.name not in LOADED_FIRST:
        add_indexes(conn, table.name)


def _add_column(conn: sa.Connection, column: sa.Column[Any]) -> None:
    """Add a column that may be empty to a table that is there."""
    declared = sa.schema.CreateColumn(column).compile(dialect=conn.dialect)
    conn.exec_driver_sql(f'ALTER TABLE "{column.table.name}" ADD COLUMN {declared}')
