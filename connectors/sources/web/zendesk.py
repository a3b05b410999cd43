"""Zendesk: users and tickets by the cursor-based incremental exports, which give the first load and every delta.

The end is `end_of_stream`: the next link is never missing. A user that was deleted or merged away comes as inactive;
the export does not say which of both, nor into whom. Users whose role is not among the settings' `roles` are staff.
A cursor that Zendesk no longer takes is given up: the export begins again at the newest change that was read.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.settings.api import ZendeskApi
from connectors.settings.mapping import Flag
from connectors.settings.project import SourceSettings
from connectors.sources.clock import Clock, RateLimit
from connectors.sources.plan import Header
from connectors.sources.rows import nested_columns
from connectors.sources.source import Cursor, KnownIds, Page, Payload, StreamCheck, Window
from connectors.sources.web.http_auth import Auth, TokenAuth
from connectors.sources.web.http_client import HttpClient, RefusedError
from connectors.sources.web.http_messages import Answer, Call, Fault, status_fault
from connectors.sources.web.http_pages import follow_pages
from connectors.sources.web.rest import (
    EVERYTHING,
    ApiRows,
    ApiSource,
    StreamContext,
    Tombstones,
    flat_text,
    is_due,
    read_utc,
    utc_text,
    with_marks,
)
from connectors.sources.web.zendesk_calls import ZendeskCalls, is_unknown_cursor

OVERLAP_SECONDS = 300.0  # of an export that begins again by time; Zendesk holds the newest minute back
MARKS: dict[str, tuple[str, ...]] = {"id": ("id",), "updated_at": ("updated_at",)}
GONE = {
    "users": Flag(column=("active",), values=("false",)),
    "tickets": Flag(column=("status",), values=("deleted",)),
}  # where neither the stream nor its preset says it
_ALWAYS = ("id", "updated_at", "active", "role", "status")
_ORGANIZATION = "organization.name"


def open_zendesk(name: str, settings: SourceSettings, clock: Clock, page_rows: int) -> ApiSource:
    """Return the source; nothing is asked yet."""
    api = settings.api
    if not isinstance(api, ZendeskApi):
        raise TypeError(f"source {name} is no Zendesk")
    http = HttpClient(name, api, api.base_url, _auth(api), clock, read_fault)
    http.limits = {"users": RateLimit(20, 60.0), "tickets": RateLimit(10, 60.0)}  # the exports' own limits
    return ApiSource(settings, http, lambda context: ZendeskStream(context, api), page_rows)


def _auth(api: ZendeskApi) -> Auth:
    """Return the way to log in."""
    if api.api_token:
        pair = f"{api.email}/token:{api.api_token}"
        auth = Auth("Basic " + base64.b64encode(pair.encode()).decode())
        auth.secrets |= {str(api.api_token), str(api.email)}
        return auth
    grant = {
        "grant_type": "client_credentials",
        "client_id": str(api.client_id),
        "client_secret": str(api.client_secret),
        "scope": "read",
    }
    return TokenAuth(api.token_url or f"{api.base_url}/oauth/tokens", grant, as_json=True)


def read_fault(answer: Answer) -> Fault | None:
    """Return what an answer of Zendesk complains about: `error` is a word, or an object with a title."""
    data: Any = answer.data if isinstance(answer.data, dict) else {}
    error = data.get("error")
    is_object = isinstance(error, dict)
    code = str((error.get("title") if isinstance(error, dict) else error) or "")
    text = str((error.get("message") if is_object and error else data.get("description")) or "")
    return status_fault(answer, code, text)


class ZendeskStream:
    """Users or tickets of one Zendesk."""

    def __init__(self, context: StreamContext, api: ZendeskApi) -> None:
        """Take the stream and the settings of the API."""
        plan = with_marks(context.plan, MARKS)
        plan = replace(plan, deleted=plan.deleted or GONE[context.object])
        self._context = replace(context, plan=plan)
        self._columns = sorted({*plan.columns, *_ALWAYS})
        self._steps = [(column, column.split(".")) for column in self._columns]
        self._api = api
        self._http = context.http
        self._calls = ZendeskCalls(context.http, context.object, context.page_rows)
        self._names: dict[str, str | None] = {}  # organisations

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield the pages of the export since the cursor, then (now and then) tombstones of purged users."""
        kept = self._usable(cursor)
        now = self._http.clock.now()
        for page, answer in self._export(kept, known_ids):
            now = self._http.now(answer)
            kept = page.cursor
            yield page
        if (
            self._context.object == "users"
            and known_ids is not None
            and is_due(kept.get("purged_read"), now, self._api.reconcile_days)
        ):
            gone = Tombstones(known_ids).of(list(self._calls.purged()))
            yield Page(gone, [], kept | {"purged_read": utc_text(now)})

    def read_window(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Yield every row that changed since the window began: the export has no end but its own."""
        for page, _ in self._export(self._usable(cursor), None, window.since):
            yield page

    def _usable(self, cursor: Cursor) -> Cursor:
        """Return the cursor when it is of this way to read, else one that begins."""
        mark = self._context.fingerprint(self._api.base_url, (*self._columns, *self._api.roles))
        return dict(cursor) if cursor.get("reader") == mark else {"reader": mark}

    def _export(
        self, kept: Cursor, known_ids: KnownIds | None, since: datetime | None = None
    ) -> Iterator[tuple[Page, Answer]]:
        """Yield the pages behind a cursor, with their answers; without one those from a time, or from the beginning.

        A cursor that is refused would be refused every night: then the newest change that was read counts.
        """
        after, is_read = kept.get("after"), False
        try:
            for page, answer in self._pages(self._calls.export(after, since=since), kept, known_ids):
                is_read = True
                yield page, answer
        except RefusedError as error:
            if after is None or is_read or not is_unknown_cursor(error):
                raise
            since = self._newest_less_overlap(kept) or since
            begin = utc_text(since) if since else "the beginning"
            note = f"Zendesk no longer takes the cursor of the export: it was read again from {begin}"
            for page, answer in self._pages(self._calls.export(None, since=since), kept, known_ids):
                yield replace(page, note=note), answer
                note = ""

    def _newest_less_overlap(self, kept: Cursor) -> datetime | None:
        """Return the time from which on nothing behind the cursor is missed; None where it is not known."""
        newest = kept.get("newest")
        return read_utc(newest) - self._context.overlap(OVERLAP_SECONDS) if newest else None

    def _pages(self, first: Call, kept: Cursor, known_ids: KnownIds | None) -> Iterator[tuple[Page, Answer]]:
        """Yield the pages of the export from a call on, each with the answer that it comes from."""
        rows = ApiRows(self._context, self._columns)
        tombstones = Tombstones(known_ids)
        for found, answer in follow_pages(self._http, first, self._calls.listing()):
            ours, others = self._parted(found)
            good, bad = rows.split(self._payloads(ours, answer))
            kept = kept | {"after": answer.data.get("after_cursor") or kept.get("after")}
            kept |= {"newest": newest} if (newest := _newest(found)) else {}
            yield Page(good + tombstones.of(others), bad, kept), answer
            tombstones.add(good)

    def check(self, cursor: Cursor) -> StreamCheck:
        """Return the columns of the first row that the export gives from the cursor on."""
        kept = self._usable(cursor)
        after, said = kept.get("after"), "Zendesk does not count what is new since the cursor"
        try:
            answer = self._http.send(self._calls.export(after, limit=1))
        except RefusedError as error:
            if after is None or not is_unknown_cursor(error):
                raise
            said = "Zendesk no longer takes the cursor of the export: the next run reads again what may be new"
            answer = self._http.send(self._calls.export(None, since=self._newest_less_overlap(kept), limit=1))
        found = self._calls.rows(answer)
        columns = tuple(name for row in found[:1] for name in nested_columns(self._complete(row, answer)))
        count = None if after else self._calls.count()
        notes = [said] if after else [EVERYTHING]
        if not columns:
            notes.append("no row to show columns of")
        unmapped = Header(columns).not_among({*self._context.plan.columns, "organization_id"})
        location = f"{self._api.base_url} {self._context.object}"
        return StreamCheck(self._context.plan.stream, location, count, columns, unmapped, tuple(notes))

    def _parted(self, found: Sequence[Any]) -> tuple[list[Any], list[str]]:
        """Return the rows that are contacts or tickets, and the ids of users who are staff."""
        if self._context.object != "users":
            return list(found), []
        ours = [row for row in found if row.get("role") in self._api.roles]
        others = [row.get("id") for row in found if row.get("role") not in self._api.roles]
        return ours, [str(one) for one in others if one is not None]

    def _payloads(self, found: list[Any], answer: Answer) -> list[Payload]:
        """Return rows as flat payloads of the columns that the stream reads."""
        if _ORGANIZATION in self._context.plan.columns:
            self._learn_names(row.get("organization_id") for row in found)
        return [self._flat(row) for row in self._completed(found, answer)]

    def _completed(self, found: Iterable[Any], answer: Answer) -> Iterator[dict[str, Any]]:
        """Yield rows with what the answer holds beside them: the metrics of tickets, the names of organisations."""
        metrics = {one.get("ticket_id"): one for one in answer.data.get("metric_sets") or ()}
        for row in found:
            full = dict(row)
            if row.get("id") in metrics:
                full["metric_set"] = metrics[row["id"]]
            if row.get("organization_id") is not None and str(row["organization_id"]) in self._names:
                full["organization"] = {"name": self._names[str(row["organization_id"])]}
            yield full

    def _complete(self, row: Any, answer: Answer) -> dict[str, Any]:
        """Return one row with what the answer holds beside it."""
        return next(self._completed([row], answer))

    def _flat(self, row: dict[str, Any]) -> Payload:
        """Return the columns that a row has among those that are read, as text; names with dots reach into objects."""
        payload: Payload = {}
        for column, steps in self._steps:
            value: Any = row
            for step in steps:
                value = value.get(step) if isinstance(value, dict) else None
            if isinstance(value, list):
                value = "\n".join(str(one) for one in value)
            if not isinstance(value, dict) and (value is not None or column in row):
                payload[column] = flat_text(value)
        return payload

    def _learn_names(self, ids: Iterable[Any]) -> None:
        """Ask for the names of organisations that are not known yet."""
        wanted = sorted({str(one) for one in ids if one is not None} - self._names.keys())
        if wanted:
            self._names |= self._calls.organisations(wanted)


def _newest(found: Sequence[Any]) -> str | None:
    """Return the latest change among rows, in UTC; None where no row tells it."""
    times = []
    for row in found:
        try:
            times.append(datetime.fromisoformat(row.get("updated_at")))
        except (TypeError, ValueError):
            continue
    aware = [one.astimezone(UTC) for one in times if one.tzinfo]
    return utc_text(max(aware)) if aware else None
