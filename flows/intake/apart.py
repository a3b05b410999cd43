"""Large files read by processes of their own: they parse and write rows while this one lands those before them."""

import pickle
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Semaphore, Thread

from connectors.settings.project import SourceSettings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.source import Cursor, KnownIds
from connectors.warehouse.written import WrittenPage, write_page
from flows.mistakes import read_guarded
from resolve.errors import MeiboError, SourceError
from resolve.processes import collector_paused

LARGE = 8_000_000  # bytes; reading them takes longer than starting a process
PAGES_AHEAD = 40  # a few megabytes each
Stream = tuple[str, str]


def written_pages(
    opened: OpenSource, stream: str, cursor: Cursor | None, known_ids: KnownIds
) -> Generator[WrittenPage]:
    """Yield the pages of a stream that are new since its cursor, written in this process. Raises SourceError alone."""

    def read(ids: KnownIds) -> Iterator[WrittenPage]:
        return map(write_page, opened.read(stream, cursor, known_ids=ids))

    return read_guarded(opened.name, stream, read, known_ids)


class PagesApart:
    """The same pages, read by another process from the moment this is made; `close` it, read to its end or not.

    Up to PAGES_AHEAD of them wait here while the caller works on those before, or on another stream. Not for
    snapshots. Raises SourceError as reading here does, and where the process ended without a word.
    """

    def __init__(self, settings: SourceSettings, folder: Path, stream: Stream, cursor: Cursor | None) -> None:
        """Start the process."""
        context = get_context("spawn")
        self._stream = stream
        self._pipe, there = context.Pipe(duplex=False)
        self._process = context.Process(target=_send_pages, args=(there, settings, folder, stream, cursor), daemon=True)
        self._process.start()
        there.close()  # else a process that is gone would never be noticed
        self._held: SimpleQueue[bytes | None] = SimpleQueue()
        self._room = Semaphore(PAGES_AHEAD)
        self._is_closed = False
        self._receiver = Thread(target=self._receive, daemon=True)
        self._receiver.start()

    def __iter__(self) -> Iterator[WrittenPage]:
        """Yield the pages."""
        while True:
            held = self._held.get()
            self._room.release()
            if held is None:
                self._process.join()
                source, name = self._stream
                message = f"stream {name}: the process that read it ended without a word"
                message += f" (exit code {self._process.exitcode})"
                raise SourceError(source, message, "Was it killed, or out of memory?", is_transient=True)
            with collector_paused():
                got = pickle.loads(held)  # noqa: S301 (from our own process)
            if got is None:
                return
            if isinstance(got, BaseException):
                raise got
            yield got

    def close(self) -> None:
        """End the process, and let go of the pages that nobody asked for; a second time it does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._process.terminate()
        self._process.join()
        self._room.release()
        self._receiver.join()
        self._pipe.close()

    def _receive(self) -> None:
        """Take pages as they come, as far as there is room; None where there are no more."""
        with suppress(EOFError, OSError):
            while self._room.acquire() and not self._is_closed:
                self._held.put(self._pipe.recv_bytes())
        self._held.put(None)


def _send_pages(
    pipe: Connection, settings: SourceSettings, folder: Path, stream: Stream, cursor: Cursor | None
) -> None:
    """Send the pages of a stream, then None; instead of one that cannot be read its error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked for the pages ends this one
    source, name = stream
    with suppress(BrokenPipeError), collector_paused():  # nobody listens any more
        try:
            for page in written_pages(open_source(source, settings, folder), name, cursor, frozenset):
                pipe.send(page)
            pipe.send(None)
        except MeiboError as error:
            pipe.send(error)
