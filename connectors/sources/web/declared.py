"""Declared APIs as a source: one way to walk for all of them, by the rules of their declarations.

A walk asks for what changed since the last one began (less an overlap), page by page; its position is part of the
cursor. Rows that vanish are found by comparing all ids now and then, or each time where every run reads everything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.settings.declared import DeclaredApi
from connectors.settings.project import SourceSettings
from connectors.sources.clock import Clock, RateLimit
from connectors.sources.plan import Header
from connectors.sources.rows import nested_columns
from connectors.sources.source import Cursor, KnownIds, Page, Raw, StreamCheck, Window
from connectors.sources.tombstones import find_gone, ids_of, list_ids
from connectors.sources.web.declared_calls import make_call, make_detail, open_auth, read_data, read_fault, time_text
from connectors.sources.web.declared_pages import Paging, Position, is_step_back, overlap_of
from connectors.sources.web.declared_rows import DeclaredRows
from connectors.sources.web.http_client import HttpClient, RefusedError
from connectors.sources.web.http_messages import Answer, Call
from connectors.sources.web.http_pages import Listing, follow_pages
from connectors.sources.web.rest import (
    EVERYTHING,
    ApiRows,
    ApiSource,
    StreamContext,
    is_due,
    read_utc,
    utc_text,
    with_marks,
)
from resolve.errors import SourceError


def open_declared(name: str, settings: SourceSettings, clock: Clock, page_rows: int) -> ApiSource:
    """Return the source; nothing is asked yet."""
    api = settings.api
    if not isinstance(api, DeclaredApi):
        raise TypeError(f"source {name} has no declared API")
    auth, headers = open_auth(api)
    http = HttpClient(name, api, api.address, auth, clock, lambda answer: read_fault(answer, api.rules.faults))
    if api.rules.limit:
        http.limits = {"api": RateLimit(api.rules.limit.calls, api.rules.limit.seconds)}
    return ApiSource(settings, http, lambda context: DeclaredStream(context, api, headers), page_rows)


class DeclaredStream:
    """One object of a declared API."""

    def __init__(self, context: StreamContext, api: DeclaredApi, headers: dict[str, str]) -> None:
        """Take the stream, the settings of the API, and the headers of every call."""
        self._rules = api.rules.objects[context.object]
        marks = {"id": self._rules.id, "updated_at": self._rules.updated_at}
        plan = with_marks(context.plan, marks)
        self._context = replace(context, plan=replace(plan, deleted=plan.deleted or self._rules.deleted))
        self._http = context.http
        self._api = api
        self._headers = headers
        self._size = min(self._rules.pages.size, context.page_rows)
        self._options = api.rules.defaults | context.settings.options
        self._columns = sorted(self._context.plan.columns)
        self._rows = DeclaredRows(self._rules, self._context.plan, self._columns)
        self._is_bounded = "{until}" in repr(self._rules.call)
        self._behind = timedelta()  # how far our clock is behind the server's, as its answers tell

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield changed rows, then tombstones of ids that are gone where it is time to look for them."""
        kept = self._usable(cursor)
        walk: dict[str, Any] = dict(kept.get("walk") or self._begin(kept, known_ids))
        is_whole, seen, asked = self._rules.since is None and "at" not in walk, set[str](), self._until()
        for page, answer in self._walk(kept, walk):
            seen |= ids_of([*page.rows, *page.rejects])
            begun = self._http.now(answer)
            walk["until"] = walk["until"] or utc_text(min(begun, asked) if self._is_bounded else begun)
            yield replace(page, cursor=kept | {"walk": dict(walk)})
        done: Cursor = {"reader": kept["reader"], "since": walk["until"], "compared": walk["compared"]}
        if known_ids is None or not self._rules.compare:
            yield Page([], [], done)
        elif self._rules.since is None:  # every run reads everything; what was seen before a stop has to be asked again
            yield Page(self._find_gone(known_ids, seen if is_whole else None), [], done, ("",) if is_whole else ())
        else:
            yield Page([], [], done)
            now = read_utc(walk["until"]) if walk["until"] else self._http.clock.now()
            if is_due(walk["compared"], now, self._api.reconcile_days):
                yield Page(self._find_gone(known_ids), [], done | {"compared": walk["until"]})

    def read_window(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Yield every row that changed since the window began."""
        kept = self._usable(cursor)
        begin = {"from": utc_text(window.since) if window.since else None, "until": None, "compared": None}
        for page, _ in self._walk(kept, dict(kept.get("walk") or begin)):
            yield page

    def check(self, cursor: Cursor) -> StreamCheck:
        """Return the columns of the first row since the cursor and, where the API tells, the number of rows."""
        kept = self._usable(cursor)
        begun = self._lower_bound(kept)
        answer = self._http.send(self._first_call({"from": begun}, {}, 1))
        found = self._rows.cells(self._found(answer)[:1])
        columns = tuple(name for row in found for name in nested_columns(row))
        total = read_data(answer, self._rules.pages.total) if self._rules.pages.total else None
        notes = [f"rows are those since {begun}" if begun else EVERYTHING]
        if not columns:
            notes.append("no row to show columns of")
        unmapped = Header(columns).not_among(self._context.plan.columns)
        location = f"{self._api.address} {self._context.object}"
        count = total if isinstance(total, int) else None
        return StreamCheck(self._context.plan.stream, location, count, columns, unmapped, tuple(notes))

    def _usable(self, cursor: Cursor) -> Cursor:
        """Return the cursor when it is of this way to read, else one that begins."""
        asked = (*self._columns, *(f"{name}={value}" for name, value in sorted(self._options.items())))
        mark = self._context.fingerprint(self._api.address, asked)
        return dict(cursor) if cursor.get("reader") == mark else {"reader": mark}

    def _begin(self, kept: Cursor, known_ids: KnownIds | None) -> dict[str, Any]:
        """Return a new walk; `until` is the server's time of its first answer, noted then.

        A first load into an empty landing counts as a comparison of all ids.
        """
        is_first = known_ids is None or not known_ids()
        compared = utc_text(self._http.clock.now()) if is_first else kept.get("compared")
        since = read_utc(kept["since"]).timestamp() if kept.get("since") else None
        return {"from": self._lower_bound(kept), "since": since, "until": None, "compared": compared}

    def _lower_bound(self, kept: Cursor) -> str | None:
        """Return where a delta starts; None for everything."""
        if self._rules.since is None or not kept.get("since"):
            return None
        since: datetime = read_utc(kept["since"])
        bound = since - self._context.overlap(self._rules.since.overlap)
        if self._rules.since.reread:
            bound = min(bound, since - timedelta(days=self._rules.since.reread))
        return utc_text(bound)

    def _walk(self, kept: Cursor, walk: dict[str, Any]) -> Iterator[tuple[Page, Answer]]:
        """Yield the pages of a walk from its position on; one whose position the API no longer knows begins again."""
        at: Position | None = walk.get("at")
        try:
            yield from self._pages(kept, walk, at)
        except RefusedError:
            if at is None or walk.get("at") is not at:  # not resumed, or the resumed call was answered
                raise
            yield from self._pages(kept, walk, None)

    def _pages(self, kept: Cursor, walk: dict[str, Any], at: Position | None) -> Iterator[tuple[Page, Answer]]:
        """Yield pages with the answers that they come from, also those that are read again because the list moved."""
        paging = Paging(self._rules.pages, self._size)
        behind: Position = at or {}
        while not behind.get("end"):
            yield from self._forward(kept, walk, behind, paging)
            behind = walk["at"]

    def _forward(
        self, kept: Cursor, walk: dict[str, Any], at: Position, paging: Paging
    ) -> Iterator[tuple[Page, Answer]]:
        """Yield pages from a position, to the end or to where the list has moved; `walk` then holds where to go on."""
        reader = ApiRows(self._context, self._columns, is_open=True)
        behind = at

        def next_call(_: Answer) -> Call | None:
            is_over = behind.get("end") or is_step_back(behind)
            return None if is_over else self._page_call(walk, behind, self._size)

        first = self._first_call(walk, at, self._size)
        for found, answer in follow_pages(self._http, first, Listing(self._found, next_call)):
            self._behind = max(self._http.now(answer) - self._http.clock.now(), timedelta())
            cells = self._rows.cells(found)
            ids = [self._rows.id_of(row) for row in cells]
            fresh = cells[overlap_of(behind, ids) :]
            try:
                behind = walk["at"] = paging.next_position(behind, answer, cells, ids)
            except ValueError as error:
                raise SourceError(self._http.source, f"{self._context.object}: {error}") from None
            good, bad = reader.split(self._rows.payload(row) for row in self._completed(fresh, walk.get("since")))
            yield Page(good, bad, kept | {"walk": walk | {"at": behind}}), answer

    def _first_call(self, walk: dict[str, Any], at: Position | None, size: int) -> Call:
        """Return the call for the page at a position; for the first one, where its token is asked for first."""
        start = self._rules.pages.start
        if start is not None and not at:
            answer = self._http.send(make_call(start, self._values(walk, {}, size), self._headers))
            at = {"token": read_data(answer, self._rules.pages.token)}
        return self._page_call(walk, at or {}, size)

    def _page_call(self, walk: dict[str, Any], at: Position, size: int) -> Call:
        """Return the call for the page at a position."""
        return make_call(self._rules.call, self._values(walk, at, size), self._headers)

    def _values(self, walk: dict[str, Any], at: Position, size: int) -> dict[str, Any]:
        """Return what the placeholders of a call stand for."""
        pages, rules = self._rules.pages, self._rules.since
        values: dict[str, Any] = {"size": size, "last": at.get("last", pages.first), "token": at.get("token")}
        values |= self._options | {"offset": at.get("offset", 0)}
        if rules is not None:
            first = self._options.get(rules.first.strip("{}"), rules.first)
            values["since"] = time_text(read_utc(walk["from"]), rules) if walk["from"] else first
            values["since"] = int(first) if not walk["from"] and rules.format.startswith("epoch") else values["since"]
            values["until"] = time_text(self._until(), rules)
        return values

    def _until(self) -> datetime:
        """Return the end to ask for: now, by the clock that is ahead of the other."""
        return self._http.clock.now() + self._behind

    def _found(self, answer: Answer) -> Sequence[Any]:
        """Return the rows of a page. Raises SourceError when there is no list of them: it is not an empty one."""
        found = read_data(answer, self._rules.rows)
        if found is None and self._rules.may_lack_rows:
            return []
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            what = "list of objects" if isinstance(found, list) else "list"
            said = f"{self._context.object}: an answer holds no {what} at {self._rules.rows or 'its top'}"
            raise SourceError(self._http.source, said, "Check base_url, and the rules of the object")
        return found

    def _completed(self, cells: Sequence[dict[str, Any]], since: float | None) -> Iterator[dict[str, Any]]:
        """Yield the rows that changed, where they tell, with what a call for each of them adds."""
        rules = self._rules.since
        told = rules.changed if rules is not None and since is not None else ""
        for row in cells:
            if rules is not None and told and float(row.get(told) or "inf") < (since or 0) - rules.overlap:
                continue
            if self._rules.detail is None:
                yield row
                continue
            answer = self._http.send(make_detail(self._rules.detail, self._options, row, self._headers))
            more = read_data(answer, self._rules.detail_rows) if self._rules.detail_rows else answer.data
            yield row | more if isinstance(more, dict) else row

    def _find_gone(self, known_ids: KnownIds, seen: set[str] | None = None) -> list[Raw]:
        """Return tombstones of landed ids that the API lists no more; `seen`: all that it lists, else it is asked.

        Rows that are not landed so come too. Where pages are counted or linked, another walk looks for what one missed.
        """
        known = set(known_ids())
        found, others = self._listed(known) if seen is None else (seen, [])
        if self._rules.pages.kind != "keyset" and known - found:
            found = found | self._listed(known)[0]
        return others + find_gone(self._context.plan, found, lambda: known, self._context.settings.max_gone_rate)

    def _listed(self, known: set[str]) -> tuple[set[str], list[Raw]]:
        """Return all ids that the API lists, and the rows that are not landed so."""
        return list_ids((page for page, _ in self._pages({}, {"from": None, "until": None}, None)), known)
