"""Rows of several frames below each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def join_rows(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all parts, numbered anew; empty ones do not count, and the first gives the columns if all are.

    Column by column where the parts have the same ones: pandas would look through every column without values.
    """
    filled = [part for part in parts if len(part)] or [parts[0]]
    same = all(part.columns.equals(filled[0].columns) for part in filled)
    if not same or not filled[0].columns.is_unique or any((part.dtypes != filled[0].dtypes).any() for part in filled):
        joined: pd.DataFrame = pd.concat(filled, ignore_index=True)
        return joined
    columns = {name: _below([part[name] for part in filled]) for name in filled[0].columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(sum(map(len, filled))), copy=False)


def _below(parts: list[pd.Series]) -> Any:
    """Return the values of columns of one type below each other."""
    if isinstance(parts[0].dtype, np.dtype):
        return np.concatenate([part.to_numpy() for part in parts])
    return pd.concat(parts, ignore_index=True)
