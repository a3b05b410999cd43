"""Candidate pairs: contacts that share a blocking key, each pair once, in chunks of bounded memory.

A pair belongs to the first rule of the list that produces it. Chunks cut the contacts of the left side into ranges;
where they are cut changes nothing but memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from resolve.link.arrays import Bools, Hashes, Ints, inner_positions
from resolve.link.encode import Encoded
from resolve.link.keys import rule_keys
from resolve.link.rules import BlockingRule, LinkRules

CHUNK_PAIRS = 1 << 20
ROW_BITS = 27  # room for the number of a contact; hot keys are known by the bits above, whatever the number of contacts


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidate pairs as rows of the encoded contacts, left < right, and the number of the rule that found each."""

    left: Ints
    right: Ints
    rule: Ints

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    def at(self, rows: Ints | Bools) -> "Pairs":
        """Return the pairs at the given positions."""
        return Pairs(self.left[rows], self.right[rows], self.rule[rows])


@dataclass(frozen=True)
class Block:
    """The groups of one rule: `members` lists contacts group by group, rising; `sizes` of the groups, 2 at least.

    `skipped_keys`, `skipped_pairs`: what was left out because too many contacts share a key; `hot` are those keys.
    """

    members: Ints
    sizes: Ints
    records: int
    skipped_keys: int
    skipped_pairs: int
    hot: Hashes

    @property
    def pairs(self) -> int:
        """The number of pairs in the groups; a pair may stand in two groups."""
        return int((self.sizes * (self.sizes - 1) // 2).sum())

    @cached_property
    def after(self) -> Ints:
        """How many members follow each member in its group: it pairs with each of them."""
        return np.repeat(self.sizes, self.sizes) - 1 - inner_positions(self.sizes)

    @cached_property
    def entries(self) -> Ints:
        """Positions in `members`, ordered by contact."""
        places = self.members << 32 | np.arange(len(self.members))
        places.sort()
        return np.asarray(places & 0xFFFFFFFF)

    @cached_property
    def starts(self) -> Ints:
        """The first of `entries` of each contact; one more at the end."""
        return np.append(0, np.cumsum(np.bincount(self.members, minlength=self.records)))


@dataclass(frozen=True, slots=True)
class Blocks:
    """The groups of every rule, ready to be paired."""

    rules: tuple[BlockingRule, ...]
    blocks: tuple[Block, ...]
    records: int

    def pairs_of(self, first: int, last: int) -> Pairs:
        """Return the distinct pairs whose left contact lies in `first <= row < last`, ordered by left, right."""
        bits = max(int(self.records).bit_length(), 1)
        packed = [_pack(block, (first, last), number, bits) for number, block in enumerate(self.blocks)]
        codes = np.concatenate(packed) if packed else np.empty(0, dtype=np.int64)
        codes.sort()
        pair = codes >> 8
        keep = np.ones(len(codes), dtype=bool)
        keep[1:] = pair[1:] != pair[:-1]
        pair = pair[keep]
        return Pairs((pair >> bits) + first, pair & ((1 << bits) - 1), codes[keep] & 255)

    def sample(self, share: float, spans: int = 64) -> Iterator[Pairs]:
        """Yield the pairs whose left contact lies in one of `spans` evenly spread ranges, `share` of all contacts."""
        edges = np.linspace(0, self.records, spans + 1).astype(np.int64)
        for first, last in pairwise(edges.tolist()):
            if last > first:
                yield self.pairs_of(first, first + max(1, round((last - first) * share)))

    def chunks(self, size: int = CHUNK_PAIRS) -> Iterator[Pairs]:
        """Yield all distinct pairs in chunks that come from about `size` pairs before repeats are removed."""
        load = np.zeros(self.records + 1, dtype=np.int64)
        for block in self.blocks:
            np.add.at(load, block.members[block.entries] + 1, block.after[block.entries])
        total = np.cumsum(load)
        first = 0
        while first < self.records:
            last = max(int(np.searchsorted(total, total[first] + size, side="right")) - 1, first + 1)
            last = min(last, self.records)
            if total[last] > total[first]:
                yield self.pairs_of(first, last)
            first = last


def build_blocks(contacts: Encoded, rules: LinkRules) -> Blocks:
    """Group the contacts under every blocking rule."""
    blocks = [group_keys(contacts, rule, rules.hot.get(rule.name)) for rule in rules.blocking]
    return Blocks(rules.blocking, tuple(blocks), len(contacts))


def group_keys(contacts: Encoded, rule: BlockingRule, hot: Hashes | None) -> Block:
    """Group contacts by the keys of one rule; leave out keys above the cap, or, if given, the keys in `hot`."""
    packed, bits = sorted_keys(contacts, rule.keys)
    key = packed >> np.uint64(bits)
    members = (packed & np.uint64((1 << bits) - 1)).astype(np.int64)
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.empty(0, dtype=np.int64)
    sizes = np.diff(np.append(starts, len(key)))
    frozen = packed[starts] >> np.uint64(ROW_BITS)
    common = _too_common(sizes, frozen, rule.cap, hot)
    kept = (sizes > 1) & ~common
    lost = sizes[common & (sizes > 1)]
    return Block(
        members[np.repeat(kept, sizes)],
        sizes[kept],
        len(contacts),
        len(lost),
        int((lost * (lost - 1) // 2).sum()),
        frozen[common],
    )


def sorted_keys(contacts: Encoded, keys: tuple[str, ...]) -> tuple[Hashes, int]:
    """Return `key | contact` of every key that two contacts may share, sorted, and the bits of the contact's number.

    The upper bits of a key's hash are enough: keys that collide only cost a comparison.
    """
    if keys not in contacts.sorted_keys:
        lists = rule_keys(contacts, keys)
        bits = max(len(contacts).bit_length(), 1)
        rows = np.arange(len(contacts), dtype=np.uint64)
        single = len(lists.values) == len(contacts) and bool((lists.counts == 1).all())
        owner = rows if single else np.repeat(rows, lists.counts)
        packed = (lists.values.view(np.uint64) >> np.uint64(bits) << np.uint64(bits)) | owner
        packed.sort()
        if len(packed):
            packed = packed[np.append(True, packed[1:] != packed[:-1])]
        contacts.sorted_keys[keys] = packed, bits
    return contacts.sorted_keys[keys]


def _too_common(sizes: Ints, keys: Hashes, cap: int, hot: Hashes | None) -> Bools:
    """Return which groups are left out: above the cap; with frozen hot keys those, and only far larger groups.

    A key that was not hot when the model was trained stays in use until it is twice over the cap, so that new contacts
    do not undo pairs of old ones from one night to the next.
    """
    if hot is None:
        return np.asarray(sizes > cap)
    return np.asarray(np.isin(keys, hot) | (sizes > 2 * cap))


def _pack(block: Block, span: tuple[int, int], rule: int, bits: int) -> Ints:
    """Return pairs with left in the span as (left - first) | right | rule in one integer."""
    entries = block.entries[block.starts[span[0]] : block.starts[span[1]]]
    counts = block.after[entries]
    left = np.repeat(block.members[entries] - span[0], counts)
    right = block.members[np.repeat(entries + 1, counts) + inner_positions(counts)]
    return np.asarray(((left << bits | right) << 8) | rule)
