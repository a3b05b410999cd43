"""First stage: read what is new in every source and land it, each page with its cursor in one transaction."""

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Self

from connectors.settings.gates import ALL
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.drift import ColumnWatch
from connectors.sources.plan import plan_stream
from connectors.sources.source import is_cut_off
from connectors.warehouse.columns import load_columns, store_columns
from connectors.warehouse.landed import learn_landed, living_ids
from connectors.warehouse.landing import land_page, load_cursor
from flows.clock import CLOCK
from flows.intake.apart import LARGE, PagesApart, written_pages
from flows.intake.renamed import tell_renamed
from flows.run import Run
from resolve.errors import SourceError
from resolve.processes import collector_paused

MANY = 20_000  # new rows from which on a database should know at once what it holds


@dataclass(slots=True)
class StreamReading:
    """What one run read of one stream: rows read, rows that were new or changed, rows refused, and why it stopped.

    fresh: rows, of the new, whose ids were never read before.
    drift: columns that the rows have newly, or have no more, other ids, and files that shrank, as a text.
    unread: fields whose values could not be read, as a text, where all rows were prepared.
    """

    source: str
    stream: str
    role: str
    read: int = 0
    new: int = 0
    refused: int = 0
    fresh: int = 0
    drift: str = ""
    unread: str = ""
    error: str | None = None
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read of every stream, in the order of the settings."""

    readings: list[StreamReading] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """What went wrong, one line for each stream that could not be read to its end."""
        return [reading.error for reading in self.readings if reading.error]

    def of(self, source: str) -> list[StreamReading]:
        """Return the readings of one source."""
        return [reading for reading in self.readings if reading.source == source]


def read_source(run: Run, source: str, readings: list[StreamReading]) -> None:
    """Read the streams of one source that are not done yet, each from its cursor, and note how far it came.

    Called again after an error it goes on where it stopped. A stream that fails does not stop the next one, also where
    its reader raised what nobody foresaw (`written_pages`); the first SourceError is raised at the end.
    """
    failed: list[SourceError] = []
    opened = open_source(source, run.settings.sources[source], run.settings.folder, clock=CLOCK)
    waiting = [reading for reading in readings if not reading.is_done]
    with _Apart(run, opened) as apart:
        for reading, following in zip(waiting, [*waiting[1:], None], strict=True):
            run.progress.reading(reading.source, reading.stream, reading.read)
            reading.error = None
            try:
                _read_stream(run, opened, reading, apart.of(reading, following))
                reading.is_done = True
            except SourceError as error:
                reading.error = str(error)
                failed.append(error)
            run.progress.reading(reading.source, reading.stream, reading.read, reading.new, is_done=True)
    if failed:
        raise failed[0]


def extract_sources(run: Run, read: Callable[[Run, str, list[StreamReading]], None] = read_source) -> Extraction:
    """Read every stream from its cursor and land its pages, one source after the other.

    A source that fails does not stop the others: its error is noted, pages landed before it are kept, and its cursor
    stays with the last of them. Errors of the warehouse are raised.
    """
    extraction = landed_before(run)
    run.notes["extraction"] = extraction
    done = 0
    for name in run.settings.sources:
        run.progress.stage("extract", done, len(extraction.readings))
        with suppress(SourceError):  # noted in its readings
            read(run, name, extraction.of(name))
        done += len(extraction.of(name))
    if sum(reading.new for reading in extraction.readings) >= MANY:
        with run.transactions.begin() as conn:
            learn_landed(conn)
    return extraction


def landed_before(run: Run) -> Extraction:
    """Return every stream as a reading of nothing, for runs that work on what is landed already."""
    return Extraction(
        [
            StreamReading(name, stream, rules.role or stream)
            for name, source in run.settings.sources.items()
            for stream, rules in source.streams.items()
        ]
    )


class _Apart:
    """The large streams of one source that other processes read: the one at hand, and the one that follows it."""

    def __init__(self, run: Run, source: OpenSource) -> None:
        self._run, self._source = run, source
        self._begun: dict[str, PagesApart] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pages in self._begun.values():
            pages.close()

    def of(self, reading: StreamReading, following: StreamReading | None) -> PagesApart | None:
        """Return the pages of a stream, None for one to be read here; the stream after it is begun."""
        for stream in (reading, following):
            if stream is not None and stream.stream not in self._begun:
                self._begin(stream)
        return self._begun.get(reading.stream)

    def _begin(self, reading: StreamReading) -> None:
        """Start to read a stream, if it is large and this process may have others; its errors come up in its turn."""
        if self._run.workers <= 1:
            return
        names = reading.source, reading.stream
        with self._run.transactions.begin() as conn:
            cursor = load_cursor(conn, *names)
        size = 0
        with suppress(Exception):  # whatever it is, reading comes upon it too, and explains it
            size = self._source.unread_bytes(reading.stream, cursor)
        if size >= LARGE:
            settings = self._run.settings
            self._begun[reading.stream] = PagesApart(settings.sources[names[0]], settings.folder, names, cursor)


def _read_stream(run: Run, source: OpenSource, reading: StreamReading, apart: PagesApart | None) -> None:
    """Land what is new in one stream since its cursor; `apart`: from the process that reads it.

    Behind the rest of a reading that was cut off comes what changed since that one began.
    """
    watch, notes, before = watch_columns(run, reading), list[str](), replace(reading)
    if _land_pages(run, source, reading, apart, watch, notes):
        _land_pages(run, source, reading, None, watch, notes)
    if reading.role == "contacts" and watch.was_read and not watch.rekeyed:
        read = (reading.read - reading.refused) - (before.read - before.refused)
        notes.append(tell_renamed(run, (reading.source, reading.stream), read, reading.fresh - before.fresh))
    keep_columns(run, reading, watch, notes)


def _land_pages(
    run: Run,
    source: OpenSource,
    reading: StreamReading,
    apart: PagesApart | None,
    watch: ColumnWatch,
    notes: list[str],
) -> bool:
    """Land the pages of one reading, from the stream's cursor on; return whether it was the rest of an earlier one."""
    names = (reading.source, reading.stream)
    with run.transactions.begin() as conn:
        cursor = load_cursor(conn, *names)

    def known_ids() -> set[str]:
        with run.transactions.begin() as conn:
            return living_ids(conn, *names)

    pages = apart or written_pages(source, reading.stream, cursor, known_ids)
    with closing(pages):
        for page in pages:
            watch.see(page.kinds)
            with collector_paused(), run.transactions.writing() as conn:
                counts = land_page(conn, *names, page, run_id=run.run_id, at=run.at)
            reading.read += counts.read
            reading.new += counts.new
            reading.refused += counts.quarantined
            reading.fresh += counts.fresh
            notes += [page.note] if page.note else []
            run.progress.reading(reading.source, reading.stream, reading.read, reading.new)
    return is_cut_off(cursor)


def watch_columns(run: Run, reading: StreamReading) -> ColumnWatch:
    """Return the watch on the columns of a stream; the gate `lost_columns` may be off, or accepted for this run."""
    with run.transactions.begin() as conn:
        known = load_columns(conn, reading.source, reading.stream)
    plan = plan_stream(reading.source, run.settings.sources[reading.source], reading.stream)
    limit = None if run.accept & {"lost_columns", ALL} else run.settings.gates.lost_columns
    return ColumnWatch(plan, known, limit)


def keep_columns(run: Run, reading: StreamReading, watch: ColumnWatch, notes: list[str]) -> None:
    """Note which columns came, went, or hold ids now in a reading that came to its end, and keep what is known."""
    told = {"new": watch.new, "lost": watch.lost}
    columns = [f"{word} columns: {', '.join(names)}" for word, names in told.items() if names]
    reading.drift = "; ".join([*columns, *filter(None, [watch.rekeyed, *notes])])
    known = watch.after()
    if known is not None:
        with run.transactions.writing() as conn:
            store_columns(conn, reading.source, reading.stream, known)
