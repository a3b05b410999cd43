"""Frames in the order of their key."""

import random

import pandas as pd
import pytest

from resolve.golden.order import ordered


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
