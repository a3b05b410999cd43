"""Large files read by a process of their own: it parses and writes rows while this one lands those before them."""

import signal
from collections.abc import Callable, Collection, Generator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from connectors.settings.project import SourceSettings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.source import Cursor
from connectors.warehouse.written import WrittenPage, write_page
from resolve.errors import MeiboError, SourceError
from resolve.processes import collector_paused

LARGE = 8_000_000  # bytes; reading them takes longer than starting a process
Stream = tuple[str, str]


def written_pages(
    opened: OpenSource, stream: str, cursor: Cursor | None, known_ids: Callable[[], Collection[str]]
) -> Generator[WrittenPage]:
    """Yield the pages of a stream that are new since its cursor, written in this process."""
    yield from map(write_page, opened.read(stream, cursor, known_ids=known_ids))


def pages_apart(
    settings: SourceSettings, folder: Path, stream: Stream, cursor: Cursor | None
) -> Generator[WrittenPage]:
    """Yield the same pages, read by another process; one is made while the caller works on the one before.

    Not for snapshots. Raises SourceError as reading here does, and where the process ended without a word.
    """
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send_pages, args=(there, settings, folder, stream, cursor), daemon=True)
    process.start()
    there.close()  # else a process that is gone would never be noticed
    try:
        while True:
            try:
                with collector_paused():
                    got = here.recv()
            except EOFError:
                process.join()
                code = process.exitcode
                message = f"stream {stream[1]}: the process that read it ended without a word (exit code {code})"
                raise SourceError(stream[0], message, "Was it killed, or out of memory?", is_transient=True) from None
            if got is None:
                return
            if isinstance(got, BaseException):
                raise got
            yield got
    finally:
        here.close()
        process.terminate()
        process.join()


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
