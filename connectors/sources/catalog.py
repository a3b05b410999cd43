"""Which reader serves which source."""

from collections.abc import Iterator
from pathlib import Path

from connectors.settings.project import SourceSettings
from connectors.sources.clock import Clock
from connectors.sources.source import (
    PAGE_ROWS,
    Cursor,
    KnownIds,
    Page,
    Source,
    StreamCheck,
    Window,
    WindowedSource,
)
from resolve.errors import SourceError


class OpenSource:
    """A source whose streams may be read in different ways."""

    def __init__(self, name: str, readers: dict[str, Source], snapshots: frozenset[str] = frozenset()) -> None:
        """Take a reader for each stream, and which streams are snapshots: those are only ever read whole."""
        self.name = name
        self._readers = readers
        self._snapshots = snapshots

    def read(self, stream: str, cursor: Cursor | None, *, known_ids: KnownIds | None = None) -> Iterator[Page]:
        """Yield the pages of the stream from its own reader."""
        return self._reader(stream).read(stream, cursor, known_ids=known_ids)

    def unread_bytes(self, stream: str, cursor: Cursor | None) -> int:
        """Return the bytes of files that a reading from `cursor` would work through; 0 where nobody can say so."""
        from connectors.sources.files.file_source import FileSource

        reader = self._reader(stream)
        return reader.unread_bytes(stream, cursor) if isinstance(reader, FileSource) else 0

    def splits(self, stream: str) -> bool:
        """Return whether a long window of the stream is best read in chunks."""
        reader = self._reader(stream)
        return stream not in self._snapshots and isinstance(reader, WindowedSource) and reader.splits(stream)

    def read_window(
        self, stream: str, window: Window, cursor: Cursor | None, *, known_ids: KnownIds | None = None
    ) -> Iterator[Page]:
        """Yield the rows of a window; all rows of a snapshot, and of a stream whose reader knows no windows."""
        reader = self._reader(stream)
        if stream not in self._snapshots and isinstance(reader, WindowedSource):
            return reader.read_window(stream, window, cursor)
        return reader.read(stream, cursor, known_ids=known_ids)

    def check(self, stream: str, cursor: Cursor | None = None) -> StreamCheck:
        """Return what can be read of the stream; of an API, what is new since `cursor`."""
        from connectors.sources.web.rest import ApiSource

        reader = self._reader(stream)
        return reader.check(stream, cursor) if isinstance(reader, ApiSource) else reader.check(stream)

    def _reader(self, stream: str) -> Source:
        """Return the stream's reader."""
        if stream not in self._readers:
            raise SourceError(self.name, f"has no stream {stream}", f"Its streams: {', '.join(self._readers)}")
        return self._readers[stream]


def open_source(
    name: str, settings: SourceSettings, base_folder: Path, *, page_rows: int = PAGE_ROWS, clock: Clock | None = None
) -> OpenSource:
    """Return the source `name`; relative paths and SQLite URLs are taken from `base_folder`. Nothing is opened yet.

    Streams of an API need a `clock`: they wait when a server asks them to.
    """
    from connectors.sources.database.database_source import DatabaseSource
    from connectors.sources.files.file_source import FileSource

    files = FileSource(name, settings, base_folder, page_rows=page_rows)
    tables = DatabaseSource(name, settings, base_folder, page_rows=page_rows)
    readers: dict[str, Source] = {s: files if rules.path else tables for s, rules in settings.streams.items()}
    resources = [stream for stream, rules in settings.streams.items() if rules.resource]
    if resources:
        from connectors.sources.dlt_resource import DltSource

        readers |= dict.fromkeys(resources, DltSource(name, settings, base_folder, page_rows=page_rows))
    objects = [stream for stream, rules in settings.streams.items() if rules.object]
    if objects:
        if clock is None:
            raise ValueError(f"source {name}: an API is read with a clock")
        readers |= dict.fromkeys(objects, _open_api(name, settings, clock, page_rows))
    return OpenSource(name, readers, frozenset(s for s, rules in settings.streams.items() if rules.snapshot))


def _open_api(name: str, settings: SourceSettings, clock: Clock, page_rows: int) -> Source:
    """Return the reader of the source's API."""
    from connectors.sources.web.declared import open_declared
    from connectors.sources.web.hubspot import open_hubspot
    from connectors.sources.web.salesforce import open_salesforce
    from connectors.sources.web.zendesk import open_zendesk

    systems = {"salesforce": open_salesforce, "hubspot": open_hubspot, "zendesk": open_zendesk}
    return systems.get(settings.api.system if settings.api else "", open_declared)(name, settings, clock, page_rows)
