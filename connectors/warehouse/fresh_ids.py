"""How many of the rows that a reading landed have ids that were never landed before."""

import sqlalchemy as sa

from connectors.warehouse.landed import RAW


def count_fresh(conn: sa.Connection, source: str, stream: str, after: int) -> int:
    """Return how many ids of a stream were landed for the first time behind number `after`."""
    older, newer = RAW.alias("older"), RAW.alias("newer")
    was_there = (
        sa.select(sa.literal(1))
        .where(older.c.source == source, older.c.stream == stream)
        .where(older.c.source_id == newer.c.source_id, older.c.seq <= after)
    )
    # Read by number alone: by the columns themselves SQLite walks through all of the stream in an index.
    here = [
        newer.c[name].concat(sa.literal_column("''")) == of for name, of in (("source", source), ("stream", stream))
    ]
    query = sa.select(sa.func.count(newer.c.source_id.distinct())).where(newer.c.seq > after, *here)
    query = query.where(sa.not_(was_there.exists()))
    return int(conn.scalar(query) or 0)
