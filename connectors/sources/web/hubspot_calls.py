"""The questions that HubSpot is asked, by version, and its rows as payloads of one form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.sources.plan import StreamPlan, fold_header
from connectors.sources.source import Payload
from connectors.sources.web.http_client import HttpClient, RefusedError
from connectors.sources.web.http_messages import Answer, Call, Query
from connectors.sources.web.http_pages import Listing
from connectors.sources.web.http_shapes import ID, Maybe, expects
from connectors.sources.web.rest import flat_text
from resolve.errors import SourceError

MERGED = ("hs_merged_object_ids", "hs_calculated_merged_vids")
LIST_ROWS, SEARCH_ROWS = 100, 200  # rows of a page, the most that HubSpot gives
_STAMPED = re.compile(r":\d+")
_ID = "hs_object_id"  # as a property, the same as the row's id
_KIND = "engagement_type"  # a column of presets for several kinds of activity; HubSpot tells it by the object's name
_NESTED = "properties."
CONTACT = "contact_id"  # of the linked contact
_PAGING = Maybe({"next": Maybe({"after": Maybe(ID)})})
_names_shape = expects({"results": [{"name": str}]})
_rows_shape = expects({"results": [{"id": ID, "properties": Maybe(dict)}], "paging": _PAGING})
_count_shape = expects({"total": int})
_links_shape = expects({"results": [{"from": {"id": ID}, "to": Maybe([{"toObjectId": ID}]), "paging": _PAGING}]})


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties to ask for, by internal name -> column of the payload, and all that the object offers.

    `modified` holds the change time; `beside` are columns that are no properties: the linked contact, the kind.
    """

    asked: dict[str, str]
    offered: tuple[str, ...]
    modified: str
    object: str
    beside: frozenset[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that payloads have."""
        return (*self.asked.values(), "id", "archived", *sorted(self.beside))

    def payload(self, row: dict[str, Any], linked: dict[str, str]) -> Payload:
        """Return one row flat, by internal names, as exports have them; list and search give the same."""
        values = row.get("properties") or {}
        payload = {column: flat_text(values.get(name)) for name, column in self.asked.items()}
        merged = payload.get(self.asked.get(MERGED[1], ""))
        if merged:
            payload[self.asked[MERGED[1]]] = _STAMPED.sub("", merged)  # id:time;id:time
        payload |= {
            _ID: flat_text(row["id"]),
            "id": flat_text(row["id"]),
            "archived": "true" if row.get("archived") else "false",
        }
        if CONTACT in self.beside:
            payload[CONTACT] = linked.get(str(row["id"]))
        if _KIND in self.beside:
            payload[_KIND] = self.object
        return payload


def merged_ids(text: str | None) -> list[str]:
    """Return the ids of a list of merged ones: `id;id`, or `id:time;id:time`."""
    return [one for one in _STAMPED.sub("", text or "").split(";") if one]


def _column(name: str, named: set[str]) -> str:
    """Return what a property is called in payloads: its plain name, unless the plan names the nested one only."""
    nested = _NESTED + name
    return nested if name not in named and nested in named else name


class HubSpotCalls:
    """Calls for one object, by dated paths (2026-09) or the older v3."""

    def __init__(self, http: HttpClient, version: str, object_: str, page_rows: int) -> None:
        """Take the client, the version and the object's name."""
        self._http = http
        self._object = object_
        self._page_rows = page_rows
        is_old = version == "v3"
        self._rows = f"/crm/v3/objects/{object_}" if is_old else f"/crm/objects/{version}/{object_}"
        self._names = f"/crm/v3/properties/{object_}" if is_old else f"/crm/properties/{version}/{object_}"
        links = "/crm/v4/associations" if is_old else f"/crm/associations/{version}"
        self._links = f"{links}/{object_}/contacts/batch/read"

    def describe(self, plan: StreamPlan) -> tuple[Properties, Answer]:
        """Return the properties that the plan reads, of those that there are. Raises SourceError for no such object."""
        try:
            answer = self._http.send(Call("GET", self._names, accept=_names_shape))
        except RefusedError as error:
            if error.status not in (400, 404):
                raise
            what = f"stream {plan.stream}: there is no object {self._object}"
            known = "Objects are contacts, calls, emails, meetings, …; a version that HubSpot has ended looks the same"
            raise SourceError(self._http.source, what, known) from None
        offered = tuple(sorted(str(one["name"]) for one in answer.data["results"]))
        named = plan.columns
        wanted = {fold_header(column.removeprefix(_NESTED)) for column in named}
        modified = "lastmodifieddate" if self._object == "contacts" else "hs_lastmodifieddate"
        always = {_ID, modified, *(name for name in MERGED if name in offered)}
        asked = always | {name for name in offered if fold_header(name) in wanted}
        columns = {name: _column(name, named) for name in sorted(asked)}
        beside = {CONTACT} if self._object != "contacts" else set()
        beside = (beside | {_KIND}) & (named - set(columns.values()))
        return Properties(columns, offered, modified, self._object, frozenset(beside)), answer

    def list_rows(self, properties: Properties, after: str | None, *, archived: bool) -> tuple[Call, Listing[Any]]:
        """Return how all rows, or all archived ones, are listed."""

        def page(after: str | None) -> Call:
            query: Query = (("limit", str(min(LIST_ROWS, self._page_rows))), ("properties", ",".join(properties.asked)))
            query += (("archived", "true" if archived else "false"),)
            return Call("GET", self._rows, query + ((("after", after),) if after else ()), accept=_rows_shape)

        def next_call(answer: Answer) -> Call | None:
            following = _after(answer)
            return None if following is None else page(following)

        return page(after), Listing(_results, next_call)

    def search_rows(self, properties: Properties, since: str, last: str | None) -> tuple[Call, Listing[Any]]:
        """Return how rows modified since then are searched, by rising id, until a page is empty."""

        def page(last: str | None) -> Call:
            return self._search(properties, since, last, min(SEARCH_ROWS, self._page_rows))

        def next_call(answer: Answer) -> Call | None:
            found = _results(answer)
            return page(str(found[-1]["id"])) if found else None

        return page(last), Listing(_results, next_call)

    def count(self, properties: Properties, since: str | None) -> int:
        """Return how many rows were modified since then, or how many there are."""
        call = replace(self._search(properties, since, None, 1), accept=_count_shape)
        return int(self._http.send(call).data["total"])

    def position(self, answer: Answer, found: Sequence[Any], *, by_id: bool) -> str | None:
        """Return what the next page starts behind."""
        if by_id:
            return str(found[-1]["id"]) if found else None
        return _after(answer)

    def linked_contacts(self, ids: list[str]) -> dict[str, str]:
        """Return row -> contact; of several contacts the one with the smallest id, so that it is the same each time."""
        linked: dict[str, list[str]] = {}
        inputs = [{"id": one} for one in ids]
        while inputs:
            answer = self._http.send(Call("POST", self._links, json={"inputs": inputs}, accept=_links_shape))
            inputs = []
            for result in answer.data["results"]:
                row = str(result["from"]["id"])
                linked.setdefault(row, []).extend(str(to["toObjectId"]) for to in result.get("to") or ())
                following = ((result.get("paging") or {}).get("next") or {}).get("after")
                inputs += [{"id": row, "after": str(following)}] if following else []
        return {row: min(contacts, key=lambda one: (len(one), one)) for row, contacts in linked.items() if contacts}

    def _search(self, properties: Properties, since: str | None, last: str | None, limit: int) -> Call:
        """Return a search."""
        filters = [{"propertyName": properties.modified, "operator": "GTE", "value": since}] if since else []
        filters += [{"propertyName": "hs_object_id", "operator": "GT", "value": last}] if last else []
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties.asked),
            "limit": limit,
        }
        return Call("POST", f"{self._rows}/search", json=body, bucket="search", accept=_rows_shape)


def _results(answer: Answer) -> Sequence[Any]:
    """Return the rows of an answer."""
    results: Sequence[Any] = answer.data["results"]
    return results


def _after(answer: Answer) -> str | None:
    """Return what the next page of a list starts behind; the last page names none."""
    following = ((answer.data.get("paging") or {}).get("next") or {}).get("after")
    return None if following is None else str(following)
