"""Tables that somebody emptied behind Meibo's back: found before a run takes them for what there is to know."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from connectors.warehouse.blocking_index import INDEX_TABLE
from connectors.warehouse.diff import is_empty
from connectors.warehouse.plans import PLANS
from connectors.warehouse.staged_rows import EVENTS
from connectors.warehouse.tables import METADATA

# What no run can make again: which golden ID is whose, which ones there ever were, and the rows of the sources.
KEPT_ALONE = ("profile_link", "golden_registry", "raw_record")
# What no run can make again either, but nights go on without; people may have emptied it on purpose.
FEEDS = (EVENTS, "golden_profile_history", "kept_denial", "judgement")
WATCHED = (
    *(name for name in PLANS if name not in FEEDS),
    *FEEDS,
    INDEX_TABLE.name,
    "raw_record",
    "source_merge",
    "model_version",
    "run_ledger",
)
# Tables that have rows only together, for warehouses whose last run did not note which tables have any.
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "profile_link": ("golden_profile", "contact"),
    "golden_registry": ("golden_profile", "profile_link", "contact"),
    "raw_record": ("profile_link", "contact"),
    "golden_profile": ("profile_link",),
    "contact": ("profile_link",),
}


def filled_tables(conn: sa.Connection) -> tuple[str, ...]:
    """Return the tables that have rows, of those whose rows a run relies on: to be noted by the run that publishes."""
    return tuple(name for name in WATCHED if not is_empty(conn, METADATA.tables[name]))


def emptied_tables(conn: sa.Connection, filled: Collection[str]) -> list[str]:
    """Return the tables without rows that had some: those that the last run noted as `filled`, or others tell of."""
    has_rows = {name: not is_empty(conn, METADATA.tables[name]) for name in WATCHED}
    told = {name for name, others in _TOGETHER.items() if any(has_rows[other] for other in others)}
    return [name for name in WATCHED if not has_rows[name] and (name in filled or name in told)]
