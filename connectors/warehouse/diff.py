"""Set-based comparison of a staged table with the stored one: only rows that differ are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.warehouse.bulk import Staging
from connectors.warehouse.plans import Plan, Sides, Stamps
from connectors.warehouse.staging_file import copy_twin
from connectors.warehouse.tables import TABLES, add_indexes
from connectors.warehouse.upsert import merge_rows

KNOWN = "known_"  # name of the flag "the row was there before" in a table of fresh rows


@dataclass(frozen=True, slots=True)
class Changes:
    """What a publish did to one table, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """Rows that were written or deleted."""
        return self.inserted + self.updated + self.deleted


class Diff:
    """One table's difference between what is staged and what is stored."""

    def __init__(self, staging: Staging, name: str, staged: sa.Table, plan: Plan) -> None:
        self.conn = staging.conn
        self._staging = staging
        self.plan = plan
        self.target = TABLES[name]
        self.staged = staged
        self._key = [c.name for c in self.target.primary_key]

    def is_first(self) -> bool:
        """Return whether the table is empty."""
        return is_empty(self.conn, self.target)

    def insert_all(self, stamps: Stamps) -> int:
        """Insert every staged row into the empty table; returns how many."""
        if self.staged.name == self.target.name:
            add_indexes(self.conn, self.target.name)  # a twin has them, too
            copy_twin(self.conn, self.staged)
            return count(self.conn, self.staged)
        query = sa.select(*self._values(Sides(self.staged, None, stamps)))
        self.conn.execute(sa.insert(self.target).from_select(self._names(), query))
        return count(self.conn, self.staged)

    def fresh(self, stamps: Stamps) -> sa.Table:
        """Return a temporary table of the rows that are new or differ, as they will be stored, with the flag KNOWN."""
        sides = Sides(self.staged, self.target, stamps)
        fresh = self._staging.create(
            f"fresh_{self.target.name}",
            [sa.Column(c.name, c.type) for c in self.target.columns] + [sa.Column(KNOWN, sa.Boolean())],
        )
        known = self.target.c[self._key[0]].is_not(None)
        joined = sa.outerjoin(self.staged, self.target, _equal(self.staged, self.target, self._key))
        query = sa.select(*self._values(sides), known).select_from(joined)
        query = query.where(sa.or_(sa.not_(known), *self._differences(sides)))
        self.conn.execute(sa.insert(fresh).from_select([c.name for c in fresh.columns], query))
        return fresh

    def gone(self, within: Sequence[sa.ColumnElement[bool]] | None) -> sa.Table:
        """Return a temporary table of the keys of stored rows that are not staged; `within` limits them to a scope."""
        gone = self._staging.create(
            f"gone_{self.target.name}", [sa.Column(k, self.target.c[k].type) for k in self._key]
        )
        every = sa.select(*(self.target.c[k] for k in self._key))
        # One look-up a condition: PostgreSQL reads the whole table for two that are joined by OR.
        queries = [every] if within is None else [every.where(condition) for condition in within]
        held = sa.union(*queries).subquery() if len(queries) > 1 else queries[0].subquery()
        staged = sa.select(*(self.staged.c[k] for k in self._key))
        query = sa.select(*(held.c[k] for k in self._key)).except_(staged)
        self.conn.execute(sa.insert(gone).from_select(self._key, query))
        return gone

    def delete(self, gone: sa.Table) -> int:
        """Delete the rows whose keys are in `gone`; returns how many."""
        self.conn.execute(sa.delete(self.target).where(_key_in(self.target, gone, self._key)))
        return count(self.conn, gone)

    def upsert(self, fresh: sa.Table) -> None:
        """Write the fresh rows into the table."""
        merge_rows(self.conn, self.target, fresh, KNOWN)

    def _names(self) -> list[str]:
        """Return the columns of the stored table."""
        return [c.name for c in self.target.columns]

    def _values(self, sides: Sides) -> list[sa.ColumnElement[Any]]:
        """Return what each column of the stored table will hold."""
        return [self._value(name, sides).label(name) for name in self._names()]

    def _value(self, name: str, sides: Sides) -> sa.ColumnElement[Any]:
        """Return what one column will hold."""
        if name == "run_id":
            return sa.literal(sides.stamps.run_id)
        if name in self.plan.fills:
            return self.plan.fills[name](sides)
        if name in self.plan.once and sides.stored is not None:
            return sa.func.coalesce(sides.old(name), sides.new(name))
        return sides.new(name)

    def _differences(self, sides: Sides) -> list[sa.ColumnElement[bool]]:
        """Return one condition per column that counts as content."""
        silent = {"run_id", *self.plan.fills, *self._key}
        return [
            sides.old(name).is_distinct_from(self._value(name, sides)) for name in self._names() if name not in silent
        ]


def is_empty(conn: sa.Connection, table: sa.FromClause) -> bool:
    """Return whether a table has no rows."""
    return conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None


def count(conn: sa.Connection, table: sa.FromClause, *where: sa.ColumnElement[bool]) -> int:
    """Return how many rows of the table meet the conditions."""
    return int(conn.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


def _equal(left: sa.FromClause, right: sa.FromClause, key: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that two rows have the same key."""
    return sa.and_(*(left.c[k] == right.c[k] for k in key))


def _key_in(table: sa.Table, keys: sa.Table, key: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a row's key is in a table of keys; an index on the key is used."""
    return sa.tuple_(*(table.c[k] for k in key)).in_(sa.select(*(keys.c[k] for k in key)))
