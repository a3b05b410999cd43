"""INSERT … ON CONFLICT in the two dialects: a row whose key is there is replaced."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def upsert_rows(
    conn: sa.Connection, target: sa.Table, rows: Sequence[Mapping[str, Any]], *, once: Collection[str] = ()
) -> None:
    """Insert rows, replacing those whose key is there; columns in `once` keep the value they were first given."""
    if rows:
        conn.execute(_replacing_rows(conn.dialect.name, target, frozenset(once)), list(rows))


def upsert_from(conn: sa.Connection, target: sa.Table, query: sa.Select[Any]) -> None:
    """Insert the query's rows, whose columns are the table's in order, replacing those whose key is there."""
    # SQLite needs a WHERE to tell ON CONFLICT from the ON of a join.
    always = sa.literal_column("1") == sa.literal_column("1")
    conn.execute(_replacing(conn.dialect.name, target, query.where(always), ()))


@lru_cache(maxsize=64)
def _replacing_rows(dialect: str, target: sa.Table, once: frozenset[str]) -> sa.Insert:
    """Return the statement for rows as parameters; building it costs more than running it for a few rows."""
    return _replacing(dialect, target, None, once)


def _replacing(dialect: str, target: sa.Table, query: sa.Select[Any] | None, once: Collection[str]) -> sa.Insert:
    """Return the statement in a dialect."""
    names = [c.name for c in target.columns]
    key = list(target.primary_key.columns)
    rest = [n for n in names if n not in {k.name for k in key} | set(once)]
    insert = sqlite.insert(target) if dialect == "sqlite" else postgresql.insert(target)
    if query is not None:
        insert = insert.from_select(names, query)
    return insert.on_conflict_do_update(index_elements=key, set_={n: insert.excluded[n] for n in rest})
