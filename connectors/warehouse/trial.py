"""May this user write to the warehouse? Tried out in a transaction that its caller rolls back."""

import sqlalchemy as sa

from connectors.warehouse.dialects import claim
from connectors.warehouse.tables import METADATA
from resolve.errors import WarehouseError

_TRIED = "meibo_trial"  # a table that never stays


def try_writing(conn: sa.Connection, *, is_new: bool) -> None:
    """Write as a run would, as the first thing in the transaction; `is_new`: Meibo's tables are not there yet.

    Raises the error of the database where that is refused, WarehouseError where the user may not write some tables.
    """
    if is_new:
        conn.exec_driver_sql(f"CREATE TABLE {_TRIED} (a INTEGER)")
        return
    claim(conn)
    if conn.dialect.name == "postgresql":
        _check_rights(conn)
        conn.exec_driver_sql(f"CREATE TEMPORARY TABLE {_TRIED} (a INTEGER)")
    else:
        conn.exec_driver_sql(f"CREATE TABLE {_TRIED} (a INTEGER)")


def _check_rights(conn: sa.Connection) -> None:
    """Raise WarehouseError that names the tables of PostgreSQL which this user may not write."""
    asked = sa.text(
        "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE NOT (has_table_privilege(name, 'INSERT') "
        "AND has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE'))"
    )
    lacking = sorted(conn.scalars(asked, {"names": list(METADATA.tables)}))
    if lacking:
        listed = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
        raise WarehouseError(
            f"this user may not write the tables {listed}. Connect as the one that made them, or grant it INSERT, "
            "UPDATE and DELETE on all of them"
        )
