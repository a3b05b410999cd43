"""The first publish of a warehouse, begun while the run still computes: tables are staged as soon as they are decided.

Nothing of it is in the warehouse before `publish_tables` takes the staging files over, in the transaction of the run.
"""

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


class Early:
    """Tables of a first run on their way into staging files; `discard` ends that and removes the files.

    names: the tables that were added, the blocking index among them. stamps: what their rows are stamped with.
    """

    def __init__(self, filling: Filling, twins: Mapping[str, list[str]], stamps: Stamps) -> None:
        """Take the statements that make each table."""
        self._filling, self._twins, self.stamps = filling, twins, stamps
        self.names: set[str] = set()

    def add(self, name: str, content: Content) -> None:
        """Stage the whole content of a table: what `publish_tables` would be given."""
        self._add(name, lambda: encode_parts(name, content, "sqlite", self.stamps))

    def add_index(self, parts: Parts) -> None:
        """Stage the blocking index, rows of `packed_parts`, after all other tables were added."""
        self.names.add(INDEX_TABLE.name)
        self._filling.add_long(Load(INDEX_TABLE.name, parts, self._twins[INDEX_TABLE.name]))

    def attach(self, conn: sa.Connection) -> Iterator[tuple[str, sa.Table]]:
        """Yield name and staging table of everything that was added, file by file; nothing can be added after."""
        for file in self._filling.files():
            yield from file.attach(conn).items()

    def discard(self) -> None:
        """Leave what is not staged yet, and remove the files."""
        self._filling.discard()

    def _add(self, name: str, parts: Parts) -> None:
        """Hand over a table."""
        self.names.add(name)
        self._filling.add(Load(name, parts, self._twins[name]))


def begin_early(conn: sa.Connection, stamps: Stamps, rows: int) -> Early | None:
    """Return where tables of the first run can be staged already; None where there was one, and in PostgreSQL.

    There COPY works in the transaction itself, so that nothing is gained. `rows`: about how many the tables have
    together. Creates indexes that are not there yet.
    """
    names = [*PLANS, EVENTS, "golden_profile_history", INDEX_TABLE.name]
    if conn.dialect.name != "sqlite" or not all(is_empty(conn, METADATA.tables[name]) for name in names):
        return None
    claim(conn)
    twins = {name: twin_of(conn, name) for name in (*PLANS, EVENTS, INDEX_TABLE.name)}
    places = [staging_place(conn, number) for number in range(FILES)]
    return Early(Filling(places, rows // FILES, THREADS), twins, stamps)
