"""Connected components of links, and the pairs inside them."""

import numpy as np

from resolve.link.arrays import Ints
from resolve.link.block import all_pairs

LARGEST = 300  # members up to which all pairs inside a component are scored; above, candidates only


def pairs_inside(left: Ints, right: Ints, records: int) -> tuple[Ints, Ints]:
    """Return every pair (left < right) inside components of 3 to LARGEST members that the given links form."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(left):
        return left, right
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(records, records))
    _, component = connected_components(graph, directed=False)
    sizes = np.bincount(component)
    rows = np.flatnonzero((sizes[component] > 2) & (sizes[component] <= LARGEST))
    order = rows[np.argsort(component[rows], kind="stable")]
    ends = np.flatnonzero(np.append(component[order][1:] != component[order][:-1], True)) + 1
    pairs = [all_pairs(members) for members in np.split(order, ends[:-1])] if len(order) else []
    if not pairs:
        return left[:0], right[:0]
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
