"""Numbers with their nouns, as messages say them."""

import pytest

from resolve.errors import counted


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ((1, "row"), "1 row"), ((0, "row"), "0 rows"), ((2, "row"), "2 rows"), ((12_345, "row"), "12,345 rows"),
        ((1, "row has", "rows have"), "1 row has"), ((2, "row has", "rows have"), "2 rows have"),
    ],
)  # fmt: skip
def test_one_is_no_several(said: tuple[int, str], text: str) -> None:
    """With the verb, where a message has one."""
    assert counted(*said) == text
