"""Connected components of graphs given as arrays of edges; ends of chains."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64] | NDArray[np.int32]


def label_components(count: int, left: Codes, right: Codes) -> NDArray[np.int64]:
    """Return for each of `count` nodes the smallest node of its component, shape (count,).

    `left`, `right`: the ends of the edges; less than 2**31 nodes. Larger roots hang themselves under smaller ones, and
    those look up their root; few rounds suffice, each linear in the edges that still lie between two components. Where
    each component is nearly complete and the edges are in order, one round does. At the end all nodes look theirs up.
    """
    label: NDArray[np.int32] = np.arange(count, dtype=np.int32)
    a: NDArray[np.int32] = np.minimum(left, right).astype(np.int32)
    b: NDArray[np.int32] = np.maximum(left, right).astype(np.int32)
    apart = np.flatnonzero(a != b)
    a, b = (a, b) if len(apart) == len(a) else (a[apart], b[apart])
    hung: list[NDArray[np.int32]] = []  # nodes that hang below another
    while len(a):
        # Of several, any: a root hangs below a smaller one, so that there is no ring. The first is mostly the smallest.
        label[b[::-1]] = a[::-1]
        _look_up(label, b)
        hung.append(b)
        one, two = label[a], label[b]
        apart = np.flatnonzero(one != two)
        one, two = one[apart], two[apart]
        a, b = np.minimum(one, two), np.maximum(one, two)
    for nodes in hung[-2::-1]:  # the last ones know their root
        _look_up(label, nodes)
    return label.astype(np.int64)


def _look_up(label: NDArray[np.int32], nodes: NDArray[np.int32]) -> None:
    """Let nodes hang below their roots; changes `label`."""
    rows = nodes
    while len(rows):
        found = label[rows]
        above = label[found]
        low = np.flatnonzero(above != found)
        rows, above = rows[low], above[low]
        label[rows] = above


def follow_chains(step: Mapping[str, str]) -> dict[str, str]:
    """Return where each name leads to in the end, step by step; one that leads into a loop stays where it is."""
    final = {}
    for start, target in step.items():
        seen, at = {start}, target
        while at in step and at not in seen:
            seen.add(at)
            at = step[at]
        final[start] = start if at in seen else at
    return final
