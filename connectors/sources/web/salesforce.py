"""Salesforce: objects by SOQL, through REST or a Bulk job by size; deleted and merged rows included.

A delta takes the rows whose SystemModstamp lies between the last run's bound, minus an overlap, and the server's time
at the start of this one. `queryAll` also gives rows in the recycle bin and losers of merges (MasterRecordId); rows that
were purged from there in between come from the delete log as tombstones.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.settings.api import SalesforceApi
from connectors.settings.project import SourceSettings
from connectors.sources.clock import Clock
from connectors.sources.plan import Header, check_header
from connectors.sources.source import Cursor, KnownIds, Page, StreamCheck, Window
from connectors.sources.web.http_auth import TokenAuth
from connectors.sources.web.http_client import HttpClient, RefusedError
from connectors.sources.web.http_messages import Answer, Call, Fault, Remedy, status_fault
from connectors.sources.web.http_pages import follow_pages
from connectors.sources.web.http_shapes import expects
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
from connectors.sources.web.salesforce_bulk import BulkJob
from connectors.sources.web.salesforce_deleted import DeleteLog
from connectors.sources.web.salesforce_fields import DESCRIBED, QUERY_PAGES, STAMP, Fields, choose_fields, is_query_page
from resolve.errors import SourceError

OVERLAP_SECONDS = 300.0
REST_ROWS = 2_000  # rows of a REST page, the most that Salesforce gives
_count_shape = expects({"totalSize": int})


def open_salesforce(name: str, settings: SourceSettings, clock: Clock, page_rows: int) -> ApiSource:
    """Return the source; nothing is asked yet."""
    api = settings.api
    if not isinstance(api, SalesforceApi):
        raise TypeError(f"source {name} is no Salesforce")
    grant = {"grant_type": "client_credentials", "client_id": api.client_id, "client_secret": api.client_secret}
    auth = TokenAuth(api.token_url or f"{api.base_url}/services/oauth2/token", grant)
    http = HttpClient(name, api, api.base_url, auth, clock, read_fault)
    return ApiSource(settings, http, lambda context: SalesforceStream(context, api), page_rows)


def read_fault(answer: Answer) -> Fault | None:
    """Return what an answer of Salesforce complains about: `[{"errorCode": …, "message": …}]`, or OAuth's `error`."""
    first: Any = answer.data[0] if isinstance(answer.data, list) and answer.data else answer.data
    first = first if isinstance(first, dict) else {}
    code = str(first.get("errorCode") or first.get("error") or "")
    text = str(first.get("message") or first.get("error_description") or "")
    fault = status_fault(answer, code, text)
    if fault is None or code != "REQUEST_LIMIT_EXCEEDED":
        return fault
    remedy = Remedy.RETRY if "concurrent" in text.lower() else Remedy.QUOTA
    return Fault(remedy, fault.reason, code=code, status=fault.status)


MARKS = {"id": ("Id",), "updated_at": (STAMP,), "deleted": ("IsDeleted",), "merged_into": ("MasterRecordId",)}


class SalesforceStream:
    """One object of Salesforce."""

    def __init__(self, context: StreamContext, api: SalesforceApi) -> None:
        """Take the stream and the settings of the API."""
        self._context = replace(context, plan=with_marks(context.plan, MARKS))
        self._api = api
        self._http = context.http
        self._data = f"/services/data/v{api.version}"

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield the rows of one walk, then the cursor of the next one and tombstones of purged rows."""
        fields, now = self._describe()
        kept = self._usable(cursor, fields)
        walk: dict[str, Any] = dict(kept.get("walk") or self._begin(kept, now, known_ids))
        yield from self._walk(kept, walk, fields)
        marks = {name: walk.get(name) for name in ("logged", "compared")}
        done: Cursor = {"reader": kept["reader"], "since": walk["until"]} | marks
        yield Page([], [], done)
        if known_ids is not None:
            yield from self._find_gone(done, fields, known_ids)

    def _find_gone(self, done: Cursor, fields: Fields, known_ids: KnownIds) -> Iterator[Page]:
        """Yield tombstones of purged rows: those of the delete log, and (now and then) of a comparison of all ids."""
        log, until = DeleteLog(self._context, self._data, fields), done["since"]
        logged = log.read(done["logged"], until)
        if logged is not None:
            ids, covered = logged
            done = done | {"logged": covered}
            yield Page(log.gone(ids, known_ids), [], done)
        if logged is None or is_due(done["compared"], read_utc(until), self._api.reconcile_days):
            rows, rejects = log.compare(known_ids)
            yield Page(rows, rejects, done | {"compared": until} | ({"logged": until} if logged is None else {}))

    def read_window(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Yield every row whose SystemModstamp lies in the window, deleted and merged ones included."""
        fields, now = self._describe()
        kept = self._usable(cursor, fields)
        walk = dict(kept.get("walk") or {})
        if not walk:
            since = utc_text(window.since) if window.since else None
            walk = self._with_method({"from": since, "until": utc_text(window.until or now)})
        yield from self._walk(kept, walk, fields)

    def _usable(self, cursor: Cursor, fields: Fields) -> Cursor:
        """Return the cursor when it is of this way to read, else one that begins."""
        mark = self._context.fingerprint(self._api.base_url, fields.asked)
        return cursor if cursor.get("reader") == mark else {"reader": mark}

    def _walk(self, kept: Cursor, walk: dict[str, Any], fields: Fields) -> Iterator[Page]:
        """Yield the pages of a walk from its position on."""
        rows = ApiRows(self._context, fields.asked)
        if walk["method"] == "bulk":
            job = BulkJob(self._context, f"{self._data}/jobs/query", fields)
            pages = job.pages(self._soql(fields, walk), walk)
        else:
            pages = self._rest_pages(fields, walk)
        for payloads, position in pages:
            good, bad = rows.split(payloads)
            yield Page(good, bad, kept | {"walk": walk | position})

    def check(self, cursor: Cursor) -> StreamCheck:
        """Return the fields of the object and the number of rows since the cursor."""
        fields, now = self._describe()
        kept = self._usable(cursor, fields)
        walk = kept.get("walk") or {"from": self._context.lower_bound(kept, OVERLAP_SECONDS), "until": utc_text(now)}
        count, answer = self._count(walk)
        notes = [f"rows are those since {walk['from']}" if walk["from"] else EVERYTHING]
        if walk.get("method"):
            notes.append("a read was cut off: the next run goes on with it")
        if not fields.lists_deleted:
            notes.append("Salesforce keeps no delete log of this object: purged rows stay until all ids are compared")
        usage = answer.headers.get("Sforce-Limit-Info", "").removeprefix("api-usage=")
        if usage:
            notes.append(f"API calls used in 24 hours: {usage}")
        unmapped = Header(fields.offered).not_among(self._context.plan.columns)
        location = f"{self._api.base_url} {self._context.object}"
        return StreamCheck(self._context.plan.stream, location, count, fields.offered, unmapped, tuple(notes))

    def _describe(self) -> tuple[Fields, datetime]:
        """Return the fields to ask for, and the server's time. Raises SourceError when a column is not there."""
        path = f"{self._data}/sobjects/{self._context.object}/describe"
        try:
            answer = self._http.send(Call("GET", path, accept=DESCRIBED))
        except RefusedError as error:
            if error.status != 404:
                raise
            what = f"stream {self._context.plan.stream}: there is no object {self._context.object}"
            hint = "Correct its name, or give the account the right to read it"
            raise SourceError(self._http.source, what, hint) from None
        fields = choose_fields(answer.data, self._context.plan)
        check_header(self._context.plan, Header(fields.offered), f"object {self._context.object}")
        return fields, self._http.now(answer)

    def _begin(self, kept: Cursor, now: datetime, known_ids: KnownIds | None) -> dict[str, Any]:
        """Return a new walk: its bounds, and by which API it is read."""
        walk = self._with_method({"from": self._context.lower_bound(kept, OVERLAP_SECONDS), "until": utc_text(now)})
        is_empty = known_ids is None or not known_ids()  # nothing is landed yet, so nothing can be gone
        marks = {name: walk["until"] if is_empty else kept.get(name) for name in ("logged", "compared")}
        return walk | marks

    def _with_method(self, walk: dict[str, Any]) -> dict[str, Any]:
        """Return a walk with the API that suits its size."""
        most = self._api.bulk_above
        return walk | {"method": "bulk" if most is not None and self._count(walk)[0] > most else "rest"}

    def _count(self, walk: dict[str, Any]) -> tuple[int, Answer]:
        """Return how many rows lie between the bounds of a walk."""
        query = f"SELECT COUNT() FROM {self._context.object} WHERE {_bounds(walk)}"
        answer = self._http.send(Call("GET", f"{self._data}/queryAll", (("q", query),), accept=_count_shape))
        return int(answer.data["totalSize"]), answer

    def _soql(self, fields: Fields, walk: dict[str, Any]) -> str:
        """Return the query of a walk, without an order."""
        return f"SELECT {fields.selected} FROM {self._context.object} WHERE {_bounds(walk)}"

    def _rest_pages(self, fields: Fields, walk: dict[str, Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
        """Yield payloads with the position behind them; where a locator has expired, a new query goes on."""
        at: dict[str, Any] = {name: walk[name] for name in ("at", "id") if name in walk}
        while True:
            before = dict(at)
            try:
                for records, _ in follow_pages(self._http, self._query(fields, walk | at), QUERY_PAGES):
                    for start in range(0, len(records), self._context.page_rows):
                        part = records[start : start + self._context.page_rows]
                        payloads = [fields.of_record(record) for record in part]
                        at = _last_before(payloads, walk["until"]) or at
                        yield payloads, at
            except RefusedError as error:
                if error.code != "INVALID_QUERY_LOCATOR" or at == before:
                    raise
                continue
            return

    def _query(self, fields: Fields, walk: dict[str, Any]) -> Call:
        """Return the first call of a walk, or of its rest."""
        query = self._soql(fields, walk)
        if "at" in walk:
            stamp, last = walk["at"], walk["id"]
            query += f" AND ({STAMP} > {stamp} OR ({STAMP} = {stamp} AND Id > '{last}'))"
        size = {"Sforce-Query-Options": f"batchSize={REST_ROWS}"}
        ordered = f"{query} ORDER BY {STAMP}, Id"
        return Call("GET", f"{self._data}/queryAll", (("q", ordered),), headers=size, accept=is_query_page)


def _bounds(walk: dict[str, Any]) -> str:
    """Return the condition of a walk's bounds."""
    upper = f"{STAMP} < {walk['until']}"
    return f"{STAMP} >= {walk['from']} AND {upper}" if walk["from"] else upper


def _last_before(payloads: list[Any], until: str) -> dict[str, Any] | None:
    """Return the position of the last row that did not change while it was read: such a row comes again anyway."""
    for payload in reversed(payloads):
        if payload[STAMP] and payload[STAMP] < until:
            return {"at": payload[STAMP], "id": payload["Id"]}
    return None
