"""The content hash of a source record: what tells a changed record from an unchanged one."""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np

from resolve.schema import frames
from resolve.standardise.contact_codes import Coded, Column, objects

_SIZE = 16  # bytes
_SLICE = 1 << 16  # rows whose texts are in memory at a time
_UNIT, _RECORD = "\x1f", "\x1e"


def hash_records(columns: Mapping[str, Coded], length: int) -> Column:
    """Return one hash per row (blake2b, 16 bytes, hex) of all mapped values as received, `x_` columns included.

    Independent of column order, of empty columns, of other rows and of the machine.
    """
    known = [name for name in frames.SOURCE_RECORDS.names if name in columns]
    extra = sorted(set(columns) - set(known))
    tagged = [_repeated(name, columns[name]) for name in (*known, *extra)]
    result = np.empty(length, dtype=object)
    for start in range(0, length, _SLICE):
        rows = slice(start, min(start + _SLICE, length))
        parts = [
            _tagged(name, columns[name].values[columns[name].codes[rows]])
            if table is None
            else table[columns[name].codes[rows]].tolist()
            for name, table in zip((*known, *extra), tagged, strict=True)
        ]
        texts = map("".join, zip(*parts, strict=True)) if parts else iter([""] * (rows.stop - start))
        result[rows] = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest() for text in texts]
    return result


def _repeated(name: str, column: Coded) -> Column | None:
    """Return the tagged values of a column that has few, None where they are too many to keep."""
    return objects(_tagged(name, column.values)) if len(column.values) <= min(_SLICE, len(column) // 2 + 2) else None


def _tagged(name: str, values: Column) -> list[str]:
    """Return values with the column's name before each; "" for a missing one."""
    start = f"{name}{_UNIT}"
    return ["" if value is None else f"{start}{value}{_RECORD}" for value in values.tolist()]
