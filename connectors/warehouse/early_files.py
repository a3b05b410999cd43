"""The first publish of a SQLite warehouse while the run computes: staged in files, and copied from there.

Rows and indexes are made in the files by threads of their own; the transaction takes them as they are. It becomes the
writer once the first file is whole.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from connectors.warehouse.blocking_index import INDEX_TABLE
from connectors.warehouse.dialects import claim
from connectors.warehouse.diff import Changes, count
from connectors.warehouse.early import Early
from connectors.warehouse.filling import Filling, Load, Parts
from connectors.warehouse.first_rows import complete
from connectors.warehouse.plans import PLANS, Stamps
from connectors.warehouse.staged_rows import EVENTS, Content, encode_parts
from connectors.warehouse.staging_file import copy_twin, staging_place, twin_of
from connectors.warehouse.tables import SCHEMAS

FILES = 8  # SQLite attaches ten at the most
THREADS = 2
Twins = Mapping[str, list[str]]


class Staged(Early):
    """The tables of a first run on their way into SQLite."""

    def __init__(self, conn: sa.Connection, filling: Filling, twins: Twins, stamps: Stamps) -> None:
        """Take the statements that make each table."""
        super().__init__(conn, stamps)
        self._filling, self._twins = filling, twins
        self._changes: dict[str, Changes] = {}
        self._is_left = False
        self._pool = ThreadPoolExecutor(1)
        self._work = self._pool.submit(self._copy_all)

    def add(self, name: str, content: Content) -> None:
        """Stage the whole content of a table, after those that were added before."""
        self.names.add(name)
        self._filling.add(Load(name, lambda: encode_parts(name, content, "sqlite", self.stamps), self._twins[name]))

    def add_index(self, parts: Parts) -> None:
        """Stage the blocking index beside the other tables."""
        self.names.add(INDEX_TABLE.name)
        self._filling.add_long(Load(INDEX_TABLE.name, parts, self._twins[INDEX_TABLE.name]))

    def finish(self) -> dict[str, Changes]:
        """Wait until everything is copied; return what was inserted, or raise what a thread met."""
        self._filling.end()
        self._work.result()
        return self._changes

    def discard(self) -> None:
        """Leave what is not copied yet, and remove the files."""
        self._is_left = True
        self._filling.stop()
        self._pool.shutdown()
        self._filling.discard()

    def _copy_all(self) -> None:
        """Copy files as they become whole, until all are or nobody wants them any more."""
        for number, file in enumerate(self._filling.files()):
            if not number:
                claim(self.conn)
            for name, twin in file.attach(self.conn).items():
                if self._is_left:
                    return
                self._copy(name, twin)

    def _copy(self, name: str, twin: sa.Table) -> None:
        """Copy a table and make it complete."""
        copy_twin(self.conn, twin)
        complete(self.conn, name, self.stamps)
        if name in SCHEMAS:
            self._changes[name] = Changes(inserted=count(self.conn, twin))


def make_twins(conn: sa.Connection) -> Twins:
    """Return the statements that make the tables of a SQLite warehouse, with the indexes, which are created if need be.

    The caller's transaction has to be committed before rows are copied; nothing for other databases.
    """
    if conn.dialect.name != "sqlite":
        return {}
    claim(conn)
    return {name: twin_of(conn, name) for name in (*PLANS, EVENTS, INDEX_TABLE.name)}


def begin_staging(conn: sa.Connection, twins: Twins, stamps: Stamps, rows: int) -> Staged:
    """Return what takes the tables of the first run of a SQLite warehouse already; `rows`: about how many in all.

    The connection is inside the transaction that publishes; nobody else may use it before `finish`.
    """
    places = [staging_place(conn, number) for number in range(FILES)]
    return Staged(conn, Filling(places, rows // FILES, THREADS), twins, stamps)
