"""Work on distinct values once: factorise columns, call a function per distinct combination, spread the results."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Column = np.ndarray[Any, np.dtype[Any]]
RowFunction = Callable[..., Sequence[object]]

_CHUNK = 4000  # distinct combinations sent to a worker at a time


class Distinct(NamedTuple):
    """The distinct combinations of some columns and, for each row of the frame, the number of its combination."""

    rows: list[tuple[Any, ...]]
    codes: Column


def distinct_rows(columns: Sequence[Column]) -> Distinct:
    """Return the distinct combinations of columns of equal length (None is a value like any other)."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1 if len(codes) else 0
    for column in columns:
        own, values = pd.factorize(column)
        if len(values) == 0:
            continue
        codes, seen = pd.factorize(codes * (len(values) + 1) + own + 1)
        size = len(seen)
    first = np.zeros(size, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return Distinct(list(zip(*(column[first] for column in columns), strict=True)), codes)


def map_distinct(function: RowFunction, columns: Sequence[Column], pool: Executor | None = None) -> list[Column]:
    """Return the columns of `function`'s results, one call per distinct combination of the input columns.

    `function` takes one value per column and returns a sequence of always the same length. With a `pool` the calls are
    spread over its processes (then `function` must be importable); the result is the same.
    """
    rows, codes = distinct_rows(columns)
    if not rows:
        width = len(function(*[None] * len(columns)))
        return [np.empty(0, dtype=object) for _ in range(width)]
    return [values[codes] for values in map_rows(function, rows, pool)]


def map_rows(function: RowFunction, rows: Sequence[tuple[Any, ...]], pool: Executor | None = None) -> list[Column]:
    """Return the columns of `function`'s results for distinct rows of arguments, one call a row; none for no rows."""
    chunks = [rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK)]
    spread = map if pool is None or len(chunks) == 1 else pool.map
    results: list[list[object]] = []
    known: list[dict[object, object]] = []
    for part in spread(_call, [function] * len(chunks), chunks):
        results = results or [[] for _ in part]
        known = known or [{} for _ in part]
        for result, seen, values in zip(results, known, part, strict=True):
            result.extend(map(seen.setdefault, values, values))  # equal texts of several chunks are kept once
    known.clear()
    return [_objects(values) for values in results]


def map_values(function: Callable[[str], object], column: Column) -> Column:
    """Return the results of a function of one value, one call per distinct value; None stays None."""
    codes, values = pd.factorize(column)
    results = _objects([*(function(value) for value in values), None])
    return results[codes]


def fill(column: Column, other: Column) -> Column:
    """Return the column with the other's values where it has none."""
    return np.where(missing(column), other, column)


def missing(column: Column) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where a column has no value."""
    return np.asarray(pd.isna(column), dtype=np.bool_)


def _call(function: RowFunction, rows: list[tuple[Any, ...]]) -> list[list[object]]:
    """Return the results of a function for a chunk of combinations, as columns; runs in a worker process."""
    columns = map(list, zip(*[function(*row) for row in rows], strict=True))
    return [list(map(dict(zip(values, values, strict=True)).get, values)) for values in columns]


def _objects(values: Sequence[object]) -> Column:
    """Return values as an object array, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
