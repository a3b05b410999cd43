"""The loop over distinct values, in this process or in another one, which imports this module and nothing heavy."""

import gc
import marshal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

RowFunction = Callable[..., Sequence[object]]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's search for cycles from running: millions of small tuples set it off, and none is in a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def call_rows(function: RowFunction, columns: list[list[Any]]) -> list[Any]:
    """Return the results of a function of one value per column, called for each row, as columns."""
    with collector_paused():
        return list(zip(*map(function, *columns), strict=True))


def call_packed(function: RowFunction, packed: bytes) -> bytes:
    """Return `call_rows` of packed columns, packed; plain texts only, between processes of one Python."""
    columns: list[list[Any]] = marshal.loads(packed)  # noqa: S302 (from our own process)
    return marshal.dumps(call_rows(function, columns))
