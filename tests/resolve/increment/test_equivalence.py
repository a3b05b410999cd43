"""A change resolved alone gives what resolving everything gives, over random histories of a small world.

Seen to fail on planted bugs: pairs not scored again when a value's names change; keys that become too common or rare
again not followed up; what is left of a deleted contact's customer not clustered again; pairs inside components left
out; the flag `is_shared` of another customer not turned; the household of a neighbour, or the values of the one who shared
a main mailbox, left as they were; former members elsewhere forgotten. Not seen to fail in 30 histories: events that an
identifier attributes left where they were; they need histories with more such events.
"""

from collections.abc import Callable
from typing import Any

import pytest

NIGHTS = 4


def replay(new_world: Callable[..., Any], check: Callable[[Any], None], seed: int) -> None:
    """Live through one history; the error names its seed."""
    world = new_world(seed, cap=1 + seed % 3, people=6 + seed % 17)
    for night in range(NIGHTS):
        try:
            check(world)
        except AssertionError as error:
            raise AssertionError(f"history {seed}, night {night + 1}: {error}") from error


@pytest.mark.parametrize("seed", range(0, 40, 10))
def test_every_table_is_as_after_a_full_run(new_world: Callable[..., Any], check: Any, seed: int) -> None:
    """Inserts, edits, deletes, restores, source merges, judgements and events, night by night: every table is equal."""
    for number in range(seed, seed + 10):
        replay(new_world, check, number)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 240, 20))
def test_every_table_is_as_after_a_full_run_over_many_histories(
    new_world: Callable[..., Any], check: Any, seed: int
) -> None:
    """The same over two hundred further histories."""
    for number in range(seed, seed + 20):
        replay(new_world, check, number)
