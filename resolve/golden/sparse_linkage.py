"""Average linkage of one large component with a heap over its edges instead of a matrix over its members."""

import heapq
from collections.abc import Callable, Iterable

import numpy as np

Entry = tuple[float, int, int, int, int]  # minus the mean excess and its relief, smaller name, larger name, two slots


class SparseLinkage:
    """Clusters of one component under agglomeration: O(E log^2 E) time and O(E) memory for E edges.

    On a merge the neighbours of the cluster with fewer of them move to the other. A heap entry is an upper bound: an
    excess that did not change is only divided by more pairs as clusters grow, and their relief falls. So an entry that
    turns out stale goes back with its present value, and the first that is true is the best pair.
    """

    def __init__(
        self,
        edges: Iterable[tuple[int, int, float]],
        size: np.ndarray,
        bar: float,
        relief: Callable[[float], float] = lambda _pairs: 0.0,
    ) -> None:
        """Take edges (left, right, excess in bits), contacts per code, and the value down to which to merge.

        The value of two clusters is their mean excess and `relief` of the number of pairs between them, bits; relief
        falls with that number.
        """
        self.bar, self.relief = bar, relief
        self.near: dict[int, dict[int, float]] = {}
        for left, right, excess in edges:
            self.near.setdefault(left, {})[right] = excess
            self.near.setdefault(right, {})[left] = excess
        self.size = {code: int(size[code]) for code in self.near}
        self.name = {code: code for code in self.near}  # smallest code of the cluster kept under a slot
        self.parent = dict(self.name)

    def merge(self) -> dict[int, int]:
        """Merge until no pair of clusters reaches the bar; return the smallest code of its cluster for each code."""
        heap = [
            entry
            for i, others in self.near.items()
            for j in others
            if i < j and -(entry := self._entry(i, j))[0] >= self.bar
        ]
        heapq.heapify(heap)
        while heap:
            top = heapq.heappop(heap)
            i, j = top[3:]
            if j not in self.near.get(i, {}):
                continue
            now = self._entry(i, j)
            if now == top:
                for entry in self._join(i, j):
                    heapq.heappush(heap, entry)
            elif -now[0] >= self.bar:
                heapq.heappush(heap, now)
        return {code: self.name[self._slot(code)] for code in self.parent}

    def _entry(self, i: int, j: int) -> Entry:
        """Return the heap entry of two neighbours; equal means sort by the names of the clusters."""
        low, high = sorted((self.name[i], self.name[j]))
        pairs = float(self.size[i]) * self.size[j]
        return (-(self.near[i][j] / pairs + self.relief(pairs)), low, high, i, j)

    def _join(self, i: int, j: int) -> list[Entry]:
        """Merge two clusters; return entries of the pairs whose excess changed and that reach the bar."""
        keep, gone = (i, j) if len(self.near[i]) >= len(self.near[j]) else (j, i)
        self.size[keep] += self.size.pop(gone)
        self.name[keep] = min(self.name[keep], self.name.pop(gone))
        self.parent[gone] = keep
        moved = self.near.pop(gone)
        del moved[keep], self.near[keep][gone]
        for other, excess in moved.items():
            total = self.near[keep].get(other, 0.0) + excess
            del self.near[other][gone]
            self.near[keep][other] = self.near[other][keep] = total
        entries = (self._entry(keep, other) for other in moved)
        return [entry for entry in entries if -entry[0] >= self.bar]

    def _slot(self, code: int) -> int:
        """Return the slot under which the cluster of a code is kept, shortening the way there."""
        slot = code
        while self.parent[slot] != slot:
            self.parent[slot] = self.parent[self.parent[slot]]
            slot = self.parent[slot]
        return slot
