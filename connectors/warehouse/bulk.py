"""Bulk loads into staging tables that the caller's transaction can read, and bulk reads from it.

SQLite: large loads go through ADBC into a staging file that is attached to the transaction (ADBC opens its own
connection, so it cannot write inside ours); small ones into temporary tables. PostgreSQL: COPY on the caller's own
connection. docs/decisions/0002-bulk-writes.md has the reasons and the figures.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from connectors.warehouse import cells
from connectors.warehouse.tables import TABLES, UtcTime
from resolve.schema import Column

STAGED = "staged_"
_TIME = UtcTime()


class Staging:
    """The staging tables of one publish; `close` removes them."""

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self._tables: list[sa.Table] = []

    def load(self, loads: Mapping[str, pa.Table]) -> dict[str, sa.Table]:
        """Load encoded tables, by the name of the table they are meant for, and return the staging tables."""
        return {name: self._load_temporary(name, table) for name, table in loads.items()}

    def keys(self, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> sa.Table:
        """Load rows of text into a temporary table `name` and return it."""
        table = self.create(name, [sa.Column(c, sa.Text()) for c in columns])
        insert_rows(self.conn, table, rows)
        return table

    def create(self, name: str, columns: Sequence[sa.Column[Any]]) -> sa.Table:
        """Create a temporary table of this publish."""
        table = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
        self.conn.execute(sa.schema.CreateTable(table))
        self._tables.append(table)
        return table

    def close(self) -> None:
        """Drop the staging tables."""
        for table in self._tables:
            self.conn.execute(sa.schema.DropTable(table))
        self._tables.clear()

    def _load_temporary(self, name: str, data: pa.Table) -> sa.Table:
        """Load one table into a temporary table."""
        target = TABLES[name]
        columns = [sa.Column(c, target.c[c].type) for c in data.column_names]
        table = self.create(STAGED + name, columns)
        insert_rows(self.conn, table, cells.rows_of(data))
        return table


def insert_rows(conn: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert encoded rows, in the order of the table's columns, by the driver's own executemany."""
    if not rows:
        return
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    marks = ", ".join([mark] * len(table.columns))
    conn.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(rows))


def fetch(conn: sa.Connection, query: sa.Select[Any], columns: Sequence[Column]) -> pd.DataFrame:
    """Return the query's rows as a frame of the given columns, in the house's types.

    The query selects exactly these columns, in this order; wrap times in `stored` to spare a call per cell.
    """
    return cells.decode(conn.execute(query).all(), columns)


def stored(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the column as the driver gives it, past SQLAlchemy's own conversion."""
    return sa.type_coerce(column, sa.types.NullType()).label(column.key)


def time_value(conn: sa.Connection, at: datetime) -> Any:
    """Return a time as the driver takes it in `insert_rows`."""
    return _TIME.process_bind_param(at, conn.dialect)
