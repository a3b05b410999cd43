"""Old versions of raw rows removed: each row keeps its newest, so nothing that is published hangs on what goes."""

from datetime import datetime

import sqlalchemy as sa

from connectors.warehouse.landed import RAW
from connectors.warehouse.tables import TABLES

_SYNC, _QUARANTINE = TABLES["sync_state"], TABLES["quarantine"]


def drop_superseded(conn: sa.Connection, upto: int) -> int:
    """Remove every version that one with a number of at most `upto` replaced; return how many went.

    What went is noted in sync_state, so that each night looks only at what was landed since, and at whole streams once.
    """
    after = int(conn.scalar(sa.select(sa.func.min(sa.func.coalesce(_SYNC.c.dropped_to, 0)))) or 0)
    if upto <= after:
        return 0
    names = (RAW.c.source, RAW.c.stream, RAW.c.source_id)
    newest = sa.select(*names, sa.func.max(RAW.c.seq).label("seq"))
    newer = newest.where(RAW.c.seq > after, RAW.c.seq <= upto).group_by(*names).subquery()
    old = RAW.alias("old")
    same = (old.c[name.name] == newer.c[name.name] for name in names)
    replaced = sa.select(old.c.seq).join(newer, sa.and_(*same, old.c.seq < newer.c.seq))
    gone = conn.execute(sa.delete(RAW).where(RAW.c.seq.in_(replaced))).rowcount
    conn.execute(sa.update(_SYNC).values(dropped_to=upto))
    return gone


def empty_released(conn: sa.Connection, before: datetime) -> int:
    """Empty the payload of quarantined rows that were accepted before a time; return how many."""
    held = _QUARANTINE.c.payload.is_not(None), _QUARANTINE.c.resolved_at < before
    return conn.execute(sa.update(_QUARANTINE).where(*held).values(payload=None)).rowcount
