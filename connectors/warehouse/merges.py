"""The merges that sources told of, kept so that a changed row finds the rows whose fate hangs on it."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from connectors.sources.mapping.merges import Merge
from connectors.warehouse.asked import parts_of
from connectors.warehouse.bulk import insert_rows
from connectors.warehouse.tables import TABLES

_TABLE = TABLES["source_merge"]


def load_merges(conn: sa.Connection, source: str, ids: Iterable[str]) -> dict[str, set[Merge]]:
    """Return, by stream, every stored merge of the source that is connected with any of the ids, chains and all."""
    found: dict[str, set[Merge]] = {}
    if conn.execute(sa.select(_TABLE.c.loser).where(_TABLE.c.source == source).limit(1)).first() is None:
        return found
    known: set[str] = set()
    edge = set(ids)
    while edge:
        known |= edge
        rows = [row for part in parts_of(sorted(edge)) for row in _touching(conn, source, part)]
        for row in rows:
            found.setdefault(row.stream, set()).add(Merge(row.told_by, row.loser, row.winner))
        edge = {end for row in rows for end in (row.loser, row.winner)} - known
    return found


def replace_merges(
    conn: sa.Connection, merges: Mapping[tuple[str, str], tuple[Collection[str] | None, Sequence[Merge]]], run_id: str
) -> None:
    """Make the stored merges those that rows tell now.

    merges: by source and stream, the ids of the rows that were mapped (None: all of the stream) and what they tell.
    """
    for (source, stream), (mapped, told) in merges.items():
        place = sa.and_(_TABLE.c.source == source, _TABLE.c.stream == stream)
        if mapped is None:
            conn.execute(sa.delete(_TABLE).where(place))
        else:
            for part in parts_of(sorted(mapped)):
                conn.execute(sa.delete(_TABLE).where(place, _TABLE.c.told_by.in_(part)))
        insert_rows(conn, _TABLE, [(source, stream, m.told_by, m.loser, m.winner, run_id) for m in told])


def _touching(conn: sa.Connection, source: str, ids: Sequence[str]) -> list[sa.Row[tuple[str, str, str, str]]]:
    """Return the merges in which any of the ids lost or won."""
    columns = sa.select(_TABLE.c.stream, _TABLE.c.told_by, _TABLE.c.loser, _TABLE.c.winner)
    queries = (columns.where(_TABLE.c.source == source, end.in_(ids)) for end in (_TABLE.c.loser, _TABLE.c.winner))
    return [row for query in queries for row in conn.execute(query)]
