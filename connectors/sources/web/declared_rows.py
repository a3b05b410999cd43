"""Rows of declared APIs: their cells, ids and columns, as the declaration has them."""

from collections.abc import Sequence
from typing import Any

import orjson

from connectors.settings.declared import ObjectRules
from connectors.sources.plan import Header, StreamPlan
from connectors.sources.rows import read_path
from connectors.sources.source import Payload
from connectors.sources.values import as_text
from connectors.sources.web.rest import flat_text


class DeclaredRows:
    """How the rows of one object are read."""

    def __init__(self, rules: ObjectRules, plan: StreamPlan, columns: Sequence[str]) -> None:
        """Take the rules of the object, the plan of the stream, and all columns that are read."""
        self._cell = rules.cell
        self._ids = (*plan.id, *rules.id)
        self._columns = columns
        self._headers_of: dict[tuple[str, ...], Header] = {}

    def cells(self, found: Sequence[Any]) -> list[dict[str, Any]]:
        """Return rows whose columns are values, where the API wraps each value in an object."""
        key = self._cell
        if key is None:
            return list(found)
        return [
            {name: cell.get(key) if isinstance(cell, dict) else cell for name, cell in row.items()} for row in found
        ]

    def id_of(self, row: dict[str, Any]) -> str | None:
        """Return the id that a row has; None where it has none."""
        header = self._header(row)
        values = (as_text(read_path(row, header.find(column) or column)) for column in self._ids)
        return next((value for value in values if value is not None), None)

    def payload(self, row: dict[str, Any]) -> Payload:
        """Return the columns that a row has among those that are read, as text, under the row's own names."""
        header = self._header(row)
        payload: Payload = {}
        for column in self._columns:
            own = header.find(column) if "." not in column else None
            value = row[own] if own is not None else read_path(row, column)
            if value is not None or own is not None:
                payload[own or column] = list_text(value)
        return payload

    def _header(self, row: dict[str, Any]) -> Header:
        """Return the columns of a row."""
        names = tuple(row)
        if names not in self._headers_of:
            self._headers_of[names] = Header(names)
        return self._headers_of[names]


def list_text(value: Any) -> str | None:
    """Return a JSON value of a row as text: of a list its values one a line, objects as JSON."""
    if isinstance(value, list):
        return "\n".join(text for one in value if (text := list_text(one))) or None
    if isinstance(value, dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else None
    return flat_text(value)
