"""Frames to what a database stores and back: one column at a time, through Arrow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resolve.errors import SchemaError, WarehouseError, counted
from resolve.schema import DTYPES, Column, Table

# large_string: the bodies of a million contacts are more than the 2 GB that a plain string column can hold.
ARROW: dict[str, pa.DataType] = {
    "text": pa.large_string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "time": pa.timestamp("us", "UTC"),
}
_UNSTORABLE = "\x00"  # PostgreSQL stores no NUL; the raw payload keeps it as an escape
_REPLACEMENT = "�"
_ZONE, _NOTHING = pa.scalar("Z", ARROW["text"]), pa.scalar("", ARROW["text"])


def encode(
    frame: pd.DataFrame,
    table: Table,
    dialect: str,
    *,
    filled: Iterable[str] = (),
    given: Mapping[str, object] | None = None,
) -> pa.Table:
    """Return the frame's columns as the dialect stores them, in the table's order.

    Missing optional columns come back empty. Columns in `filled` may be missing although required: the warehouse
    fills them. `given`: what columns hold where the frame has nothing. Raises SchemaError for unknown columns, absent
    or empty required values, and values of another kind.
    """
    unknown = [name for name in frame.columns if name not in table.names]
    if unknown:
        raise SchemaError(table.name, "unknown columns", unknown)
    later = set(filled)
    columns = [c for c in table.columns if c.name in frame.columns or c.name not in later]
    held = given or {}
    arrays = {c.name: _encode_column(frame, c, table.name, (c.name in later, held.get(c.name))) for c in columns}
    if dialect == "sqlite":
        arrays = {c.name: _for_sqlite(arrays[c.name], c.kind) for c in columns}
    return pa.table(arrays)


def _encode_column(frame: pd.DataFrame, column: Column, table: str, gaps: tuple[bool, object]) -> Any:
    """Return one column as Arrow, checked; `gaps`: whether the warehouse fills them, or else what they hold."""
    kind, (filled, given) = ARROW[column.kind], gaps
    if column.name not in frame.columns:
        array = pa.nulls(len(frame), kind)
    else:
        array = _convert(frame[column.name], kind, table)
    if given is not None and array.null_count:
        array = array.fill_null(pa.scalar(given, kind))
    if column.required and not filled and array.null_count:
        missing = "required column is absent" if column.name not in frame.columns else "required column holds nulls"
        raise SchemaError(table, missing, [column.name])
    return array


def _convert(series: "pd.Series[Any]", kind: pa.DataType, table: str) -> Any:
    """Return a pandas column as an Arrow column of the given type; raises SchemaError."""
    try:
        if kind == ARROW["text"]:
            return _text(series)
        if kind == ARROW["time"]:
            moments = series if isinstance(series.dtype, pd.DatetimeTZDtype) else pd.to_datetime(series, utc=True)
            return pa.array(moments, from_pandas=True).cast(kind, safe=False)
        return pa.array(series, type=kind, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError) as error:
        # The driver's message would quote the value.
        raise SchemaError(table, f"holds values that are no {kind}", [str(series.name)]) from error


def _text(series: "pd.Series[Any]") -> Any:
    """Return a text column; characters that no database stores (NUL, lone surrogates) become U+FFFD."""
    try:
        array = pa.array(series, type=ARROW["text"], from_pandas=True)
    except UnicodeEncodeError:
        mended = series.map(lambda v: v.encode("utf-8", "replace").decode("utf-8"), na_action="ignore")
        array = pa.array(mended, type=ARROW["text"], from_pandas=True)
    if pc.any(pc.match_substring(array, _UNSTORABLE)).as_py():
        return pc.replace_substring(array, _UNSTORABLE, _REPLACEMENT)
    return array


def _for_sqlite(array: Any, kind: str) -> Any:
    """Return the column as SQLite stores it: times as text (see tables.UtcTime), booleans as 0 and 1."""
    if kind == "bool":
        return array.cast(pa.int64())
    if kind == "time":
        # Twenty times as fast without a zone; the type's own zone is UTC.
        text = array.cast(pa.timestamp("us")).cast(pa.large_string())
        return pc.binary_join_element_wise(text, _ZONE, _NOTHING)
    return array


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """Return an Arrow table as rows for a driver."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def decode(parts: Iterable[Sequence[Sequence[Any]]], columns: Sequence[Column]) -> pd.DataFrame:
    """Return a driver's rows, given part by part, as a frame of the given columns, in the house's types."""
    pieces: list[list[Any]] = [[] for _ in columns]
    for rows in parts:
        for piece, column, values in zip(pieces, columns, zip(*rows, strict=True), strict=True):
            piece.append(_decode_values(values, column))
    return pd.DataFrame({c.name: _joined(piece, c.kind) for c, piece in zip(columns, pieces, strict=True)})


def _decode_values(values: Sequence[Any], column: Column) -> Any:
    """Return stored values as an array: of objects for text, else of Arrow."""
    kind = column.kind
    if kind == "text":
        return np.fromiter(values, dtype=object, count=len(values))
    if kind == "bool":
        return pa.array([None if v is None else bool(v) for v in values], ARROW[kind])
    return _decode_times(values, column.name) if kind == "time" else pa.array(values, ARROW[kind])


def _decode_times(values: Sequence[Any], name: str) -> Any:
    """Return stored times as an Arrow array; raises WarehouseError for what is none."""
    if isinstance(next((v for v in values if v is not None), None), datetime | None):
        return pa.array(values, ARROW["time"])
    try:
        return pa.array(values, ARROW["text"]).cast(ARROW["time"])
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # rows that somebody wrote by hand
        times = read_times(values)
    bad = sum(v is not None for v in values) - int(times.notna().sum())
    if bad:
        raise WarehouseError(
            f"{name}: {counted(bad, 'value of the warehouse is no time', 'values of the warehouse are no times')}. "
            "Write them as 2026-11-02 03:04:05Z"
        )
    return pa.array(times, ARROW["time"], from_pandas=True)


def read_times(values: Sequence[Any]) -> "pd.Series[Any]":
    """Return times, given as such or as ISO text; without an offset they are UTC; NaT for what is none."""
    if isinstance(next((v for v in values if v is not None), None), datetime):
        return pd.Series(pd.to_datetime(list(values), utc=True))
    texts = [None if v is None else str(v) for v in values]
    return pd.to_datetime(pd.Series(texts, dtype=object), utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")


def _joined(pieces: list[Any], kind: str) -> "pd.Series[Any]":
    """Return the pieces of one column as a column of its kind."""
    if kind == "text":
        return pd.Series(np.concatenate(pieces) if pieces else [], dtype=object)
    column = pa.chunked_array(pieces, ARROW[kind])
    if kind == "int":
        return pd.Series(column.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get), dtype=DTYPES[kind])
    if kind == "bool":
        return pd.Series(column.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get), dtype=DTYPES[kind])
    return pd.Series(column.to_pandas(), dtype=DTYPES[kind])
