"""Candidate pairs: contacts that share a blocking key, each pair once, in chunks of bounded memory.

A pair belongs to the first rule of the list that produces it. Chunks cut the contacts of the left side into ranges;
where they are cut changes nothing but memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from resolve.link.arrays import Bools, Codes32, Hashes, Ints, inner_positions, mix
from resolve.link.encode import Encoded
from resolve.link.groups import ROW_BITS, Groups, grouped, is_plain
from resolve.link.keys import NAMED
from resolve.link.rules import BlockingRule, LinkRules
from resolve.link.workers import in_turn

__all__ = ["CHUNK_PAIRS", "ROW_BITS", "Block", "Blocks", "Pairs", "build_blocks", "group_keys"]

CHUNK_PAIRS = 1 << 20


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

    members: Codes32
    sizes: Ints
    records: int
    skipped_keys: int
    skipped_pairs: int
    hot: Hashes

    @cached_property
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
        places = self.members.astype(np.int64) << 32 | np.arange(len(self.members))
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

    def sample(self, share: float, spans: int = 64) -> list[tuple[int, int]]:
        """Return `spans` evenly spread ranges of left contacts (first, behind the last), `share` of all contacts."""
        edges = np.linspace(0, self.records, spans + 1).astype(np.int64).tolist()
        wide = ((first, first + max(1, round((last - first) * share))) for first, last in pairwise(edges))
        return [(first, behind) for (first, behind), last in zip(wide, edges[1:], strict=True) if last > first]

    def spread(self, number: int, most: int) -> tuple[Codes32, Codes32, float]:
        """Return about `most` pairs of one rule, those of groups drawn by their first member, and their share of all.

        The draw depends on the contacts alone, so that neither row order nor time changes it.
        """
        block = self.blocks[number]
        share = min(1.0, most / max(block.pairs, 1))
        starts = np.cumsum(block.sizes) - block.sizes
        draw = mix(block.members[starts].astype(np.uint64) + np.uint64(1)) >> np.uint64(32)
        chosen = np.flatnonzero(draw <= np.uint64(share * ((1 << 32) - 1)))
        sizes = block.sizes[chosen]
        member = np.repeat(starts[chosen], sizes) + inner_positions(sizes)
        after = np.repeat(sizes, sizes) - 1 - inner_positions(sizes)
        right = np.repeat(member + 1, after) + inner_positions(after)
        taken = len(right) / max(block.pairs, 1)
        return block.members[np.repeat(member, after)], block.members[right], taken

    def spans(self, size: int = CHUNK_PAIRS) -> list[tuple[int, int]]:
        """Return ranges of left contacts (first, behind the last) of about `size` pairs before repeats are removed."""
        load = np.zeros(self.records + 1, dtype=np.int64)
        for block in self.blocks:
            np.add.at(load, block.members[block.entries] + 1, block.after[block.entries])
        total = np.cumsum(load)
        found: list[tuple[int, int]] = []
        first = 0
        while first < self.records:
            last = max(int(np.searchsorted(total, total[first] + size, side="right")) - 1, first + 1)
            last = min(last, self.records)
            if total[last] > total[first]:
                found.append((first, last))
            first = last
        return found

    def chunks(self, size: int = CHUNK_PAIRS) -> Iterator[Pairs]:
        """Yield all distinct pairs, the pairs of one of the `spans` at a time."""
        for first, last in self.spans(size):
            yield self.pairs_of(first, last)


def build_blocks(contacts: Encoded, rules: LinkRules, workers: int = 1) -> Blocks:
    """Group the contacts under every blocking rule; `workers` threads take rules in turn."""
    plain = [rule for rule in rules.blocking if is_plain(contacts, rule.keys)]
    contacts.encode((key for rule in plain for key in rule.keys), workers)
    if any(NAMED & set(rule.keys) for rule in rules.blocking):
        _ = contacts.parts  # what several of them will ask for
    blocks = in_turn(lambda rule: group_keys(contacts, rule, rules.hot.get(rule.name)), rules.blocking, workers)
    return Blocks(rules.blocking, tuple(blocks), len(contacts))


def group_keys(contacts: Encoded, rule: BlockingRule, hot: Hashes | None) -> Block:
    """Group contacts by the keys of one rule; leave out keys above the cap, or, if given, the keys in `hot`."""
    groups = grouped(contacts, rule.keys)
    common = np.flatnonzero(_too_common(groups, rule.cap, hot))
    if not len(common):
        return Block(groups.members, groups.sizes, len(contacts), 0, 0, np.empty(0, dtype=np.uint64))
    kept = np.ones(len(groups.sizes), dtype=bool)
    kept[common] = False
    lost = groups.sizes[common]
    return Block(
        groups.members[np.repeat(kept, groups.sizes)],
        groups.sizes[kept],
        len(contacts),
        len(lost),
        int((lost * (lost - 1) // 2).sum()),
        np.unique(groups.frozen(common)),  # in order of the keys, so that it does not depend on the contacts
    )


def _too_common(groups: Groups, cap: int, hot: Hashes | None) -> Bools:
    """Return which groups are left out: above the cap; with frozen hot keys those, and only far larger groups.

    A key that was not hot when the model was trained stays in use until it is twice over the cap, so that new contacts
    do not undo pairs of old ones from one night to the next.
    """
    if hot is None:
        return np.asarray(groups.sizes > cap)
    large = np.asarray(groups.sizes > 2 * cap)
    return large | np.isin(groups.frozen(np.arange(len(large))), hot) if len(hot) else large


def _pack(block: Block, span: tuple[int, int], rule: int, bits: int) -> Ints:
    """Return pairs with left in the span as (left - first) | right | rule in one integer."""
    entries = block.entries[block.starts[span[0]] : block.starts[span[1]]]
    counts = block.after[entries]
    left = np.repeat(block.members[entries].astype(np.int64) - span[0], counts)
    right = block.members[np.repeat(entries + 1, counts) + inner_positions(counts)].astype(np.int64)
    return np.asarray(((left << bits | right) << 8) | rule)
