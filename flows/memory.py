"""What a long run does about memory: cycles are looked for less often, and what a stage has freed is given back."""

import ctypes
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pyarrow as pa

COLLECT_AFTER = 100_000  # new containers after which Python looks for cycles among them; its own default is 700


def give_back() -> None:
    """Return freed memory to the system, as far as its C library knows how to: of a million contacts 1.7 GB."""
    pa.default_memory_pool().release_unused()
    _trim()(0)


@cache
def _trim() -> Callable[[int], int]:
    """Return `malloc_trim` of the GNU C library; where there is none, a function that does nothing."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: 0
    return trim


@contextmanager
def collecting_less() -> Iterator[None]:
    """Let Python look for cycles less often, and not among what was there before.

    A run makes and drops millions of small containers, rows of a driver above all, that are in no cycle.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
