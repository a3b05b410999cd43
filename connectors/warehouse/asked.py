"""Questions about many values: as one parameter that an index answers, or as lists of bounded length."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.util import ClauseAdapter

IDS_PER_QUERY = 5_000


def parts_of(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids in parts of IDS_PER_QUERY at the most, for queries with a parameter for each; none of no ids."""
    return (ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY))


def among(conn: sa.Connection, column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds one of the values, texts or integers."""
    listed = list(values)
    if conn.dialect.name == "sqlite":
        each = sa.func.json_each(sa.literal(orjson.dumps(listed).decode())).table_valued("value")
        return column.in_(sa.select(each.c.value))
    kind: Any = sa.BigInteger() if listed and isinstance(listed[0], int) else sa.Text()
    return column == sa.any_(sa.literal(listed, ARRAY(kind)))


def in_place(conn: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return a condition on a table's rows for which SQLite reads them in the order in which they lie.

    By itself it goes from the index to one row after the other, and so to most pages many times; PostgreSQL sorts the
    places first.
    """
    if conn.dialect.name != "sqlite":
        return condition
    found = table.alias("found")
    place: sa.ColumnElement[int] = sa.literal_column("found.rowid")
    places = sa.select(place).select_from(found).where(ClauseAdapter(found).traverse(condition))
    return sa.literal_column(f'"{table.name}".rowid').in_(places)


def prefer_indexes(conn: sa.Connection) -> None:
    """Let PostgreSQL look many keys up rather than read a whole table, for the rest of the transaction."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
