"""Parts of the published crosswalk and history, looked up by ids: what a change has to know of what is there."""

from collections.abc import Collection, Sequence

import pandas as pd
import sqlalchemy as sa

from connectors.warehouse.asked import among, parts_of
from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES

_LINK, _HISTORY = TABLES["profile_link"], TABLES["contact_history"]


def load_links_of(conn: sa.Connection, contact_ids: Collection[str], golden_ids: Collection[str]) -> pd.Series:
    """Return golden_id by contact_id: every record of the customers that these contacts belong to, and of these IDs."""
    customers = set(golden_ids)
    sources = {contact.partition(":")[0] for contact in contact_ids}
    for source in sorted(sources):
        mine = sorted(c.removeprefix(f"{source}:") for c in contact_ids if c.startswith(f"{source}:"))
        query = sa.select(_LINK.c.golden_id.distinct()).where(_LINK.c.source == source)
        customers.update(conn.scalars(query.where(among(conn, _LINK.c.source_id, mine))))
    names = ["source", "source_id", "golden_id"]
    found = load_table(conn, "profile_link", names, where=among(conn, _LINK.c.golden_id, sorted(customers)))
    return found.set_index(found["source"] + ":" + found["source_id"])["golden_id"]


def load_attributed(conn: sa.Connection, touchpoint_ids: Sequence[str]) -> pd.DataFrame:
    """Return touchpoint_id, source, source_id and golden_id of those of the events that are published."""
    names = ["touchpoint_id", "source", "source_id", "golden_id"]
    frames = [
        load_table(conn, "contact_history", names, where=_HISTORY.c.touchpoint_id.in_(part))
        for part in parts_of(touchpoint_ids)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names, dtype=object)
