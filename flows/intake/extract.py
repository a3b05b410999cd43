"""First stage: read what is new in every source and land it, each page with its cursor in one transaction."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from connectors.sources.catalog import open_source
from connectors.sources.source import Source
from connectors.warehouse.landing import land_page, living_ids, load_cursor
from flows.clock import CLOCK
from flows.run import Run
from resolve.errors import SourceError


@dataclass(slots=True)
class StreamReading:
    """What one run read of one stream: rows read, rows that were new or changed, rows refused, and why it stopped."""

    source: str
    stream: str
    role: str
    read: int = 0
    new: int = 0
    refused: int = 0
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

    Called again after an error it goes on where it stopped. A stream that fails does not stop the next one; the first
    SourceError is raised at the end.
    """
    failed: list[SourceError] = []
    opened = open_source(source, run.settings.sources[source], run.settings.folder, clock=CLOCK)
    for reading in (r for r in readings if not r.is_done):
        run.progress.reading(reading.source, reading.stream, reading.read)
        reading.error = None
        try:
            _read_stream(run, opened, reading)
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


def _read_stream(run: Run, source: Source, reading: StreamReading) -> None:
    """Land the pages of one stream that are new since its cursor."""
    names = (reading.source, reading.stream)
    with run.transactions.begin() as conn:
        cursor = load_cursor(conn, *names)

    def known_ids() -> set[str]:
        with run.transactions.begin() as conn:
            return living_ids(conn, *names)

    for page in source.read(reading.stream, cursor, known_ids=known_ids):
        with run.transactions.writing() as conn:
            counts = land_page(conn, *names, page, run_id=run.run_id, at=run.at)
        reading.read += counts.read
        reading.new += counts.new
        reading.refused += counts.quarantined
        run.progress.reading(reading.source, reading.stream, reading.read, reading.new)
