"""The shape of what is published, in a few numbers: weights of pairs, sizes of profiles, the largest of them."""

from typing import Any

import sqlalchemy as sa

from connectors.warehouse.tables import TABLES

BIN_BITS = 2
_EDGE, _PROFILE = TABLES["match_edge"], TABLES["golden_profile"]


def weigh_pairs(conn: sa.Connection) -> list[tuple[int, str, int]]:
    """Return (lower bound of a bin, bits; verdict; count) of the pairs that are stored; bins are 2 bits wide."""
    middle = sa.cast(sa.func.round((_EDGE.c.match_weight + BIN_BITS / 2) / BIN_BITS), sa.Integer)
    query = sa.select(middle, _EDGE.c.verdict, sa.func.count()).where(_EDGE.c.match_weight.is_not(None))
    rows = conn.execute(query.group_by(middle, _EDGE.c.verdict))
    return sorted(((int(place) - 1) * BIN_BITS, str(verdict), int(count)) for place, verdict, count in rows)


def size_profiles(conn: sa.Connection) -> list[tuple[int, int]]:
    """Return (source records, how many profiles have so many), the smallest first."""
    query = sa.select(_PROFILE.c.record_count, sa.func.count()).group_by(_PROFILE.c.record_count)
    return sorted((int(size), int(count)) for size, count in conn.execute(query))


def largest_profiles(conn: sa.Connection, limit: int = 10) -> list[dict[str, Any]]:
    """Return the profiles of the most source records: golden_id, record_count, source_count, match_confidence."""
    columns = [_PROFILE.c[name] for name in ("golden_id", "record_count", "source_count", "match_confidence")]
    query = sa.select(*columns).where(_PROFILE.c.record_count > 1)
    query = query.order_by(_PROFILE.c.record_count.desc(), _PROFILE.c.golden_id).limit(limit)
    return [dict(row) for row in conn.execute(query).mappings()]
