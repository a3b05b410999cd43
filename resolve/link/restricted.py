"""Candidate pairs of a few contacts: those that a change touches, as blocking all contacts would give them."""

import numpy as np

from resolve.link.arrays import Bools, Hashes, Ints, inner_positions
from resolve.link.block import Pairs
from resolve.link.index_keys import IndexKeys
from resolve.link.neighbour_keys import KeyBook
from resolve.sets import among

_RULES = 256


def pairs_of_changed(keys: IndexKeys, follow: Bools, book: KeyBook) -> tuple[Ints, Ints, Ints]:
    """Return (row of `keys`, hash of an unchanged contact, rule) of contacts that share a followed key; may repeat."""
    use = np.flatnonzero(follow)
    at, member = book.who(keys.key[use])
    return keys.row[use[at]], member, keys.rule[use[at]]


def pairs_among(keys: IndexKeys, follow: Bools) -> tuple[Ints, Ints, Ints]:
    """Return (row, row, rule) of the contacts of `keys` that share a followed key with each other; may repeat."""
    use = np.flatnonzero(follow)
    order = use[np.lexsort((keys.row[use], keys.key[use], keys.rule[use]))]
    rule, key, row = keys.rule[order], keys.key[order], keys.row[order]
    new = np.append(True, (rule[1:] != rule[:-1]) | (key[1:] != key[:-1])) if len(order) else np.zeros(0, dtype=bool)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(order)))
    after = np.repeat(sizes, sizes) - 1 - inner_positions(sizes)
    left = np.repeat(np.arange(len(order)), after)
    right = left + 1 + inner_positions(after)
    return row[left], row[right], rule[left]


def sharing_a_set(left: Ints, right: Ints, row: Ints, group: Ints) -> Bools:
    """Return which pairs of rows stand together in one of the groups, given as (row, group) lines."""
    count = int(group.max(initial=-1)) + 1
    order = np.argsort(row, kind="stable")
    row, group = row[order], group[order]
    first, last = np.searchsorted(row, left, side="left"), np.searchsorted(row, left, side="right")
    counts = last - first
    pair = np.repeat(np.arange(len(left)), counts)
    mine = group[np.repeat(first, counts) + inner_positions(counts)]
    theirs = np.sort(row * max(count, 1) + group)
    hit = among(right[pair] * max(count, 1) + mine, theirs)
    result = np.zeros(len(left), dtype=bool)
    result[pair[hit]] = True
    return result


def first_rules(left: Ints, right: Ints, rule: Ints, size: int) -> Pairs:
    """Return the distinct pairs (left < right) of rows below `size`, each with its first rule, ordered."""
    apart = left != right
    low, high = np.minimum(left, right)[apart], np.maximum(left, right)[apart]
    codes: Hashes = np.sort((low * size + high) * _RULES + rule[apart])
    pair = codes // _RULES
    keep = np.append(True, pair[1:] != pair[:-1]) if len(pair) else np.zeros(0, dtype=bool)
    pair, first = pair[keep], codes[keep] % _RULES
    return Pairs(pair // max(size, 1), pair % max(size, 1), first)
