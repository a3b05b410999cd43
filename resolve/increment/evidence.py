"""Which changed contacts are to linking what they were: most edits of a record move no evidence."""

import numpy as np
import pandas as pd

from resolve.link.columns_read import columns_read
from resolve.link.rules import LinkRules

# What the index lists, rules that a source made, and the choice of golden IDs read, beside the columns of linking.
_BESIDE = frozenset({"emails", "phones", "merged_into", "created_at"})


def same_evidence(before: pd.DataFrame, now: pd.DataFrame, rules: LinkRules) -> pd.Index:
    """Return the contact_ids that stand in both frames (CONTACTS) and of which nothing changed that linking reads.

    Their keys, their pairs and the weights of these are those of before.
    """
    place = pd.Index(before["contact_id"]).get_indexer(pd.Index(now["contact_id"]))
    known = place >= 0
    same = np.ones(int(known.sum()), dtype=bool)
    for name in columns_read(rules) | _BESIDE:
        old, new = _cells(before, name)[place[known]], _cells(now, name)[known]
        same &= (old == new) | (pd.isna(old) & pd.isna(new))
    return pd.Index(now["contact_id"].to_numpy(dtype=object)[known][same], dtype=object)


def _cells(contacts: pd.DataFrame, name: str) -> np.ndarray:
    """Return the cells of a column; one that is not there is empty."""
    column = contacts[name] if name in contacts.columns else pd.Series(None, index=contacts.index, dtype=object)
    cells: np.ndarray = column.to_numpy(dtype=object)
    return cells
