"""Name levels in expectation-maximisation: products of the margins of the two parts, script by script."""

import numpy as np

from resolve.link.arrays import Floats, Ints
from resolve.link.compare_names import STATES, SWAPPED
from resolve.link.name_levels import family_states, given_states, joint, name_groups, normalised
from resolve.link.parts import State
from resolve.link.rules import Comparison
from resolve.quality.smoothing import RAREST, TOWARDS_START, TOWARDS_U

LEAST_SWAPPED = 0.01  # of the pairs whose names agree in both parts: written in the other order, whoever they are of
_GOOD = (State.EQUAL, State.VARIANT)
_AGAINST = (State.DISTANT, State.HOMOPHONE, State.UNKNOWN, State.CONFLICT, State.APART)
MOST_PROVEN = 1.0  # times the product of the margins: what candidate pairs may make of two parts that agree by chance


def maximise_name(comparison: Comparison, found: Floats, kinds: Floats, scale: float) -> Floats:
    """Return joint name levels: margins for unrelated, multiplied; a household shares the family name only.

    `kinds`: random pairs by the scripts of their names. Both parts of a name are in one script, so the parts of two
    names agree by chance together more often than apart; in one pair of scripts they do not.
    """
    start, groups, sample = comparison.probabilities(), name_groups(), kinds.sum(axis=0)
    family = _margin(sample, family_states(), start[3])
    given = _margin(sample, given_states(), start[3])
    u = joint(family, given, 1.0)
    if len(kinds) > 1:
        u = _joint_by_kind(u, kinds)
    # Who writes names in the other order does so for strangers as well.
    swapped = _share_swapped(found[0] + TOWARDS_START * start[0])
    u = _swap_less(u, swapped)
    comparable = np.bincount(groups, weights=sample, minlength=3)[groups] * scale
    # Candidate pairs prove little here: matches that U claims would raise U, and claim more.
    proven = np.minimum(found[3] / np.maximum(comparable, 1.0), MOST_PROVEN * u)
    by_chance = u
    u = normalised(np.maximum(np.maximum(u, proven), RAREST / 10))
    # Each group (both parts, family only, given only) is a comparison of its own, so each gets its pseudo pairs.
    match = _pool_conflicts(normalised(found[0] + TOWARDS_U * u + TOWARDS_START * start[0]), u, start)
    match = _hold_unknown(_few_apart(match, start[0]), u, start[0] / start[3])
    surnames = _margin(found[1], family_states(), start[1])
    household = _of_one_family(surnames, by_chance, _swap_less(joint(surnames, given, 1.0), swapped))
    return np.stack([match, household, u, u])


def _share_swapped(match: Floats) -> float:
    """Return the share of pairs in the other order among those of one person whose names agree in both parts."""
    good = np.isin(family_states(), _GOOD) & np.isin(given_states(), _GOOD)
    good[SWAPPED - 1 :] = False
    swapped = float(match[SWAPPED - 1])
    return float(np.clip(swapped / max(swapped + float(match[good].sum()), 1e-300), LEAST_SWAPPED, 1.0))


def _swap_less(cells: Floats, share: float) -> Floats:
    """Return cells in which names that agree in the other order are only so often."""
    result = cells.copy()
    result[SWAPPED - 1] *= share
    return normalised(result)


def _joint_by_kind(pooled: Floats, kinds: Floats) -> Floats:
    """Return the cells of both parts as the mean of the products in each kind; those of one part as they are."""
    both = name_groups() == 0
    weight = kinds[:, both].sum(axis=1)
    cells = np.zeros(len(pooled))
    for kind, share in zip(kinds, weight / max(float(weight.sum()), 1e-300), strict=True):
        parts = [_margin(kind, states, pooled) for states in (family_states(), given_states())]
        cells += share * joint(parts[0], parts[1], 1.0)
    return np.where(both & (cells > 0), cells, pooled)


def _of_one_family(family: Floats, u: Floats, margins: Floats) -> Floats:
    """Return the cells of a household: the given names of strangers whose family names agree in the same way.

    A family name that agrees as read is written in two scripts, and so are the given names beside it: they differ in
    other states than two of one script. Without that, the same person would take over families that are written so.
    `margins`: the cells if the parts knew nothing of each other. Given names agree no more often than there, for a
    family does not give a name twice.
    """
    both = name_groups() == 0
    strangers = np.bincount(family_states()[both], weights=u[both], minlength=STATES)
    cells = np.where(both, u * (family / np.maximum(strangers, 1e-300))[family_states()], margins)
    cells = np.where(np.isin(given_states(), _AGAINST), cells, np.minimum(cells, margins))
    return normalised(np.maximum(cells, RAREST / 10))


def _pool_conflicts(match: Floats, u: Floats, start: Floats) -> Floats:
    """Return match cells in which CONFLICT and APART share their sum as the starting odds against u say.

    Which of the two a pair shows depends on the scripts of the names, and so does u: random pairs are of different
    scripts more often than two of a family. Learnt apart, the same person would take over what families show.
    """
    result, odds = match.copy(), u * start[0] / start[3]
    for one, other in _CONFLICTS:
        share = odds[one] / (odds[one] + odds[other])
        both = result[one] + result[other]
        result[one], result[other] = both * share, both * (1.0 - share)
    return result


def _few_apart(match: Floats, start: Floats) -> Floats:
    """Return match cells in which two known given names are not the same no more often than at the start.

    That a person has two of them is as rare in every register. Learnt, the same person would take over families,
    twins and colleagues of one surname, who share all the rest.
    """
    groups, apart = name_groups(), given_states() == State.APART
    now, limit = (np.bincount(groups, weights=np.where(apart, cells, 0.0), minlength=3) for cells in (match, start))
    held = np.minimum(now, limit)
    with_apart, others = held / np.maximum(now, 1e-300), (1.0 - held) / np.maximum(1.0 - now, 1e-300)
    return np.asarray(match * np.where(apart, with_apart[groups], others[groups]))


def _hold_unknown(match: Floats, u: Floats, odds: Floats) -> Floats:
    """Return match cells in which a part that cannot be compared says against u what it says at the start.

    A reading that no dictionary knows is no evidence. Few random pairs show one: learnt, it would join strangers.
    """
    groups, unknown = name_groups(), (family_states() == State.UNKNOWN) | (given_states() == State.UNKNOWN)
    held = np.where(unknown, u * odds, match)
    silent, rest = (
        np.bincount(groups, weights=cells, minlength=3)[groups] for cells in (held * unknown, match * ~unknown)
    )
    return np.asarray(np.where(unknown, held, match * (1.0 - silent) / np.maximum(rest, 1e-300)))


def _conflict_cells() -> list[tuple[Ints, Ints]]:
    """Return cells with a part in CONFLICT and the cells that differ from them only by APART, for each part."""
    states = np.arange(STATES)
    return [
        (State.CONFLICT * STATES + states - 1, State.APART * STATES + states - 1),
        (states * STATES + State.CONFLICT - 1, states * STATES + State.APART - 1),
    ]


_CONFLICTS = _conflict_cells()


def _margin(cells: Floats, states: np.ndarray, start: Floats) -> Floats:
    """Return the probability of each state of one name part, index 0 (missing) unused."""
    both = np.where(name_groups() == 0, start, 0.0)
    held = np.bincount(states, weights=cells, minlength=STATES) + TOWARDS_START * np.bincount(
        states, weights=both, minlength=STATES
    )
    held[0] = 0.0
    return np.asarray(held / held.sum())
