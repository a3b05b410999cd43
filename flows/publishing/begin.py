"""The tables of a first run, staged while it is still resolved: that keeps one core busy of several."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import pyarrow as pa

from connectors.warehouse import bulk
from connectors.warehouse.blocking_index import packed_parts
from connectors.warehouse.early import Early, begin_early
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
    """Takes tables as the run decides them; `early` is where they are staged."""

    def __init__(self, early: Early, prepared: Prepared) -> None:
        """Take what is known before the first table is decided."""
        self.early = early
        self._prepared = prepared

    def take(self, name: str, table: pd.DataFrame) -> None:
        """Stage a table; with the first one, all that needs no decision, since linking has left the cores alone."""
        if not self.early.names:
            contacts, touchpoints = self._prepared.contacts, self._prepared.touchpoints
            self.early.add("contact", Later(len(contacts), partial(contact_parts, contacts)))
            self.early.add("touchpoint", Later(len(touchpoints), lambda: [touchpoint_rows(touchpoints)]))
        self.early.add(name, table.assign(event_id=range(1, 1 + len(table))) if name == EVENTS else table)


def begin_publishing(run: Run, prepared: Prepared) -> Beginning | None:
    """Return what takes the tables of a first run in SQLite as they are decided; None for other runs and small ones."""
    if run.dry_run or len(prepared.contacts) < bulk.FILE_ROWS:
        return None
    with run.transactions.begin() as conn:
        early = begin_early(conn, Stamps(run.run_id, run.at), len(prepared.contacts) * ROWS_A_CONTACT)
    if early is None:
        return None
    run.ending.callback(early.discard)
    return Beginning(early, prepared)


def begin_index(early: Early, encoded: Encoded, model: MatchModel) -> None:
    """Stage the blocking index, where the model has one: last, as it takes half a gigabyte for a million contacts."""
    if can_index(model.link):
        early.add_index(partial(_index, encoded, model))


def _index(encoded: Encoded, model: MatchModel) -> Iterator[pa.Table]:
    """Yield the rows of the blocking index."""
    slices = index_everything(encoded, model)
    encoded.prepared.clear()
    yield from packed_parts(slices or [])
