"""The views of the warehouse, made with its tables and anew with every upgrade; described in `resolve.schema.views`."""

from collections.abc import Collection

import sqlalchemy as sa

from connectors.warehouse import view_history as history
from connectors.warehouse.view_words import Words
from resolve.errors import WarehouseError
from resolve.schema.views import VIEWS

_TRAITS = (
    "golden_id full_name given_name family_name primary_email primary_phone birth_date gender organization job_title "
    "country_code postal_code region city street preferred_language first_seen_at"
)
# Tables under other names: the table, and the column behind each column of the view.
_RENAMED: dict[str, tuple[str, str]] = {
    "unifiedindividual__dlm": (
        "golden_profile",
        "golden_id given_name family_name full_name birth_date gender job_title first_seen_at updated_at",
    ),
    "individualidentitylink__dlm": ("profile_link", "source_id source golden_id"),
    "id_graph": ("golden_id_redirect", "golden_id current_golden_id since"),
    "user_traits": (
        "golden_profile",
        _TRAITS,
    ),
    "user_identifiers": (
        "profile_identifier WHERE NOT is_blocked",
        "golden_id type value first_seen_at last_seen_at",
    ),
    "meibo_resolved": ("profile_link", "golden_id source source_id linked_at"),
    "meibo_resolved_identifiers": ("profile_identifier", "golden_id type value source_count"),
}


def queries(dialect: str) -> dict[str, str]:
    """Return the query of every view in a dialect, by name, in the order of `VIEWS`."""
    words = Words(dialect)
    built = {
        "customer_timeline": history.timeline(),
        "customer_journey": history.journey(words),
        "experience_daily": history.experience_daily(words),
        "experience_by_channel": history.experience_by_channel(words),
        "customer_segment": history.segment(words),
    } | {name: _rename(name, *what) for name, what in _RENAMED.items()}
    return {name: built[name] for name in VIEWS}


def create_views(conn: sa.Connection) -> None:
    """Create every view. Raises WarehouseError where something that Meibo did not make has its name."""
    inspector = sa.inspect(conn)
    taken = sorted(VIEWS.keys() & {*inspector.get_table_names(), *inspector.get_view_names()})
    if taken:
        raise WarehouseError(
            f"the warehouse already has tables or views of these names that Meibo did not make: {', '.join(taken)}. "
            "Rename them, or give Meibo a database or a PostgreSQL schema of its own (`warehouse` in meibo.yaml)"
        )
    _create(conn, VIEWS)


def restore_views(conn: sa.Connection) -> None:
    """Create the views that somebody dropped; what has the name of one now is left alone."""
    inspector = sa.inspect(conn)
    _create(conn, VIEWS.keys() - {*inspector.get_table_names(), *inspector.get_view_names()})


def _create(conn: sa.Connection, names: Collection[str]) -> None:
    """Create some of the views."""
    for name, query in queries(conn.dialect.name).items():
        if name in names:
            conn.exec_driver_sql(f'CREATE VIEW "{name}" AS {query}'.replace("%", "%%"))


def drop_views(conn: sa.Connection) -> None:
    """Drop the views, so that the tables below can be changed."""
    for name in VIEWS:
        conn.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')


def _rename(name: str, origin: str, columns: str) -> str:
    """Return the query of a view that only gives other names to a table."""
    pairs = zip(columns.split(), VIEWS[name].names, strict=True)
    return f"SELECT {', '.join(f'{column} AS {alias}' for column, alias in pairs)} FROM {origin}"
