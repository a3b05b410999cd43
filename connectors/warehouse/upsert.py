"""Rows whose key is there are replaced, others inserted: one by one as parameters, or from another table."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

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


def merge_rows(conn: sa.Connection, target: sa.Table, rows: sa.Table, known: str) -> None:
    """Write rows of a table that has the target's columns and a flag: those `known` replace the rows with their key.

    Not an upsert: for a statement that may fail halfway SQLite copies every page that it is about to change to a file,
    and an upsert may. These say what then: keep what was done, which the caller's transaction takes back.
    """
    key = {c.name for c in target.primary_key}
    names = [c.name for c in target.columns]
    same = sa.and_(*(target.c[name] == rows.c[name] for name in key))
    change = sa.update(target).values({name: rows.c[name] for name in names if name not in key})
    conn.execute(failing_at_once(change.where(same, rows.c[known])))
    new = sa.select(*(rows.c[name] for name in names)).where(sa.not_(rows.c[known]))
    new = new.order_by(*(rows.c[c.name] for c in target.primary_key))  # neighbours in the index come together
    conn.execute(failing_at_once(sa.insert(target).from_select(names, new)))


Write = TypeVar("Write", sa.Update, sa.Insert)


def failing_at_once(statement: Write) -> Write:
    """Return a statement that SQLite need not be able to take back by itself."""
    return statement.prefix_with("OR FAIL", dialect="sqlite")


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
