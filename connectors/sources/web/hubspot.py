"""HubSpot: objects of the CRM by list (first load) and by search (delta), with archived rows and linked contacts.

A delta walks by (modified since, id greater than the last): paging by `after` ends at 10,000 rows, and the date alone
is no order, for imports stamp thousands of rows with one time. Search never shows archived rows, so these are listed
each time. Ids that were merged away vanish, named only in the survivor's hs_merged_object_ids: they are no deletions.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.settings.api import HubSpotApi
from connectors.settings.project import SourceSettings
from connectors.sources.clock import Clock, RateLimit
from connectors.sources.plan import Header, check_header
from connectors.sources.source import Cursor, KnownIds, Page, Payload, Raw, Reject, StreamCheck, Window
from connectors.sources.tombstones import find_gone, unlike_landed
from connectors.sources.web.http_auth import Auth, TokenAuth
from connectors.sources.web.http_client import HttpClient, RefusedError
from connectors.sources.web.http_messages import Answer, Fault, Remedy, status_fault
from connectors.sources.web.http_pages import follow_pages
from connectors.sources.web.hubspot_calls import CONTACT, MERGED, HubSpotCalls, Properties, merged_ids
from connectors.sources.web.rest import (
    EVERYTHING,
    ApiRows,
    ApiSource,
    StreamContext,
    is_due,
    utc_text,
    with_marks,
)

OVERLAP_SECONDS = 600.0  # search lags behind the database
MARKS = {"id": ("hs_object_id",), "updated_at": ("lastmodifieddate", "hs_lastmodifieddate"), "deleted": ("archived",)}
_NEXT = {"rows": "archived", "archived": "done"}
_MILLISECONDS = re.compile(r"[0-9]{1,9}")
_PAUSES = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


def open_hubspot(name: str, settings: SourceSettings, clock: Clock, page_rows: int) -> ApiSource:
    """Return the source; nothing is asked yet."""
    api = settings.api
    if not isinstance(api, HubSpotApi):
        raise TypeError(f"source {name} is no HubSpot")
    http = HttpClient(name, api, api.base_url, _auth(api), clock, read_fault)
    http.limits = {"search": RateLimit(4, 1.0), "": RateLimit(90, 10.0)}  # of 5 and 100: others ask too
    return ApiSource(settings, http, lambda context: HubSpotStream(context, api), page_rows)


def _auth(api: HubSpotApi) -> Auth:
    """Return the way to log in."""
    if api.token:
        return Auth(f"Bearer {api.token}")
    grant = {
        "grant_type": "refresh_token",
        "client_id": str(api.client_id),
        "client_secret": str(api.client_secret),
        "refresh_token": str(api.refresh_token),
    }
    return TokenAuth(api.token_url or f"{api.base_url}/oauth/2026-09/token", grant)


def read_fault(answer: Answer) -> Fault | None:
    """Return what an answer of HubSpot complains about; the daily limit is a quota, shorter ones are waited for."""
    data: Any = answer.data if isinstance(answer.data, dict) else {}
    policy = str(data.get("policyName") or "")
    code = policy or str(data.get("category") or data.get("errorType") or "")
    fault = status_fault(answer, code, str(data.get("message") or ""))
    if fault is None or answer.status != 429:
        return fault
    if policy == "DAILY":
        return replace(fault, remedy=Remedy.QUOTA)
    interval = answer.headers.get("X-HubSpot-RateLimit-Interval-Milliseconds", "")
    return replace(
        fault, wait=_PAUSES.get(policy, float(interval) / 1000 if _MILLISECONDS.fullmatch(interval) else 10.0)
    )


class HubSpotStream:
    """One object of HubSpot."""

    def __init__(self, context: StreamContext, api: HubSpotApi) -> None:
        """Take the stream and the settings of the API."""
        self._context = replace(context, plan=with_marks(context.plan, MARKS))
        self._api = api
        self._http = context.http
        self._calls = HubSpotCalls(context.http, api.version, context.object, context.page_rows)

    def read(self, cursor: Cursor, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield changed rows, then archived ones, then (now and then) tombstones of ids that are gone."""
        properties, now = self._describe()
        kept = self._usable(cursor, properties)
        walk: dict[str, Any] = dict(kept.get("walk") or self._begin(kept, now, known_ids))
        yield from self._walk(kept, walk, properties)
        done: Cursor = {"reader": kept["reader"], "since": walk["until"], "compared": walk["compared"]}
        yield Page([], [], done)
        if known_ids is not None and is_due(walk["compared"], now, self._api.reconcile_days):
            rows, rejects = self._compare(properties, known_ids)
            yield Page(rows, rejects, done | {"compared": walk["until"]})

    def read_window(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Yield rows modified since the window began, and all archived ones: search knows no end that keeps."""
        properties, _ = self._describe()
        kept = self._usable(cursor, properties)
        since = utc_text(window.since) if window.since else None
        walk: dict[str, Any] = {"from": since, "phase": "rows", "last": None}
        yield from self._walk(kept, walk | kept.get("walk", {}), properties)

    def _usable(self, cursor: Cursor, properties: Properties) -> Cursor:
        """Return the cursor when it is of this way to read, else one that begins."""
        mark = self._context.fingerprint(self._api.base_url, properties.asked)
        return cursor if cursor.get("reader") == mark else {"reader": mark}

    def _walk(self, kept: Cursor, walk: dict[str, Any], properties: Properties) -> Iterator[Page]:
        """Yield the pages of a walk's parts from its position on."""
        while walk["phase"] != "done":
            following = _NEXT[walk["phase"]]
            for rows, rejects, last in self._phase(walk, properties):
                phase = following if last is None else walk["phase"]
                yield Page(rows, rejects, kept | {"walk": walk | {"phase": phase, "last": last}})
            walk = walk | {"phase": following, "last": None}

    def check(self, cursor: Cursor) -> StreamCheck:
        """Return the properties of the object and the number of rows since the cursor."""
        properties, _ = self._describe()
        kept = self._usable(cursor, properties)
        since = self._context.lower_bound(kept, OVERLAP_SECONDS)
        count = self._calls.count(properties, since)
        notes = [f"rows are those since {since}" if since else EVERYTHING]
        if kept.get("walk"):
            notes.append("a read was cut off: the next run goes on with it")
        read = {column.removeprefix("properties.") for column in self._context.plan.columns}
        unmapped = Header(properties.offered).not_among(read)
        location = f"{self._api.base_url} {self._context.object}"
        return StreamCheck(self._context.plan.stream, location, count, properties.offered, unmapped, tuple(notes))

    def _describe(self) -> tuple[Properties, datetime]:
        """Return the properties to ask for, and the server's time. Raises SourceError when one is not there."""
        properties, answer = self._calls.describe(self._context.plan)
        names = (*properties.offered, *(f"properties.{name}" for name in properties.offered), CONTACT)
        check_header(self._context.plan, Header(names), f"object {self._context.object}")
        return properties, self._http.now(answer)

    def _begin(self, kept: Cursor, now: datetime, known_ids: KnownIds | None) -> dict[str, Any]:
        """Return a new walk; a first load into an empty landing counts as a comparison of all ids."""
        until = utc_text(now)
        is_empty = known_ids is None or not known_ids()
        compared = until if is_empty else kept.get("compared")
        since = self._context.lower_bound(kept, OVERLAP_SECONDS)
        return {"until": until, "from": since, "phase": "rows", "last": None, "compared": compared}

    def _phase(
        self, walk: dict[str, Any], properties: Properties
    ) -> Iterator[tuple[list[Raw], list[Reject], str | None]]:
        """Yield rows and rejects of a part of the walk, with the position behind them; None at its end."""
        is_archived, last, since = walk["phase"] == "archived", walk["last"], walk["from"]
        if is_archived or since is None:
            first, listing = self._calls.list_rows(properties, last, archived=is_archived)
        else:
            first, listing = self._calls.search_rows(properties, since, last)
        reader = ApiRows(self._context, properties.columns)
        try:
            for found, answer in follow_pages(self._http, first, listing):
                rows, rejects = reader.split(self._payloads(list(found), properties))
                yield rows, rejects, self._calls.position(answer, found, by_id=not is_archived and since is not None)
        except RefusedError as error:
            if not (is_archived and error.status == 400):  # some objects keep no list of archived rows
                raise

    def _payloads(self, found: list[Any], properties: Properties) -> list[Payload]:
        """Return rows as payloads, with the contact that each belongs to where the stream asks for it."""
        linked: dict[str, str] = {}
        if CONTACT in properties.beside:
            linked = self._calls.linked_contacts([str(row["id"]) for row in found])
        return [properties.payload(row, linked) for row in found]

    def _compare(self, properties: Properties, known_ids: KnownIds) -> tuple[list[Raw], list[Reject]]:
        """Return tombstones of landed ids that HubSpot lists no more and no survivor names, and rows not landed yet.

        Survivors name the ids that were merged into them.
        """
        known, seen = set(known_ids()), set[str]()
        rows, rejects = list[Raw](), list[Reject]()
        reader = ApiRows(self._context, properties.columns)
        first, listing = self._calls.list_rows(properties, None, archived=False)
        for found, _ in follow_pages(self._http, first, listing):
            for one in found:
                values = one.get("properties") or {}
                seen.update((str(one["id"]), *(i for name in MERGED for i in merged_ids(values.get(name)))))
            good, bad = reader.split(self._payloads([one for one in found if str(one["id"]) not in known], properties))
            rows += unlike_landed(good, known)
            rejects += bad
        gone = find_gone(self._context.plan, seen, lambda: known, self._context.settings.max_gone_rate)
        return rows + gone, rejects
