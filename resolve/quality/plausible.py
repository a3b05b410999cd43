"""Is a fitted class what its name says? Without labels, EM takes any heap of pairs for one person that agree too often.

Names go with countries, and countries with cities: in a register without repeats, namesakes of one country are such a
heap. They are no persons: there are no more of them than chance makes, and what else one of them has, a mailbox, a
number or a house, the other has not.
"""

from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Bools, Floats
from resolve.link.name_levels import family_states, given_states, name_groups
from resolve.link.parts import State
from resolve.link.rules import SAYS_SAME, Comparison
from resolve.quality.em import Evidence, Fit, fit_classes, posteriors

FEWEST_PAIRS = 30.0  # of a class: fewer have moved no level far from its starting value, and prove nothing
LEAST_NAMED = 0.5  # of the pairs of a class: with fewer names it is no heap of namesakes
LEAST_COMPARED = 0.1  # of the pairs of a class: those that must show a field for it to tell
LEAST_OF_START = 0.6  # times the starting share of agreement
LEAST_HIDDEN = 0.25  # the same, of pairs that were found without the field: names alone find namesakes as well
ABOVE_CHANCE = 4.0  # times the namesakes that chance makes: from here on most of them are one person
BY_CHANCE = 0.01  # a level that strangers show more often proves no class
SELDOM = 0.05  # of a class: a field that agrees no more often at the start proves nothing when it does not
MATCH, HOUSEHOLD, COLLEAGUE = 0, 1, 2
DOUBTS = {
    MATCH: "what training took for one person were mostly namesakes, with no more mailboxes, numbers, dates or houses "
    "in common than strangers have; the levels of one person stay what they were before training",
    HOUSEHOLD: "what training took for households were mostly strangers of one family name, with no more mailboxes, "
    "numbers or houses in common than others have; the levels of a household stay what they were before training",
    COLLEAGUE: "what training took for offices were mostly strangers, with no more companies, numbers or houses in "
    "common than others have; the levels of an office stay what they were before training",
}
_NOT_TELLING = ("name", "witness", "organisation")  # what a name says, namesakes say too
_GOOD = (State.EQUAL, State.VARIANT)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the pairs of a class agree on a field: as fitted, found by all other fields, and at the start."""

    found: float
    hidden: float
    start: float

    @property
    def bears_out(self) -> bool:
        """Whether the class agrees on the field as it should."""
        return self.found >= LEAST_OF_START * self.start and self.hidden >= LEAST_HIDDEN * self.start


def fit_plausible(comparisons: tuple[Comparison, ...], evidence: Evidence, start: Floats, prior: Floats) -> Fit:
    """Run EM as `fit_classes` does, and again without learning the levels of a class that it does not find."""
    fit = fit_classes(comparisons, evidence, start, prior)
    while doubtful := [k for k in DOUBTS if k not in fit.held and not keeps(comparisons, fit, evidence, k)]:
        fit = fit_classes(comparisons, evidence, start, prior, fit.held | {doubtful[0]})
    return fit


def keeps(comparisons: tuple[Comparison, ...], fit: Fit, evidence: Evidence, relation: int) -> bool:
    """Return whether the pairs that EM took for a class, a key of DOUBTS, may be what it is called.

    One field that agrees nearly as often as at the start is enough: some systems take no mailbox twice. So are names
    that agree far more often than chance makes them. Too few pairs to move anything, or pairs without names, are kept.
    """
    weight: Floats = fit.responsibilities[relation] * evidence.blocked.counts
    named = next((i for i, c in enumerate(comparisons) if c.kind == "name"), None)
    if named is None or weight.sum() < FEWEST_PAIRS:
        return True
    if float(weight[evidence.blocked.levels[:, named] > 0].sum()) < LEAST_NAMED * float(weight.sum()):
        return True
    told = [a for i in range(len(comparisons)) if (a := _agreement(i, comparisons, fit, (evidence, relation)))]
    if any(agreement.bears_out for agreement in told):
        return True
    return _are_above_chance(named, fit, evidence, weight) if relation == MATCH else not told


def _agreement(i: int, comparisons: tuple[Comparison, ...], fit: Fit, of: tuple[Evidence, int]) -> Agreement | None:
    """Return how a class agrees on one field; None where the field cannot tell.

    Only levels count that the class shows far more often than strangers, at the start and in these data.
    """
    (evidence, relation), comparison = of, comparisons[i]
    start, levels = comparison.probabilities(), evidence.blocked.levels[:, i]
    telling: Bools = start[relation] >= SAYS_SAME * start[3]
    share = float(start[relation][telling].sum())
    if comparison.kind in _NOT_TELLING or share < SELDOM:
        return None
    others = [np.ones_like(table) if j == i else table for j, table in enumerate(fit.tables)]
    weight: Floats = posteriors(evidence.blocked.levels, others, fit.shares)[relation] * evidence.blocked.counts
    known = float(weight[levels > 0].sum())
    if known < max(FEWEST_PAIRS, LEAST_COMPARED * float(weight.sum())):
        return None
    telling &= fit.tables[i][3] < BY_CHANCE
    hidden = float(weight[np.append(False, telling)[levels]].sum()) / known
    return Agreement(float(fit.tables[i][relation][telling].sum()), hidden, share)


def _are_above_chance(named: int, fit: Fit, evidence: Evidence, weight: Floats) -> bool:
    """Return whether most pairs of class M agree in both name parts, and far more do than chance makes of strangers."""
    good = np.isin(family_states(), _GOOD) & np.isin(given_states(), _GOOD)
    agree = np.append(False, good)[evidence.blocked.levels[:, named]]
    both = np.append(False, name_groups() == 0)[evidence.random.levels[:, named]]
    comparable = float(evidence.random.counts[both].sum()) / max(evidence.random.total, 1.0) * evidence.pairs
    by_chance = float(fit.tables[named][3][good].sum()) * comparable
    seen, found = float(evidence.blocked.counts[agree].sum()), float(weight[agree].sum())
    return found >= LEAST_NAMED * float(weight.sum()) and seen >= ABOVE_CHANCE * by_chance
