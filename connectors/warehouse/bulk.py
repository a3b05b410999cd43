"""Bulk loads into staging tables that the caller's transaction can read, and bulk reads from it.

SQLite: large loads go through ADBC into staging files that are attached to the transaction (ADBC opens its own
connection, so it cannot write inside ours); small ones into temporary tables. PostgreSQL: COPY on the caller's own
connection. docs/decisions/0002-bulk-writes.md has the reasons and the figures.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from connectors.warehouse import cells
from connectors.warehouse.copying import arrow_of, copy_rows, past_sqlalchemy
from connectors.warehouse.filling import Filling, Load, Parts
from connectors.warehouse.prefetch import prefetch
from connectors.warehouse.staging_file import STAGED, staging_place, twin_of
from connectors.warehouse.tables import TABLES, UtcTime
from resolve.schema import Column

FILE_ROWS = 20_000  # from here on a staging file is worth its opening
FILES = 4  # staging files of one load: the next is filled while one is read; SQLite attaches ten at the most
POSTGRESQL_MEMORY = ("work_mem = '128MB'", "maintenance_work_mem = '256MB'")
FETCH_ROWS = 20_000  # rows of the driver that are alive at a time
_TIME = UtcTime()


class Staging:
    """The staging tables of one publish, on the caller's connection; `close` removes them."""

    def __init__(self, conn: sa.Connection, straight: Collection[str] = ()) -> None:
        """Take the caller's connection; `straight`: empty tables that loads may fill at once, all columns given."""
        self.conn = conn
        self._straight = straight
        self._tables: list[sa.Table] = []
        self._filling: Filling | None = None
        let_work(conn)

    def each(self, loads: Mapping[str, Parts], rows: int) -> Iterator[tuple[str, sa.Table]]:
        """Load encoded tables, by the name of the one they are meant for; yield name and staging table.

        Of one that went straight to where it belongs that table is yielded itself; in SQLite a twin of it, ready to be
        copied. `rows` is how many they are together. Small loads are encoded whole before the first is yielded; of
        large ones the next are encoded, and written to files, by a thread while the caller publishes those before.
        """
        if self.conn.dialect.name == "sqlite" and rows >= FILE_ROWS:
            yield from self._each_file(loads, rows)
            return
        made = ((name, pa.concat_tables(parts())) for name, parts in loads.items())
        for name, data in list(made) if rows < FILE_ROWS else prefetch(made):
            if name in self._straight:
                copy_rows(self.conn, TABLES[name], data)
                yield name, TABLES[name]
            else:
                yield name, self._load_temporary(name, data)

    def _each_file(self, loads: Mapping[str, Parts], rows: int) -> Iterator[tuple[str, sa.Table]]:
        """Load tables into files; yield each with its name once its file is whole."""
        self._filling = Filling([staging_place(self.conn, number) for number in range(FILES)], rows // FILES)
        for name, parts in loads.items():
            self._filling.add(Load(name, parts, twin_of(self.conn, name) if name in self._straight else ()))
        for file in self._filling.files():
            yield from file.attach(self.conn).items()

    def keys(self, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> sa.Table:
        """Load rows of text into a temporary table `name` and return it."""
        table = self.create(name, [sa.Column(c, sa.Text()) for c in columns])
        insert_rows(self.conn, table, rows)
        learn(self.conn, table)
        return table

    def create(self, name: str, columns: Sequence[sa.Column[Any]]) -> sa.Table:
        """Create a temporary table of this publish."""
        table = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
        self.conn.execute(sa.schema.CreateTable(table))
        self._tables.append(table)
        return table

    def close(self) -> None:
        """Remove the staging tables and files."""
        for table in self._tables:
            self.conn.execute(sa.schema.DropTable(table))
        self._tables.clear()
        self.discard()

    def discard(self) -> None:
        """Remove the staging files alone: what is left to do when the transaction has failed."""
        if self._filling is not None:
            self._filling.discard()

    def _load_temporary(self, name: str, data: pa.Table) -> sa.Table:
        """Load one table into a temporary table."""
        target = TABLES[name]
        table = self.create(STAGED + name, [sa.Column(c, target.c[c].type) for c in data.column_names])
        if self.conn.dialect.name == "postgresql":
            copy_rows(self.conn, table, data)
        else:
            insert_rows(self.conn, table, cells.rows_of(data))
        learn(self.conn, table)
        return table


def let_work(conn: sa.Connection) -> None:
    """Give joins and new indexes of this transaction enough memory in PostgreSQL."""
    if conn.dialect.name == "postgresql":
        for setting in POSTGRESQL_MEMORY:
            conn.exec_driver_sql(f"SET LOCAL {setting}")


def insert_rows(conn: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert encoded rows, in the order of the table's columns: COPY in PostgreSQL, else the driver's executemany."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        copy_rows(conn, table, arrow_of(table, rows))
        return
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    marks = ", ".join("?" * len(table.columns))
    conn.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(rows))


def learn(conn: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL's planner know what a table holds: nobody does it for temporary tables, or at once for others."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f'ANALYZE "{table.name}"')


def fetch(conn: sa.Connection, query: sa.Select[Any], columns: Sequence[Column]) -> pd.DataFrame:
    """Return the query's rows as a frame of the given columns, in the house's types.

    The query selects exactly these columns, in this order, each wrapped in `stored`: rows are taken from the driver's
    cursor, part by part, past SQLAlchemy's own rows.
    """
    result = conn.execute(query)
    cursor: Any = result.cursor
    try:
        with past_sqlalchemy(conn, "fetch"):
            return cells.decode(iter(lambda: cursor.fetchmany(FETCH_ROWS), []), columns)
    finally:
        result.close()


def fetch_parts(conn: sa.Connection, query: sa.Select[Any], columns: Sequence[Column]) -> Iterator[pd.DataFrame]:
    """Yield the query's rows as frames of FETCH_ROWS rows, as `fetch` gives them all; memory holds one at a time."""
    # SQLAlchemy's own rows here: the cursor that PostgreSQL keeps on the server has given it the first one already
    for rows in conn.execute(query.execution_options(yield_per=FETCH_ROWS)).partitions():
        yield cells.decode([rows], columns)


def all_rows(result: sa.CursorResult[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query of `stored` columns as the driver gives them, past SQLAlchemy's own rows."""
    cursor: Any = result.cursor
    try:
        with past_sqlalchemy(result.connection, "fetch"):
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    finally:
        result.close()


def stored(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the column as the driver gives it, past SQLAlchemy's own conversion."""
    return sa.type_coerce(column, sa.types.NullType()).label(column.key)


def time_value(conn: sa.Connection, at: datetime) -> Any:
    """Return a time as the driver takes it in `insert_rows`."""
    return _TIME.process_bind_param(at, conn.dialect)
