"""The loop over distinct values, in this process or in another one, which imports this module and nothing heavy."""

import gc
import marshal
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any

RowFunction = Callable[..., Sequence[object]]


def end_with_parent() -> None:
    """End this process when the one that started it is gone, killed say; else a worker would wait for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    """Wait for the end of another process, then end this one at once."""
    wait([sentinel])
    os._exit(1)


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
