"""Who shares a key, before and after a change: sizes, what is followed, and whose standing flips."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Bools, Hashes, Ints, mix
from resolve.link.index_keys import IndexKeys
from resolve.link.rules import LinkRules
from resolve.sets import among, without

Members = Callable[[Hashes], tuple[Ints, Ints]]
"""Look-up in the index: keys in, (position among the keys, hash of a contact) of every entry out."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What the index lists: `key` and `member` (hash of the contact), one line an entry."""

    key: Hashes
    member: Ints

    @property
    def marks(self) -> Hashes:
        """One number an entry; of equal entries each has its own."""
        mark = mix(self.key + mix(self.member.astype(np.uint64)))
        order = np.argsort(mark, kind="stable")
        ordered = mark[order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(mark) else np.zeros(0, dtype=int)
        rank = np.arange(len(mark)) - np.repeat(first, np.diff(np.append(first, len(mark))))
        result = np.empty(len(mark), dtype=np.uint64)
        result[order] = ordered + rank.astype(np.uint64)
        return result


class KeyBook:
    """Keys that were looked up: how many contacts had each before the change and have it after, and who stayed."""

    def __init__(self, members: Members, taken: Entries, added: Entries) -> None:
        """Take the look-up, the entries that the change takes out, and those that it puts in."""
        self._members = members
        self._taken, self._added = taken, added
        self._gone = np.sort(taken.marks)
        self.keys: Hashes = np.empty(0, dtype=np.uint64)
        self._before: Ints = np.empty(0, dtype=np.int64)
        self._after: Ints = np.empty(0, dtype=np.int64)
        self.stayed = Entries(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))

    def look_up(self, keys: Hashes) -> None:
        """Learn the keys that are not known yet."""
        new = without(keys, self.keys)
        if not len(new):
            return
        at, member = self._members(new)
        found = Entries(new[at], member)
        left = ~among(found.marks, self._gone)
        before = np.bincount(at, minlength=len(new))
        after = np.bincount(at[left], minlength=len(new)) + count_of(self._added.key, new)
        keys_now = np.append(self.keys, new)
        order = np.argsort(keys_now)
        self.keys = keys_now[order]
        self._before = np.append(self._before, before)[order]
        self._after = np.append(self._after, after)[order]
        key, member = np.append(self.stayed.key, found.key[left]), np.append(self.stayed.member, member[left])
        order = np.argsort(key, kind="stable")
        self.stayed = Entries(key[order], member[order])

    def before(self, keys: Hashes) -> Ints:
        """Return how many contacts had each key; -1 for a key that was not looked up."""
        return self._at(self._before, keys)

    def after(self, keys: Hashes) -> Ints:
        """Return how many contacts have each key now; -1 for a key that was not looked up."""
        return self._at(self._after, keys)

    def _at(self, counts: Ints, keys: Hashes) -> Ints:
        """Return the counts of keys."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, counts[at], -1)

    def who(self, keys: Hashes) -> tuple[Ints, Ints]:
        """Return (position among the keys, member) of the contacts that had each key and still have it, unchanged."""
        first = np.searchsorted(self.stayed.key, keys, side="left")
        counts = np.searchsorted(self.stayed.key, keys, side="right") - first
        at = np.repeat(np.arange(len(keys)), counts)
        inner = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        return at, self.stayed.member[np.repeat(first, counts) + inner]

    def followed(self, keys: IndexKeys, rules: LinkRules, *, now: bool = True) -> Bools:
        """Return which entries blocking follows, now or before the change; keys not looked up are not followed."""
        caps = np.asarray([2 * rule.cap for rule in rules.blocking], dtype=np.int64)
        size, seen = (self.after if now else self.before)(keys.key), (self.after if now else self.before)(keys.witness)
        fine = (size >= 0) & (size <= caps[keys.rule]) & ~keys.hot
        return np.asarray(fine & ((keys.witness == 0) | (seen > 0)))


def count_of(values: Hashes, keys: Hashes) -> Ints:
    """Return how often each of the sorted keys stands among the values."""
    ordered = np.sort(values)
    return np.asarray(np.searchsorted(ordered, keys, side="right") - np.searchsorted(ordered, keys, side="left"))
