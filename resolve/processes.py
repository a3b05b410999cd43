"""What keeps processes in order that work on millions of small objects: they end together, and collect no garbage."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread


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
