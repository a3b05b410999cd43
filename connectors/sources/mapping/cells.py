"""Cells of raw rows as fields: columns found, joined or chosen, value lists applied, constants filled in."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Self, TypeVar

import orjson

from connectors.settings.mapping import Columns
from connectors.sources.mapping.payload_columns import read_flat
from connectors.sources.plan import JOIN_BY_SPACE, Header, PartPlan
from connectors.sources.rows import read_path
from connectors.sources.source import Payload
from connectors.sources.values import as_text

_LIST_ELEMENT = re.compile(r"(.+?)\.\d+(?:\..+)?")  # `tels.1`, `tels.0.number`

Cells = list[str | None]
Value = TypeVar("Value")


class RowBlock:
    """A block of payloads, read column by column."""

    def __init__(self, payloads: list[Payload]) -> None:
        """Take the rows; their columns are the union of their keys."""
        self.rows = payloads
        keys: dict[str, None] = {}
        for payload in payloads:
            if payload.keys() - keys.keys():
                keys.update(dict.fromkeys(payload))
        self.size = len(payloads)
        self.header = Header(keys, is_open=True)
        self._cells: dict[str, Cells] = {}

    @classmethod
    def of_payloads(cls, texts: list[str]) -> Self:
        """Return a block of payloads given as JSON text."""
        columns = read_flat(texts)
        if columns is None:
            return cls([orjson.loads(text) for text in texts])
        return cls.of_columns(columns, len(texts))

    @classmethod
    def of_columns(cls, columns: dict[str, Cells], size: int) -> Self:
        """Return a block whose `size` rows are given as columns of text."""
        block = cls([])
        block.size = size
        block.header = Header(columns)
        block._cells = dict(columns)
        return block

    def has(self, column: str) -> bool:
        """Return whether any row has the column; of an element of a list the list counts, which may be short today."""
        if self.header.find(column) is not None:
            return True
        element = _LIST_ELEMENT.fullmatch(column)
        return self.has(element[1]) if element else "." in column and any(self.column(column))

    def column(self, name: str) -> Cells:
        """Return the cells of one column as text, None where a row has no value."""
        if name not in self._cells:
            found = self.header.find(name)
            if not self.rows:  # given as columns
                return self._cells[found] if found else [None] * self.size
            values = [row.get(found) for row in self.rows] if found else [read_path(row, name) for row in self.rows]
            self._cells[name] = [
                (value if value and not value.isspace() else None) if type(value) is str else cell_text(value)
                for value in values
            ]
        return self._cells[name]

    def field(self, field: str, part: PartPlan) -> Cells:
        """Return the cells of one field: its columns, then the value list, then the constant where there is none."""
        columns = part.fields.get(field)
        cells: Cells = self._combine(field, columns) if columns else [None] * self.size
        if field in part.values:
            cells = translate(cells, part.values[field])
        constant = part.constants.get(field)
        return cells if constant is None else [constant if cell is None else cell for cell in cells]

    def first_of(self, columns: tuple[str, ...]) -> Cells:
        """Return the first value of alternative columns."""
        return self._combine("", Columns.model_validate({"any": columns})) if columns else [None] * self.size

    def _combine(self, field: str, columns: Columns) -> Cells:
        """Return several columns as one: the first value of `any`, or all values joined."""
        names = [name for name in columns.names if self.has(name)]
        if not names:
            return [None] * self.size
        if len(names) == 1:
            return self.column(names[0])
        if columns.any_of:
            chosen = self.column(names[0])
            for name in names[1:]:
                chosen = [cell or other for cell, other in zip(chosen, self.column(name), strict=True)]
            return [cell or None for cell in chosen]
        glue = columns.join if columns.join is not None else " " if field in JOIN_BY_SPACE else "\n"
        if len(names) == 2:
            return [f"{a}{glue}{b}" if a and b and a != b else a or b or None for a, b in self._zip(names)]
        return [glue.join(dict.fromkeys(filter(None, row))) or None for row in self._zip(names)]

    def _zip(self, names: list[str]) -> "zip[tuple[str | None, ...]]":
        """Return the rows of some columns."""
        return zip(*(self.column(name) for name in names), strict=True)


def cell_text(value: Any) -> str | None:
    """Return a JSON value as text: a list's values one a line, an object as JSON."""
    if isinstance(value, list):
        texts = [text for item in value if (text := cell_text(item))]
        return "\n".join(texts) or None
    if isinstance(value, dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else None
    return as_text(value)


def fold_value(value: str) -> str:
    """Return a value without case, width and outer blanks, as value lists compare it."""
    return unicodedata.normalize("NFKC", value).strip().casefold()


def translate(cells: Cells, pairs: dict[str, str]) -> Cells:
    """Return cells replaced by a value list: keys compare without case and width; `*` stands for any other value.

    A value that the list does not name stays; an empty target means no value. Of a cell of several lines, which several
    columns give, the list may name the whole or each line.
    """
    folded = {fold_value(key): target or None for key, target in pairs.items()}

    def find(cell: str) -> str | None:
        whole = fold_value(cell)
        if "\n" not in cell or whole in folded:
            return folded.get(whole, folded.get("*", cell))
        lines = [folded.get(fold_value(line), folded.get("*", line)) for line in cell.split("\n")]
        return "\n".join(dict.fromkeys(filter(None, lines))) or None

    return per_value(cells, find, None)


def per_value(cells: Cells, function: Callable[[str], Value], missing: Value) -> list[Value]:
    """Return the function's result for each cell, `missing` for None; each distinct value is worked on once."""
    results: dict[str | None, Value] = {cell: function(cell) for cell in set(cells) if cell is not None}
    results[None] = missing
    return [results[cell] for cell in cells]
