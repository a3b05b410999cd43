"""Flat JSON payloads to columns of text at once, by the parser of Arrow: the usual case, faster than row by row."""

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

_BLOCK_BYTES = 1 << 24  # no payload may be longer: such a block is read row by row


def read_flat(texts: Sequence[str]) -> dict[str, list[str | None]] | None:
    """Return column -> cells (None for blank) of payloads that all are flat, of text, with the keys of the first one.

    Rows may lack keys. None when anything else is met, a number or a nested object for example.
    """
    first = orjson.loads(texts[0]) if texts else {}
    if not first or not all(value is None or isinstance(value, str) for value in first.values()):
        return None
    rule = arrow_json.ParseOptions(
        explicit_schema=pa.schema([(name, pa.string()) for name in first]), unexpected_field_behavior="error"
    )
    buffer = pa.py_buffer("\n".join(texts).encode())
    try:
        table = arrow_json.read_json(buffer, arrow_json.ReadOptions(block_size=_BLOCK_BYTES), rule)
    except pa.ArrowInvalid:
        return None
    return {name: _cells(table.column(name)) for name in first} if table.num_rows == len(texts) else None


def _cells(column: "pa.ChunkedArray") -> list[str | None]:
    """Return a column's values, None where they are missing or nothing but blanks."""
    if column.null_count == len(column):
        return [None] * len(column)
    blank = pc.or_(pc.equal(pc.binary_length(column), 0), pc.utf8_is_space(column))
    filled = pc.if_else(blank, pa.scalar(None, pa.string()), column)
    cells: list[str | None] = filled.to_numpy(zero_copy_only=False).tolist()
    return cells
