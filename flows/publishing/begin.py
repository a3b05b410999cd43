"""The tables of a first run, on their way while it is still resolved: that keeps one core busy of several."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from connectors.warehouse import bulk
from connectors.warehouse.blocking_index import packed_parts
from connectors.warehouse.early import Early, can_begin
from connectors.warehouse.early_copies import begin_copying
from connectors.warehouse.early_files import begin_staging, make_twins
from connectors.warehouse.plans import Stamps
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

    def __init__(self, early: Early, prepared: Prepared) -> None:
        """Begin with what needs no decision: training and linking leave the cores time for it."""
        self.early = early
        contacts, touchpoints = prepared.contacts, prepared.touchpoints
        early.add("contact", Later(len(contacts), partial(contact_parts, contacts)))
        early.add("touchpoint", Later(len(touchpoints), lambda: [touchpoint_rows(touchpoints)]))

    def take(self, name: str, table: pd.DataFrame) -> None:
        """Take a table."""
        self.early.add(name, table.assign(event_id=range(1, 1 + len(table))) if name == EVENTS else table)

    def index(self, model: MatchModel, contacts: Encoded) -> None:
        """Take the blocking index of contacts, where the model has one."""
        if can_index(model.link):
            self.early.add_index(partial(_index, contacts, model))


def begin_publishing(run: Run, prepared: Prepared) -> Beginning | None:
    """Return what takes the tables of a first run as they are decided; None for other runs and small ones.

    It begins the transaction that publishes the run, which is rolled back when the run ends before.
    """
    if run.dry_run or len(prepared.contacts) < bulk.FILE_ROWS:
        return None
    with run.transactions.begin() as conn:
        if not can_begin(conn):
            return None
        twins = make_twins(conn)
    stamps, own = Stamps(run.run_id, run.at), run.transactions.open()
    run.ending.callback(own.close)
    rows = len(prepared.contacts) * ROWS_A_CONTACT
    early = begin_staging(own, twins, stamps, rows) if twins else begin_copying(own, stamps)
    run.ending.callback(early.discard)
    return Beginning(early, prepared)


@contextmanager
def publishing(run: Run, early: Early | None) -> Iterator[Connection]:
    """Yield the connection whose transaction publishes the run, committed unless the block raises.

    The one that was begun early has it to itself until `publish_begun`.
    """
    own = run.transactions.writing() if early is None else run.transactions.going_on(early.conn)
    with own as conn:
        try:
            yield conn
        except BaseException:
            if early is not None:
                early.discard()  # nobody is at work on the connection when it is rolled back
            raise


def _index(encoded: Encoded, model: MatchModel) -> Iterator[pa.Table]:
    """Yield the rows of the blocking index."""
    slices = index_everything(encoded, model)
    encoded.prepared.clear()  # nobody asks for its keys again
    yield from packed_parts(slices or [])
