"""Frames as tables of texts."""

import pandas as pd
import pyarrow as pa


def text_table(contacts: pd.DataFrame) -> pa.Table:
    """Return the text columns of CONTACTS as a table."""
    texts = [name for name in contacts.columns if contacts[name].dtype == object]
    return pa.table({name: pa.array(contacts[name], pa.string(), from_pandas=True) for name in texts})
