"""Of the pairs that were decided again, those whose rows differ from what is stored: few of them do."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from resolve.schema import OPERATIONS, conform, empty

_PAIR = ["contact_id_l", "contact_id_r"]
Tables = dict[str, pd.DataFrame]


def keep_changed_pairs(
    now: Tables, before: Mapping[str, pd.DataFrame], inside: pd.Index
) -> tuple[Tables, frozenset[str]]:
    """Return the rows of tables of pairs that have to be written, and contacts all of whose pairs are among them.

    now, before: by table all rows of pairs with a side among the contacts `inside`. A pair that is gone is told by one
    of its contacts inside: all pairs of that one are given, so that publishing removes those that are not.
    """
    every = {name: _alike(name, now[name], before[name]) for name in now}
    ends: set[str] = set()
    for new, old in every.values():
        lost = old[~pd.MultiIndex.from_frame(old[_PAIR]).isin(pd.MultiIndex.from_frame(new[_PAIR]))]
        left = lost["contact_id_l"].isin(inside)
        ends.update(lost["contact_id_l"].where(left, lost["contact_id_r"]))
    kept = {}
    for name, (new, old) in every.items():
        same = np.isin(_marks(new), _marks(old))
        whole = np.any([new[side].isin(ends) for side in _PAIR], axis=0)
        kept[name] = now[name][~same | whole].reset_index(drop=True)
    return kept, frozenset(ends)


def _alike(name: str, *both: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """Return the rows of both sides with the columns of the first, of the same types."""
    table = OPERATIONS[name]
    table = replace(table, columns=tuple(c for c in table.columns if c.name in both[0].columns))
    own = [frame[list(table.names)] for frame in both]
    is_done = (own[0].dtypes == own[1].dtypes).all() and (own[0].dtypes == empty(table).dtypes).all()
    return tuple(own) if is_done else tuple(conform(frame, table) for frame in own)


def _marks(rows: pd.DataFrame) -> np.ndarray:
    """Return one number for each row, the same for equal rows."""
    return np.asarray(pd.util.hash_pandas_object(rows, index=False), dtype=np.uint64)
