"""A change resolved alone gives what resolving everything gives, over random histories of a small world.

test_planted_bugs.py shows that they fail when something is forgotten; tests/bench/histories.py runs thousands.
"""

from collections.abc import Callable
from typing import Any

import pytest

from resolve.increment import neighbourhood, relink
from resolve.link import components, index_keys

NIGHTS = 3
TOGETHER = 20  # histories that live in one warehouse, so that two hundred of them cost a minute


def replay(new_world: Callable[..., Any], check: Callable[[Any], None], seed: int, **world_of: int) -> None:
    """Live through some histories; the error names their seed."""
    sizes = {"cap": 1 + seed % 3, "people": 5 + seed % 9, "parts": TOGETHER} | world_of
    world = new_world(seed, **sizes)
    for night in range(NIGHTS):
        try:
            check(world)
        except AssertionError as error:
            raise AssertionError(f"history {seed}, night {night + 1}: {error}") from error


@pytest.mark.parametrize("seed", range(10))
def test_every_table_is_as_after_a_full_run(new_world: Callable[..., Any], check: Any, seed: int) -> None:
    """Inserts, edits, deletes, restores, source merges, judgements and events, night by night: every table is equal.

    Two hundred histories, each with people and values of its own, twenty in one warehouse.
    """
    replay(new_world, check, seed)


@pytest.mark.parametrize("seed", range(2))
def test_it_is_the_same_in_a_warehouse_of_one_history(new_world: Callable[..., Any], check: Any, seed: int) -> None:
    """Where all contacts have to do with each other."""
    replay(new_world, check, seed, people=6 + seed % 17, parts=1)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_same_where_contacts_share_the_number_under_which_the_index_lists_them(
    new_world: Callable[..., Any], check: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """With sixteen numbers for hundreds of contacts; of 32 bits, a hundred pairs in a million share one."""
    monkeypatch.setattr(index_keys, "HASH_BITS", 4)
    replay(new_world, check, seed)


@pytest.mark.parametrize("seed", range(2))
def test_it_is_the_same_where_values_have_more_holders_than_are_loaded(
    new_world: Callable[..., Any], check: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """With few holders loaded of each mailbox and number: more where these show few names, none where they show many."""
    monkeypatch.setattr(neighbourhood, "MOST_HOLDERS", 7)
    for module in (neighbourhood, relink):
        monkeypatch.setattr(module, "SATURATED", 6)  # a mailbox of two out of six has four other names: the last level
    replay(new_world, check, seed, people=40 + seed, parts=1, cap=2)


@pytest.mark.parametrize("seed", range(2))
def test_it_is_the_same_where_contacts_have_more_links_than_are_led_across(
    new_world: Callable[..., Any], check: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """With few links that make somebody the third one of others, contacts gain and lose that standing."""
    monkeypatch.setattr(components, "MOST_LINKS", 2)
    replay(new_world, check, seed)


@pytest.mark.parametrize("seed", range(58, 66))
def test_it_is_the_same_where_mailboxes_are_handed_on(
    new_moving_world: Callable[..., Any], check: Any, seed: int
) -> None:
    """Of people whom the night does not decide, too: their other mailboxes become too common and rare again."""
    replay(new_moving_world, check, seed, cap=60, people=18 + seed % 20, parts=1)


@pytest.mark.parametrize("seed", range(23, 26))
def test_it_is_the_same_where_rules_hide_how_pairs_came_about(
    new_ruled_world: Callable[..., Any], check: Any, seed: int
) -> None:
    """Of a pair that a source merged it shows no more whether a key or two links brought it up."""
    replay(new_ruled_world, check, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 240, 20))
def test_every_table_is_as_after_a_full_run_over_many_histories(
    new_world: Callable[..., Any], check: Any, seed: int
) -> None:
    """The same over two hundred further histories of one warehouse each."""
    for number in range(seed, seed + 20):
        replay(new_world, check, number, people=6 + number % 17, parts=1)
