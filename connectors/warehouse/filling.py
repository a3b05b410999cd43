"""Staging files filled by a thread of their own, from tables that are handed over one by one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import pyarrow as pa

from connectors.warehouse.staging_file import Place, StagingFile

Parts = Callable[[], Iterable[pa.Table]]


@dataclass(frozen=True, slots=True)
class Load:
    """One table to be staged: its parts, made when its turn comes; `twin` as in `StagingFile.add`."""

    name: str
    parts: Parts
    twin: Sequence[str] = ()


class Filling:
    """Writes tables into a few staging files, by one thread or several; `discard` ends that and removes the files.

    Worth it beside a caller that computes or waits: Arrow and the database work outside of Python.
    """

    def __init__(self, places: Sequence[Place], least: int, threads: int = 1) -> None:
        """Take the places of the files; each is whole once it has `least` rows, but for the last of each thread.

        One thread works until the last table was added, since the caller computes as long; then all `threads` do.
        """
        self._least = least
        self._loads: SimpleQueue[Load | None] = SimpleQueue()
        self._whole: SimpleQueue[StagingFile | None] = SimpleQueue()
        self._files: list[StagingFile] = []
        self._pool = ThreadPoolExecutor(threads)
        self._shares = [places[number::threads] for number in range(threads)]
        self._work: list[Future[None]] = []
        self._begin()

    def add(self, load: Load) -> None:
        """Hand over a table; they are taken in their order."""
        self._loads.put(load)

    def add_long(self, load: Load) -> None:
        """Hand over the table that takes longest, after all others: another thread begins with it at once."""
        self._begin(load)

    def files(self) -> Iterator[StagingFile]:
        """Yield the files as they become whole, when the last table was added; raise what a thread met."""
        while self._shares:
            self._begin()
        for _ in self._work:
            self._loads.put(None)
        for _ in self._work:
            while (file := self._whole.get()) is not None:
                yield file
        for thread in self._work:
            thread.result()

    def discard(self) -> None:
        """Leave what is not written yet, and remove the files."""
        while not self._loads.empty():
            self._loads.get()
        for _ in self._work:
            self._loads.put(None)
        self._pool.shutdown()
        for file in self._files:
            file.remove()
        self._files.clear()

    def _begin(self, load: Load | None = None) -> None:
        """Let one more thread work, which begins with a table if it is given one."""
        self._work.append(self._pool.submit(self._fill, self._shares.pop(0), load))

    def _fill(self, places: Sequence[Place], load: Load | None = None) -> None:
        """Write a table, and then the others as they come, until there is none."""
        rest, file = list(places), None
        try:
            while load or (load := self._loads.get()):
                if file is None:
                    file = StagingFile(*rest.pop(0))
                    self._files.append(file)
                file.add(load.name, load.parts(), load.twin)
                if file.rows >= self._least and rest:
                    self._whole.put(file)
                    file = None
                load = None
            if file is not None:
                self._whole.put(file)
        finally:
            self._whole.put(None)
