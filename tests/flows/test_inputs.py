"""The fingerprint of a run's inputs."""

import pandas as pd

from flows.inputs import hash_inputs


def frame(rows: list[tuple[str, str | None]]) -> pd.DataFrame:
    """Return rows of an id and a word."""
    return pd.DataFrame(rows, columns=["id", "word"], dtype=object)


ROWS: list[tuple[str, str | None]] = [("1", "a"), ("2", None), ("3", "a")]


def test_rows_count_in_the_fingerprint_by_content_and_not_by_order() -> None:
    """The same rows in another order, or columns in another order, are the same inputs."""
    expected = hash_inputs({"rows": frame(ROWS)}, {"model": "1"})
    assert hash_inputs({"rows": frame(ROWS[::-1])[["word", "id"]]}, {"model": "1"}) == expected
    changed = [{"rows": frame([*ROWS[:2], ("3", "b")])}, {"rows": frame(ROWS[:2])}, {"others": frame(ROWS)}]
    assert expected not in [hash_inputs(frames, {"model": "1"}) for frames in changed]
    assert hash_inputs({"rows": frame(ROWS)}, {"model": "2"}) != expected


def test_the_fingerprint_is_the_one_that_earlier_runs_noted() -> None:
    """Of ids and of repeated words, missing ones as well: else the night after an upgrade would resolve everything."""
    assert hash_inputs({"rows": frame(ROWS)}, {"model": "1"}) == "f5a6254b20e22a099e111a342c628e2c"
