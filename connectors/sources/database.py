"""Tables and queries as a source, through SQLAlchemy: what changed since the last run, or everything."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from connectors.settings import SourceSettings, StreamSettings, absolute_url
from connectors.settings_types import SecretUrl
from connectors.sources.keyset import from_cursor, move_back, sorts_by_time, to_cursor
from connectors.sources.plan import Header, StreamPlan, check_header, plan_stream
from connectors.sources.rows import RowReader, as_json
from connectors.sources.source import PAGE_ROWS, Cursor, KnownIds, Page, Raw, Reject, StreamCheck
from connectors.sources.tombstones import find_gone
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
        plan, settings = plan_stream(self.name, self._settings, stream), self._settings.streams[stream]
        engine = self._engine(stream)
        try:
            with engine.connect() as connection:
                walk = _Walk(connection, plan, settings, self._page_rows)
                yield from walk.read(cursor or {}, known_ids)
        except SQLAlchemyError as error:
            raise self._failed(stream, error) from None
        finally:
            engine.dispose()

    def check(self, stream: str) -> StreamCheck:
        """Return the columns and the number of rows of the table or query."""
        plan, settings = plan_stream(self.name, self._settings, stream), self._settings.streams[stream]
        engine = self._engine(stream)
        try:
            with engine.connect() as connection:
                walk = _Walk(connection, plan, settings, self._page_rows)
                count = connection.execute(sa.select(sa.func.count()).select_from(walk.rows)).scalar_one()
        except SQLAlchemyError as error:
            raise self._failed(stream, error) from None
        finally:
            engine.dispose()
        unmapped = walk.header.not_among(plan.columns)
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
        """Return the error to show: the driver's first line, without SQL, parameters and passwords."""
        cause = getattr(error, "orig", None) or error
        line = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
        settings = self._settings.streams[stream]
        url = SecretUrl(settings.url or self._settings.url or "")
        password = sa.make_url(url).password
        shown = line.replace(str(password), "***") if password else line
        hint = f"Check the url ({url.masked()}), table and rights"
        return SourceError(self.name, f"stream {stream}: {shown}", hint, is_transient=_is_transient(error, line))


def _is_transient(error: SQLAlchemyError, line: str) -> bool:
    """Return whether the same question may be answered in a minute: no connection, a lock, too much to do."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    said = line.lower()
    is_outside = isinstance(error, OperationalError | InterfaceError)
    return is_outside and any(word in said for word in _PASSING) and not any(word in said for word in _LASTING)


class _Walk:
    """One reading of one table or query on an open connection."""

    def __init__(self, connection: sa.Connection, plan: StreamPlan, settings: StreamSettings, page_rows: int) -> None:
        self._connection = connection
        self._plan = plan
        self._settings = settings
        self._page_rows = page_rows
        self.rows, self.header = _rows_and_header(connection, plan.source, settings)
        check_header(plan, self.header, settings.table or "the query")
        self._id: sa.ColumnClause[Any] = sa.column(self.header.first(plan.id) or "")
        found = self.header.first(plan.updated_at)
        self.updated_at: sa.ColumnClause[Any] | None = None
        if found is not None and not settings.snapshot:
            self.updated_at = sa.column(found)
        self._reader = RowReader(plan, self.header)
        self._seen_rejects: dict[str, int] = {}

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield the pages of this run."""
        mode = f"{self._id.name} {self.updated_at.name if self.updated_at is not None else ''}"
        if cursor.get("reader") != mode:
            cursor = {}
        if self.updated_at is not None:
            yield from self._read_changes(cursor, mode, self.updated_at)
        else:
            yield from self._read_all(cursor, mode, known_ids)

    def _read_all(self, cursor: Cursor, mode: str, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield every row by id, then tombstones when the stream is a snapshot."""
        after = None if self._settings.snapshot else from_cursor(cursor.get("after"))  # a snapshot must see every id
        query = self._select().order_by(self._id)
        query = query.where(self._id > after) if after is not None else query
        for rows, rejects, last in self._pages(query):
            yield Page(rows, rejects, {"reader": mode, "after": to_cursor(last[self._id.name])})
        gone: list[Raw] = []
        if self._settings.snapshot:
            gone = find_gone(self._plan, self._reader.seen, known_ids, self._settings.max_gone_rate)
        yield Page(gone, [], {"reader": mode})

    def _read_changes(self, cursor: Cursor, mode: str, time: "sa.ColumnClause[Any]") -> Iterator[Page]:
        """Yield rows without a time, then the rows changed since the cursor, up to the bound fixed at the start."""
        walk = cursor.get("walk") or {}
        base: Cursor = {"reader": mode, "since": cursor.get("since")}
        upper = from_cursor(walk["upper"]) if walk else self._largest(time)
        if not walk:
            for rows, rejects, _ in self._pages(self._select().where(time.is_(None)).order_by(self._id)):
                yield Page(rows, rejects, dict(cursor) or base)
        if upper is None:
            return
        query = self._select().where(time <= upper).order_by(time, self._id)
        since = from_cursor(base["since"])
        if walk:
            at, last_id = from_cursor(walk["at"]), from_cursor(walk["id"])
            query = query.where(sa.or_(time > at, sa.and_(time == at, self._id > last_id)))
        elif since is not None:
            query = query.where(time >= move_back(since, self._settings.overlap_seconds))
        for rows, rejects, last in self._pages(query):
            at = {"upper": to_cursor(upper), "at": to_cursor(last[time.name]), "id": to_cursor(last[self._id.name])}
            yield Page(rows, rejects, base | {"walk": at})
        yield Page([], [], {"reader": mode, "since": to_cursor(upper)})

    def _largest(self, time: "sa.ColumnClause[Any]") -> Any:
        """Return the largest change time. Raises SourceError when the column is text that does not sort by time."""
        value = self._connection.execute(sa.select(sa.func.max(time)).select_from(self.rows)).scalar()
        if not sorts_by_time(value):
            raise SourceError(
                self._plan.source,
                f"stream {self._plan.stream}: column {time.name} is text that does not sort by time",
                "Leave updated_at out of the stream: every run then reads all rows and lands those that changed",
            )
        return value

    def _select(self) -> "sa.Select[Any]":
        """Return the query of all columns."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.header.columns]
        query: sa.Select[Any] = sa.select(*columns).select_from(self.rows)
        return query

    def _pages(self, query: "sa.Select[Any]") -> Iterator[tuple[list[Raw], list[Reject], dict[str, Any]]]:
        """Yield rows and rejects of one query, page by page, with the values of the page's last row."""
        result = self._connection.execution_options(stream_results=True, max_row_buffer=self._page_rows).execute(query)
        names = list(self.header.columns)
        for part in result.partitions(self._page_rows):
            rows: list[Raw] = []
            rejects: list[Reject] = []
            for values in part:
                read = self._read_row({name: as_json(value) for name, value in zip(names, values, strict=True)})
                if isinstance(read, Raw):
                    rows.append(read)
                else:
                    rejects.append(read)
            yield rows, rejects, dict(zip(names, part[-1], strict=True))

    def _read_row(self, payload: dict[str, Any]) -> Raw | Reject:
        """Return one row; a row without an id is known by a hash of its content and its count."""
        if any(isinstance(cell, str) and "\0" in cell for cell in payload.values()):
            return Reject(self._content_key(payload), "nul_byte", "the row holds a NUL character")
        read = self._reader.read(payload, "")
        if isinstance(read, Raw):
            return read
        return Reject(self._content_key(payload), read.reason, read.detail, payload)

    def _content_key(self, payload: dict[str, Any]) -> str:
        """Return a stable key of a row that has no usable id."""
        digest = hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
        count = self._seen_rejects[digest] = self._seen_rejects.get(digest, 0) + 1
        return f"{self._settings.table or 'query'}#{digest}" + (f"-{count}" if count > 1 else "")


def _rows_and_header(connection: sa.Connection, source: str, settings: StreamSettings) -> tuple[sa.FromClause, Header]:
    """Return what to select from and its columns. Raises SourceError naming the tables when there is no such table."""
    if settings.query:
        inner = sa.text(settings.query.strip().rstrip(";")).columns()
        names = list(connection.execute(sa.select(sa.text("*")).select_from(inner.subquery("q")).limit(0)).keys())
        return inner.subquery("q"), Header(names)
    schema, _, table = str(settings.table).rpartition(".")
    inspector = sa.inspect(connection)
    if not inspector.has_table(table, schema=schema or None):
        there = [*inspector.get_table_names(schema=schema or None), *inspector.get_view_names(schema=schema or None)]
        listed = ", ".join(sorted(there)[:12]) or "no tables"
        raise SourceError(source, f"there is no table {settings.table}", f"The database holds: {listed}")
    names = [column["name"] for column in inspector.get_columns(table, schema=schema or None)]
    return sa.table(table, schema=schema or None), Header(names)
