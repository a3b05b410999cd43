"""Connected components of links, and the pairs inside them."""

import numpy as np

from resolve.graphs import label_components
from resolve.link.arrays import Codes32, Ints

LARGEST = 300  # members up to which all pairs inside a component are scored; above, candidates only


def pairs_inside(left: Ints | Codes32, right: Ints | Codes32, records: int) -> tuple[Ints, Ints]:
    """Return every pair (left < right) inside components of 3 to LARGEST members that the given links form."""
    empty = np.empty(0, dtype=np.int64)
    if not len(left):
        return empty, empty
    component = label_components(records, left, right)
    sizes = np.bincount(component, minlength=records)
    rows = np.flatnonzero(sizes[component] > 2)
    rows = rows[sizes[component[rows]] <= LARGEST]
    order = rows[np.lexsort((component[rows], sizes[component[rows]]))]
    size_of = sizes[component[order]]
    found = [(empty, empty)]
    for size in np.unique(size_of).tolist():
        members = order[size_of == size].reshape(-1, size)  # one component a line
        i, j = np.triu_indices(size, k=1)
        found.append((members[:, i].ravel(), members[:, j].ravel()))
    return np.concatenate([p[0] for p in found]), np.concatenate([p[1] for p in found])
