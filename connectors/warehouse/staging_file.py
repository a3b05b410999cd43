"""SQLite files beside the warehouse that a bulk load fills and the caller's transaction reads.

Their content is as confidential as the warehouse's, so they are made for their owner alone, and unlinked as soon as
they have been read. One that a killed process left behind is overwritten by the next load.
"""

import os
import tempfile
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
    """One staging file: filled by any thread, then attached to the caller's connection under a name of its own."""

    def __init__(self, path: Path, schema: str) -> None:
        """Make the file; `schema` is the name that it is attached under."""
        self._path, self._schema = path, schema
        self._columns: dict[str, list[str]] = {}
        self.rows = 0
        self.remove()
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def add(self, name: str, data: pa.Table) -> None:
        """Write one table into the file, which must not be attached yet; it need not survive a crash: no syncing."""
        from adbc_driver_sqlite import dbapi

        with dbapi.connect(str(self._path), autocommit=True) as bulk, bulk.cursor() as cursor:
            for pragma in ("synchronous = OFF", "journal_mode = OFF"):
                cursor.execute(f"PRAGMA {pragma}")
                cursor.fetchall()
            cursor.adbc_ingest(STAGED + name, data, mode="create")
        self._columns[name] = data.column_names
        self.rows += data.num_rows

    def attach(self, conn: sa.Connection) -> dict[str, sa.Table]:
        """Attach the file to a connection and return its tables by name."""
        conn.exec_driver_sql(f"ATTACH ? AS {self._schema}", (str(self._path),))
        metadata = sa.MetaData(schema=self._schema)
        return {
            name: sa.Table(STAGED + name, metadata, *(sa.Column(c, TABLES[name].c[c].type) for c in names))
            for name, names in self._columns.items()
        }

    def remove(self) -> None:
        """Unlink the file; a connection that still has it attached goes on reading it."""
        with suppress(OSError):
            self._path.unlink()


def staging_place(conn: sa.Connection, number: int) -> tuple[Path, str]:
    """Return path and name of a connection's staging file number 0, 1, … of one publish.

    Files of earlier transactions on this connection are detached first; one that this transaction reads stays.
    """
    if not number:
        _detach_idle(conn)
    schema = f"staging_{len(_attached(conn)) + number}"
    path = sqlite_path(conn.engine)
    if path is None:
        return Path(tempfile.gettempdir()) / f"meibo-{os.getpid()}-{schema}{SUFFIX}", schema
    return path.with_name(f"{path.name}.{schema}{SUFFIX}"), schema


def _attached(conn: sa.Connection) -> list[str]:
    """Return the names of the staging files that the connection has open."""
    rows = conn.exec_driver_sql("PRAGMA database_list").all()
    return [row[1] for row in rows if row[1].startswith("staging_")]


def _detach_idle(conn: sa.Connection) -> None:
    """Detach the staging files of earlier transactions; one that this transaction reads stays."""
    for name in _attached(conn):
        with suppress(OperationalError):
            conn.exec_driver_sql(f"DETACH {name}")
