"""Texts in order, fast: results must never depend on the order of rows, so there is much to sort."""

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
