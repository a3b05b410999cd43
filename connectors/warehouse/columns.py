"""The columns that a stream's rows had so far, kept beside its cursor."""

from collections import Counter

import orjson
import sqlalchemy as sa

from connectors.sources.drift import Columns
from connectors.warehouse.tables import TABLES

_SYNC = TABLES["sync_state"]


def load_columns(conn: sa.Connection, source: str, stream: str) -> Columns:
    """Return the columns of the rows of a stream; none before the first reading."""
    query = sa.select(_SYNC.c.columns).where(_SYNC.c.source == source, _SYNC.c.stream == stream)
    text = conn.scalar(query)
    if not text:
        return Columns()
    told = orjson.loads(text)
    return Columns(int(told["rows"]), Counter(told["held"]), told.get("id"))


def store_columns(conn: sa.Connection, source: str, stream: str, columns: Columns) -> None:
    """Keep the columns of a stream of which rows were landed."""
    told = {"rows": columns.rows, "held": columns.held, "id": columns.id}
    text = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    place = _SYNC.c.source == source, _SYNC.c.stream == stream
    conn.execute(sa.update(_SYNC).where(*place).values(columns=text))
