"""The next of several items made by a thread while the caller still works on the one before."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetch(items: Iterable[T]) -> Iterator[T]:
    """Yield the items in their order, one of them in advance; an error is raised in place of the item it hit.

    Worth it where both sides wait for others or compute outside of Python: files, databases, Arrow.
    """
    rest, end = iter(items), object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, rest, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, rest, end)
            yield item  # type: ignore[misc]  # it is not `end`
