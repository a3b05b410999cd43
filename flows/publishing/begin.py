"""The tables of a first run, on their way while it is still resolved: that keeps one core busy of several."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from connectors.warehouse import bulk
from connectors.warehouse.blocking_index import packed_parts
from connectors.warehouse.early import begin_staging, is_first
from connectors.warehouse.early_copies import Copied, begin_copying
from connectors.warehouse.plans import Stamps
from connectors.warehouse.publish import Begun
from connectors.warehouse.staged_rows import EVENTS, Later
from connectors.warehouse.touchpoints import touchpoint_rows
from flows.intake.incremental import contact_parts, index_everything
from flows.intake.prepared import Prepared
from flows.run import Run
from resolve.link.encode import Encoded
from resolve.link.index_keys import can_index
from resolve.model import MatchModel

ROWS_A_CONTACT = 11  # of all tables together, about


class Beginning:
    """Takes tables as the run decides them; `early` is where they go."""

    def __init__(self, early: Begun, prepared: Prepared) -> None:
        """Begin with what needs no decision: training and linking leave the cores time for it."""
        self.early = early
        contacts, touchpoints = prepared.contacts, prepared.touchpoints
        early.add("contact", Later(len(contacts), partial(contact_parts, contacts)))
        early.add("touchpoint", Later(len(touchpoints), lambda: [touchpoint_rows(touchpoints)]))

    def take(self, name: str, table: pd.DataFrame) -> None:
        """Take a table."""
        self.early.add(name, table.assign(event_id=range(1, 1 + len(table))) if name == EVENTS else table)


def begin_publishing(run: Run, prepared: Prepared) -> Beginning | None:
    """Return what takes the tables of a first run as they are decided; None for other runs and small ones."""
    if run.dry_run or len(prepared.contacts) < bulk.FILE_ROWS:
        return None
    stamps = Stamps(run.run_id, run.at)
    with run.transactions.begin() as conn:
        if not is_first(conn):
            return None
        staged = None
        if conn.dialect.name == "sqlite":
            staged = begin_staging(conn, stamps, len(prepared.contacts) * ROWS_A_CONTACT)
    early = _begin_transaction(run, stamps) if staged is None else staged
    run.ending.callback(early.discard)
    return Beginning(early, prepared)


def _begin_transaction(run: Run, stamps: Stamps) -> Copied:
    """Begin the transaction that publishes the run; it is rolled back when the run ends before."""
    conn = run.transactions.open()
    run.ending.callback(run.transactions.leave, conn)
    return begin_copying(conn, stamps)


@contextmanager
def publishing(run: Run, early: Begun | None) -> Iterator[Connection]:
    """Yield the connection whose transaction publishes the run, committed unless the block raises.

    Where tables were copied on it, nobody else uses it before they are: `Copied.finish`.
    """
    own = run.transactions.going_on(early.conn) if isinstance(early, Copied) else run.transactions.writing()
    with own as conn:
        try:
            yield conn
        except BaseException:
            if early is not None:
                early.discard()  # nobody is at work on the connection when it is rolled back
            raise


@contextmanager
def judging(run: Run, early: Begun, conn: Connection) -> Iterator[Connection]:
    """Yield a connection to read on before everything is taken: another, where `conn` is still at work."""
    if not isinstance(early, Copied):
        yield conn
        return
    with run.transactions.begin() as other:
        yield other


def begin_index(early: Begun, encoded: Encoded, model: MatchModel) -> None:
    """Add the blocking index, where the model has one: last, as it takes half a gigabyte for a million contacts."""
    if can_index(model.link):
        early.add_index(partial(_index, encoded, model))


def _index(encoded: Encoded, model: MatchModel) -> Iterator[pa.Table]:
    """Yield the rows of the blocking index."""
    slices = index_everything(encoded, model)
    encoded.prepared.clear()
    yield from packed_parts(slices or [])
