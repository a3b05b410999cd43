"""What publishing does to each table beyond writing its rows: who fills which column, what counts as a change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.warehouse.tables import TABLES


@dataclass(frozen=True, slots=True)
class Stamps:
    """What every row of a publish is stamped with."""

    run_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of a comparison: the staged row and the stored one (None while the table is empty)."""

    staged: sa.FromClause
    stored: sa.FromClause | None
    stamps: Stamps

    def new(self, column: str) -> sa.ColumnElement[Any]:
        """Return the staged value; null where the frame has no such column."""
        return self.staged.c[column] if column in self.staged.c else sa.null()

    def old(self, column: str) -> sa.ColumnElement[Any]:
        """Return the stored value; null for a new row."""
        return self.stored.c[column] if self.stored is not None else sa.null()


Fill = Callable[[Sides], sa.ColumnElement[Any]]
First = Callable[[Stamps], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is published.

    fills: columns the warehouse computes; none of them counts as a change. firsts: what they hold in an empty table's
    first rows, where the frame gives nothing. once: columns that keep their first value. keeps: rows that the frame no
    longer has stay. scope: for each way into a Scope, the kind of its ids and the columns that hold them; without any
    the frame is always the whole table.
    """

    fills: Mapping[str, Fill] = field(default_factory=dict)
    firsts: Mapping[str, First] = field(default_factory=dict)
    once: frozenset[str] = frozenset()
    keeps: bool = False
    scope: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def filled(self) -> set[str]:
        """Return the columns that a frame need not have."""
        return {"run_id", *self.fills}

    def stamped(self, stamps: Stamps) -> dict[str, object]:
        """Return what the first rows of an empty table hold, where the frame gives nothing, in the filled columns."""
        return {"run_id": stamps.run_id} | {name: first(stamps) for name, first in self.firsts.items()}


def _at(sides: Sides) -> sa.ColumnElement[Any]:
    """The time of the publish."""
    return sa.literal(sides.stamps.at, TABLES["golden_profile"].c.updated_at.type)


def _next_version(sides: Sides) -> sa.ColumnElement[Any]:
    """One more than the last version; a profile that comes back goes on counting."""
    history = TABLES["golden_profile_history"]
    last = sa.select(sa.func.max(history.c.golden_version)).where(history.c.golden_id == sides.new("golden_id"))
    return sa.func.coalesce(sides.old("golden_version"), last.scalar_subquery(), 0) + 1


def _linked_at(sides: Sides) -> sa.ColumnElement[Any]:
    """When the record came to this customer: the stored time as long as it stays."""
    since = sa.func.coalesce(sides.new("linked_at"), _at(sides))
    if sides.stored is None:
        return since
    return sa.case((sides.old("golden_id") == sides.new("golden_id"), sides.old("linked_at")), else_=since)


def _previous(sides: Sides) -> sa.ColumnElement[Any]:
    """The customer before the last move."""
    given = sides.new("previous_golden_id")
    if sides.stored is None:
        return given
    return sa.case(
        (sides.old("golden_id").is_(None), given),
        (sides.old("golden_id") == sides.new("golden_id"), sides.old("previous_golden_id")),
        else_=sides.old("golden_id"),
    )


def _since(sides: Sides) -> sa.ColumnElement[Any]:
    """When a redirect became true."""
    return sa.func.coalesce(sides.new("since"), _at(sides))


_BY_GOLDEN = (("golden_id", ("golden_id",)),)
_BY_CONTACT = (("changed", ("contact_id",)),)
_BY_RECORD = (("record", ("source", "source_id")),)
_BY_TOUCHPOINT = (("touchpoint_id", ("touchpoint_id",)),)
_BY_SCORED = (("scored", ("contact_id_l",)), ("scored", ("contact_id_r",)))

PLANS: Mapping[str, Plan] = {
    "golden_profile": Plan(
        fills={"golden_version": _next_version, "updated_at": _at},
        firsts={"golden_version": lambda _: 1, "updated_at": lambda stamps: stamps.at},
        scope=_BY_GOLDEN,
    ),
    "profile_link": Plan(
        fills={"linked_at": _linked_at, "previous_golden_id": _previous},
        firsts={"linked_at": lambda stamps: stamps.at},
        scope=_BY_RECORD,
    ),
    "profile_identifier": Plan(scope=_BY_GOLDEN),
    "contact_history": Plan(once=frozenset({"golden_id_at_event"}), scope=_BY_TOUCHPOINT),
    "golden_lineage": Plan(scope=_BY_GOLDEN),
    "golden_id_redirect": Plan(fills={"since": _since}, firsts={"since": lambda stamps: stamps.at}, keeps=True),
    "golden_registry": Plan(keeps=True),
    "former_member": Plan(scope=(("ended", ("golden_id",)),)),
    "kept_denial": Plan(scope=(("holder", ("contact_id",)),)),
    "planned_contact": Plan(scope=_BY_TOUCHPOINT),
    "contact": Plan(scope=_BY_CONTACT),
    "touchpoint": Plan(scope=(("event", ("touchpoint_id",)),)),
    "segment_rule": Plan(),
    "match_edge": Plan(scope=_BY_SCORED),
    "review_queue": Plan(scope=_BY_SCORED),
}
