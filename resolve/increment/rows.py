"""Rows of several frames below each other, and frames as tables of texts."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa


def join_rows(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all parts; empty ones do not count, and the first gives the columns if all are."""
    filled = [part for part in parts if len(part)]
    joined: pd.DataFrame = pd.concat(filled or [parts[0]], ignore_index=True)
    return joined


def text_table(contacts: pd.DataFrame) -> pa.Table:
    """Return the text columns of CONTACTS as a table."""
    texts = [name for name in contacts.columns if contacts[name].dtype == object]
    return pa.table({name: pa.array(contacts[name], pa.string(), from_pandas=True) for name in texts})
