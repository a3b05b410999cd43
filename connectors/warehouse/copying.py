"""COPY into PostgreSQL: Arrow tables in its binary format, made column by column, without Python values."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from connectors.warehouse.cells import ARROW
from connectors.warehouse.prefetch import prefetch
from connectors.warehouse.tables import UtcTime

ROWS = 20_000  # rows encoded at a time
_BYTES = pa.large_binary()
_KINDS: tuple[tuple[type[Any], pa.DataType], ...] = (
    (sa.Text, ARROW["text"]),
    (sa.BigInteger, ARROW["int"]),
    (sa.Double, ARROW["float"]),
    (sa.Boolean, ARROW["bool"]),
    (UtcTime, ARROW["time"]),
    (sa.LargeBinary, _BYTES),
)
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = pa.scalar(b"\xff\xff\xff\xff", _BYTES)  # a length of -1
_NOTHING = pa.scalar(b"", _BYTES)
_EPOCH = 946_684_800_000_000  # 2000-01-01, from which PostgreSQL counts, in microseconds since 1970


def copy_rows(conn: sa.Connection, table: sa.Table, data: pa.Table) -> None:
    """Load an Arrow table, of the types of `cells.ARROW` or binary, with COPY on the caller's own connection."""
    with copying_into(conn, table, data.column_names) as copy:
        copy.write(_HEAD)
        parts = map(encode_rows, data.to_batches(max_chunksize=ROWS))
        for part in parts if data.num_rows <= ROWS else prefetch(parts):
            copy.write(part)
        copy.write(_END)


@contextmanager
def copying_into(conn: sa.Connection, table: sa.Table, columns: Iterable[str]) -> Iterator[Any]:
    """Yield the driver's binary COPY into columns of a table; raises DBAPIError as a statement of SQLAlchemy does."""
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT binary)'
    raw: Any = conn.connection.driver_connection
    with past_sqlalchemy(conn, statement), raw.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


@contextmanager
def past_sqlalchemy(conn: sa.Connection, doing: str) -> Iterator[None]:
    """Raise what the driver itself raises inside the block as DBAPIError, as a statement of SQLAlchemy does."""
    driver: Any = conn.dialect.dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError(doing, None, error, hide_parameters=True) from error


def arrow_of(table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Return a driver's rows, in the order of the table's columns, as an Arrow table for `copy_rows`."""
    columns = zip(table.columns, zip(*rows, strict=True), strict=True)
    return pa.table({c.name: _column(values, _kind(c.type)) for c, values in columns})


def _column(values: tuple[Any, ...], kind: pa.DataType) -> Any:
    """Return the values of a column; a run's name or time, which stands in every row, is looked at once."""
    if values.count(values[0]) == len(values):
        return pa.repeat(pa.scalar(values[0], kind), len(values))
    return pa.array(values, kind)


def _kind(stored: Any) -> pa.DataType:
    """Return the Arrow type of a column's values; raises TypeError for a type that no table of Meibo has."""
    for kind, arrow in _KINDS:
        if isinstance(stored, kind):
            return arrow
    raise TypeError(f"no way to copy {stored!r}")


def encode_rows(batch: pa.RecordBatch) -> memoryview:
    """Return rows in the binary format: for each the number of its fields, then length and bytes of each field.

    Format: the section "Binary Format" of PostgreSQL's documentation of COPY.
    """
    fields: list[Any] = [pa.scalar(batch.num_columns.to_bytes(2, "big"), _BYTES)]
    for column in batch.columns:
        is_long = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
        fields += _long(column) if is_long else [_fixed(column)]
    rows = pc.binary_join_element_wise(*fields, _NOTHING)
    _, offsets, data = rows.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64, count=len(rows) + 1)
    return memoryview(data)[int(ends[0]) : int(ends[-1])] if len(rows) else memoryview(b"")


def _long(column: Any) -> list[Any]:
    """Return the lengths of texts or bytes, and the bytes."""
    lengths = pc.binary_length(column).fill_null(-1).to_numpy(zero_copy_only=False).astype(">i4")
    content = column.cast(_BYTES)
    return [_cells(lengths), content.fill_null(_NOTHING) if content.null_count else content]


def _fixed(column: Any) -> Any:
    """Return values of a fixed length: numbers, times in microseconds, truth values."""
    is_time, is_truth = pa.types.is_timestamp(column.type), pa.types.is_boolean(column.type)
    plain = column.cast(pa.int8() if is_truth else pa.int64()) if is_time or is_truth else column
    values = plain.fill_null(0).to_numpy(zero_copy_only=False)
    values = values - _EPOCH if is_time else values
    cells = np.empty(len(values), dtype=[("length", ">i4"), ("value", values.dtype.newbyteorder(">"))])
    cells["length"], cells["value"] = values.itemsize, values
    return pc.if_else(column.is_null(), _NULL, _cells(cells)) if column.null_count else _cells(cells)


def _cells(values: np.ndarray) -> Any:
    """Return numbers as bytes, each as it lies in memory."""
    kind = pa.binary(values.itemsize)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(values), [None, pa.py_buffer(values)]).cast(_BYTES)
