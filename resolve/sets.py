"""Sets of numbers as sorted arrays, made by sorting.

numpy's own `unique`, and what builds on it, hashes since 2.3: on a million distinct numbers that takes fifty times as
long as sorting them (1.1 s instead of 0.02).
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = TypeVar("Numbers", NDArray[np.int64], NDArray[np.uint64])


def distinct(values: Numbers) -> Numbers:
    """Return the values in order, each once."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def among(values: Numbers, members: Numbers) -> NDArray[np.bool_]:
    """Return which of the values stand in a set; `members` is sorted."""
    if not len(members):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(np.searchsorted(members, values), len(members) - 1)
    return np.asarray(members[at] == values)


def without(values: Numbers, members: Numbers) -> Numbers:
    """Return the distinct values that do not stand in a set; `members` is sorted."""
    own = distinct(values)
    return own[~among(own, members)]


def joined(one: Numbers, other: Numbers) -> Numbers:
    """Return the distinct values of both."""
    return distinct(np.concatenate([one, other]))


def on_one_side(one: Numbers, other: Numbers) -> Numbers:
    """Return the values that stand in one of two sets, not in both; both are sorted."""
    return distinct(np.concatenate([one[~among(one, other)], other[~among(other, one)]]))
