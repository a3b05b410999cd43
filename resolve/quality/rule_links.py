"""What each blocking rule brings: its pairs, the links among them, and the links that no other rule finds."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from resolve.link.arrays import Bools, Ints, mix
from resolve.link.block import Block, Blocks
from resolve.link.rules import BlockingRule

_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class RuleLinks:
    """One blocking rule: all its pairs, how many links it finds, how many of them it alone finds."""

    rule: str
    pairs: int
    links: int
    only: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self)


def count_rule_links(blocks: Blocks, left: Ints, right: Ints) -> list[RuleLinks]:
    """Return the figures of every rule for the given links (rows of the encoded contacts)."""
    found = [finds(block, left, right) for block in blocks.blocks]
    times = np.sum(found, axis=0, dtype=np.int64) if found else np.zeros(len(left), dtype=np.int64)
    return [
        RuleLinks(rule.name, block.pairs, int(hits.sum()), int((hits & (times == 1)).sum()))
        for rule, block, hits in zip(blocks.rules, blocks.blocks, found, strict=True)
    ]


def finds(block: Block, left: Ints, right: Ints) -> Bools:
    """Return which of the pairs share a group of the rule."""
    group = np.repeat(np.arange(len(block.sizes)), block.sizes)
    sides = []
    for rows in (left, right):
        counts = block.starts[rows + 1] - block.starts[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        inner = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = block.entries[np.repeat(block.starts[rows], counts) + inner]
        sides.append((owner, mix(owner.astype(np.uint64) * _STEP + group[entries].astype(np.uint64))))
    result = np.zeros(len(left), dtype=bool)
    result[sides[0][0][np.isin(sides[0][1], sides[1][1])]] = True
    return result


def propose_rules(blocks: Blocks, left: Ints, right: Ints) -> tuple[BlockingRule, ...]:
    """Return the rules that together find every one of the links, those that find most for their pairs first.

    Greedy: at each step the rule with the most links not found yet for each pair it costs (and a constant for the work
    that any rule is). Rules that would add nothing are left out; so are all, without links.
    """
    found = [finds(block, left, right) for block in blocks.blocks]
    open_ = np.any(found, axis=0) if found else np.zeros(0, dtype=bool)
    cost = [block.pairs + max(block.records, 1) * 0.05 for block in blocks.blocks]
    chosen: list[int] = []
    while open_.any():
        gains = [float((hits & open_).sum()) for hits in found]
        best = max(range(len(found)), key=lambda i: (gains[i] / cost[i], gains[i], -i))
        chosen.append(best)
        open_ = open_ & ~found[best]
    return tuple(blocks.rules[i] for i in sorted(chosen))
