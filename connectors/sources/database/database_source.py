"""Tables and queries as a source, through SQLAlchemy: what changed since the last run, or everything."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from connectors.settings.project import SourceSettings, absolute_url
from connectors.settings.types import SecretUrl
from connectors.sources.database.reading import fingerprint
from connectors.sources.database.walk import TableWalk
from connectors.sources.plan import plan_stream
from connectors.sources.source import PAGE_ROWS, Cursor, KnownIds, Page, StreamCheck, Window
from resolve.errors import SourceError

_PASSING = (
    "connect",
    "timeout",
    "timed out",
    "locked",
    "closed",
    "terminat",
    "too many",
    "reset",
    "starting up",
    "shut",
)
_QUOTED = re.compile(r"""(["'])(?:(?!\1).)*(?:\1|$)""")
_LASTING = ("password", "authentication", "denied", "does not exist", "could not translate", "failed to resolve")


class DatabaseSource:
    """Reads the table and query streams of one source.

    With `updated_at`, a stream is walked by (updated_at, id) from the last run's bound minus the overlap up to the
    largest value at the start; rows without a time come every run. Without it, all rows come every run, by id, and
    landing drops those that did not change.
    """

    def __init__(self, name: str, settings: SourceSettings, folder: Path, *, page_rows: int = PAGE_ROWS) -> None:
        """Take the source's settings and the folder that an SQLite URL is relative to."""
        self.name = name
        self._settings = settings
        self._folder = folder
        self._page_rows = page_rows

    def read(self, stream: str, cursor: Cursor | None, *, known_ids: KnownIds | None = None) -> Iterator[Page]:
        """Yield pages from one streaming query; a page's cursor continues behind its last row."""
        with self._walking(stream) as walk:
            yield from walk.read(cursor or {}, known_ids)

    def splits(self, stream: str) -> bool:
        """Return whether the table has a time of change to cut windows by; a preset may know one that it has not."""
        if not plan_stream(self.name, self._settings, stream).updated_at:
            return False
        try:
            with self._walking(stream) as walk:
                return walk.updated_at is not None
        except SourceError:  # told when it is read
            return True

    def read_window(self, stream: str, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the rows that changed in the window; all of a table without a time of change."""
        with self._walking(stream) as walk:
            yield from walk.read_window(window, cursor or {})

    @contextmanager
    def _walking(self, stream: str) -> Iterator[TableWalk]:
        """Yield a walk over the stream on a connection of its own; errors of the database become SourceErrors."""
        plan, settings = plan_stream(self.name, self._settings, stream), self._settings.streams[stream]
        engine = self._engine(stream)
        mark = fingerprint(plan, settings, settings.url or self._settings.url or "")
        try:
            with engine.connect() as connection:
                yield TableWalk(connection, plan, settings, self._page_rows, mark)
        except SQLAlchemyError as error:
            raise self._failed(stream, error) from None
        finally:
            engine.dispose()

    def check(self, stream: str) -> StreamCheck:
        """Return the columns and the number of rows of the table or query."""
        plan, settings = plan_stream(self.name, self._settings, stream), self._settings.streams[stream]
        with self._walking(stream) as walk:
            count = walk.count()
        unmapped = tuple(
            column
            for column in walk.header.not_among(plan.columns)
            if plan.loader is None or not plan.loader.is_own(column)
        )
        notes = () if walk.updated_at is not None else ("no updated_at: every run reads all rows",)
        return StreamCheck(stream, settings.table or "query", count, walk.header.columns, unmapped, notes)

    def _engine(self, stream: str) -> sa.Engine:
        """Return an engine for the stream's URL. Raises SourceError when its driver or its SQLite file is missing."""
        settings = self._settings.streams[stream]
        url = absolute_url(SecretUrl(settings.url or self._settings.url or ""), self._folder)
        parsed = sa.make_url(url)
        file = parsed.database if parsed.get_backend_name() == "sqlite" else None
        if file and not file.startswith((":", "file:")) and not Path(file).is_file():  # SQLite would create it, empty
            raise SourceError(self.name, f"stream {stream}: there is no SQLite file {file}", "Correct the url")
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")  # the driver that Meibo's own extra installs
        try:
            return sa.create_engine(parsed)
        except (ImportError, ArgumentError) as error:
            raise SourceError(self.name, f"stream {stream}: {error}", "Install the database's driver") from None

    def _failed(self, stream: str, error: SQLAlchemyError) -> SourceError:
        """Return the error to show: the driver's first line, without SQL, values and passwords."""
        line = _told(error)
        settings = self._settings.streams[stream]
        url = SecretUrl(settings.url or self._settings.url or "")
        password = sa.make_url(url).password
        shown = line.replace(str(password), "***") if password else line
        hint = f"Check the url ({url.masked()}), table and rights"
        return SourceError(self.name, f"stream {stream}: {shown}", hint, is_transient=_is_transient(error, line))


def _told(error: SQLAlchemyError) -> str:
    """Return the driver's first line; of an error about a value, or one that code in the database raised, no value."""
    cause = getattr(error, "orig", None) or error
    line = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
    if str(getattr(cause, "sqlstate", "")).startswith("P0"):
        return type(cause).__name__
    return _QUOTED.sub("…", line.partition(": ")[0]) if isinstance(error, DataError) else line


def _is_transient(error: SQLAlchemyError, line: str) -> bool:
    """Return whether the same question may be answered in a minute: no connection, a lock, too much to do."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    said = line.lower()
    is_outside = isinstance(error, OperationalError | InterfaceError)
    return is_outside and any(word in said for word in _PASSING) and not any(word in said for word in _LASTING)
