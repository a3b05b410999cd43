"""Connected components of links, and the pairs inside them."""

import numpy as np

from resolve.link.arrays import Ints

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
    order = rows[np.lexsort((rows, component[rows], sizes[component[rows]]))]
    size_of = sizes[component[order]]
    found = [(left[:0], right[:0])]
    for size in np.unique(size_of).tolist():
        members = order[size_of == size].reshape(-1, size)  # one component a line
        i, j = np.triu_indices(size, k=1)
        found.append((members[:, i].ravel(), members[:, j].ravel()))
    return np.concatenate([p[0] for p in found]), np.concatenate([p[1] for p in found])
