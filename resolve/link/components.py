"""Connected components of links, and the pairs inside them."""

import numpy as np

from resolve.graphs import label_components
from resolve.link.arrays import Ints, Rows

LARGEST = 300  # members up to which all pairs inside a component are scored; above, candidates only


def pairs_inside(left: Rows, right: Rows, records: int) -> tuple[Ints, Ints]:
    """Return the pairs (left < right) inside components of 3 to LARGEST members that given links form.

    Each link once. Components in which every pair is a link are left out: there is nothing to find.
    """
    empty = np.empty(0, dtype=np.int64)
    if not len(left):
        return empty, empty
    component = label_components(records, left, right)
    sizes = np.bincount(component, minlength=records)
    links = np.bincount(component[left], minlength=records)
    some = np.flatnonzero((sizes > 2) & (sizes <= LARGEST))
    some = some[2 * links[some] < sizes[some] * (sizes[some] - 1)]
    wanted = np.zeros(records, dtype=bool)
    wanted[some] = True
    rows = np.flatnonzero(wanted[component])
    order = rows[np.lexsort((component[rows], sizes[component[rows]]))]
    size_of = sizes[component[order]]
    found = [(empty, empty)]
    for size in np.flatnonzero(np.bincount(size_of)).tolist():
        members = order[size_of == size].reshape(-1, size)  # one component a line
        i, j = np.triu_indices(size, k=1)
        found.append((members[:, i].ravel(), members[:, j].ravel()))
    return np.concatenate([p[0] for p in found]), np.concatenate([p[1] for p in found])
