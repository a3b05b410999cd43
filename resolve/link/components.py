"""Pairs that two links lead across: both contacts are linked to a third one."""

import numpy as np

from resolve.graphs import label_components
from resolve.link.arrays import Bools, Ints, Rows
from resolve.sets import distinct

MOST_LINKS = 100  # links of one contact up to which those at their other ends are paired


def pairs_across(left: Rows, right: Rows, records: int, thirds: Bools | None = None) -> tuple[Ints, Ints]:
    """Return the pairs (left < right) of contacts that given links join to the same third one, in order.

    Each link once. thirds: which contacts may be the third one; None for all. None is that has more than MOST_LINKS
    links. Some pairs that are links themselves are among them. Components in which every pair is a link are left out:
    there is nothing to find.
    """
    empty = np.empty(0, dtype=np.int64)
    if not len(left):
        return empty, empty
    component = label_components(records, left, right)
    sizes = np.bincount(component, minlength=records)
    links = np.bincount(component[left], minlength=records)
    wanted = np.zeros(records, dtype=bool)
    some = np.flatnonzero(sizes > 2)
    wanted[some[2 * links[some] < sizes[some] * (sizes[some] - 1)]] = True
    use = np.flatnonzero(wanted[component[left]])
    one, two = np.asarray(left[use], dtype=np.int64), np.asarray(right[use], dtype=np.int64)
    middle, end = np.concatenate([one, two]), np.concatenate([two, one])
    order = np.argsort(middle, kind="stable")
    end = end[order]
    degree = np.bincount(middle, minlength=records)
    starts = np.cumsum(degree) - degree
    found = [empty]
    joins = (degree > 1) & (degree <= MOST_LINKS)
    several = np.flatnonzero(joins if thirds is None else joins & thirds)
    for size in np.flatnonzero(np.bincount(degree[several])).tolist():
        first = starts[several[degree[several] == size]]
        ends = end[first[:, None] + np.arange(size)]  # of the links of one contact a line
        i, j = np.triu_indices(size, k=1)
        found.append((np.minimum(ends[:, i], ends[:, j]) * records + np.maximum(ends[:, i], ends[:, j])).ravel())
    codes = distinct(np.concatenate(found))
    return codes // records, codes % records
