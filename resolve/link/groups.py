"""Contacts that share a blocking key, group by group; what training found, linking need not sort again.

Rules on plain columns are grouped by the codes of the values. Their hashes, by which a model remembers hot keys, are
computed for single groups only, when a group is hot or hot keys are known.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Codes32, Hashes, Ints, mix, starts_of
from resolve.link.encode import Encoded
from resolve.link.keys import BUILT_IN, rule_keys

ROW_BITS = 27  # room for the number of a contact; hot keys are known by the bits above, whatever the number of contacts


@dataclass(frozen=True)
class Groups:
    """Groups of two and more: `members` lists contacts group by group, rising; `sizes` of the groups.

    `hashes(first)` returns the hashes of groups given by the place of their first member.
    """

    members: Codes32
    sizes: Ints
    hashes: Callable[[Ints], Hashes]

    def frozen(self, which: Ints) -> Hashes:
        """Return the hashes of some groups as models keep them."""
        return self.hashes((np.cumsum(self.sizes) - self.sizes)[which]) >> np.uint64(ROW_BITS)


def grouped(contacts: Encoded, keys: tuple[str, ...]) -> Groups:
    """Return the groups of contacts that agree on all keys; kept with the contacts."""
    make = _plain_groups if is_plain(contacts, keys) else _listed_groups
    return contacts.once(("groups", *keys), lambda: make(contacts, keys))


def is_plain(contacts: Encoded, keys: tuple[str, ...]) -> bool:
    """Return whether a rule reads columns as they are."""
    return bool(keys) and all(key not in BUILT_IN and key in contacts.names for key in keys)


def _plain_groups(contacts: Encoded, keys: tuple[str, ...]) -> Groups:
    """Group by the codes of columns."""
    columns = [contacts.text(key) for key in keys]
    codes = [column.codes for column in columns]
    if len(columns) == 1:
        rows = np.flatnonzero(np.append(columns[0].counts > 1, False)[codes[0]])
    else:
        fine = codes[0] >= 0
        for more in codes[1:]:
            fine &= more >= 0
        rows = np.flatnonzero(fine)
    bits = max(len(contacts).bit_length(), 1)
    widths = [max(len(column.values), 1).bit_length() for column in columns]
    packed = codes[0][rows].astype(np.uint64)
    if sum(widths) + bits <= 64:
        for more, width in zip(codes[1:], widths[1:], strict=True):
            packed <<= np.uint64(width)
            packed |= more[rows].astype(np.uint64)
        packed <<= np.uint64(bits)
    else:  # too wide: keys that collide only cost a comparison
        for more in codes[1:]:
            packed = mix(packed * np.uint64(0x9E3779B97F4A7C15) + more[rows].astype(np.uint64))
        packed = packed >> np.uint64(bits) << np.uint64(bits)
    packed |= rows.astype(np.uint64)
    packed.sort()
    members, sizes = _split(packed, bits)

    def hashes(first: Ints) -> Hashes:
        result = columns[0].hashes_of(codes[0][members[first]])
        for column in columns[1:]:
            result = mix(result * np.uint64(3) + column.hashes_of(column.codes[members[first]]))
        return result

    return Groups(members, sizes, hashes)


def _listed_groups(contacts: Encoded, keys: tuple[str, ...]) -> Groups:
    """Group by the hashes of keys of which a contact may have several; their upper bits are enough."""
    lists = rule_keys(contacts, keys)
    bits = max(len(contacts).bit_length(), 1)
    owner = np.repeat(np.arange(len(contacts), dtype=np.uint64), lists.counts)
    packed = (lists.values.view(np.uint64) >> np.uint64(bits) << np.uint64(bits)) | owner
    packed.sort()
    if len(packed):
        packed = packed[np.append(True, packed[1:] != packed[:-1])]
    kept = packed[_shared(packed >> np.uint64(bits))]
    members, sizes = _split(packed, bits)
    return Groups(members, sizes, lambda first: kept[first])


def _shared(key: Hashes) -> np.ndarray:
    """Return which of the sorted keys stand there at least twice."""
    same = key[1:] == key[:-1]
    shared = np.zeros(len(key), dtype=bool)
    shared[1:] = same
    shared[:-1] |= same
    return shared


def _split(packed: Hashes, bits: int) -> tuple[Codes32, Ints]:
    """Return (members, sizes) of the groups of two and more from sorted `key | contact`."""
    key = packed >> np.uint64(bits)
    shared = _shared(key)
    members = (packed[shared] & np.uint64((1 << bits) - 1)).astype(np.int32)
    key = key[shared]
    return members, np.diff(np.append(starts_of(key), len(key)))
