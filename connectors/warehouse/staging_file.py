"""A SQLite file beside the warehouse that a bulk load fills and the caller's transaction reads.

Its content is as confidential as the warehouse's, so it is made for its owner alone, and unlinked as soon as it has
been read. One that a killed process left behind is overwritten by the next load.
"""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from connectors.warehouse.dialects import sqlite_path
from connectors.warehouse.tables import TABLES

SUFFIX = ".staging"
STAGED = "staged_"  # before the name of the table that rows are meant for


class StagingFile:
    """One staging file, attached to a connection under a name of its own."""

    def __init__(self, conn: sa.Connection) -> None:
        """Find a free name; files of earlier transactions on this connection are detached first."""
        self._conn = conn
        _detach_idle(conn)
        self._schema = f"staging_{len(_attached(conn))}"
        path = sqlite_path(conn.engine)
        if path is None:
            self._path = Path(tempfile.gettempdir()) / f"meibo-{os.getpid()}-{self._schema}{SUFFIX}"
        else:
            self._path = path.with_name(f"{path.name}.{self._schema}{SUFFIX}")

    def load(self, loads: Iterable[tuple[str, pa.Table]]) -> dict[str, sa.Table]:
        """Write the tables into the file, attach it, and return them by name."""
        self.remove()
        os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            columns = self._fill(loads)
            self._conn.exec_driver_sql(f"ATTACH ? AS {self._schema}", (str(self._path),))
        except BaseException:
            self.remove()
            raise
        metadata = sa.MetaData(schema=self._schema)
        return {
            name: sa.Table(STAGED + name, metadata, *(sa.Column(c, TABLES[name].c[c].type) for c in names))
            for name, names in columns.items()
        }

    def remove(self) -> None:
        """Unlink the file; a connection that still has it attached goes on reading it."""
        with suppress(OSError):
            self._path.unlink()

    def _fill(self, loads: Iterable[tuple[str, pa.Table]]) -> dict[str, list[str]]:
        """Write the tables and return their columns; the file need not survive a crash, so nothing is synced."""
        from adbc_driver_sqlite import dbapi

        columns: dict[str, list[str]] = {}
        with dbapi.connect(str(self._path), autocommit=True) as bulk, bulk.cursor() as cursor:
            for pragma in ("synchronous = OFF", "journal_mode = OFF"):
                cursor.execute(f"PRAGMA {pragma}")
                cursor.fetchall()
            for name, data in loads:
                cursor.adbc_ingest(STAGED + name, data, mode="create")
                columns[name] = data.column_names
        return columns


def _attached(conn: sa.Connection) -> list[str]:
    """Return the names of the staging files that the connection has open."""
    rows = conn.exec_driver_sql("PRAGMA database_list").all()
    return [row[1] for row in rows if row[1].startswith("staging_")]


def _detach_idle(conn: sa.Connection) -> None:
    """Detach the staging files of earlier transactions; one that this transaction reads stays."""
    for name in _attached(conn):
        with suppress(OperationalError):
            conn.exec_driver_sql(f"DETACH {name}")
