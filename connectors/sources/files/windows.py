"""Which files, and which of their rows, belong to a window of time."""

import pandas as pd

from connectors.sources.files.stored import StoredFile
from connectors.sources.mapping.times import parse_times
from connectors.sources.plan import StreamPlan
from connectors.sources.source import Raw, Window


def may_hold(file: StoredFile, window: Window, *, has_times: bool) -> bool:
    """Return whether a file may hold rows of the window, by the time it was written.

    With times of their own (`has_times`), rows of a file that was written later count as well.
    """
    written = file.written_at
    begins = window.since is None or written >= window.since
    return begins and (has_times or window.until is None or written < window.until)


def rows_inside(rows: list[Raw], window: Window, plan: StreamPlan) -> list[Raw]:
    """Return the rows whose time of change is in the window, and those without a readable one."""
    times = parse_times(pd.Series([row.updated_at for row in rows], dtype=object), plan.time_zone, plan.country)
    inside = times.isna()
    known = ~inside
    if window.since is not None:
        known &= times >= window.since
    if window.until is not None:
        known &= times < window.until
    return [row for row, is_in in zip(rows, (inside | known).tolist(), strict=True) if is_in]
