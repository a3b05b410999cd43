"""Tables that a loader keeps: which columns are its own, when it wrote a row, and how it marks rows that are gone.

Such tables are read by the time the loader wrote a row, not by the vendor's time of change: a row that arrives late
would be missed otherwise. The loader's own columns are no part of a row, for they change with every load.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from connectors.sources.values import as_json, as_text

LoaderName = Literal["fivetran", "airbyte", "dlt", "stitch"]


@dataclass(frozen=True, slots=True)
class Loader:
    """One kind of loader.

    `written_at`: alternatives of the column with the time, or the number, of the load. `deleted`: columns that mark a
    row as gone. `own`: how the names of its own columns begin. `flattened`: what it makes of `properties.` before a
    name. `loads`: its table of loads, of which only those with status 0 are whole.
    """

    name: str
    written_at: tuple[str, ...]
    deleted: tuple[str, ...]
    own: tuple[str, ...]
    flattened: str = "properties_"
    loads: str | None = None

    def is_own(self, column: str) -> bool:
        """Return whether a column is the loader's."""
        return column.lower().startswith(self.own)

    def with_flattened(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return columns with, behind each that lies in `properties`, the name that this loader gives it."""
        named: list[str] = []
        for column in columns:
            inner = column.removeprefix("properties.")
            named += [column, self.flattened + inner] if inner != column else [column]
        return tuple(dict.fromkeys(named))


LOADERS = {
    "fivetran": Loader("fivetran", ("_fivetran_synced",), ("_fivetran_deleted",), ("_fivetran_",), "property_"),
    "airbyte": Loader(
        "airbyte", ("_airbyte_extracted_at", "_airbyte_emitted_at"), ("_ab_cdc_deleted_at",), ("_airbyte_", "_ab_cdc_")
    ),
    "dlt": Loader("dlt", ("_dlt_load_id",), (), ("_dlt_",), "properties__", "_dlt_loads"),
    "stitch": Loader("stitch", ("_sdc_batched_at", "_sdc_received_at"), ("_sdc_deleted_at",), ("_sdc_",)),
}


def whole_loads(connection: sa.Connection, loader: Loader, table: str) -> "sa.ColumnElement[bool] | None":
    """Return the condition that a row of `table` is of a load that was finished; None where no loads are kept."""
    schema = table.rpartition(".")[0] or None
    if loader.loads is None or not sa.inspect(connection).has_table(loader.loads, schema=schema):
        return None
    loads = sa.table(loader.loads, sa.column("load_id"), sa.column("status", sa.Integer), schema=schema)
    whole = sa.select(loads.c.load_id).where(loads.c.status == 0)
    condition: sa.ColumnElement[bool] = sa.column(loader.written_at[0]).in_(whole)
    return condition


def ids_loading(
    connection: sa.Connection, rows: sa.FromClause, id_: "sa.ColumnClause[Any]", whole: "sa.ColumnElement[bool] | None"
) -> set[str]:
    """Return every id of a table of which `whole` hides a part: rows of a load that is not finished are not gone."""
    if whole is None:
        return set()
    values = connection.scalars(sa.select(id_).select_from(rows))
    return {text.strip() for value in values if (text := as_text(as_json(value))) is not None}
