"""The only source of randomness: uniform doubles of PCG64, from which every other draw is derived.

The stream of doubles is stable across numpy versions; higher methods of `numpy.random.Generator` are not promised to be.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[Any]  # object dtype: str, or None for missing


class Draw:
    """Seeded draws; every method consumes exactly `n` doubles, so that streams are easy to reason about."""

    def __init__(self, *seed: int) -> None:
        self._random = np.random.Generator(np.random.PCG64(list(seed)))

    def unit(self, n: int) -> npt.NDArray[np.float64]:
        """Return n numbers in [0, 1)."""
        return self._random.random(n)

    def chance(self, p: float | npt.NDArray[np.float64], n: int) -> Bools:
        """Return n flags, each true with probability p."""
        return self.unit(n) < p

    def whole(self, low: int, high: int | Ints, n: int) -> Ints:
        """Return n whole numbers from low up to, but without, high."""
        return (low + np.floor(self.unit(n) * (np.asarray(high) - low))).astype(np.int64)

    def weighted(self, weights: Sequence[float] | npt.NDArray[np.float64], n: int) -> Ints:
        """Return n indices, drawn in proportion to the weights."""
        edges = np.cumsum(np.asarray(weights, dtype=float))
        return np.searchsorted(edges / edges[-1], self.unit(n), side="right").clip(0, len(edges) - 1)

    def of(self, values: Sequence[str | None] | Texts, n: int) -> Texts:
        """Return n values, each equally likely."""
        return texts(values)[self.whole(0, len(values), n)]

    def order(self, n: int) -> Ints:
        """Return a permutation of 0..n-1."""
        return np.argsort(self.unit(n), kind="stable")


def texts(values: Sequence[str | None] | Texts) -> Texts:
    """Return values as an object array."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def missing(n: int) -> Texts:
    """Return n missing texts."""
    return np.full(n, None, dtype=object)
