"""Prepared touchpoints as rows of the table `touchpoint` and back: contact_history holds the rest of each event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from connectors.warehouse.asked import parts_of
from connectors.warehouse.bulk import fetch, stored
from connectors.warehouse.tables import SCHEMAS, TABLES
from resolve.schema import conform, frames

_OWN, _HISTORY = TABLES["touchpoint"], TABLES["contact_history"]
_COLUMNS = [name for name in SCHEMAS["touchpoint"].names if name != "run_id"]


def touchpoint_rows(touchpoints: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `touchpoint` without run_id, one for each of TOUCHPOINTS."""
    return touchpoints[_COLUMNS]


def load_touchpoints(conn: sa.Connection, where: sa.ColumnElement[bool]) -> pd.DataFrame:
    """Return TOUCHPOINTS of the stored events that meet a condition on the tables touchpoint and contact_history."""
    kinds = {c.name: c for c in frames.TOUCHPOINTS.columns}
    names = [name for name in kinds if name != "stream"]
    columns = [_OWN.c[name] if name in _OWN.c else _HISTORY.c[name] for name in names]
    joined = sa.join(_OWN, _HISTORY, _OWN.c.touchpoint_id == _HISTORY.c.touchpoint_id)
    query = sa.select(*(stored(column) for column in columns)).select_from(joined).where(where)
    found = fetch(conn, query, [kinds[name] for name in names])
    found["stream"] = found["touchpoint_id"].str.split(":", n=2).str[1]  # source:stream:source_id
    return conform(found, frames.TOUCHPOINTS).sort_values("touchpoint_id", ignore_index=True)


def load_due(conn: sa.Connection, at: datetime) -> pd.DataFrame:
    """Return touchpoint_id of the events that were still to come when the last run began, and are no more at a time."""
    table = TABLES["planned_contact"]
    query = sa.select(stored(table.c.touchpoint_id)).where(table.c.occurred_at <= at).order_by(table.c.touchpoint_id)
    return fetch(conn, query, [SCHEMAS["planned_contact"].columns[0]])


def load_touchpoints_by(conn: sa.Connection, column: str, values: Sequence[str]) -> pd.DataFrame:
    """Return TOUCHPOINTS whose touchpoint_id or contact_id (`column`) is among the values, each once."""
    own: sa.ColumnElement[Any] = _OWN.c[column]
    parts = list(parts_of(list(dict.fromkeys(values)))) or [[]]
    found = [load_touchpoints(conn, own.in_(part)) for part in parts]
    return pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]
