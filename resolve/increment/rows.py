"""Frames as tables of texts."""

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa


def text_table(contacts: pd.DataFrame, columns: Iterable[str]) -> pa.Table:
    """Return contact_id and some text columns of CONTACTS as a table, by name; a column that is not there is empty."""
    names = sorted({"contact_id", *columns})
    return pa.table(
        {
            name: pa.array(contacts[name], pa.string(), from_pandas=True)
            if name in contacts.columns
            else pa.nulls(len(contacts), pa.string())
            for name in names
        }
    )
