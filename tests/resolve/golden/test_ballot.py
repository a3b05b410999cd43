"""How the strategies that look at letters measure a value."""

import re

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from resolve.golden.ballot import _length
from resolve.golden.survivorship import Strategy

CELLS = st.lists(st.none() | st.text("aZ.-ア々一鿿豈𠮷é\n ", max_size=4), max_size=8)
KANJI = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@given(cells=CELLS)
def test_letters_are_measured_as_written(cells: list[str | None]) -> None:
    """The length in characters; whether there is kanji; whether there is more than an initial."""
    column = pd.Series(cells, dtype=object)
    lengths = [len(cell or "") for cell in cells]
    kanji = [int(KANJI.search(cell or "") is not None) for cell in cells]
    whole = [int(bool(cell) and re.fullmatch(r"[A-Za-z]\.?", cell) is None) for cell in cells]
    for strategy, expected in (
        (Strategy.LONGEST, lengths),
        (Strategy.OWN_SCRIPT, kanji),
        (Strategy.MOST_COMPLETE, whole),
    ):
        assert _length(column, strategy).tolist() == expected
