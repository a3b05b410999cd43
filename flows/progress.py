"""How far a run is: one bar a stage on a terminal, one line a stage otherwise; always on stderr."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

STAGES = {
    "extract": "reading sources",
    "prepare": "standardising contacts",
    "train": "fitting the model",
    "link": "linking",
    "cluster": "clustering",
    "identify": "assigning golden IDs",
    "consolidate": "consolidating profiles",
    "publish": "publishing",
}


class Progress:
    """Shows the stages of one run; `quiet` shows nothing. Use it as a context manager."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._current: str | None = None
        self._began = time.monotonic()

    def __enter__(self) -> "Progress":
        if not self._quiet and sys.stderr.isatty():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            if error is None:
                self._complete()
            self._bars.stop()

    def stage(self, name: str, done: int = 0, total: int = 1) -> None:
        """Say that a stage has begun, or how far it is: `done` of `total`."""
        if self._quiet:
            return
        label = STAGES.get(name, name)
        if self._bars is None:
            if name != self._current:
                self._current = name
                sys.stderr.write(f"{time.monotonic() - self._began:7.1f} s  {label}\n")
                sys.stderr.flush()
            return
        if name not in self._tasks:
            self._complete()
            self._tasks[name] = self._bars.add_task(label)
        self._bars.update(self._tasks[name], completed=done, total=max(total, 1))

    def _complete(self) -> None:
        """Fill every bar."""
        if self._bars is not None:
            for task in self._bars.tasks:
                self._bars.update(task.id, completed=task.total)


def _bars() -> "Bars":
    """Return the bars of a terminal."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from flows.console import err

    columns = (TextColumn("{task.description:<24}"), BarColumn(bar_width=32), TimeElapsedColumn())
    return Bars(*columns, console=err(), transient=True)
