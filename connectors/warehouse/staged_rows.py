"""What a run publishes, as rows for the staging tables."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from connectors.warehouse import cells
from connectors.warehouse.plans import PLANS, Plan, Stamps
from connectors.warehouse.tables import SCHEMAS

EVENTS = "identity_event"


@dataclass(frozen=True, slots=True)
class Later:
    """So many rows, no two of one key, made part by part when their turn comes and let go once they are staged."""

    rows: int
    make: Callable[[], Iterable[pd.DataFrame]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.rows


Content = pd.DataFrame | Later


def plan_of(name: str) -> Plan:
    """Return how a table is published; events are only ever appended."""
    return PLANS.get(name, Plan(keeps=True))


def encode_parts(name: str, frame: Content, dialect: str, first: Stamps | None) -> Iterator[pa.Table]:
    """Yield a frame as its table stores it; `first`: the stamps of the rows of an empty table, which get them here."""
    plan = plan_of(name)
    given = None if first is None else plan.stamped(first)
    for part in [frame] if isinstance(frame, pd.DataFrame) else frame.make():
        filled = plan.filled() if first is None else ()
        yield cells.encode(part, SCHEMAS[name], dialect, filled=filled, given=given)
