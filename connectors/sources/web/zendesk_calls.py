"""The questions that Zendesk is asked, and the shape that each answer has to have."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from connectors.sources.web.http_client import HttpClient, RefusedError
from connectors.sources.web.http_messages import Answer, Call, Query
from connectors.sources.web.http_pages import Listing, follow_pages
from connectors.sources.web.http_shapes import ID, Maybe, expects

EXPORT_ROWS = 1_000  # rows of a page, the most that Zendesk gives
_NAMES_PER_CALL = 100
_UNKNOWN = (400, 404, 410, 422)  # how a cursor is refused that is not known any more
_count_shape = expects({"count": {"value": int}})
_names_shape = expects({"organizations": [{"id": ID}]})
_deleted_shape = expects({"deleted_users": [{"id": ID}], "meta": {"has_more": bool, "after_cursor": Maybe(ID)}})


class ZendeskCalls:
    """Calls for one object, users or tickets."""

    def __init__(self, http: HttpClient, object_: str, page_rows: int) -> None:
        """Take the client, the object's name, and how many rows a page may have."""
        self._http = http
        self._object = object_
        self._page_rows = page_rows
        rows = {object_: [dict], "metric_sets": Maybe([dict])}
        self._export_shape = expects(rows | {"end_of_stream": bool, "after_cursor": Maybe(str)})

    def export(self, after: str | None, *, since: datetime | None = None, limit: int = EXPORT_ROWS) -> Call:
        """Return the call for a page of the export: from a cursor, or from a time, or from the beginning."""
        time = str(max(int(since.timestamp()), 0)) if since else "0"
        start: Query = (("cursor", after),) if after else (("start_time", time),)
        query = (*start, ("per_page", str(min(limit, self._page_rows))))
        query += (("include", "metric_sets"),) if self._object == "tickets" else ()
        path = f"/api/v2/incremental/{self._object}/cursor"
        return Call("GET", path, query, bucket=self._object, accept=self._is_page)

    def listing(self) -> Listing[Any]:
        """Return how the pages of the export follow each other."""

        def next_call(answer: Answer) -> Call | None:
            return None if answer.data["end_of_stream"] else self.export(answer.data["after_cursor"])

        return Listing(self.rows, next_call)

    def rows(self, answer: Answer) -> Sequence[Any]:
        """Return the rows of a page."""
        rows: Sequence[Any] = answer.data[self._object]
        return rows

    def count(self) -> int:
        """Return how many rows there are, as Zendesk last counted them."""
        answer = self._http.send(Call("GET", f"/api/v2/{self._object}/count", accept=_count_shape))
        return int(answer.data["count"]["value"])

    def organisations(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Return id -> name; None for one that Zendesk does not know."""
        names: dict[str, str | None] = dict.fromkeys(ids)
        for start in range(0, len(ids), _NAMES_PER_CALL):
            query = (("ids", ",".join(ids[start : start + _NAMES_PER_CALL])),)
            answer = self._http.send(Call("GET", "/api/v2/organizations/show_many", query, accept=_names_shape))
            names |= {str(one["id"]): one.get("name") for one in answer.data["organizations"]}
        return names

    def purged(self) -> Iterable[str]:
        """Yield the ids of all users who are deleted for good."""

        def page(after: str | None) -> Call:
            query: Query = (("page[size]", "100"),) + ((("page[after]", after),) if after else ())
            return Call("GET", "/api/v2/deleted_users", query, accept=_is_deleted)

        def next_call(answer: Answer) -> Call | None:
            meta = answer.data["meta"]
            return page(str(meta["after_cursor"])) if meta["has_more"] else None

        listing: Listing[Any] = Listing(lambda answer: answer.data["deleted_users"], next_call)
        for rows, _ in follow_pages(self._http, page(None), listing):
            yield from (str(row["id"]) for row in rows)

    def _is_page(self, answer: Answer) -> str | None:
        """Return why a page of the export cannot be used."""
        unfit = self._export_shape(answer)
        if unfit is None and not answer.data["end_of_stream"] and not answer.data.get("after_cursor"):
            return "is not the last page, and names no cursor of the next one"
        return unfit


def is_unknown_cursor(error: RefusedError) -> bool:
    """Return whether a call may have been refused for its cursor."""
    return error.status in _UNKNOWN


def _is_deleted(answer: Answer) -> str | None:
    """Return why a page of deleted users cannot be used."""
    unfit = _deleted_shape(answer)
    if unfit is None and answer.data["meta"]["has_more"] and not answer.data["meta"].get("after_cursor"):
        return "is not the last page, and names no cursor of the next one"
    return unfit
