"""One reading of a table or query: what changed, a window of it, or everything, page by page."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import sqlalchemy as sa

from connectors.settings.project import StreamSettings
from connectors.sources.database.keyset import (
    edge_like,
    from_cursor,
    like_notation,
    move_back,
    sorts_by_time,
    to_cursor,
)
from connectors.sources.loaders import ids_loading, whole_loads
from connectors.sources.plan import Header, StreamPlan, check_header
from connectors.sources.rows import SAME_RECORD, PageRows, RowReader
from connectors.sources.source import Cursor, KnownIds, Page, Raw, Reject, Window
from connectors.sources.tombstones import gone_or_note, hides_id
from connectors.sources.values import as_json, parse_json
from resolve.errors import SourceError, counted


class TableWalk:
    """One reading of one table or query on an open connection."""

    def __init__(
        self, connection: sa.Connection, plan: StreamPlan, settings: StreamSettings, page_rows: int, mark: str
    ) -> None:
        """Take a connection, the stream's plan and settings, and the mark that cursors of these settings have."""
        self._connection = connection
        self._plan = plan
        self._settings = settings
        self._page_rows = page_rows
        self._mark = mark
        self.rows, self.header = _rows_and_header(connection, plan.source, settings)
        check_header(plan, self.header, settings.table or "the query")
        self._id: sa.ColumnClause[Any] = sa.column(self.header.first(plan.id) or "")
        found = self._time_column()
        self.updated_at: sa.ColumnClause[Any] | None = None
        if found is not None and not settings.snapshot:
            self.updated_at = sa.column(found)
        self._reader = RowReader(plan, self.header)
        reached = {column.partition(".")[0] for column in plan.columns if self.header.find(column) is None}
        self._objects = reached & set(self.header.columns)  # columns that hold objects, as text in some databases
        self._seen_rejects: dict[str, int] = {}
        self._hidden = 0  # rows that were refused before their id could be read
        loader = plan.loader if settings.table else None
        self._whole = whole_loads(connection, loader, str(settings.table)) if loader else None

    def _time_column(self) -> str | None:
        """Return the column to walk by: the row's time of change, or when its loader wrote it.

        Raises SourceError for a table that is not the loader's.
        """
        loader = self._plan.loader
        if loader is None:
            return self.header.first(self._plan.updated_at)
        found = self.header.first(loader.written_at)
        if found is None:
            said = f"stream {self._plan.stream}: {self._settings.table or 'the query'} has no column "
            hint = f"Is it a table that {loader.name} keeps? Correct loader in sources.{self._plan.source}"
            raise SourceError(self._plan.source, said + " or ".join(loader.written_at), hint)
        return found

    def count(self) -> int:
        """Return the number of rows."""
        return int(self._connection.execute(self._of_whole(sa.select(sa.func.count()))).scalar_one())

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield the pages of this run."""
        mode = f"{self._id.name} {self.updated_at.name if self.updated_at is not None else ''}"
        base: Cursor = {"reader": mode, "settings": self._mark}
        if cursor.get("reader") != mode or cursor.get("settings", self._mark) != self._mark:  # older ones have no mark
            cursor = {}
        if self.updated_at is not None:
            yield from self._read_changes(cursor, base, self.updated_at)
        else:
            yield from self._read_all(cursor, base, known_ids)

    def read_window(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Yield the rows that changed in the window, behind `cursor`; with no beginning also those without a time."""
        time = self.updated_at
        if time is None:
            yield from self._read_all(cursor, {"reader": "window"}, None)
            return
        like = self._largest(time)
        lower = edge_like(like, window.since, self._plan.time_zone)
        upper = edge_like(like, window.until, self._plan.time_zone, is_upper=True)
        if window.since is None and not cursor:
            for rows, rejects, _ in self._pages(self._select().where(_is_missing(time, like)).order_by(self._id)):
                yield Page(rows, rejects, {})
        query = self._select().where(sa.not_(_is_missing(time, like))).order_by(time, self._id)
        query = query if lower is None else query.where(time >= lower)
        query = query if upper is None else query.where(time < upper)
        if cursor:
            at, last_id = from_cursor(cursor["at"]), from_cursor(cursor["id"])
            query = query.where(sa.or_(time > at, sa.and_(time == at, self._id > last_id)))
        for rows, rejects, last in self._pages(query):
            cursor = {"at": to_cursor(last[time.name]), "id": to_cursor(last[self._id.name])}
            yield Page(rows, rejects, cursor)
        if window == Window():  # every row was met, unless the reading was cut off on its way
            yield Page([], [], cursor, (self._reject_prefix,))

    def _read_all(self, cursor: Cursor, base: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield every row by id, then tombstones when the stream is a snapshot."""
        is_whole = bool(self._settings.snapshot)  # it must see every id
        after = None if is_whole else from_cursor((cursor.get("walk") or {}).get("after"))
        query = self._select() if after is None else self._select().where(self._id > after)
        for rows, rejects, last in self._pages(query.order_by(self._id)):
            yield Page(rows, rejects, base if is_whole else base | {"walk": {"after": to_cursor(last[self._id.name])}})
        gone, note = list[Raw](), ""
        if is_whole:
            seen = self._reader.seen | ids_loading(self._connection, self.rows, self._id, self._whole)
            gone, note = gone_or_note(self._plan, seen, known_ids, self._settings.max_gone_rate, self._hidden)
        yield Page(gone, [], base, (self._reject_prefix,) if after is None else (), note)

    def _read_changes(self, cursor: Cursor, base: Cursor, time: "sa.ColumnClause[Any]") -> Iterator[Page]:
        """Yield rows without a time, then the rows changed since the cursor, up to the bound fixed at the start."""
        walk = cursor.get("walk") or {}
        known = base | {"since": cursor.get("since")}
        upper = from_cursor(walk["upper"]) if walk else self._largest(time)
        if not walk:
            for rows, rejects, _ in self._pages(self._select().where(_is_missing(time, upper)).order_by(self._id)):
                yield Page(rows, rejects, known)
        if upper is None:
            return
        query = self._select().where(time <= upper, sa.not_(_is_missing(time, upper))).order_by(time, self._id)
        since = from_cursor(known["since"])
        if walk:
            at, last_id = from_cursor(walk["at"]), from_cursor(walk["id"])
            query = query.where(sa.or_(time > at, sa.and_(time == at, self._id > last_id)))
        elif since is not None:
            query = query.where(time >= move_back(since, self._settings.overlap_seconds))
        for rows, rejects, last in self._pages(query):
            at = {"upper": to_cursor(upper), "at": to_cursor(last[time.name]), "id": to_cursor(last[self._id.name])}
            yield Page(rows, rejects, known | {"walk": at})
        yield Page([], [], base | {"since": to_cursor(self._not_ahead(upper))})

    def _not_ahead(self, upper: Any) -> Any:
        """Return the bound that the next run begins at: one far ahead of the database's clock would hide every change.

        A day of tolerance covers clocks and zones; a bound beyond it becomes a day before the clock.
        """
        told = self._connection.execute(sa.select(sa.func.current_timestamp())).scalar()
        now = dt.datetime.fromisoformat(str(told))
        now = now if now.tzinfo else now.replace(tzinfo=dt.UTC)
        zone, day = self._plan.time_zone, dt.timedelta(days=1)
        latest = edge_like(upper, now + day, zone, is_upper=True)
        return edge_like(upper, now - day, zone) if latest is not None and upper > latest else upper

    def _largest(self, time: "sa.ColumnClause[Any]") -> Any:
        """Return the largest change time. Raises SourceError when the column is text that does not sort by time."""
        value = self._connection.execute(self._of_whole(sa.select(sa.func.max(time)))).scalar()
        sorts = sorts_by_time(value)
        unlike = self._count_unlike(time, value) if sorts and isinstance(value, str) else 0
        if not sorts or unlike:
            more = f": it is written in several ways, in {counted(unlike, 'row')} unlike the largest" if unlike else ""
            raise SourceError(
                self._plan.source,
                f"stream {self._plan.stream}: column {time.name} is text that does not sort by time{more}",
                "Leave updated_at out of the stream: every run then reads all rows and lands those that changed",
            )
        return value

    def _count_unlike(self, time: "sa.ColumnClause[Any]", value: str) -> int:
        """Return how many rows have a text as their time that is written in another way than the largest.

        The largest alone does not tell: a blank sorts before T, so such a change would lie behind the bound for ever.
        """
        patterns, exceptions = like_notation(value)
        text = sa.func.trim(time)
        unlike = sa.or_(sa.not_(sa.or_(*map(text.like, patterns))), *map(text.like, exceptions))
        query = self._of_whole(sa.select(sa.func.count())).where(text != "", unlike)
        return int(self._connection.execute(query).scalar_one())

    def _select(self) -> "sa.Select[Any]":
        """Return the query of all columns."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.header.columns]
        return self._of_whole(sa.select(*columns))

    def _of_whole(self, query: "sa.Select[Any]") -> "sa.Select[Any]":
        """Return a query of the table, without rows of loads that are not finished."""
        whole: sa.Select[Any] = query.select_from(self.rows)
        return whole if self._whole is None else whole.where(self._whole)

    def _pages(self, query: "sa.Select[Any]") -> Iterator[tuple[list[Raw], list[Reject], dict[str, Any]]]:
        """Yield rows and rejects of one query, page by page, with the values of the page's last row."""
        result = self._connection.execution_options(stream_results=True, max_row_buffer=self._page_rows).execute(query)
        names = list(self.header.columns)
        for part in result.partitions(self._page_rows):
            page = PageRows()
            for values in part:
                payload = {name: as_json(value) for name, value in zip(names, values, strict=True)}
                page.add(self._read_row(payload | {name: parse_json(payload[name]) for name in self._objects}))
            yield page.rows, page.rejects, dict(zip(names, part[-1], strict=True))

    def _read_row(self, payload: dict[str, Any]) -> Raw | Reject:
        """Return one row; the place of one that is refused is a hash of its content and its count."""
        if any(isinstance(cell, str) and "\0" in cell for cell in payload.values()):
            source_id = self._reader.id_of(payload)
            if source_id is not None and ("\0" in source_id or "\n" in source_id):
                self._hidden += 1
                source_id = None
            self._reader.seen |= set() if source_id is None else {source_id}
            place = self._content_key(payload)
            return Reject(place, "nul_byte", "the row holds a NUL character", source_id=source_id)
        read = self._reader.read(payload, "")
        if isinstance(read, Raw) or read is SAME_RECORD:
            return read
        self._hidden += hides_id(read)
        return replace(read, place=self._content_key(payload))

    def _content_key(self, payload: dict[str, Any]) -> str:
        """Return a stable name of a row that does not need its id."""
        digest = hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
        count = self._seen_rejects[digest] = self._seen_rejects.get(digest, 0) + 1
        return f"{self._reject_prefix}{digest}" + (f"-{count}" if count > 1 else "")

    @property
    def _reject_prefix(self) -> str:
        """How the places of refused rows begin."""
        return f"{self._settings.table or 'query'}#"


def _is_missing(time: "sa.ColumnClause[Any]", like: Any) -> sa.ColumnElement[bool]:
    """Return the condition of rows without a time: in a column of text, as `like` is, also those with a blank."""
    return sa.or_(time.is_(None), sa.func.trim(time) == "") if isinstance(like, str) else time.is_(None)


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
