"""Rows of several frames below each other."""

from collections.abc import Sequence

import pandas as pd


def join_rows(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all parts; empty ones do not count, and the first gives the columns if all are."""
    filled = [part for part in parts if len(part)]
    joined: pd.DataFrame = pd.concat(filled or [parts[0]], ignore_index=True)
    return joined
