"""Lists in cells: what the vectorised readers find is what splitting each cell finds."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from resolve.golden.lists import all_values, first_values

WORDS = st.text("ab@.日", min_size=1, max_size=4)
CELLS = st.lists(st.none() | st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=8)


@given(cells=CELLS)
def test_every_value_is_found_where_it_stands(cells: list[str | None]) -> None:
    """The first of each cell, and all with the cell they are of."""
    column = pd.Series(cells, dtype=object)
    assert first_values(column).tolist() == [cell and cell.split(" ")[0] for cell in cells]
    row, value = all_values(column)
    expected = [(at, one) for at, cell in enumerate(cells) if cell is not None for one in cell.split(" ")]
    assert list(zip(row.tolist(), value.tolist(), strict=True)) == expected
