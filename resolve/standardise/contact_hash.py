"""The content hash of a source record: what tells a changed record from an unchanged one."""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
import pandas as pd

from resolve.schema import frames
from resolve.standardise.contact_distinct import Column

_SIZE = 16  # bytes
_SLICE = 1 << 16  # rows whose texts are in memory at a time
_UNIT, _RECORD = "\x1f", "\x1e"


def hash_records(columns: Mapping[str, Column], length: int) -> Column:
    """Return one hash per row (blake2b, 16 bytes, hex) of all mapped values as received, `x_` columns included.

    Independent of column order, of empty columns, of other rows and of the machine.
    """
    known = [name for name in frames.SOURCE_RECORDS.names if name in columns]
    extra = sorted(set(columns) - set(known))
    result = np.empty(length, dtype=object)
    for start in range(0, length, _SLICE):
        rows = slice(start, min(start + _SLICE, length))
        parts = [_tagged(name, columns[name][rows]) for name in (*known, *extra)]
        texts = map("".join, zip(*parts, strict=True)) if parts else iter([""] * (rows.stop - start))
        result[rows] = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest() for text in texts]
    return result


def _tagged(name: str, column: Column) -> list[str]:
    """Return the values of a column with the column's name before each; "" for a missing one."""
    codes, values = pd.factorize(column)
    texts = np.empty(len(values) + 1, dtype=object)
    texts[:] = [*(f"{name}{_UNIT}{value}{_RECORD}" for value in values), ""]
    return list(texts[codes])
