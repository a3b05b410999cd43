"""Tables and columns that somebody dropped, told by name before a statement fails for want of them."""

import sqlalchemy as sa

from connectors.warehouse.tables import METADATA, VERSION_TABLE
from resolve.errors import WarehouseError

_SHOWN = 10


def check_present(conn: sa.Connection) -> None:
    """Raise WarehouseError that names the tables and columns that were dropped."""
    found = _columns(conn)
    missing = []
    for table in METADATA.sorted_tables:
        if table.name not in found:
            missing.append(f"table {table.name}")
        else:
            missing += [f"column {table.name}.{c.name}" for c in table.columns if c.name not in found[table.name]]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise WarehouseError(
            f"the warehouse lacks what Meibo made there: {', '.join(missing[:_SHOWN])}{more}. Somebody dropped or "
            "renamed it. Give it back, or restore a backup of the warehouse, then run again"
        )


def check_version_table(foreign: list[str]) -> None:
    """Raise WarehouseError where `meibo_schema` alone is gone: `foreign` are Meibo's tables that are there."""
    if len(foreign) * 2 > len(METADATA.tables):
        raise WarehouseError(
            f"the warehouse lacks the table {VERSION_TABLE.name}, which says of which version Meibo's tables are, and "
            "has the others. Restore it from a backup of the warehouse, then run again"
        )


def _columns(conn: sa.Connection) -> dict[str, set[str]]:
    """Return the names of the columns of every table."""
    if conn.dialect.name == "sqlite":
        query = "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'"
    else:
        query = (
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) "
            "AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped"
        )
    found: dict[str, set[str]] = {}
    for table, column in conn.execute(sa.text(query)):
        found.setdefault(table, set()).add(column)
    return found
