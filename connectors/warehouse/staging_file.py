"""SQLite files beside the warehouse that a bulk load fills and the caller's transaction reads.

Their content is as confidential as the warehouse's, so they are made for their owner alone, and unlinked as soon as
they have been read. Those that a killed process left behind are removed by the next load.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from connectors.warehouse.dialects import PAGE_BYTES, sqlite_path
from connectors.warehouse.reasons import meaning_of
from connectors.warehouse.tables import METADATA, add_indexes
from resolve.errors import WarehouseError

SUFFIX = ".staging"
STAGED = "staged_"  # before the name of the table that rows are meant for; a twin has that name itself
CACHE_KIB = 65_536  # in which the indexes of twins are sorted
_PRAGMAS = (f"page_size = {PAGE_BYTES}", "synchronous = OFF", "journal_mode = OFF", f"cache_size = -{CACHE_KIB}")
Place = tuple[Path, str]  # of a staging file, and the name that it is attached under


class StagingFile:
    """One staging file: filled by any thread, then attached to the caller's connection under a name of its own."""

    def __init__(self, path: Path, schema: str) -> None:
        """Make the file; `schema` is the name that it is attached under."""
        self._path, self._schema = path, schema
        self._tables: dict[str, tuple[str, list[str]]] = {}
        self.rows = 0
        self.remove()
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def add(self, name: str, parts: Iterable[pa.Table], twin: Sequence[str] = ()) -> None:
        """Write one table into the file, which must not be attached yet; it need not survive a crash: no syncing.

        Of equal columns are all `parts`, at least one. `twin`: the statements that make the table and its indexes, so
        that the warehouse's own can take the rows as they are (see `copy_twin`); parts have all of its columns then.
        """
        from adbc_driver_sqlite import dbapi

        rest = iter(parts)
        first = next(rest)
        batches = pa.RecordBatchReader.from_batches(first.schema, self._batches(chain([first], rest)))
        stored = name if twin else STAGED + name
        try:
            with dbapi.connect(str(self._path), autocommit=True) as bulk, bulk.cursor() as cursor:
                for statement in (*(f"PRAGMA {one}" for one in _PRAGMAS), *twin[:1]):
                    cursor.execute(statement)
                    cursor.fetchall()
                cursor.adbc_ingest(stored, batches, mode="append" if twin else "create")
                for statement in twin[1:]:
                    cursor.execute(statement)
                    cursor.fetchall()
        except dbapi.Error as error:
            meaning = meaning_of(str(error))
            if meaning is None:  # its text may hold values
                raise
            raise WarehouseError(f"staging file {self._path}: {meaning}") from None
        self._tables[name] = stored, first.column_names

    def _batches(self, parts: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
        """Yield the batches of parts, and count their rows."""
        for part in parts:
            self.rows += part.num_rows
            yield from part.to_batches()

    def attach(self, conn: sa.Connection) -> dict[str, sa.Table]:
        """Attach the file to a connection and return its tables by the name of the one they are meant for."""
        conn.exec_driver_sql(f"ATTACH ? AS {self._schema}", (str(self._path),))
        metadata = sa.MetaData(schema=self._schema)
        return {
            name: sa.Table(stored, metadata, *(sa.Column(c, METADATA.tables[name].c[c].type) for c in names))
            for name, (stored, names) in self._tables.items()
        }

    def remove(self) -> None:
        """Unlink the file; a connection that still has it attached goes on reading it."""
        with suppress(OSError):
            self._path.unlink()


def twin_of(conn: sa.Connection, name: str) -> list[str]:
    """Return the statements that make a table of the warehouse, then its indexes, which are created if need be."""
    add_indexes(conn, name)
    query = "SELECT sql FROM main.sqlite_master WHERE tbl_name = ? AND type = ? AND sql IS NOT NULL"
    return [row[0] for kind in ("table", "index") for row in conn.exec_driver_sql(query, (name, kind))]


def copy_twin(conn: sa.Connection, twin: sa.Table) -> None:
    """Copy a twin into its empty table: SQLite then neither unpacks rows nor sorts for indexes."""
    conn.exec_driver_sql(f'INSERT INTO main."{twin.name}" SELECT * FROM {twin.schema}."{twin.name}"')


def staging_place(conn: sa.Connection, number: int) -> Place:
    """Return path and name of a connection's staging file number 0, 1, … of one publish.

    Files of earlier transactions on this connection are detached first; one that this transaction reads stays. Those
    that a killed run left behind are removed.
    """
    path = sqlite_path(conn.engine)
    if not number:
        _detach_idle(conn)
        remove_stale(path)
    schema = f"staging_{len(_attached(conn)) + number}"
    if path is None:
        return Path(tempfile.gettempdir()) / f"meibo-{os.getpid()}-{schema}{SUFFIX}", schema
    return path.with_name(f"{path.name}.{schema}{SUFFIX}"), schema


def remove_stale(path: Path | None) -> None:
    """Unlink the staging files beside a SQLite warehouse: only the run that holds its lock stages anything."""
    if path is None:
        return
    for file in path.absolute().parent.iterdir():
        if file.name.startswith(f"{path.name}.staging_") and file.suffix == SUFFIX:
            with suppress(OSError):
                file.unlink()


def _attached(conn: sa.Connection) -> list[str]:
    """Return the names of the staging files that the connection has open."""
    rows = conn.exec_driver_sql("PRAGMA database_list").all()
    return [row[1] for row in rows if row[1].startswith("staging_")]


def _detach_idle(conn: sa.Connection) -> None:
    """Detach the staging files of earlier transactions; one that this transaction reads stays."""
    for name in _attached(conn):
        with suppress(OperationalError):
            conn.exec_driver_sql(f"DETACH {name}")
