"""Standardised contacts as rows of the table `contact`: what a run saw of each record, as JSON."""

import orjson
import pandas as pd

from resolve.schema import frames

_APART = ("contact_id", "source", "source_id", "content_hash")
_BODY = [name for name in frames.CONTACTS.names if name not in _APART]


def contact_rows(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `contact` without run_id, one for each of CONTACTS; the body leaves out what is missing."""
    extra = [name for name in contacts.columns if name not in frames.CONTACTS.names]
    names = [*_BODY, *extra]
    columns = [_cells(contacts[name]) for name in names]
    bodies = [
        orjson.dumps({n: v for n, v in zip(names, row, strict=True) if v is not None}).decode()
        for row in zip(*columns, strict=True)
    ]
    return contacts[list(_APART)].assign(body=pd.Series(bodies, index=contacts.index, dtype=object))


def _cells(column: pd.Series) -> list[str | None]:
    """Return a column's cells as text, times in ISO 8601, None for missing."""
    texts = column if column.dtype == object else column.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    cells = texts.to_numpy(dtype=object, copy=True)
    cells[column.isna().to_numpy()] = None
    listed: list[str | None] = cells.tolist()
    return listed
