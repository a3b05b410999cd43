"""Connected components of graphs given as arrays of edges."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64] | NDArray[np.int32]


def label_components(count: int, left: Codes, right: Codes) -> NDArray[np.int64]:
    """Return for each of `count` nodes the smallest node of its component, shape (count,).

    `left`, `right`: the ends of the edges. Larger roots hang themselves under smaller ones, then every node looks up
    its root; few rounds suffice, each linear in the edges that still lie between two components.
    """
    label = np.arange(count, dtype=np.int64)
    a, b = np.minimum(left, right), np.maximum(left, right)
    touched = np.zeros(count, dtype=bool)
    touched[a] = touched[b] = True
    nodes = np.flatnonzero(touched)
    while True:
        apart = np.flatnonzero(a != b)
        if not len(apart):
            return label
        a, b = a[apart], b[apart]
        label[b] = a  # of several, any: a root hangs below a smaller one, so that there is no ring
        while True:
            found = label[nodes]
            above = label[found]
            if np.array_equal(above, found):
                break
            label[nodes] = above
        one, two = label[a], label[b]
        a, b = np.minimum(one, two), np.maximum(one, two)
