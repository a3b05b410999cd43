"""Versions of golden profiles (slowly changing dimension, type 2): every change closes one version and opens the next.

A removed profile has no open version: its last one ends when the profile ended; identity_event says why.
"""

from typing import Any

import sqlalchemy as sa

from connectors.warehouse.diff import KNOWN
from connectors.warehouse.plans import Stamps
from connectors.warehouse.tables import TABLES
from connectors.warehouse.upsert import failing_at_once, upsert_from

PROFILE = "golden_profile"
_HISTORY = TABLES["golden_profile_history"]
_PROFILE = TABLES[PROFILE]


def open_all(conn: sa.Connection, stamps: Stamps) -> None:
    """Open a version for every profile of a table that was empty before; what was open when it was emptied ends."""
    conn.execute(sa.update(_HISTORY).where(_HISTORY.c.valid_to.is_(None)).values(valid_to=stamps.at))
    returned = sa.case((_PROFILE.c.golden_version > 1, "restored"), else_="created")
    _open(conn, _PROFILE, returned, stamps)


def succeed(conn: sa.Connection, fresh: sa.Table, stamps: Stamps) -> None:
    """Close the current version of every fresh profile that was known, and open a version for each of them.

    fresh: rows of golden_profile as they will be stored, with the flag KNOWN.
    """
    close(conn, sa.select(fresh.c.golden_id).where(fresh.c[KNOWN]).subquery(), stamps)
    change = sa.case((fresh.c[KNOWN], "changed"), (fresh.c.golden_version > 1, "restored"), else_="created")
    _open(conn, fresh, change, stamps)


def close(conn: sa.Connection, ids: sa.FromClause, stamps: Stamps) -> None:
    """End the current version of the profiles whose golden_id is in `ids`."""
    ending = sa.update(_HISTORY).values(valid_to=stamps.at)
    ended = _HISTORY.c.golden_id.in_(sa.select(ids.c.golden_id))
    conn.execute(failing_at_once(ending.where(_HISTORY.c.valid_to.is_(None), ended)))


def _open(conn: sa.Connection, rows: sa.FromClause, change: sa.ColumnElement[Any], stamps: Stamps) -> None:
    """Append a current version for each of the rows."""
    extra: dict[str, sa.ColumnElement[Any]] = {
        "valid_from": sa.literal(stamps.at, _HISTORY.c.valid_from.type),
        "valid_to": sa.null(),
        "change_type": change,
    }
    query = sa.select(*(extra[c.name] if c.name in extra else rows.c[c.name] for c in _HISTORY.columns))
    upsert_from(conn, _HISTORY, query)
