"""Cells that list values separated by one space; nearly all of them have one, which costs next to nothing here."""

from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def first_values(cells: pd.Series) -> np.ndarray:
    """Return the first value of each cell, None for a missing one."""
    first = cells.to_numpy(dtype=object, copy=True)
    for at in _of_several(first):
        first[at] = first[at].split(" ", 1)[0]
    return first


def all_values(cells: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return (position of the cell, value) of every value, cell by cell."""
    row = np.flatnonzero(cells.notna().to_numpy())
    whole = cells.to_numpy(dtype=object)[row]
    several = _of_several(whole)
    lists = [cell.split(" ") for cell in whole[several]]
    counts = np.ones(len(row), dtype=np.int64)
    counts[several] = [len(values) for values in lists]
    value = np.repeat(whole, counts)
    value[np.repeat(counts > 1, counts)] = list(chain.from_iterable(lists))
    return np.repeat(row, counts), value


def _of_several(cells: np.ndarray) -> np.ndarray:
    """Return the positions of cells with more than one value."""
    found = pc.match_substring(pa.array(cells, type=pa.large_string()), " ").fill_null(False)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False))
