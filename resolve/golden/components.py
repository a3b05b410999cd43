"""Average linkage inside components: small ones of one size all at once, large ones with a heap over their edges."""

from typing import NamedTuple

import numpy as np

from resolve.golden.sparse_linkage import SparseLinkage

DENSE = 64  # parts; up to here a dense matrix of a component is cheaper than a heap
_CELLS = 4_000_000  # cells of one dense batch, 32 MB of float64


class Graph(NamedTuple):
    """Edges inside components, sorted by (left, right), left < right.

    left, right: codes of parts. excess: sum over the scored pairs of an edge of (weight - unmet), bits; -inf: never
    together. size: contacts per part, by code. component: label per code.
    """

    left: np.ndarray
    right: np.ndarray
    excess: np.ndarray
    size: np.ndarray
    component: np.ndarray


def merge_components(graph: Graph, bar: float) -> np.ndarray:
    """Return for each code the smallest code of its cluster, merging while a mean excess reaches `bar`, bits."""
    root = np.arange(len(graph.component))
    if not len(graph.left):
        return root
    nodes = np.unique(np.concatenate([graph.left, graph.right]))
    nodes = nodes[np.argsort(graph.component[nodes], kind="stable")]  # by component, then by code
    starts = np.flatnonzero(np.diff(graph.component[nodes], prepend=-1))
    counts = np.diff(np.append(starts, len(nodes)))
    group = np.repeat(np.arange(len(starts)), counts)
    place = np.empty(len(root), dtype=np.int64)  # of a code in its component
    place[nodes] = np.arange(len(nodes)) - starts[group]
    group_of = np.empty(len(root), dtype=np.int64)
    group_of[nodes] = group
    edge_group = group_of[graph.left]
    for count in np.unique(counts[counts <= DENSE]):
        groups = np.flatnonzero(counts == count)
        step = max(1, _CELLS // int(count * count))
        for first in range(0, len(groups), step):
            batch = groups[first : first + step]
            _merge_batch(graph, bar, nodes[starts[batch][:, None] + np.arange(count)], (place, edge_group, batch), root)
    large = np.flatnonzero(np.isin(edge_group, np.flatnonzero(counts > DENSE)))
    if len(large):
        large = large[np.argsort(edge_group[large], kind="stable")]
        for rows in np.split(large, np.flatnonzero(np.diff(edge_group[large])) + 1):
            edges = zip(graph.left[rows].tolist(), graph.right[rows].tolist(), graph.excess[rows].tolist(), strict=True)
            for code, smallest in SparseLinkage(edges, graph.size, bar).merge().items():
                root[code] = smallest
    return root


def _merge_batch(
    graph: Graph,
    bar: float,
    codes: np.ndarray,
    where: tuple[np.ndarray, np.ndarray, np.ndarray],
    root: np.ndarray,
) -> None:
    """Merge G components of s parts each, `codes` (G, s); writes their roots."""
    place, edge_group, batch = where
    count, width = codes.shape
    slot = np.full(edge_group.max() + 1, -1)
    slot[batch] = np.arange(count)
    rows = np.flatnonzero(slot[edge_group] >= 0)
    at, i, j = slot[edge_group[rows]], place[graph.left[rows]], place[graph.right[rows]]
    excess = np.zeros((count, width, width))
    excess[at, i, j] = excess[at, j, i] = graph.excess[rows]
    size = graph.size[codes].astype(float)
    owner = np.tile(np.arange(width), (count, 1))
    live = np.arange(count)
    lower = np.tril_indices(width)
    while len(live):
        pairs = size[:, :, None] * size[:, None, :]
        mean = np.divide(excess, pairs, out=np.full_like(excess, -np.inf), where=pairs > 0)
        mean[:, lower[0], lower[1]] = -np.inf
        flat = mean.reshape(len(live), -1)
        best = flat.argmax(axis=1)  # the first of equals: the smallest codes
        go = flat[np.arange(len(live)), best] >= bar
        live, excess, size, best = live[go], excess[go], size[go], best[go]
        i, j, k = best // width, best % width, np.arange(len(live))
        joined = excess[k, i] + excess[k, j]
        excess[k, i, :] = excess[k, :, i] = joined
        size[k, i] += size[k, j]
        size[k, j] = 0.0
        owned = owner[live]
        owner[live] = np.where(owned == j[:, None], i[:, None], owned)
    root[codes] = np.take_along_axis(codes, owner, axis=1)
