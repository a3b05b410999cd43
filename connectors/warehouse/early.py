"""The first publish of a warehouse, begun while the run still computes: tables are taken as soon as they are decided.

Readers see nothing of it before the transaction of the run that publishes. SQLite has one writer, who should not keep
others waiting for long, so the rows are staged in files (`Staged`); PostgreSQL takes them in the transaction itself,
which is begun that early (`early_copies.Copied`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from connectors.warehouse.blocking_index import INDEX_TABLE
from connectors.warehouse.dialects import claim
from connectors.warehouse.diff import is_empty
from connectors.warehouse.filling import Filling, Load, Parts
from connectors.warehouse.plans import PLANS, Stamps
from connectors.warehouse.staged_rows import EVENTS, Content, encode_parts
from connectors.warehouse.staging_file import staging_place, twin_of
from connectors.warehouse.tables import METADATA

FILES = 8  # SQLite attaches ten at the most
THREADS = 2


class Early(ABC):
    """Tables of a first run on their way; `discard` ends that.

    names: the tables that were added, the blocking index among them. stamps: what their rows are stamped with.
    """

    def __init__(self, stamps: Stamps) -> None:
        """Take what rows are stamped with."""
        self.names: set[str] = set()
        self.stamps = stamps

    @abstractmethod
    def add(self, name: str, content: Content) -> None:
        """Take the whole content of a table: what `publish_tables` would be given."""

    @abstractmethod
    def add_index(self, parts: Parts) -> None:
        """Take the blocking index, rows of `packed_parts`, after all other tables were added."""

    @abstractmethod
    def discard(self) -> None:
        """Leave what is not done yet, and remove what was made; once published, there is nothing to do."""


class Staged(Early):
    """The same on their way into staging files of SQLite."""

    def __init__(self, filling: Filling, twins: Mapping[str, list[str]], stamps: Stamps) -> None:
        """Take the statements that make each table."""
        super().__init__(stamps)
        self._filling, self._twins = filling, twins

    def add(self, name: str, content: Content) -> None:
        """Stage the whole content of a table."""
        self.names.add(name)
        self._filling.add(Load(name, lambda: encode_parts(name, content, "sqlite", self.stamps), self._twins[name]))

    def add_index(self, parts: Parts) -> None:
        """Stage the blocking index."""
        self.names.add(INDEX_TABLE.name)
        self._filling.add_long(Load(INDEX_TABLE.name, parts, self._twins[INDEX_TABLE.name]))

    def attach(self, conn: sa.Connection) -> Iterator[tuple[str, sa.Table]]:
        """Yield name and staging table of everything that was added, file by file; nothing can be added after."""
        for file in self._filling.files():
            yield from file.attach(conn).items()

    def discard(self) -> None:
        """Leave what is not staged yet, and remove the files."""
        self._filling.discard()


def is_first(conn: sa.Connection) -> bool:
    """Return whether no run has published to the warehouse."""
    names = [*PLANS, EVENTS, "golden_profile_history", INDEX_TABLE.name]
    return all(is_empty(conn, METADATA.tables[name]) for name in names)


def begin_staging(conn: sa.Connection, stamps: Stamps, rows: int) -> Staged:
    """Return where tables of the first run of a SQLite warehouse can be staged already.

    `rows`: about how many the tables have together. Creates indexes that are not there yet, in the caller's
    transaction, which has to be committed before anything is added.
    """
    claim(conn)
    twins = {name: twin_of(conn, name) for name in (*PLANS, EVENTS, INDEX_TABLE.name)}
    places = [staging_place(conn, number) for number in range(FILES)]
    return Staged(Filling(places, rows // FILES, THREADS), twins, stamps)
