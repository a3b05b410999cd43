"""Pairwise and B-cubed figures: by hand, by brute force, and where labels are missing."""

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.quality.evaluate import evaluate_clusters


def series(text: str) -> pd.Series:
    """Return a Series from "record=group ..."."""
    return pd.Series(dict(part.split("=") for part in text.split()), dtype=object)


def test_a_small_case_by_hand() -> None:
    """Clusters {1,2} {3} against {1,2,3}: one of one pair right, one of three found."""
    found = evaluate_clusters(series("1=a 2=a 3=b"), series("1=x 2=x 3=x"))
    assert [found.pairwise_precision, found.pairwise_recall, found.pairwise_f1] == pytest.approx([1, 1 / 3, 0.5])
    assert [found.b_cubed_precision, found.b_cubed_recall] == pytest.approx([1, 5 / 9])
    assert (found.predicted_pairs, found.true_pairs, found.true_pairs_found) == (1, 3, 1)


def test_records_named_by_one_side_only_are_counted_and_left_out() -> None:
    """The figures rest on the intersection; a missing label is no mistake."""
    truth = series("1=x 2=x 9=z")
    truth["3"] = None
    found = evaluate_clusters(series("1=a 2=a 3=a 4=b"), truth)
    assert (found.records, found.not_labelled, found.not_predicted) == (2, 2, 1)
    assert found.pairwise_f1 == 1


def test_nothing_in_common_is_no_mistake_and_no_crash() -> None:
    """With no pair to judge every share is 1."""
    found = evaluate_clusters(series("1=a"), series("2=x"))
    assert (found.records, found.pairwise_f1, found.b_cubed_f1) == (0, 1, 1)
    assert found.as_dict()["entities"] == 0


def test_a_record_listed_twice_is_refused() -> None:
    """Its cluster would be unknown."""
    twice = pd.Series(["a", "b"], index=["1", "1"])
    with pytest.raises(ValueError, match="twice"):
        evaluate_clusters(twice, series("1=x"))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_figures_equal_brute_force_over_pairs_and_records(labels: list[tuple[int, int]]) -> None:
    """Counting pairs and records one at a time gives the same, whatever the row order."""
    names = [f"r{n}" for n in range(len(labels))]
    predicted = pd.Series([f"c{c}" for c, _ in labels], index=names)
    truth = pd.Series([f"t{t}" for _, t in labels], index=names)
    found = evaluate_clusters(predicted, truth.sample(frac=1, random_state=1))
    pairs = list(itertools.combinations(labels, 2))
    put, true = [a[0] == b[0] for a, b in pairs], [a[1] == b[1] for a, b in pairs]
    both = sum(p and t for p, t in zip(put, true, strict=True))
    assert (found.predicted_pairs, found.true_pairs, found.true_pairs_found) == (sum(put), sum(true), both)
    shares = [
        (sum(o == one for o in labels) / sum(o[0] == one[0] for o in labels), sum(o == one for o in labels) / sum(o[1] == one[1] for o in labels))
        for one in labels
    ]  # fmt: skip
    assert found.b_cubed_precision == pytest.approx(sum(p for p, _ in shares) / len(labels))
    assert found.b_cubed_recall == pytest.approx(sum(r for _, r in shares) / len(labels))
