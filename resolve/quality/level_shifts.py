"""Logistic regression that shifts the levels of a model: what labels add to each level, and to the prior.

weight' = weight + s + sum over the comparisons of (d_level - log2 sum_j m_j 2^d_j)

With m the probabilities of the same person. The second term is what keeps their sums, so it comes with every level of a
comparison and never with a missing value. Fitted by maximum likelihood with a Gaussian penalty on d.
"""

from dataclasses import dataclass, replace

import numpy as np

from resolve.link.arrays import Bools, Floats, Ints, Levels, distinct_rows
from resolve.link.name_levels import name_groups
from resolve.link.rules import LinkRules

PENALTY = 1.0  # of the square of a shift, in nats: a shift of one nat costs as much as one pair judged wrongly by half
LARGEST = 15.0  # bits that the prior may move by
_LOG2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class _Problem:
    """Patterns of levels and what is known of each: slots of the shifts, weights in nats, pairs and matches.

    `slot[pattern, comparison]` is the place of the level among all shifts, 0 where it is missing; slot 0 is unused.
    `group[slot]` numbers the levels whose probabilities sum to 1; `match[slot]` are those probabilities.
    """

    slot: Ints
    group: Ints
    match: Floats
    at: Ints
    weight: Floats
    same: Floats


def fit_labels(rules: LinkRules, levels: Levels, weight: Floats, same: Bools) -> LinkRules:
    """Return the rules with levels and prior shifted to fit labelled pairs.

    `levels`: (pairs, comparisons); `weight`: bits that the rules give; `same`: the labels.
    """
    from scipy.optimize import minimize

    problem = _pose(rules, levels, weight, same)
    start = np.zeros(len(problem.match) + 1)
    edge = LARGEST * _LOG2
    limits = [(-edge, edge)] * len(start)
    found = minimize(
        _loss, start, args=(problem,), jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 300}
    )
    shifts, prior = found.x[:-1], float(found.x[-1])
    match = _shifted(problem, shifts)
    compared, begin = [], 1
    for comparison in rules.comparisons:
        table = comparison.probabilities()
        end = begin + len(comparison.levels)
        table[0] = match[begin:end]
        compared.append(comparison.with_probabilities(table))
        begin = end
    sizes = replace(rules.sizes, match=rules.sizes.match * float(np.exp(prior)))
    return replace(rules, comparisons=tuple(compared), sizes=sizes)


def _pose(rules: LinkRules, levels: Levels, weight: Floats, same: Bools) -> _Problem:
    """Return the problem of some labelled pairs; pairs of one pattern share its slots."""
    begins = 1 + np.cumsum([0, *(len(c.levels) for c in rules.comparisons)])
    first, at = distinct_rows(list(levels.T))
    patterns = levels[first].astype(np.int64)
    slot = np.where(patterns > 0, patterns - 1 + begins[:-1], 0)
    group, match = [np.zeros(1, dtype=np.int64)], [np.zeros(1)]
    for comparison in rules.comparisons:
        own = name_groups() if comparison.kind == "name" else np.zeros(len(comparison.levels), dtype=np.int64)
        group.append(own + int(group[-1].max()) + 1)
        match.append(np.maximum(np.asarray(comparison.match), 1e-12))
    joined = np.concatenate(match)
    groups = np.concatenate(group)
    totals = np.bincount(groups, weights=joined)
    joined = joined / np.where(totals > 0, totals, 1.0)[groups]
    return _Problem(slot, groups, joined, at, weight * _LOG2, same.astype(np.float64))


def _shifted(problem: _Problem, shifts: Floats) -> Floats:
    """Return the probabilities of the same person after the shifts, by slot."""
    raised = problem.match * np.exp(shifts)
    totals = np.bincount(problem.group, weights=raised)
    return np.asarray(raised / np.where(totals > 0, totals, 1.0)[problem.group])


def _loss(x: Floats, problem: _Problem) -> tuple[float, Floats]:
    """Return the penalised negative log likelihood, nats, and its gradient."""
    shifts, prior = x[:-1], x[-1]
    match = _shifted(problem, shifts)
    added = np.log(np.maximum(match, 1e-300)) - np.log(np.maximum(problem.match, 1e-300))
    added[0] = 0.0
    z = problem.weight + prior + added[problem.slot].sum(axis=1)[problem.at]
    loss = float((np.logaddexp(0.0, z) - problem.same * z).sum()) + 0.5 * PENALTY * float(shifts @ shifts)
    residual = 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500))) - problem.same
    by_pattern = np.bincount(problem.at, weights=residual, minlength=len(problem.slot))
    by_slot = np.bincount(
        problem.slot.ravel(), weights=np.repeat(by_pattern, problem.slot.shape[1]), minlength=len(match)
    )
    by_slot[0] = 0.0
    by_group = np.bincount(problem.group, weights=by_slot)[problem.group]
    return loss, np.append(by_slot - match * by_group + PENALTY * shifts, residual.sum())
