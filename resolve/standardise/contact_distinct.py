"""Work on distinct values once, for columns of a frame: objects, None where a value is missing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resolve.standardise.contact_codes import Column, distinct_codes, encode, objects, start_distinct
from resolve.standardise.contact_worker import RowFunction

__all__ = ["Column", "Distinct", "distinct_rows", "fill", "map_distinct", "map_values", "missing", "objects"]


class Distinct(NamedTuple):
    """The distinct combinations of some columns and, for each row of the frame, the number of its combination."""

    rows: list[tuple[Any, ...]]
    codes: Column


def distinct_rows(columns: Sequence[Column]) -> Distinct:
    """Return the distinct combinations of columns of equal length (None is a value like any other)."""
    cells, codes = distinct_codes([encode(column) for column in columns])
    return Distinct(list(zip(*cells, strict=True)), codes)


def map_distinct(function: RowFunction, columns: Sequence[Column], pool: Executor | None = None) -> list[Column]:
    """Return the columns of `function`'s results, one call per distinct combination of the input columns.

    As `start_distinct`, with columns of a frame, and waiting for the result.
    """
    found = start_distinct(function, [encode(column) for column in columns], pool)()
    return [column.texts() for column in found]


def map_values(function: Callable[[str], object], column: Column) -> Column:
    """Return the results of a function of one value, one call per distinct value; None stays None."""
    codes, values = pd.factorize(column)
    results = objects([*(function(value) for value in values), None])
    return results[codes]


def fill(column: Column, other: Column) -> Column:
    """Return the column with the other's values where it has none."""
    return np.where(missing(column), other, column)


def missing(column: Column) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where a column has no value, that is None."""
    return np.asarray(column == None, dtype=np.bool_)  # noqa: E711
