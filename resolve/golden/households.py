"""Households: customers that share a home, found as the pairs that matching called the same household."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolve.golden.order import rank_texts

HOUSEHOLD = "household"


def find_households(pairs: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Return golden_id, household_id for customers that share a household with another one, sorted by golden_id.

    Args:
        pairs: SCORED_PAIRS or VERDICTS; those whose relation is `household` and whose records are different customers'
            join the two customers' homes.
        links: contact_id, golden_id.

    The household_id is `H` and the body of its smallest golden_id, so it stays as long as that customer is in it.
    """
    related = pairs[pairs["relation"] == HOUSEHOLD]
    index, golden = pd.Index(links["contact_id"]), links["golden_id"].to_numpy(dtype=object)
    left = index.get_indexer(pd.Index(related["contact_id_l"]))
    right = index.get_indexer(pd.Index(related["contact_id_r"]))
    known = (left >= 0) & (right >= 0)
    code, names = rank_texts(np.concatenate([golden[left[known]], golden[right[known]]]))
    left, right = np.split(code, 2)
    apart = left != right
    edges = coo_array((np.ones(apart.sum(), dtype=np.int8), (left[apart], right[apart])), shape=(len(names),) * 2)
    home = connected_components(edges, directed=False)[1] if len(names) else np.zeros(0, dtype=np.int64)
    shared: np.ndarray = np.bincount(home, minlength=1)[home] > 1
    smallest = np.unique(home, return_index=True)[1]
    ids = np.array([f"H{name[1:]}" for name in names[smallest]], dtype=object)
    frame: pd.DataFrame = pd.DataFrame({"golden_id": names, "household_id": ids[home]}, dtype=object)
    return frame[shared].reset_index(drop=True)
