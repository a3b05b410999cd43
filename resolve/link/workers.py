"""Work on arrays by several threads: numpy and rapidfuzz let others work while they compute."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_turn(work: Callable[[T], R], items: Iterable[T], workers: int) -> list[R]:
    """Return the results of `work` on each item in the order of the items, whoever did it."""
    if workers <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))
