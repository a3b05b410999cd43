"""Match weights: four classes, weights in bits, missing is no evidence.

bits = log2(L_M P_M) - log2(L_H P_H + L_C P_C + L_U P_U)
P_k  = product over the non-missing comparisons of p_k(level), with the frequency of the shared value in H, C, U
"""

from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Floats, Ints, Levels, distinct_rows
from resolve.link.compare import Agreement
from resolve.link.rules import CLASSES, LinkRules

SAFETY = 1e-6  # bits, against sums in another order


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of pairs: weight in bits, and the number of the most probable class (in CLASSES)."""

    weight: Floats
    relation: Ints

    @property
    def probability(self) -> Floats:
        """The probability of the same person, 0..1."""
        return probability_of(self.weight)


def probability_of(weight: Floats) -> Floats:
    """Return the probability of the same person, 0..1, at weights in bits."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(weight, -500, 500))))


def log_levels(rules: LinkRules) -> list[Floats]:
    """Return for each comparison log2 p, shape (4 classes, 1 + levels); column 0, missing, is 0."""
    tables = []
    for comparison in rules.comparisons:
        probabilities = np.maximum(comparison.probabilities(), 1e-12)
        tables.append(np.concatenate([np.zeros((4, 1)), np.log2(probabilities)], axis=1))
    return tables


def may_reach(agreements: list[Agreement], rules: LinkRules, floor: float, records: int) -> Ints:
    """Return the pairs that may reach a weight: those that would if nobody were of one household or office."""
    pairs = len(agreements[0].levels) if agreements else 0
    if not np.isfinite(floor):
        return np.arange(pairs)
    shares = rules.sizes.shares(records)
    bound = np.full(pairs, float(np.log2(shares[0] / shares[3])) + SAFETY)
    for table, agreement in zip(log_levels(rules), agreements, strict=True):
        bound += np.take(table[0] - table[3], agreement.levels)
        if agreement.bits is not None:
            bound -= agreement.bits[0]
    return np.flatnonzero(bound >= floor)


def score_agreements(agreements: list[Agreement], rules: LinkRules, records: int) -> Scores:
    """Score pairs from their agreements, always summed in the order of the comparisons."""
    tables = log_levels(rules)
    if _is_of_two_classes(rules, tables):
        return _score_two_classes(agreements, tables, rules.sizes.shares(records))
    pairs = len(agreements[0].levels) if agreements else 0
    logs = np.repeat(np.log2(rules.sizes.shares(records))[:, None], pairs, axis=1)
    for table, agreement in zip(tables, agreements, strict=True):
        logs += table[:, agreement.levels]
        if agreement.bits is not None:
            unrelated, household, colleague = agreement.bits
            logs[3] += unrelated
            logs[1] += household
            logs[2] += colleague
    against = np.logaddexp2(np.logaddexp2(logs[1], logs[2]), logs[3])
    return Scores(logs[0] - against, np.argmax(logs, axis=0).astype(np.int64))


def _is_of_two_classes(rules: LinkRules, tables: list[Floats]) -> bool:
    """Return whether household and colleague are nowhere told from unrelated."""
    same = all(np.array_equal(table[k], table[3]) for table in tables for k in (1, 2))
    return same and all(
        c.kind not in ("name", "witness") and c.household_tied == c.colleague_tied == ("all",)
        for c in rules.comparisons
        if c.frequency
    )


def _score_two_classes(agreements: list[Agreement], tables: list[Floats], shares: Floats) -> Scores:
    """Score pairs where one sum of odds says it all: three classes share the likelihood of unrelated pairs."""
    rest = float(np.log2(shares[1:].sum()))
    weight = np.full(len(agreements[0].levels) if agreements else 0, float(np.log2(shares[0])) - rest)
    for table, agreement in zip(tables, agreements, strict=True):
        weight += (table[0] - table[3])[agreement.levels]
        if agreement.bits is not None:
            weight -= agreement.bits[0]
    largest = int(np.argmax(shares[1:])) + 1
    other = weight + rest < np.log2(shares[largest])
    return Scores(weight, other * np.int64(largest))


def relation_names(relation: Ints) -> np.ndarray:
    """Return the names of relations, as in SCORED_PAIRS."""
    names = np.asarray(["same", *CLASSES[1:]], dtype=object)
    return np.asarray(names[relation])


def pattern_texts(levels: list[Levels], rules: LinkRules) -> np.ndarray:
    """Return each pair's pattern from its levels: `name=9 email=1 …`, missing comparisons left out."""
    if not levels:
        return np.empty(0, dtype=object)
    first, at = distinct_rows(levels)
    names = [c.name for c in rules.comparisons]
    rows = np.stack([column[first] for column in levels], axis=1).tolist()
    texts = [" ".join(f"{n}={v}" for n, v in zip(names, row, strict=True) if v) for row in rows]
    return np.asarray(texts, dtype=object)[at] if texts else np.empty(0, dtype=object)
