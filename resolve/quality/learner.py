"""What training looks at: the agreement patterns of candidate pairs and of random pairs."""

import numpy as np

from resolve.link.arrays import Ints, Rows, distinct_rows
from resolve.link.block import Blocks
from resolve.link.bound import Bounds, is_plain
from resolve.link.cascade import decide
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.slices import known_pairs
from resolve.link.workers import in_turn
from resolve.quality.em import Patterns

RANDOM_PAIRS = 400_000
LEARN_PAIRS = 1_500_000
SCRIPTS = 4  # none, kanji, kana, letters
PLAIN_PAIRS = 30_000  # of each rule, and twice that at random: a few columns have few patterns


class Learner:
    """Compares pairs for training: levels only, by the shortest way."""

    def __init__(self, comparer: Comparer, blocks: Blocks, workers: int = 1) -> None:
        """Take the comparer and the candidate pairs; rules on single columns get bounds, and threads."""
        self.comparer, self.blocks, self._workers = comparer, blocks, workers
        self._bounds = Bounds(comparer, blocks, workers) if is_plain(comparer.rules) else None
        if self._bounds is not None:
            self._bounds.prepare(workers)

    def patterns(self, left: Rows, right: Rows) -> Patterns:
        """Return the distinct patterns of pairs."""
        if self._bounds is not None:
            levels = decide(known_pairs(left, right, self._bounds), self._bounds, -np.inf)[1]
        else:
            levels = [a.levels for a in self.comparer.compare(left.astype(np.int64), right.astype(np.int64))]
        return merge_patterns([Patterns(np.stack(levels, axis=1), np.ones(len(left)))])

    def blocked_patterns(self) -> tuple[Patterns, Ints]:
        """Return the patterns of the candidate pairs, and the number of pairs by rule.

        Above LEARN_PAIRS only the pairs of evenly spread contacts are compared, and counted for all; rules on single
        columns give PLAIN_PAIRS each.
        """
        if self._bounds is not None:
            return self._plain_patterns(self._bounds)
        share = min(1.0, LEARN_PAIRS / max(sum(block.pairs for block in self.blocks.blocks), 1))
        rules = len(self.blocks.rules)

        def learn(span: tuple[int, int]) -> tuple[Patterns, Ints]:
            pairs = self.blocks.pairs_of(*span)
            return self.patterns(pairs.left, pairs.right), np.bincount(pairs.rule, minlength=rules)

        self.comparer.prepare(self._workers)
        spans = self.blocks.spans() if share == 1 else self.blocks.sample(share)
        learnt = in_turn(learn, spans, self._workers)
        by_rule = np.sum([np.zeros(rules, dtype=np.int64), *(counts for _, counts in learnt)], axis=0)
        patterns = merge_patterns([self._no_patterns(), *(patterns for patterns, _ in learnt)])
        return Patterns(patterns.levels, patterns.counts / share), np.asarray(by_rule / share, dtype=np.int64)

    def _plain_patterns(self, bounds: Bounds) -> tuple[Patterns, Ints]:
        """Do the same for rules on single columns: a sample of each rule, without pairs of earlier rules."""

        def learn(number: int) -> tuple[Patterns, float]:
            left, right, share = self.blocks.spread(number, PLAIN_PAIRS)
            first = np.flatnonzero(bounds.first_found(number, known_pairs(left, right, bounds).equal))
            patterns = self.patterns(left[first], right[first])
            share = max(share, 1e-300)
            return Patterns(patterns.levels, patterns.counts / share), len(first) / share

        learnt = in_turn(learn, range(len(self.blocks.rules)), self._workers)
        by_rule = np.asarray([pairs for _, pairs in learnt], dtype=np.int64)
        return merge_patterns([self._no_patterns(), *(patterns for patterns, _ in learnt)]), by_rule

    def _no_patterns(self) -> Patterns:
        """Return the patterns of no pairs."""
        return Patterns(np.zeros((0, len(self.comparer.rules.comparisons)), dtype=np.uint8), np.zeros(0))

    def random_patterns(self, seed: int) -> tuple[Patterns, Ints]:
        """Return the patterns of random pairs, and of each the scripts that the two names are written in.

        Of all pairs where there are not more than wanted. A pattern stands there once for each pair of scripts.
        """
        n = len(self.comparer.contacts)
        most = RANDOM_PAIRS if self._bounds is None else 2 * PLAIN_PAIRS
        if n * (n - 1) // 2 <= most:
            left, right = (a.astype(np.int64) for a in np.triu_indices(n, k=1))
        else:
            draw = np.random.default_rng(seed).integers(0, n, size=(2, most), dtype=np.int64)
            draw = draw[:, draw[0] != draw[1]]
            left, right = draw.min(axis=0), draw.max(axis=0)
        if not any(c.kind == "name" for c in self.comparer.rules.comparisons):
            halves = zip(np.array_split(left, 2), np.array_split(right, 2), strict=True)
            found = merge_patterns(in_turn(lambda half: self.patterns(*half), halves, self._workers))
            return found, np.zeros(len(found.counts), dtype=np.int64)
        scripts = name_scripts(self.comparer.contacts)
        kinds = np.minimum(scripts[left], scripts[right]) * SCRIPTS + np.maximum(scripts[left], scripts[right])
        each = np.unique(kinds) if len(kinds) else np.zeros(1, dtype=np.int64)
        parts = in_turn(lambda kind: self.patterns(left[kinds == kind], right[kinds == kind]), each, self._workers)
        levels, counts = (np.concatenate([getattr(part, name) for part in parts]) for name in ("levels", "counts"))
        return Patterns(levels, counts), np.repeat(each, [len(part.counts) for part in parts])


def name_scripts(contacts: Encoded) -> Ints:
    """Return the script of each contact's name: of its given name, else of its family name; 0 for none."""
    script = np.append(contacts.parts.script, 0)
    given, family = script[contacts.given], script[contacts.family]
    return np.asarray(np.where(given > 0, given, family), dtype=np.int64)


def merge_patterns(parts: list[Patterns]) -> Patterns:
    """Return the patterns of all parts, each once, in order of their levels."""
    levels = np.concatenate([p.levels for p in parts])
    counts = np.concatenate([p.counts for p in parts])
    first, at = distinct_rows(list(levels.T))
    summed = np.bincount(at, weights=counts, minlength=len(first))
    return Patterns(levels[first], np.asarray(summed, dtype=np.float64))
