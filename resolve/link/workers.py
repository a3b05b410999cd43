"""Work on arrays by several threads: numpy and rapidfuzz let others work while they compute."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_turn(work: Callable[[T], R], items: Iterable[T], workers: int) -> list[R]:
    """Return the results of `work` on each item in the order of the items, whoever did it."""
    return list(each_in_turn(work, items, workers))


def each_in_turn(work: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """Yield the results of `work` on each item in the order of the items, as they are ready."""
    if workers <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, items)
