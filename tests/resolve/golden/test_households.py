"""Households: customers joined by pairs that matching called the same home."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from resolve.golden.households import find_households


def pairs_of(*pairs: tuple[str, str, str]) -> pd.DataFrame:
    """Return pairs with their relation."""
    return pd.DataFrame(pairs, columns=["contact_id_l", "contact_id_r", "relation"], dtype=object)


LINKS = pd.DataFrame(
    {"contact_id": ["a:1", "a:2", "b:1", "c:1", "d:1"], "golden_id": ["G2", "G2", "G1", "G3", "G4"]}, dtype=object
)


def test_customers_joined_by_household_pairs_share_an_id() -> None:
    """G1, G2 and G3 are chained by two pairs; G4 is only a colleague; a pair of one customer's own records says nothing."""
    pairs = pairs_of(
        ("a:1", "b:1", "household"), ("a:2", "c:1", "household"), ("c:1", "d:1", "colleague"), ("a:1", "a:2", "household"),
        ("a:1", "gone:1", "household"),
    )  # fmt: skip
    found = find_households(pairs, LINKS)
    assert found.to_numpy().tolist() == [["G1", "H1"], ["G2", "H1"], ["G3", "H1"]]


def test_no_pairs_no_households() -> None:
    """An empty frame in, an empty frame out."""
    assert find_households(pairs_of(), LINKS).empty
    assert find_households(pairs_of(("a:1", "a:2", "household")), LINKS).empty


@given(st.permutations(range(4)))
def test_row_order_never_matters(order: list[int]) -> None:
    """Any order of pairs and links gives the same homes."""
    rows = [
        ("a:1", "b:1", "household"),
        ("a:2", "c:1", "household"),
        ("b:1", "c:1", "household"),
        ("d:1", "c:1", "same"),
    ]
    found = find_households(pairs_of(*[rows[n] for n in order]), LINKS.iloc[[*order, 4]])
    assert found["household_id"].tolist() == ["H1", "H1", "H1"]
