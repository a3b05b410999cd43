"""The warehouse's tables for SQLAlchemy, built from the schema; `versions` creates and upgrades them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from resolve.schema import OPERATIONS, PUBLISHED, Column, Table

TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%fZ"

# Columns that look-ups go by, beside each table's own key.
INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "golden_profile": (("primary_email",), ("primary_phone",), ("household_id",), ("record_count",)),
    "profile_link": (("golden_id",),),
    "profile_identifier": (("type", "value", "golden_id"),),
    "contact_history": (("golden_id", "duplicate_of"),),
    "identity_event": (("golden_id",),),
    "golden_id_redirect": (("current_golden_id",),),
    # Covers "the newest version of these rows" without touching their payloads.
    "raw_record": (("source", "stream", "source_id", "seq", "payload_hash"),),
    "match_edge": (("contact_id_r",),),
    "review_queue": (("contact_id_r",), ("priority",)),
    "touchpoint": (("contact_id",), ("identifier", "identifier_type")),
    "source_merge": (("source", "loser"), ("source", "winner")),
    "judgement": (("contact_id_l", "contact_id_r"), ("contact_id_r",)),
    "golden_registry": (("founder",), ("merged_into",)),
    "former_member": (("contact_id",),),
    "kept_denial": (("source_id",),),
    "contact": (("contact_hash",),),
}
# Tables whose indexes are created after their first load: sorting once is cheaper than inserting at random places.
LOADED_FIRST = frozenset(PUBLISHED) | {"contact", "touchpoint", "match_edge", "review_queue", "golden_registry"}


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` in PostgreSQL, the text `2026-11-02 03:04:05.000000Z` in SQLite.

    The text sorts as time does, and SQLite's date functions, pandas and DuckDB all read it.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Return the type that the dialect stores."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_TimeText())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """Return the moment as the dialect stores it; a time without a zone is a bug of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.strftime(TIME_FORMAT) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Return the stored moment in UTC."""
        del dialect  # the value itself tells
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class _TimeText(sa.types.UserDefinedType[str]):
    """Text declared TIMESTAMP, so that readers of the SQLite file know it is a time."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the declared type."""
        return "TIMESTAMP"


# Ids are compared by code point: fast, and the same in SQLite and in PostgreSQL whatever locale its server has.
_ID_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# INTEGER PRIMARY KEY is SQLite's own row number: rows are appended in its order, without a second index.
_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TYPES: Mapping[str, TypeEngine[Any]] = {
    "text": sa.Text(),
    "int": sa.BigInteger(),
    "float": sa.Double(),
    "bool": sa.Boolean(),
    "time": UtcTime(),
}


def _column(table: Table, column: Column) -> sa.Column[Any]:
    """Return the SQLAlchemy column of a schema column."""
    indexed = {name for columns in INDEXES.get(table.name, ()) for name in columns}
    kind = _TYPES[column.kind]
    if table.key == (column.name,) and column.kind == "int":
        kind = _ROW_NUMBER
    elif column.kind == "text" and (column.name in table.key or column.name in indexed):
        kind = _ID_TEXT
    in_key = column.name in table.key
    return sa.Column(
        column.name, kind, primary_key=in_key, nullable=not column.required, comment=column.doc, autoincrement=False
    )


def _build(metadata: sa.MetaData, table: Table) -> sa.Table:
    """Return the SQLAlchemy table of a schema table, indexes included."""
    columns = [_column(table, column) for column in table.columns]
    indexes = [sa.Index(f"ix_{table.name}_{'_'.join(names)}", *names) for names in INDEXES.get(table.name, ())]
    return sa.Table(table.name, metadata, *columns, *indexes, comment=table.doc)


SCHEMAS: Mapping[str, Table] = PUBLISHED | OPERATIONS
METADATA = sa.MetaData()
TABLES: Mapping[str, sa.Table] = {name: _build(METADATA, table) for name, table in SCHEMAS.items()}
VERSION_TABLE = sa.Table(
    "meibo_schema",
    METADATA,
    sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("created_at", UtcTime(), nullable=False),
    comment="Which versions of Meibo's tables this warehouse has had; the largest is the present one.",
)


def add_indexes(conn: sa.Connection, name: str) -> None:
    """Create the indexes of a table that are not there yet."""
    for index in METADATA.tables[name].indexes:
        conn.execute(sa.schema.CreateIndex(index, if_not_exists=True))
