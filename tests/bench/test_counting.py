"""The bench's own counting, and the plain set that engines are compared on."""

import pandas as pd
import pytest
from counting import count_pairs, count_records, pairs_within
from generator.plain import FIELDS, make_plain
from speed_rules import FIELDS as COMPARED
from speed_rules import RULES

PREDICTED = pd.Series(["x", "x", "x", "y", "z"], index=list("abcde"))
TRUTH = pd.Series([1, 1, 2, 2, 3], index=list("abcde"))


def test_pairs_are_counted_by_hand() -> None:
    """Three claimed pairs, two true ones, one in common."""
    score = count_pairs(PREDICTED, TRUTH)
    assert (score.precision, score.recall) == pytest.approx((1 / 3, 1 / 2))
    assert score.f1 == pytest.approx(0.4)


def test_records_are_counted_by_hand() -> None:
    """B-cubed: the mean over records of the share of the cluster, and of the entity, that is common to both."""
    score = count_records(PREDICTED, TRUTH)
    assert score.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert score.recall == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)


def test_no_pairs_at_all_is_no_mistake() -> None:
    """Only singles, claimed and true: nothing wrong, nothing missed."""
    singles = pd.Series([1, 2, 3], index=list("abc"))
    assert count_pairs(singles, singles).f1 == pytest.approx(1.0)


def test_pairs_within_groups_are_listed_once() -> None:
    """The smaller id stands left."""
    pairs = pairs_within(pd.Series(["g", "g", "h", "g"], index=["c", "a", "d", "b"]))
    assert {tuple(row) for row in pairs.to_numpy()} == {("a", "b"), ("a", "c"), ("b", "c")}


def test_the_plain_set_is_repeatable_and_ascii() -> None:
    """The same seed gives the same rows; every value is ASCII or missing."""
    one, two = make_plain(2000, 5), make_plain(2000, 5)
    assert all((one[name] == two[name]).all() for name in one)
    assert all(value is None or value.isascii() for name in FIELDS for value in one[name])
    assert len(set(one["unique_id"])) == 2000


def test_both_engines_compare_the_fields_of_the_plain_set() -> None:
    """Rules and comparisons name columns that exist."""
    assert set(COMPARED) == set(FIELDS)
    assert {name for rules in RULES.values() for rule in rules for name in rule} <= set(FIELDS)
