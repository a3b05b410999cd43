"""Web APIs as a source: what all of them share between the HTTP client and the pages that are landed."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from connectors.settings.mapping import Flag
from connectors.settings.project import SourceSettings, StreamSettings
from connectors.sources.plan import Header, StreamPlan, plan_stream
from connectors.sources.rows import PageRows, RowReader
from connectors.sources.source import Cursor, KnownIds, Page, Payload, Raw, Reject, StreamCheck, Window, mark_of
from connectors.sources.values import InexactText, as_text, is_inexact
from connectors.sources.web.http_client import HttpClient

EVERYTHING = "rows are all there are: nothing was read yet"


@dataclass(frozen=True, slots=True)
class StreamContext:
    """One stream of an API source: its plan, its settings, the client to ask, and how many rows a page may have."""

    http: HttpClient
    plan: StreamPlan
    settings: StreamSettings
    page_rows: int

    @property
    def object(self) -> str:
        """The vendor's name of what is read."""
        return self.settings.object or ""

    def overlap(self, default: float) -> timedelta:
        """Return how far before the last bound a delta starts again: as set, else the vendor's default in seconds."""
        is_set = "overlap_seconds" in self.settings.model_fields_set
        return timedelta(seconds=self.settings.overlap_seconds if is_set else default)

    def lower_bound(self, cursor: Cursor, default: float) -> str | None:
        """Return where a delta behind `cursor` starts, with the overlap; None for everything."""
        since = cursor.get("since")
        return utc_text(read_utc(since) - self.overlap(default)) if since else None

    def fingerprint(self, base_url: str, asked: Iterable[str]) -> str:
        """Return a hash of everything that changes which rows come and what they hold: the cursor is bound to it."""
        plan = self.plan
        told = (plan.id, plan.updated_at, plan.deleted, plan.merged_into)
        return mark_of(base_url, self.object, sorted(asked), *told)


class ApiStream(Protocol):
    """One stream of a vendor."""

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield the pages since `cursor`, which is empty for a first load."""
        ...

    def read_window(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Yield the rows that changed in a window, from its beginning where `cursor` is empty."""
        ...

    def check(self, cursor: Cursor) -> StreamCheck:
        """Return what can be read, and how many rows since `cursor`."""
        ...


class ApiSource:
    """The streams of one API that are objects of it; one client, so one login, for all of them."""

    def __init__(
        self,
        settings: SourceSettings,
        http: HttpClient,
        open_stream: Callable[[StreamContext], ApiStream],
        page_rows: int,
    ) -> None:
        """Take the source's settings, its client, and the vendor's reader of a stream."""
        self.name = http.source
        self._settings = settings
        self._http = http
        self._open_stream = open_stream
        self._page_rows = page_rows

    def read(self, stream: str, cursor: Cursor | None, *, known_ids: KnownIds | None = None) -> Iterator[Page]:
        """Yield pages as the vendor gives them; a page's cursor continues behind it, also in another process."""
        try:
            yield from self._open(stream).read(cursor or {}, known_ids)
        finally:
            self._http.close()

    def splits(self, stream: str) -> bool:
        """Return whether a window costs less than the whole: of Salesforce, whose queries have an end, too."""
        del stream
        return self._settings.api is not None and self._settings.api.system == "salesforce"

    def read_window(self, stream: str, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield rows that changed in the window, as `read` does; what is gone without a trace is left to `read`."""
        last = None
        try:
            for last in self._open(stream).read_window(window, cursor or {}):
                yield last
            if last is not None and window == Window() and not cursor:  # every row was met
                yield Page([], [], last.cursor, ("",))
        finally:
            self._http.close()

    def check(self, stream: str, cursor: Cursor | None = None) -> StreamCheck:
        """Return the columns that the API offers and, where it can count, the number of rows since `cursor`."""
        try:
            return self._open(stream).check(cursor or {})
        finally:
            self._http.close()

    def _open(self, stream: str) -> ApiStream:
        """Return the reader of one stream."""
        plan = plan_stream(self.name, self._settings, stream)
        rules = self._settings.streams[stream]
        self._http.stream = stream
        self._http.names |= plan.columns | {rules.object or ""}
        return self._open_stream(StreamContext(self._http, plan, rules, self._page_rows))


Marks = Mapping[str, tuple[str, ...]]


def with_marks(plan: StreamPlan, marks: Marks) -> StreamPlan:
    """Return the plan with the vendor's own columns for id, updated_at, deleted, merged_into where it names none."""
    deleted = plan.deleted or (Flag(column=marks["deleted"]) if "deleted" in marks else None)
    return replace(
        plan,
        id=plan.id or marks["id"],
        updated_at=plan.updated_at or marks["updated_at"],
        deleted=deleted,
        merged_into=plan.merged_into or marks.get("merged_into", ()),
    )


class ApiRows:
    """Payloads to raw rows by the plan; unlike a file, an API may give a row again, and the later one counts."""

    def __init__(self, context: StreamContext, columns: Iterable[str], *, is_open: bool = False) -> None:
        """Take the stream and the columns that its payloads have; `is_open`: not every payload has all of them."""
        self._reader = RowReader(context.plan, Header(columns, is_open=is_open))
        self._object = context.object

    def split(self, payloads: Iterable[Payload]) -> tuple[list[Raw], list[Reject]]:
        """Return the rows, and a reject for each payload that cannot be used."""
        page = PageRows()
        for payload in payloads:
            self._reader.seen.clear()
            read = self._reader.read(payload, "")
            if isinstance(read, Reject):
                key = hashlib.sha256(repr(sorted(payload.items())).encode()).hexdigest()[:12]
                read = replace(read, place=f"{self._object}#{key}")
            page.add(read)
        return page.rows, page.rejects


class Tombstones:
    """Deletions told by id alone: a tombstone only for rows that are landed and alive, and only once."""

    def __init__(self, known_ids: KnownIds | None) -> None:
        self._ask = known_ids
        self._known: Collection[str] | None = None
        self._given: set[str] = set()

    def add(self, rows: Iterable[Raw]) -> None:
        """Take rows that were given since: they are landed, too."""
        self._given |= {row.source_id for row in rows}

    def of(self, ids: Iterable[str]) -> list[Raw]:
        """Return tombstones for those of `ids` that are known, in order."""
        listed = list(ids)
        if not listed or self._ask is None:
            return []
        if self._known is None:
            self._known = self._ask()
        landed = (one for one in listed if one in self._known or one in self._given)
        return [Raw(source_id, {}, None, deleted=True) for source_id in landed]


def is_due(last: str | None, now: datetime, days: int | None) -> bool:
    """Return whether what is done every so many days was last done that long ago, an hour more or less; None: never."""
    if days is None:
        return False
    return last is None or now - read_utc(last) >= timedelta(days=days) - timedelta(hours=1)


def utc_text(time: datetime) -> str:
    """Return a UTC time as APIs write it, with milliseconds and Z."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def read_utc(text: str) -> datetime:
    """Return the time that `utc_text` wrote."""
    return datetime.fromisoformat(text)


def flat_text(value: Any) -> str | None:
    """Return a JSON value of an API as text: None for empty, true and false in lower case, line ends as LF.

    The text of a number that may stand for several is InexactText, so that it is taken for no id.
    """
    if isinstance(value, str):
        return value.replace("\r\n", "\n") if value else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return InexactText(repr(value)) if is_inexact(value) else as_text(value)
    return str(value)
