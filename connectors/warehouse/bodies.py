"""Standardised contacts as rows of the table `contact` and back: what a run saw of each record, as JSON."""

import re
from collections.abc import Collection, Sequence
from typing import Any, cast

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json
import sqlalchemy as sa

from resolve.schema import EXTRA, assemble, frames

_APART = ("contact_id", "source", "source_id", "content_hash")
_BODY = [name for name in frames.CONTACTS.names if name not in _APART]
BLOCK_BYTES = 1 << 24  # no body is longer
ROWS = 100_000  # bodies that are written at once
_EXTRA = re.compile(
    rb'"(' + EXTRA.encode() + rb'[^"\\]*)":'
)  # names of extra columns: inside a text quotes are escaped
_EXTRA_BEGINS = b'"' + EXTRA.encode()
_ESCAPED = r'["\\\x00-\x1f]'  # what JSON writes otherwise
_QUOTE, _BACKSLASH, _SPACE = b'"\\ '
_TEXT = pa.large_string()
_NOTHING = pa.scalar("", _TEXT)
_TIMES = [column.name for column in frames.CONTACTS.columns if column.kind == "time"]


def contact_rows(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `contact` without run_id, one for each of CONTACTS; the body leaves out what is missing.

    Bodies stay in Arrow (dtype large_string[pyarrow]): as objects those of a million contacts take a gigabyte.
    """
    extra = [name for name in contacts.columns if name not in frames.CONTACTS.names]
    parts = [_write(contacts.iloc[at : at + ROWS], [*_BODY, *extra]) for at in range(0, len(contacts), ROWS)]
    bodies = pd.arrays.ArrowExtensionArray(pa.chunked_array(parts, _TEXT))
    return contacts[list(_APART)].assign(body=pd.Series(bodies, index=contacts.index))


def contacts_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return CONTACTS of rows of `contact` (contact_id, source, source_id, content_hash, body), in their order.

    The inverse of `contact_rows`: columns `x_…` come back as well, times to the microsecond.
    """
    read = read_bodies(rows["body"])
    columns: dict[str, Any] = {name: rows[name].to_numpy(dtype=object) for name in _APART}
    columns |= {name: read.column(name).to_numpy(zero_copy_only=False) for name in read.column_names}
    for name in _TIMES:
        columns[name] = pd.to_datetime(pd.Series(columns[name]), format="ISO8601", utc=True).astype(
            "datetime64[ns, UTC]"
        )
    return assemble(columns, frames.CONTACTS, pd.RangeIndex(len(rows)))


def body_bytes(conn: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return bodies for a query whose rows go to `read_bodies`: bytes, where the driver would make texts of them."""
    is_sqlite = conn.dialect.name == "sqlite"
    return sa.type_coerce(sa.cast(column, sa.LargeBinary) if is_sqlite else column, sa.types.NullType())


def read_bodies(bodies: Collection[str] | Collection[bytes], columns: Sequence[str] | None = None) -> pa.Table:
    """Return the columns of bodies as text, extra ones by name, or only those that are asked for.

    All bodies are read at once: no text holds a line break of its own.
    """
    is_text = isinstance(next(iter(bodies), ""), str)
    lines = (
        "\n".join(cast("Collection[str]", bodies)).encode()
        if is_text
        else b"\n".join(cast("Collection[bytes]", bodies))
    )
    if columns is None:
        extra = {name.decode() for name in _EXTRA.findall(lines)} if _EXTRA_BEGINS in lines else set()
        columns = [*_BODY, *sorted(extra)]
    schema = pa.schema([(name, pa.string()) for name in columns])
    if not len(bodies):
        return schema.empty_table()
    options = pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    blocks = pa_json.ReadOptions(block_size=BLOCK_BYTES)
    return pa_json.read_json(pa.BufferReader(lines), read_options=blocks, parse_options=options)


def _write(contacts: pd.DataFrame, names: list[str]) -> pa.Array:
    """Return the bodies of contacts, column by column: each value once it is quoted, joined where there is one."""
    texts = {name: _texts(contacts[name]) for name in names}
    pairs = [_pairs(name, column) for name, column in texts.items() if column.null_count < len(column)]
    pairs = pairs or [pa.nulls(len(contacts), _TEXT)]
    joined = pc.binary_join_element_wise(*pairs, pa.scalar(",", _TEXT), null_handling="skip")
    return pc.binary_join_element_wise(pa.scalar("{", _TEXT), joined, pa.scalar("}", _TEXT), _NOTHING)


def _pairs(name: str, texts: Any) -> Any:
    """Return `"name":"value"` as JSON for each text that is there."""
    if _has_escaped(texts):
        special = pc.match_substring_regex(texts, _ESCAPED)
        escaped = [orjson.dumps(text)[1:-1].decode() for text in texts.filter(special).to_pylist()]
        texts = pc.replace_with_mask(texts, pc.fill_null(special, False), pa.array(escaped, _TEXT))
    return pc.binary_join_element_wise(pa.scalar(f'"{name}":"', _TEXT), texts, pa.scalar('"', _TEXT), _NOTHING)


def _has_escaped(texts: Any) -> bool:
    """Return whether any of the texts may hold what JSON writes otherwise: their bytes are looked at all at once."""
    for part in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        _, ends, data = part.buffers()
        if data is None:
            continue
        first, last = np.frombuffer(ends, dtype=np.int64)[[part.offset, part.offset + len(part)]]
        octets = np.frombuffer(data, dtype=np.uint8)[first:last]
        if ((octets < _SPACE) | (octets == _QUOTE) | (octets == _BACKSLASH)).any():
            return True
    return False


def _texts(column: pd.Series) -> Any:
    """Return a column as text, times in ISO 8601, null for missing."""
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return pa.array(column, type=_TEXT, from_pandas=True)
    times = pa.array(
        column.dt.tz_convert("UTC").dt.tz_localize(None), type=pa.timestamp("us"), from_pandas=True, safe=False
    )
    texts = pc.replace_substring(times.cast(_TEXT), " ", "T")
    return pc.binary_join_element_wise(texts, pa.scalar("Z", _TEXT), _NOTHING)
