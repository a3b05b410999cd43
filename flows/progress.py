"""How far a run is, one bar a stage on a terminal, else one line a stage, always on stderr; and how long it took."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from resolve.errors import counted

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
    "history": "building contact histories",
    "publish": "publishing",
}


class Progress:
    """Shows the stages of one run and keeps their times; `quiet` shows nothing. Use it as a context manager.

    `log` is given each line as well, whatever is shown: the logger of a server, say.
    """

    def __init__(self, quiet: bool = False, log: Callable[[str], None] | None = None) -> None:
        self._quiet = quiet
        self._log = log
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._current: str | None = None
        self._began = self._changed = time.monotonic()
        self._seconds: dict[str, float] = {}

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

    @property
    def seconds(self) -> dict[str, float]:
        """How long each stage has taken so far, seconds, in their order."""
        self._settle(self._current)
        return {name: round(spent, 3) for name, spent in self._seconds.items()}

    def stage(self, name: str, done: int = 0, total: int = 1) -> None:
        """Say that a stage has begun, or how far it is: `done` of `total`."""
        label = STAGES.get(name, name)
        if name != self._current:
            self._settle(name)
            if name not in self._seconds:  # one that goes on was said before
                self._say(label)
        if self._bars is None:
            return
        if name not in self._tasks:
            self._complete()
            self._tasks[name] = self._bars.add_task(label)
        self._bars.update(self._tasks[name], completed=done, total=max(total, 1))

    def reading(self, source: str, stream: str, read: int, new: int = 0, *, is_done: bool = False) -> None:
        """Say how many rows of a stream were read and how many were new; a line when it is done."""
        text = f"{source}.{stream}: {counted(read, 'row')} read, {new:,} new or changed"
        if is_done:
            self._say(text)
        if self._bars is not None and "extract" in self._tasks:
            self._bars.update(self._tasks["extract"], description=f"{source}.{stream} {read:,}")

    def _say(self, text: str) -> None:
        """Give a line to the log, and to stderr where there is no terminal."""
        if self._log is not None:
            self._log(text)
        if not self._quiet and self._bars is None:
            sys.stderr.write(f"{time.monotonic() - self._began:7.1f} s  {text}\n")
            sys.stderr.flush()

    def _settle(self, name: str | None) -> None:
        """Book the time since the last change on the stage that was at work; `name` is at work from now on."""
        now = time.monotonic()
        if self._current is not None:
            self._seconds[self._current] = self._seconds.get(self._current, 0.0) + now - self._changed
        self._current, self._changed = name, now

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
