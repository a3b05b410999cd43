"""Expectation-maximisation with four classes on agreement patterns: same person, household, colleague, unrelated.

All shares are in the space of all N = n(n-1)/2 pairs. `blocked` counts patterns of candidate pairs, `random` those of
random pairs. A tied level of household or colleague equals unrelated; or those classes would eat true matches of
clean data. The probabilities of unrelated pairs are cleaned of matches in every round.
"""

from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Floats, Ints, Levels
from resolve.link.compare_organisations import ORGANISATION_LEVELS
from resolve.link.compare_places import EMPLOYER
from resolve.link.compare_values import DATE_LEVELS, TWINS
from resolve.link.rules import Comparison, tie_row
from resolve.quality.em_names import maximise_name
from resolve.quality.smoothing import RAREST, TOWARDS_START, TOWARDS_U

MOST_ROUNDS = 60
LIKE_TWINS = 0.25  # times the share of twins in a household: one person of one birth date under two given names
NONE: frozenset[int] = frozenset()
MOST_GROWN = 4.0  # times the starting share of a level that one customer hardly shows


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct rows of levels, shape (patterns, comparisons), and how many pairs show each."""

    levels: Levels
    counts: Floats

    @property
    def total(self) -> float:
        """The number of pairs."""
        return float(self.counts.sum())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What EM learns from: candidate pairs, random pairs, and the number of all pairs.

    `kinds`: the scripts of the names of each random pattern, as any number; None where names are of one kind.
    """

    blocked: Patterns
    random: Patterns
    pairs: float
    kinds: Ints | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The fitted classes: probabilities of each comparison (4 classes, levels), shares (4,), rounds it took.

    `responsibilities` of the blocked patterns, shape (4, patterns). `held`: classes whose levels were not learnt.
    """

    tables: list[Floats]
    shares: Floats
    responsibilities: Floats
    rounds: int
    held: frozenset[int] = NONE


def fit_classes(
    comparisons: tuple[Comparison, ...], evidence: Evidence, start: Floats, prior: Floats, held: frozenset[int] = NONE
) -> Fit:
    """Run EM from starting responsibilities (4, blocked patterns); `prior` are shares of all pairs, shape (4,).

    Classes in `held` (0 one person, 1 household, 2 office) keep their starting levels; their shares are learnt.
    """
    tables = [np.maximum(c.probabilities(), 1e-12) for c in comparisons]
    blocked, unrelated = start, np.ones(len(evidence.random.counts))
    shares = _shares(blocked, evidence, prior)
    judged, rounds = start, 0
    while rounds < MOST_ROUNDS:
        rounds += 1
        tables = [_maximise(i, c, evidence, (blocked, unrelated)) for i, c in enumerate(comparisons)]
        tables = [_hold_start(c, table, held) for c, table in zip(comparisons, tables, strict=True)]
        judged = posteriors(evidence.blocked.levels, tables, shares)
        blocked = _few_twins(comparisons, evidence.blocked, judged)
        unrelated = posteriors(evidence.random.levels, tables, shares)[3]
        old, shares = shares, _shares(blocked, evidence, prior)
        if np.abs(shares[:3] - old[:3]).max() < 1e-4 * max(float(old[:3].max()), 1e-15):
            break
    return Fit(tables, shares, judged, rounds, held)


def _shares(responsibilities: Floats, evidence: Evidence, prior: Floats) -> Floats:
    """Return the share of each class among all pairs; unrelated is the rest."""
    found = (responsibilities[:3] @ evidence.blocked.counts) / evidence.pairs
    weight = (TOWARDS_START / (TOWARDS_START + evidence.blocked.total)) ** 2
    found = np.clip(found * (1 - weight) + prior[:3] * weight, 1e-13, None)
    found *= min(1.0, 0.9 / found.sum())
    return np.append(found, 1.0 - found.sum())


def posteriors(levels: Levels, tables: list[Floats], shares: Floats) -> Floats:
    """Return the probability of each class for each pattern, shape (4, patterns)."""
    logs = np.repeat(np.log(shares)[:, None], len(levels), axis=1)
    for i, table in enumerate(tables):
        known = np.concatenate([np.zeros((4, 1)), np.log(np.maximum(table, 1e-12))], axis=1)
        logs += known[:, levels[:, i]]
    logs -= logs.max(axis=0)
    weights = np.exp(logs)
    return np.asarray(weights / weights.sum(axis=0))


def _counts(levels: Levels, weights: Floats, size: int) -> Floats:
    """Return the weight on each level 1..size."""
    return np.asarray(np.bincount(levels, weights=weights, minlength=size + 1)[1 : size + 1], dtype=np.float64)


def _maximise(i: int, comparison: Comparison, evidence: Evidence, held: tuple[Floats, Floats]) -> Floats:
    """Return the probabilities of one comparison, (4 classes, levels), from responsibilities."""
    responsibilities, unrelated = held
    size, blocked = len(comparison.levels), evidence.blocked
    found = np.stack([_counts(blocked.levels[:, i], r * blocked.counts, size) for r in responsibilities])
    sample = _counts(evidence.random.levels[:, i], unrelated * evidence.random.counts, size)
    start = comparison.probabilities()
    scale = evidence.pairs / max(evidence.random.total, 1.0)
    if comparison.kind == "name":
        return maximise_name(comparison, found, _by_kind(i, size, evidence, unrelated), scale)
    u = unrelated_levels(comparison, found[3], sample, scale)
    table = np.stack([_smooth(found[k], u, start[k]) for k in range(3)] + [u])
    for k in (1, 2):
        tied = comparison.tied(k)
        if tied is not None:
            table[k] = tie_row(table[k], u, tied)
    if _shows_twins(comparison):
        table[1] = _hold(comparison, table[1], TWINS - 1, float(start[1][TWINS - 1]))
        table[0] = _at_most(table[0], TWINS - 1, float(start[1][TWINS - 1]) * LIKE_TWINS)
    elif comparison.kind == "organisation":
        table[0] = _at_most(table[0], len(ORGANISATION_LEVELS) - 1, float(start[0][-1]) * MOST_GROWN)
    elif comparison.kind == "company":
        table[0] = _at_most(table[0], EMPLOYER - 1, float(start[0][EMPLOYER - 1]) * MOST_GROWN)
    if comparison.kind == "company" and not {"all", "equal"} & set(comparison.household_tied):
        # Few families share a firm: colleagues of one surname and persons with wrong given names would raise the share.
        table[1] = _hold(comparison, table[1], 0, float(start[1][0]))
    return table


def _hold_start(comparison: Comparison, table: Floats, held: frozenset[int]) -> Floats:
    """Return a table in which classes have their starting levels, but for those that are tied to unrelated."""
    result, start = table.copy(), np.maximum(comparison.probabilities(), 1e-12)
    for relation in sorted(held):
        tied = comparison.tied(relation)
        result[relation] = start[relation] if tied is None else tie_row(start[relation], table[3], tied)
    return result


def _hold(comparison: Comparison, row: Floats, place: int, share: float) -> Floats:
    """Return a household's row with its starting share of one level; the others that are not tied take the rest."""
    tied = comparison.tied(1)
    others = np.ones(len(row), dtype=bool) if tied is None else ~tied
    others[place] = False
    held = row.copy()
    held[place] = share
    rest = 1.0 - float(held[~others].sum())
    if not others.any() or rest <= 0.0:
        return row
    held[others] *= rest / max(float(row[others].sum()), 1e-300)
    return held


def _at_most(row: Floats, place: int, share: float) -> Floats:
    """Return a row with no more than a share of one level; the others take the rest."""
    if row[place] <= share:
        return row
    held = row * ((1.0 - share) / max(1.0 - float(row[place]), 1e-300))
    held[place] = share
    return held


def _shows_twins(comparison: Comparison) -> bool:
    """Return whether a comparison tells twins from others."""
    return comparison.kind == "date" and comparison.levels == DATE_LEVELS


def _few_twins(comparisons: tuple[Comparison, ...], blocked: Patterns, held: Floats) -> Floats:
    """Return responsibilities in which a household has no more twins than its starting share; the rest are one person.

    A register in which nearly all pairs of a family share a birth date has no twins but wrong given names.
    """
    result = held
    for i in (i for i, c in enumerate(comparisons) if _shows_twins(c)):
        twins, dated = blocked.levels[:, i] == TWINS, blocked.levels[:, i] > 0
        weight = result[1] * blocked.counts
        most = comparisons[i].household[TWINS - 1]
        allowed = most / (1.0 - most) * float(weight[dated & ~twins].sum())
        keep = min(1.0, allowed / max(float(weight[twins].sum()), 1e-300))
        moved = np.where(twins, result[1] * (1.0 - keep), 0.0)
        result = result + np.stack([moved, -moved, np.zeros_like(moved), np.zeros_like(moved)])
    return result


def _smooth(counts: Floats, u: Floats, start: Floats) -> Floats:
    """Return level probabilities from counts, pulled towards u and the starting values."""
    held = counts + TOWARDS_U * u + TOWARDS_START * start
    return np.asarray(held / held.sum())


def unrelated_levels(comparison: Comparison, blocked: Floats, sample: Floats, scale: float) -> Floats:
    """Return u: from random pairs, but at least what candidate pairs prove, and for identifiers only that.

    Random pairs cannot see a level that one pair in a million shows, and frequencies would count the matches.
    """
    comparable = max(float(sample.sum()) * scale, 1.0)
    weight = TOWARDS_START / max(float(sample.sum()), 1.0)
    u = (sample + weight * TOWARDS_START * np.asarray(comparison.unrelated)) / max(float(sample.sum()), 1.0)
    floor = np.full(len(u), 0.5 / max(float(sample.sum()), TOWARDS_START**2))
    rare = proven_levels(comparison)
    u[rare], floor[rare] = 0.0, RAREST
    u = np.maximum(np.maximum(u, blocked / comparable), floor)
    return np.asarray(u / u.sum())


def proven_levels(comparison: Comparison) -> np.ndarray:
    """Return the levels whose pairs are all candidates: an equal mailbox, number or identifier."""
    if comparison.kind == "email":
        return np.arange(len(comparison.levels)) < 5
    if comparison.kind == "phone":
        return np.arange(len(comparison.levels)) < 5
    return np.asarray([level == "equal" and comparison.name == "line" for level in comparison.levels])


def _by_kind(i: int, size: int, evidence: Evidence, unrelated: Floats) -> Floats:
    """Return the weight of random pairs on each level of a comparison, shape (kinds, levels)."""
    weights = unrelated * evidence.random.counts
    if evidence.kinds is None or not len(evidence.kinds):
        return _counts(evidence.random.levels[:, i], weights, size)[None]
    rows = [np.flatnonzero(evidence.kinds == kind) for kind in np.unique(evidence.kinds)]
    return np.stack([_counts(evidence.random.levels[row, i], weights[row], size) for row in rows])
