"""Sets as sorted arrays do what numpy's slower set functions do."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.sets import among, distinct, joined, on_one_side, without

NUMBERS = st.lists(st.integers(0, 12), max_size=12).map(lambda values: np.array(values, dtype=np.uint64))


@settings(max_examples=50)
@given(NUMBERS, NUMBERS)
def test_sets_are_those_of_numpy(one: np.ndarray, other: np.ndarray) -> None:
    """Union, difference, symmetric difference and membership, empty arrays included."""
    assert distinct(one).tolist() == np.unique(one).tolist()
    assert joined(one, other).tolist() == np.union1d(one, other).tolist()
    assert without(one, np.sort(other)).tolist() == np.setdiff1d(one, other).tolist()
    assert on_one_side(distinct(one), distinct(other)).tolist() == np.setxor1d(one, other).tolist()
    assert among(one, np.sort(other)).tolist() == np.isin(one, other).tolist()
