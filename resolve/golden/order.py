"""Texts in order, fast: results must never depend on the order of rows, so there is much to sort."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def sort_order(texts: pd.Series | np.ndarray) -> np.ndarray:
    """Return the positions that sort texts (none missing) by code point; at once when they are in order already."""
    index = pd.Index(texts)
    if index.is_monotonic_increasing:
        return np.arange(len(index))
    order: np.ndarray = pc.sort_indices(pa.array(index.to_numpy(), type=pa.string())).to_numpy()
    return order.astype(np.int64)


def rank_texts(texts: pd.Series | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (code of each text, distinct texts in order); the code of a missing text is -1."""
    code, distinct = pd.factorize(np.asarray(texts, dtype=object))
    order = sort_order(distinct)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = -1  # where the code is -1
    return rank[code], distinct[order]


def names_of(names: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the names by code, None for -1."""
    found = np.full(len(codes), None, dtype=object)
    found[codes >= 0] = names[codes[codes >= 0]]
    return found


def find_rows(keys: pd.Series, wanted: pd.Series) -> np.ndarray:
    """Return the position of each wanted text among keys that stand once each, -1 for none; at once if both agree."""
    have, ask = keys.to_numpy(dtype=object), wanted.to_numpy(dtype=object)
    if len(have) == len(ask) and (have == ask).all():
        return np.arange(len(have))
    return np.asarray(pd.Index(keys).get_indexer(pd.Index(wanted)))


def ordered(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the frame sorted by columns without missing values; as it is, and not copied, when it is in order."""
    columns = [frame[name] for name in key]
    if not _in_order(columns):
        return take_rows(frame, _key_order(columns))
    is_numbered = isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0 and frame.index.step == 1
    return frame if is_numbered else frame.set_axis(pd.RangeIndex(len(frame)))


def take_rows(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return rows by position, numbered anew; column by column, as pandas would copy all columns once more."""
    columns = {name: take_cells(frame[name], rows) for name in frame.columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)), copy=False)


def take_cells(column: pd.Series, rows: np.ndarray) -> Any:
    """Return the cells of a column by position; texts as a plain array, any other would be made anew cell by cell."""
    return column.to_numpy().take(rows) if column.dtype == object else column.array.take(rows)


def put_beside(frame: pd.DataFrame, other: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the frame with the columns of another, whose key is unique, where the key is found; else missing."""
    at = find_rows(other[key], frame[key])
    found = {name: frame[name] for name in frame.columns}
    for name in other.columns.drop(key):
        if other[name].dtype == object:
            found[name] = pd.Series(names_of(other[name].to_numpy(), at), index=frame.index, copy=False)
        else:
            found[name] = pd.Series(other[name].array.take(at, allow_fill=True), index=frame.index, copy=False)
    return pd.DataFrame(found, copy=False)


def _in_order(columns: list[pd.Series]) -> bool:
    """Return whether rows are in the order of columns, the first one before the next."""
    open_ = np.ones(max(len(columns[0]) - 1, 0), dtype=bool)  # rows that are equal so far to the next one
    for column in columns:
        values = pa.array(column, type=pa.large_string() if column.dtype == object else None)
        before, after = values[:-1], values[1:]
        if (pc.greater(before, after).to_numpy(zero_copy_only=False) & open_).any():
            return False
        open_ = open_ & pc.equal(before, after).to_numpy(zero_copy_only=False)
        if not open_.any():
            break
    return True


def _key_order(columns: list[pd.Series]) -> np.ndarray:
    """Return the positions that sort rows by columns."""
    if len(columns) == 1 and columns[0].dtype == object:
        return sort_order(columns[0])
    return np.lexsort([_codes(column) for column in reversed(columns)])


def _codes(column: pd.Series) -> np.ndarray:
    """Return numbers in the order of a column of texts, numbers or times."""
    if column.dtype == object:
        return rank_texts(column)[0]
    return column.astype("int64").to_numpy() if isinstance(column.dtype, pd.DatetimeTZDtype) else column.to_numpy()
