"""The first publish of a warehouse, begun while the run still computes: tables are taken as soon as they are decided.

They are written in the transaction that publishes the run, which is begun that early: readers see nothing before it is
committed, and nothing stays of a run that ends before. PostgreSQL is sent the rows (`early_copies.Copied`); for SQLite
they are staged in files first, which other threads fill (`early_files.Staged`).
"""

from abc import ABC, abstractmethod

import sqlalchemy as sa

from connectors.warehouse.blocking_index import INDEX_TABLE
from connectors.warehouse.dialects import sqlite_path
from connectors.warehouse.diff import Changes, is_empty
from connectors.warehouse.filling import Parts
from connectors.warehouse.plans import PLANS, Stamps
from connectors.warehouse.staged_rows import EVENTS, Content
from connectors.warehouse.tables import METADATA


class Early(ABC):
    """Tables of a first run on their way, on a connection that is a thread's own until `finish`; `discard` ends that.

    names: the tables that were added, the blocking index among them. stamps: what their rows are stamped with.
    """

    def __init__(self, conn: sa.Connection, stamps: Stamps) -> None:
        """Take a connection inside the transaction that will publish the run, and what rows are stamped with."""
        self.conn = conn
        self.names: set[str] = set()
        self.stamps = stamps

    @abstractmethod
    def add(self, name: str, content: Content) -> None:
        """Take the whole content of a table: what `publish_tables` would be given."""

    @abstractmethod
    def add_index(self, parts: Parts) -> None:
        """Take the blocking index, rows of `packed_parts`, which are made beside the other tables."""

    @abstractmethod
    def finish(self) -> dict[str, Changes]:
        """Wait until everything is written; return what was inserted, or raise what a thread met."""

    @abstractmethod
    def discard(self) -> None:
        """Leave what is not done yet; what was written goes with the transaction, which is the caller's to end."""


def is_first(conn: sa.Connection) -> bool:
    """Return whether no run has published to the warehouse."""
    names = [*PLANS, EVENTS, "golden_profile_history", INDEX_TABLE.name]
    return all(is_empty(conn, METADATA.tables[name]) for name in names)


def can_begin(conn: sa.Connection) -> bool:
    """Return whether a publish can be begun early: the first one, where it can have a connection of its own."""
    in_memory = conn.dialect.name == "sqlite" and sqlite_path(conn.engine) is None
    return not in_memory and is_first(conn)
