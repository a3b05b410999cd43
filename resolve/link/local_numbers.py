"""Phone numbers without an area code: no evidence on their own for the world, but between two contacts of one place.

They stand among the `phones` of a contact and never among its `phone_keys`, which are E.164.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Hashes, Ints, Levels, Ragged, hash_text, mix, ragged
from resolve.link.encode import Encoded
from resolve.sets import among

LOCAL_LEVELS = ("equal", "end of the other number", "different")
SHORTEST, LONGEST = 6, 8  # digits of a number without its area code


def local_keys(contacts: Encoded) -> Ragged:
    """Return a hash of each local number, and of each ending of a full number that is a local number of someone."""
    lists = contacts.lists("phones")
    texts, owners = lists.values.values, lists.owners
    codes = lists.lists.values
    local = is_local(texts)
    if not local.any():
        return ragged(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), len(contacts))
    known = np.sort(mix(hash_text(texts.filter(pa.array(local)))[0]))
    parts: list[tuple[Ints, Hashes]] = []
    hashes = mix(hash_text(texts)[0])
    at = np.flatnonzero(local[codes])
    parts.append((owners[at], hashes[codes[at]]))
    for length in range(SHORTEST, LONGEST + 1):
        ending = mix(hash_text(pc.utf8_slice_codeunits(texts, -length, None))[0])
        at = np.flatnonzero((~local & among(ending, known))[codes])
        parts.append((owners[at], ending[codes[at]]))
    owner = np.concatenate([p[0] for p in parts])
    order = np.argsort(owner, kind="stable")
    values = np.concatenate([p[1] for p in parts])[order].view(np.int64)
    return ragged(owner[order], values, len(contacts))


class LocalNumberComparison:
    """Compares the numbers of contacts that give no area code; two full numbers are compared elsewhere."""

    def __init__(self, contacts: Encoded) -> None:
        lists = contacts.lists("phones")
        local = is_local(lists.values.values)
        self._held = lists.lists.counts > 0
        self._only = np.zeros(len(contacts), dtype=bool)
        self._only[lists.owners] = True
        self._only[lists.owners[~local[lists.lists.values]]] = False
        self._keys = local_keys(contacts) if self._only.any() else None

    def compare(self, left: Ints, right: Ints) -> Levels:
        """Return levels of LOCAL_LEVELS; missing unless a side has nothing but numbers without area code."""
        levels = np.zeros(len(left), dtype=np.uint8)
        if self._keys is None:
            return levels
        both = self._held[left] & self._held[right]
        rows = np.flatnonzero(both & (self._only[left] | self._only[right]))
        levels[rows] = 3
        shared = rows[_share(self._keys, left[rows], right[rows])]
        levels[shared] = np.where(self._only[left[shared]] & self._only[right[shared]], 1, 2)
        return levels


def _share(keys: Ragged, left: Ints, right: Ints) -> Bools:
    """Return which pairs have a key in common."""
    at_l, value_l = keys.take(left)
    at_r, value_r = keys.take(right)
    size = np.uint64(0x9E3779B97F4A7C15)
    a = mix(value_l.view(np.uint64) + at_l.astype(np.uint64) * size)
    b = mix(value_r.view(np.uint64) + at_r.astype(np.uint64) * size)
    result = np.zeros(len(left), dtype=bool)
    result[at_l[among(a, np.sort(b))]] = True
    return result


def is_local(texts: pa.Array) -> Bools:
    """Return which numbers are digits without area code: short, and no E.164."""
    length = pc.utf8_length(texts)
    fits = pc.and_(pc.greater_equal(length, SHORTEST), pc.less_equal(length, LONGEST))
    digits = pc.match_substring_regex(texts, "^[1-9][0-9]*$")
    return np.asarray(pc.and_(fits, digits).to_numpy(zero_copy_only=False), dtype=bool)
