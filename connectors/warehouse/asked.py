"""Conditions for many values at once, answered by an index: one parameter, whatever the number of values."""

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY


def among(conn: sa.Connection, column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds one of the values, texts or integers."""
    listed = list(values)
    if conn.dialect.name == "sqlite":
        each = sa.func.json_each(sa.literal(orjson.dumps(listed).decode())).table_valued("value")
        return column.in_(sa.select(each.c.value))
    kind: Any = sa.BigInteger() if listed and isinstance(listed[0], int) else sa.Text()
    return column == sa.any_(sa.literal(listed, ARRAY(kind)))


def prefer_indexes(conn: sa.Connection) -> None:
    """Let PostgreSQL look many keys up rather than read a whole table, for the rest of the transaction."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
