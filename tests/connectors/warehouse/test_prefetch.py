"""Items that are made in advance."""

import threading
from collections.abc import Iterator

import pytest

from connectors.warehouse.prefetch import prefetch


def test_the_next_item_is_made_while_the_last_one_is_used() -> None:
    """The items come in order, each but the first while the caller still holds the one before."""
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    found = []
    for item in prefetch(items()):
        assert second.wait(5)
        found.append(item)
    assert found == [1, 2]


def test_an_error_comes_in_place_of_its_item() -> None:
    """What was made before it is still there."""

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no second one")

    made = prefetch(items())
    assert next(made) == 1
    with pytest.raises(ValueError, match="no second one"):
        next(made)
