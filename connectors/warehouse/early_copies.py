"""The first publish of a PostgreSQL warehouse, copied into its tables by a thread while the run still computes.

All of it happens in one transaction, that which publishes the run in the end: until it is committed nobody sees a row,
and the server forgets all of it when the connection ends, however that comes.
"""

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import sqlalchemy as sa

from connectors.warehouse.blocking_index import INDEX_TABLE
from connectors.warehouse.bulk import let_work
from connectors.warehouse.copying import copy_rows
from connectors.warehouse.dialects import keep_open
from connectors.warehouse.diff import Changes
from connectors.warehouse.early import Early
from connectors.warehouse.filling import Load, Parts
from connectors.warehouse.first_rows import complete
from connectors.warehouse.plans import Stamps
from connectors.warehouse.prefetch import prefetch
from connectors.warehouse.staged_rows import Content, encode_parts
from connectors.warehouse.tables import METADATA, SCHEMAS


class Copied(Early):
    """Tables of a first run on their way into the warehouse, on a connection that is the thread's until `finish`."""

    def __init__(self, conn: sa.Connection, stamps: Stamps) -> None:
        """Take a connection inside the transaction that will publish the run."""
        super().__init__(stamps)
        self.conn = conn
        self._loads: SimpleQueue[Load | None] = SimpleQueue()
        self._changes: dict[str, Changes] = {}
        self._is_left = False
        self._pool = ThreadPoolExecutor(2)
        self._work = self._pool.submit(self._copy_all)

    def add(self, name: str, content: Content) -> None:
        """Copy the whole content of a table, after those that were added before."""
        self.names.add(name)
        self._loads.put(Load(name, lambda: encode_parts(name, content, "postgresql", self.stamps)))

    def add_index(self, parts: Parts) -> None:
        """Copy the blocking index, whose rows are made while other tables are copied."""
        self.names.add(INDEX_TABLE.name)
        made = self._pool.submit(lambda: list(parts()))
        self._loads.put(Load(INDEX_TABLE.name, made.result))

    def finish(self) -> dict[str, Changes]:
        """Wait until everything is copied; return what was inserted, or raise what the thread met."""
        self._loads.put(None)
        self._work.result()
        return self._changes

    def discard(self) -> None:
        """Leave what is not copied yet; the rows that are go with the transaction, which is the caller's to end."""
        self._is_left = True
        self._loads.put(None)
        self._pool.shutdown(cancel_futures=True)

    def _copy_all(self) -> None:
        """Copy tables as they come, until there is none or nobody wants them any more."""
        while (load := self._loads.get()) is not None and self._copy(load):
            del load  # and the frame, while the next is waited for

    def _copy(self, load: Load) -> bool:
        """Copy a table and make it complete; return False where that was left halfway."""
        rows = 0
        for part in prefetch(load.parts()):
            if self._is_left:
                return False
            copy_rows(self.conn, METADATA.tables[load.name], part)
            rows += part.num_rows
        complete(self.conn, load.name, self.stamps)
        if load.name in SCHEMAS:
            self._changes[load.name] = Changes(inserted=rows)
        return True


def begin_copying(conn: sa.Connection, stamps: Stamps) -> Copied:
    """Return what takes the tables of the first run of a PostgreSQL warehouse already.

    The connection is inside the transaction that publishes; nobody else may use it before `finish`.
    """
    keep_open(conn)
    let_work(conn)
    return Copied(conn, stamps)
