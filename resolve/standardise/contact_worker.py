"""The loop over distinct values, in this process or in another one, which imports this module and nothing heavy."""

import marshal
from collections.abc import Callable, Sequence
from typing import Any

from resolve.processes import collector_paused

RowFunction = Callable[..., Sequence[object]]


def call_rows(function: RowFunction, columns: list[list[Any]]) -> list[Any]:
    """Return the results of a function of one value per column, called for each row, as columns."""
    with collector_paused():
        return list(zip(*map(function, *columns), strict=True))


def call_packed(function: RowFunction, packed: bytes) -> bytes:
    """Return `call_rows` of packed columns, packed; plain texts only, between processes of one Python."""
    columns: list[list[Any]] = marshal.loads(packed)  # noqa: S302 (from our own process)
    return marshal.dumps(call_rows(function, columns))
