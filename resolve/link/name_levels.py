"""The joint levels of the name comparison: which there are, and their probabilities from those of the two parts."""

from collections.abc import Mapping

import numpy as np

from resolve.link.arrays import Floats, Ints
from resolve.link.compare_names import LEVEL_NAMES, STATES, SWAPPED, SWAPPED_SOFT
from resolve.link.parts import State

_GOOD = slice(State.EQUAL, State.READING)
PART_STATES = tuple(s.name.lower() for s in State if 0 < s < STATES)
SWAP_SHARE = 0.03  # of the pairs of one person whose names agree in both parts: written in the other order


def name_groups() -> Ints:
    """Return the group of each level: 0 both parts known, 1 family name only, 2 given name only.

    Probabilities sum to 1 in each group, so that a missing part is no evidence.
    """
    level = np.arange(1, len(LEVEL_NAMES) + 1)
    group = np.where(level % STATES == 0, 1, np.where(level < STATES, 2, 0))
    group[level >= SWAPPED] = 0
    return group.astype(np.int64)


def family_states() -> Ints:
    """Return the state of the family name in each level; swapped levels count as equal and fuzzy."""
    return _states([level // STATES for level in range(1, SWAPPED)])


def given_states() -> Ints:
    """Return the state of the given name in each level; swapped levels count as equal and fuzzy."""
    return _states([level % STATES for level in range(1, SWAPPED)])


def _states(states: list[int]) -> Ints:
    """Return states with those that the swapped levels stand for."""
    return np.asarray([*states, int(State.EQUAL), int(State.FUZZY)], dtype=np.int64)


def joint(family: Floats, given: Floats, swapped: float) -> Floats:
    """Return level probabilities: products of the margins (by state, 0 unused), `swapped` times those that agree."""
    margins_f, margins_g = family.copy(), given.copy()
    margins_f[0] = margins_g[0] = 1.0
    cells = margins_f[family_states()] * margins_g[given_states()]
    level = np.arange(1, SWAPPED_SOFT + 1)
    good = family[_GOOD].sum() * given[_GOOD].sum()
    soft = family[State.FUZZY] * given[State.EQUAL] + family[State.EQUAL] * given[State.FUZZY]
    cells[level == SWAPPED], cells[level == SWAPPED_SOFT] = swapped * good, swapped * soft
    return normalised(cells)


def normalised(cells: Floats) -> Floats:
    """Return cells scaled to sum 1 in each group."""
    groups = name_groups()
    return np.asarray(cells / np.bincount(groups, weights=cells)[groups])


def joint_levels(family: Mapping[str, list[float]], given: Mapping[str, list[float]]) -> Floats:
    """Return probabilities (4 classes, levels) from `state: [match, household, unrelated]` of both parts.

    A household has its own family names and the given names of strangers; colleagues have both of strangers.
    """
    f, g = (_margins(part) for part in (family, given))
    match = joint(f[0], g[0], SWAP_SHARE)
    household = joint(f[1], g[2], SWAP_SHARE)
    unrelated = joint(f[2], g[2], 1.0)
    return np.stack([match, household, unrelated, unrelated])


def _margins(part: Mapping[str, list[float]]) -> Floats:
    """Return (3, states) probabilities of one part, each row summing to 1."""
    table = np.zeros((3, STATES))
    for state, name in enumerate(PART_STATES, start=1):
        table[:, state] = part[name]
    return np.asarray(table / table.sum(axis=1, keepdims=True))
