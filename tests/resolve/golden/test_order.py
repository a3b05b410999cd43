"""Frames in the order of their key."""

import random

import numpy as np
import pandas as pd
import pytest

from resolve.golden.order import ordered, put_beside, take_rows


@pytest.mark.parametrize("key", [["name"], ["group", "name"], ["number"], ["group", "number"], ["group", "at", "name"]])
def test_a_frame_is_ordered_as_pandas_orders_it(key: list[str]) -> None:
    """By one column or several, of texts, numbers or times, whatever the index was; empty frames as well."""
    draw = random.Random(7)
    for size in (0, 1, 2, 60):
        names = draw.sample(range(10**6), size)
        at = pd.to_datetime([draw.randrange(5) for _ in names], unit="D", utc=True)
        frame = (
            pd.DataFrame(
                {
                    "group": [draw.choice(["あ", "b", "a c"]) for _ in names],
                    "name": [f"n{n}" for n in names],
                    "number": names,
                }
            )
            .assign(at=at)
            .astype({"group": object, "name": object, "number": "int64"})
        )
        expected = frame.sort_values(key, ignore_index=True, kind="stable")
        pd.testing.assert_frame_equal(ordered(frame, key), expected)
        pd.testing.assert_frame_equal(ordered(frame.sort_values(key), key), expected)


def test_a_frame_in_order_is_not_copied() -> None:
    """The columns of a million contacts would take half a gigabyte a second time."""
    frame = pd.DataFrame({"name": ["a", "b", "c"]}, dtype=object)
    assert ordered(frame, ["name"]) is frame


def test_columns_are_put_beside_as_a_left_join_would() -> None:
    """Whatever the order of either side; text that is missing is None, the rest what pandas calls missing."""
    frame = pd.DataFrame({"name": ["b", "a", "d"], "old": [1, 2, 3]}).astype({"name": object})
    other = pd.DataFrame({"name": ["a", "c", "b"], "text": ["x", "y", None], "count": [5, 6, 7], "share": [0.5, 1, 2]})
    other = other.astype({"name": object, "text": object, "count": "Int64"})
    other["at"] = pd.to_datetime(["2026-01-01", "2026-01-02", None], utc=True)
    found = put_beside(frame, other, "name")
    expected = frame.merge(other, how="left", on="name")
    expected["text"] = pd.Series([None, "x", None], dtype=object)
    pd.testing.assert_frame_equal(found, expected)
    assert found["text"].tolist() == [None, "x", None]


def test_rows_are_taken_in_the_order_asked_for() -> None:
    """Of every kind of column, numbered anew; none at all as well."""
    frame = pd.DataFrame({"name": ["a", "b"], "count": pd.array([1, None], "Int64")}, index=[7, 9])
    taken = take_rows(frame, np.array([1, 0, 1]))
    pd.testing.assert_frame_equal(taken, frame.take([1, 0, 1]).reset_index(drop=True))
    assert take_rows(frame, np.array([], dtype=np.int64)).empty
