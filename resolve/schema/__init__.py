"""Every frame and table that travels: one schema each, by name."""

from resolve.schema import frames, operations, published
from resolve.schema.table import (
    DTYPES,
    EXTRA,
    Column,
    Table,
    assemble,
    check_key,
    columns_of,
    conform,
    empty,
    text_series,
)

PUBLISHED: dict[str, Table] = published.TABLES
OPERATIONS: dict[str, Table] = operations.TABLES

__all__ = [
    "DTYPES",
    "EXTRA",
    "OPERATIONS",
    "PUBLISHED",
    "Column",
    "Table",
    "assemble",
    "check_key",
    "columns_of",
    "conform",
    "empty",
    "frames",
    "operations",
    "published",
    "text_series",
]
