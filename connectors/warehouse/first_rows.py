"""What a table needs once its first rows are in it."""

import sqlalchemy as sa

from connectors.warehouse import profiles
from connectors.warehouse.bulk import learn
from connectors.warehouse.plans import Stamps
from connectors.warehouse.tables import METADATA, add_indexes


def complete(conn: sa.Connection, name: str, stamps: Stamps) -> None:
    """Create its indexes, let the planner know it, and open a version of each profile."""
    add_indexes(conn, name)
    learn(conn, METADATA.tables[name])
    if name == profiles.PROFILE:
        profiles.open_all(conn, stamps)
