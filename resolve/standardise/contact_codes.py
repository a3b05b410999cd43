"""Columns as codes of their distinct values, and functions called once per distinct combination of values."""

import marshal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resolve.standardise.contact_worker import RowFunction, call_packed, call_rows

Column = np.ndarray[Any, np.dtype[Any]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

_CHUNK = 4000  # distinct combinations worked on, or sent to a process, at a time


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as values and codes: row i holds `values[codes[i]]`.

    `values` (object) ends with None, so that the code -1 is a missing value; results may hold None elsewhere too.
    """

    codes: Column
    values: Column

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    def texts(self) -> Column:
        """Return the column as it is in a frame: object, None where a value is missing."""
        texts: Column = self.values[self.codes]
        return texts

    def missing(self) -> Flags:
        """Return where the column has no value."""
        absent = np.asarray(self.values == None, dtype=np.bool_)  # noqa: E711 - cell by cell
        return absent[self.codes]

    def take(self, rows: Column) -> "Coded":
        """Return some of the rows, by number or by a flag for each row."""
        return Coded(self.codes[rows], self.values)

    def only_where(self, rows: Flags) -> "Coded":
        """Return the column with the values of some rows, None elsewhere."""
        return Coded(np.where(rows, self.codes, np.int32(-1)), self.values)


class Distinct(NamedTuple):
    """The distinct combinations of some columns, as columns, and for each row of the frame the number of its own."""

    columns: list[list[Any]]
    codes: Column


def encode(column: Column) -> Coded:
    """Return a column of a frame as codes; None, NaN and NA are missing."""
    # A None among the texts keeps pandas from comparing them as C strings, which end at a NUL and cannot hold lone
    # surrogates: such texts would be taken for others.
    codes, values = pd.factorize(np.append(column, objects([None])))
    return Coded(codes[:-1].astype(np.int32), objects([*values, None]))


def nothing(length: int) -> Coded:
    """Return a column of missing values."""
    return Coded(np.full(length, -1, dtype=np.int32), objects([None]))


def distinct_codes(columns: Sequence[Coded]) -> Distinct:
    """Return the distinct combinations of columns of equal length (None is a value like any other)."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1 if len(codes) else 0
    for column in columns:
        if len(column.values) > 1:
            codes, seen = pd.factorize(codes * len(column.values) + column.codes + 1)
            size = len(seen)
    first = np.zeros(size, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return Distinct([column.values[column.codes[first]].tolist() for column in columns], codes.astype(np.int32))


def start_distinct(
    function: RowFunction, columns: Sequence[Coded], pool: Executor | None = None
) -> Callable[[], list[Coded]]:
    """Call `function` once per distinct combination of the columns; the returned function gives the result columns.

    `function` takes one value per column and returns a sequence of always the same length, texts, flags or None. With a
    `pool` its processes work on while the caller does other things (`function` must be importable); the result is the
    same.
    """
    cells, codes = distinct_codes(columns)
    length = len(cells[0])
    if not length:
        width = len(function(*[None] * len(columns)))
        return lambda: [nothing(len(codes)) for _ in range(width)]
    chunks = ([cell[i : i + _CHUNK] for cell in cells] for i in range(0, length, _CHUNK))
    if pool is None or length <= _CHUNK:
        values = _gather(call_rows(function, chunk) for chunk in chunks)
        return lambda: [Coded(codes, column) for column in values]
    parts = [pool.submit(call_packed, function, marshal.dumps(chunk)) for chunk in chunks]
    return lambda: [Coded(codes, column) for column in _gather(_arrived(parts))]


def map_codes(function: Callable[[str], object], column: Coded) -> Coded:
    """Return the results of a function of one value, one call per distinct value; None stays None."""
    return Coded(column.codes, objects([*map(function, column.values[:-1]), None]))


def fill_codes(column: Coded, other: Coded) -> Coded:
    """Return the column with the other's values where it has none."""
    rows = column.missing() & ~other.missing()
    if not rows.any():
        return column
    shifted = other.codes + np.int32(
        len(column.values)
    )  # a missing value of either column stays one: both end with None
    return Coded(np.where(rows, shifted, column.codes), np.concatenate([column.values, other.values]))


def stack_codes(columns: Sequence[Coded]) -> Coded:
    """Return columns one below the other; equal texts have one code."""
    codes = np.concatenate([column.codes for column in columns])
    starts = np.cumsum([0, *(len(column.values) for column in columns)])
    merged = encode(np.concatenate([column.values for column in columns]))
    shift = np.repeat(starts[:-1], [len(column) for column in columns])
    return Coded(np.where(codes < 0, np.int32(-1), merged.codes[codes + shift]), merged.values)


def place_codes(length: int, parts: Sequence[tuple[Column, Coded]]) -> Coded:
    """Return a column of some length that has columns in some of its rows, None elsewhere."""
    codes = np.full(length, -1, dtype=np.int32)
    start = 0
    for rows, column in parts:
        codes[rows] = np.where(column.codes < 0, np.int32(-1), column.codes + np.int32(start))
        start += len(column.values)
    return Coded(codes, np.concatenate([*(column.values for _, column in parts), objects([None])]))


def objects(values: Sequence[object]) -> Column:
    """Return values as an object array, whatever they are."""
    return np.fromiter(values, dtype=object, count=len(values))


def _arrived(parts: list["Future[bytes]"]) -> Iterator[list[Any]]:
    """Yield the results of a pool in order; each is let go when it was read."""
    parts.reverse()
    while parts:
        yield marshal.loads(parts.pop().result())  # noqa: S302 (from our own process)


def _gather(parts: Iterator[list[Any]]) -> list[Column]:
    """Return the columns of several chunks as values that end with None; equal texts are kept once."""
    results: list[list[object]] = []
    known: list[dict[object, object]] = []
    for part in parts:
        results = results or [[] for _ in part]
        known = known or [{} for _ in part]
        for result, seen, values in zip(results, known, part, strict=True):
            result.extend(map(seen.setdefault, values, values))
    known.clear()
    return [objects([*result, None]) for result in results]
