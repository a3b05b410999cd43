"""Average linkage inside components: small ones of one size all at once, large ones with a heap over their edges.

What the numbers of contacts say is added to the mean weight of the p pairs between two clusters:

    relief(p) = lone (5 / sqrt(p) - 2) / 3   bits: `lone` for two single contacts, 0 for 6 pairs, less beyond

Two single contacts that come up have no better partner, and most people have a second record: such pairs are one person
more often than their weight says. Two groups would rarely agree so weakly in every one of many pairs. Square roots,
unlike logarithms, are the same to the last bit however they are computed.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from resolve.golden.sparse_linkage import SparseLinkage
from resolve.graphs import label_components

DENSE = 64  # parts; up to here a dense matrix of a component is cheaper than a heap
ROUNDING = 1e-9  # bits, by which a mean of numbers may fall below the least of them
_CELLS = 4_000_000  # cells of one dense batch, 32 MB of float64


class Edges(NamedTuple):
    """Scored pairs by codes of contacts, each once, in order of (left, right), left < right.

    weight: bits; NaN: not scored; -inf: never together.
    """

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray


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


class Bar(NamedTuple):
    """What two clusters must reach: `height`, mean excess over `unmet` plus the relief of `lone`, all in bits."""

    height: float
    lone: float = 0.0

    def relief(self, pairs: float) -> float:
        """Return what is added to the mean weight of so many pairs."""
        return self.lone * (5.0 / sqrt(pairs) - 2.0) / 3.0

    def reliefs(self, pairs: np.ndarray) -> np.ndarray:
        """Return what is added to the mean weight of each number of pairs, 0 of none."""
        if not self.lone:
            return np.zeros(pairs.shape)
        return np.asarray(self.lone * (5.0 / np.sqrt(np.maximum(pairs, 1.0)) - 2.0) / 3.0)


def cluster_rows(count: int, edges: Edges, *, stop: float, unmet: float, lone: float = 0.0) -> np.ndarray:
    """Return for each of `count` contacts the smallest one of its cluster, where weights alone decide.

    stop: mean weight, bits, from which two clusters merge. unmet: weight, bits, of a pair that was never scored; below
    `stop - lone`. The result is that of `cluster_contacts` for the same pairs, without frames.
    """
    return merge_components(weigh_parts(np.arange(count), edges, stop - lone, unmet), Bar(stop - unmet, lone))


def weigh_parts(part: np.ndarray, edges: Edges, lowest: float, unmet: float) -> Graph:
    """Return the graph of parts: edges between two parts summed, those inside components of strong ones kept.

    part: smallest code of the contacts that each contact must be with, by code; its own where there are none. lowest:
    weight, bits, from which an edge is strong.
    """
    left, right, excess = (np.asarray(x) for x in edges)
    known = np.flatnonzero(~np.isnan(excess))
    if len(known) < len(excess):
        left, right, excess = left[known], right[known], excess[known]
    strong = excess >= lowest
    excess = excess - unmet
    if not np.array_equal(part, np.arange(len(part))):
        left, right = np.minimum(part[left], part[right]), np.maximum(part[left], part[right])
        use = np.flatnonzero(left != right)
        pair, at = np.unique(left[use].astype(np.int64) * len(part) + right[use], return_inverse=True)
        left, right = pair // len(part), pair % len(part)
        excess = np.bincount(at, weights=excess[use], minlength=len(pair))
        strong = np.bincount(at, weights=strong[use], minlength=len(pair)) > 0
    strong = strong & np.isfinite(excess)
    component = label_components(len(part), left[strong], right[strong])
    inside = component[left] == component[right]
    return Graph(left[inside], right[inside], excess[inside], np.bincount(part, minlength=len(part)), component)


def merge_components(graph: Graph, bar: Bar) -> np.ndarray:
    """Return for each code the smallest code of its cluster, merging while mean excess and relief reach `bar`."""
    root, rest = _join_whole(graph, bar)
    if not len(rest):
        return root
    edges = Graph(graph.left[rest], graph.right[rest], graph.excess[rest], graph.size, graph.component)
    nodes = np.flatnonzero(np.bincount(np.concatenate([edges.left, edges.right]), minlength=len(root)))
    nodes = nodes[np.argsort(graph.component[nodes], kind="stable")]  # by component, then by code
    starts = np.flatnonzero(np.diff(graph.component[nodes], prepend=-1))
    counts = np.diff(np.append(starts, len(nodes)))
    group = np.repeat(np.arange(len(starts)), counts)
    place, group_of = (np.empty(len(root), dtype=np.int64) for _ in range(2))
    place[nodes] = np.arange(len(nodes)) - starts[group]  # of a code in its component
    group_of[nodes] = group
    edge_group = group_of[edges.left]
    edge_count = counts[edge_group]
    for count in np.flatnonzero(np.bincount(counts[counts <= DENSE])):
        groups, rows = np.flatnonzero(counts == count), np.flatnonzero(edge_count == count)
        step = max(1, _CELLS // int(count * count))
        for first in range(0, len(groups), step):
            batch = groups[first : first + step]
            codes = nodes[starts[batch][:, None] + np.arange(count)]
            slot = np.full(len(counts), -1)
            slot[batch] = np.arange(len(batch))
            chosen = rows[slot[edge_group[rows]] >= 0]
            _merge_batch(edges, bar, codes, (chosen, slot[edge_group[chosen]], place), root)
    _merge_large(edges, bar, (np.flatnonzero(edge_count > DENSE), edge_group), root)
    return root


def _join_whole(graph: Graph, bar: Bar) -> tuple[np.ndarray, np.ndarray]:
    """Return the root of each code after joining the components in which every pair is near, and the other edges.

    Where each pair is near enough, so is every mean of pairs; relief falls with their number, which is largest between
    two halves of a component. Most components are so, and of two parts there is no other.
    """
    count = len(graph.component)
    owner = graph.component[graph.left]  # of each edge
    members = np.bincount(graph.component, minlength=count)
    contacts, between, is_two = members, np.float64(1.0), members[owner] == 2
    if graph.size.max(initial=1) > 1:
        contacts = np.bincount(graph.component, weights=graph.size, minlength=count)
        between = graph.size[graph.left].astype(float) * graph.size[graph.right]
    relief = bar.reliefs(np.where(is_two, between, contacts[owner] ** 2 / 4)) if bar.lone else 0.0
    near = graph.excess / between + relief >= np.where(is_two, bar.height, bar.height + ROUNDING)
    whole = 2 * np.bincount(owner[near], minlength=count) == members * (members - 1)
    root = np.where(whole[graph.component], graph.component, np.arange(count))
    return root, np.flatnonzero(~whole[owner] & ~is_two)


def _merge_large(graph: Graph, bar: Bar, where: tuple[np.ndarray, np.ndarray], root: np.ndarray) -> None:
    """Merge components of many parts one by one; `where`: their edges, and the component of every edge."""
    large, edge_group = where
    if not len(large):
        return
    large = large[np.argsort(edge_group[large], kind="stable")]
    for rows in np.split(large, np.flatnonzero(np.diff(edge_group[large])) + 1):
        edges = zip(graph.left[rows].tolist(), graph.right[rows].tolist(), graph.excess[rows].tolist(), strict=True)
        for code, smallest in SparseLinkage(edges, graph.size, bar.height, bar.relief).merge().items():
            root[code] = smallest


def _merge_batch(
    graph: Graph,
    bar: Bar,
    codes: np.ndarray,
    where: tuple[np.ndarray, np.ndarray, np.ndarray],
    root: np.ndarray,
) -> None:
    """Merge G components of s parts each, `codes` (G, s); writes their roots.

    `where`: the edges inside them, the component (0..G-1) of each, and the place of every code in its component.
    """
    rows, at, place = where
    count, width = codes.shape
    i, j = place[graph.left[rows]], place[graph.right[rows]]
    excess = np.zeros((count, width, width))
    excess[at, i, j] = excess[at, j, i] = graph.excess[rows]
    size = graph.size[codes].astype(float)
    owner = np.tile(np.arange(width), (count, 1))
    live = np.arange(count)
    lower = np.tril_indices(width)
    while len(live):
        pairs = size[:, :, None] * size[:, None, :]
        mean = np.divide(excess, pairs, out=np.full_like(excess, -np.inf), where=pairs > 0) + bar.reliefs(pairs)
        mean[:, lower[0], lower[1]] = -np.inf
        flat = mean.reshape(len(live), -1)
        best = flat.argmax(axis=1)  # the first of equals: the smallest codes
        go = flat[np.arange(len(live)), best] >= bar.height
        live, excess, size, best = live[go], excess[go], size[go], best[go]
        i, j, k = best // width, best % width, np.arange(len(live))
        joined = excess[k, i] + excess[k, j]
        excess[k, i, :] = excess[k, :, i] = joined
        size[k, i] += size[k, j]
        size[k, j] = 0.0
        owned = owner[live]
        owner[live] = np.where(owned == j[:, None], i[:, None], owned)
    root[codes] = np.take_along_axis(codes, owner, axis=1)
