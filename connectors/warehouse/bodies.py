"""Standardised contacts as rows of the table `contact` and back: what a run saw of each record, as JSON."""

from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.json as pa_json

from resolve.schema import EXTRA, conform, frames

_APART = ("contact_id", "source", "source_id", "content_hash")
_BODY = [name for name in frames.CONTACTS.names if name not in _APART]
BLOCK_BYTES = 1 << 24  # no body is longer
_MARK = f'"{EXTRA}'  # a body with it has extra columns, or a text that looks like one
_TIMES = [column.name for column in frames.CONTACTS.columns if column.kind == "time"]


def contact_rows(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `contact` without run_id, one for each of CONTACTS; the body leaves out what is missing."""
    extra = [name for name in contacts.columns if name not in frames.CONTACTS.names]
    names = [*_BODY, *extra]
    columns = [_cells(contacts[name]) for name in names]
    bodies = [
        orjson.dumps({n: v for n, v in zip(names, row, strict=True) if v is not None}).decode()
        for row in zip(*columns, strict=True)
    ]
    return contacts[list(_APART)].assign(body=pd.Series(bodies, index=contacts.index, dtype=object))


def contacts_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return CONTACTS of rows of `contact` (contact_id, source, source_id, content_hash, body), in their order.

    The inverse of `contact_rows`: columns `x_…` come back as well, times to the microsecond.
    """
    columns: dict[str, Any] = {name: rows[name].to_numpy(dtype=object) for name in _APART}
    columns |= _read_plain(rows["body"]) if not rows["body"].str.contains(_MARK, regex=False).any() else _read(rows)
    for name in _TIMES:
        columns[name] = pd.to_datetime(pd.Series(columns[name]), format="ISO8601", utc=True)
    return conform(pd.DataFrame(columns), frames.CONTACTS)


def _read_plain(bodies: pd.Series) -> dict[str, np.ndarray]:
    """Return the columns of bodies that have no extra ones, all at once: no text holds a line break of its own."""
    if not len(bodies):
        return {name: np.empty(0, dtype=object) for name in _BODY}
    schema = pa.schema([(name, pa.string()) for name in _BODY])
    options = pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    lines = pa.py_buffer("\n".join(bodies).encode())
    blocks = pa_json.ReadOptions(block_size=BLOCK_BYTES)
    table = pa_json.read_json(pa.BufferReader(lines), read_options=blocks, parse_options=options)
    return {name: table.column(name).to_numpy(zero_copy_only=False) for name in _BODY}


def _read(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the columns of bodies, extra ones included."""
    bodies: list[dict[str, Any]] = [orjson.loads(body) for body in rows["body"]]
    extra = sorted({name for body in bodies for name in body if name.startswith(EXTRA)})
    columns = {}
    for name in (*_BODY, *extra):
        columns[name] = np.empty(len(bodies), dtype=object)
        columns[name][:] = [body.get(name) for body in bodies]
    return columns


def _cells(column: pd.Series) -> list[str | None]:
    """Return a column's cells as text, times in ISO 8601, None for missing."""
    texts = column if column.dtype == object else column.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    cells = texts.to_numpy(dtype=object, copy=True)
    cells[column.isna().to_numpy()] = None
    listed: list[str | None] = cells.tolist()
    return listed
