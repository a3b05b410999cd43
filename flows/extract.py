"""First stage: read what is new in every source and land it, each page with its cursor in one transaction."""

from dataclasses import dataclass, field

from connectors.settings import SourceSettings
from connectors.sources.catalog import open_source
from connectors.sources.source import Source
from connectors.warehouse.landing import land_page, living_ids, load_cursor
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


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read of every stream, in the order of the settings."""

    readings: list[StreamReading] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """What went wrong, one line for each stream that could not be read to its end."""
        return [reading.error for reading in self.readings if reading.error]


def extract_sources(run: Run) -> Extraction:
    """Read every stream from its cursor and land its pages.

    A source that fails does not stop the others: its error is noted, pages landed before it are kept, and its cursor
    stays with the last of them. Errors of the warehouse are raised.
    """
    extraction = Extraction()
    for name, settings in run.settings.sources.items():
        for stream, stream_settings in settings.streams.items():
            reading = StreamReading(name, stream, stream_settings.role or stream)
            extraction.readings.append(reading)
            run.progress.stage("extract", len(extraction.readings) - 1, _stream_count(run))
            _read_noting_errors(run, settings, reading)
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


def _stream_count(run: Run) -> int:
    """Return how many streams the settings have."""
    return sum(len(source.streams) for source in run.settings.sources.values())


def _read_noting_errors(run: Run, settings: SourceSettings, reading: StreamReading) -> None:
    """Read one stream; note a SourceError in `reading`."""
    try:
        source = open_source(reading.source, settings, run.settings.folder)
        _read_stream(run, source, reading)
    except SourceError as error:
        reading.error = str(error)


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
