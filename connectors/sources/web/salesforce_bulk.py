"""One query job of Salesforce's Bulk API 2.0: made, waited for, read page by page, and removed."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.sources.source import Payload
from connectors.sources.web.http_client import RefusedError
from connectors.sources.web.http_messages import Answer, Call, Query, anything
from connectors.sources.web.http_pages import Listing, follow_pages
from connectors.sources.web.http_reasons import told_code
from connectors.sources.web.http_shapes import expects
from connectors.sources.web.rest import StreamContext
from connectors.sources.web.salesforce_fields import Fields
from resolve.errors import SourceError, counted

POLL_SECONDS = (2.0, 30.0)  # the first pause, and the longest
LONGEST_SECONDS = 7_200.0  # a job that is not ready by then is waited for by the next run
_NO_LOCATOR = "null"  # the header of the last page holds this word
_job_shape = expects({"id": str})
_state_shape = expects({"state": str})
Position = dict[str, Any]


class BulkJob:
    """A job of one stream; its id and the place in its result are kept in the cursor, so that a crash costs no rows."""

    def __init__(self, context: StreamContext, path: str, fields: Fields) -> None:
        """Take the stream, the path of the jobs, and the fields that the query asks for."""
        self._context = context
        self._http = context.http
        self._path = path
        self._fields = fields
        self._parsed: tuple[bytes, list[Payload]] = (b"", [])  # a page is parsed once: when it is checked

    def pages(self, query: str, walk: Position) -> Iterator[tuple[list[Payload], Position]]:
        """Yield payloads with the position behind them; the first page is empty and holds the id of a new job.

        A job of an earlier run that Salesforce has removed since is made again, and read from its beginning.
        """
        job, locator = walk.get("job"), walk.get("locator")
        if job is not None:
            try:
                self._wait(job)
            except RefusedError as error:
                if error.status != 404:
                    raise
                job, locator = None, None
        if job is None:
            job = self._create(query)
            yield [], {"job": job, "locator": None}
            self._wait(job)
        if locator != _NO_LOCATOR:
            for rows, answer in follow_pages(self._http, self._results(job, locator), self._listing(job)):
                yield list(rows), {"job": job, "locator": answer.headers.get("Sforce-Locator", _NO_LOCATOR)}
        self._remove(job)

    def _create(self, query: str) -> str:
        """Start a job and return its id."""
        body = {
            "operation": "queryAll",
            "query": query,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        return str(self._http.send(Call("POST", self._path, json=body, accept=_job_shape)).data["id"])

    def _wait(self, job: str) -> None:
        """Wait until the job is complete. Raises SourceError when it failed or takes too long."""
        clock = self._http.clock
        begun, pause = clock.monotonic(), POLL_SECONDS[0]
        while True:
            data = self._http.send(Call("GET", f"{self._path}/{job}", accept=_state_shape)).data
            state = data["state"]
            if state == "JobComplete":
                return
            if state in ("Failed", "Aborted"):
                said = f"Bulk job {job} ended as {state}: {self._reason(data) or 'no reason given'}"
                self._remove(job)
                raise self._failed(said, "The next run makes a new job; bulk_above: null reads without jobs")
            if clock.monotonic() - begun > LONGEST_SECONDS:
                raise self._failed(f"Bulk job {job} is still {state}", "The next run goes on with the same job")
            clock.sleep(pause)
            pause = min(pause * 2, POLL_SECONDS[1])

    def _reason(self, data: Any) -> str:
        """Return what may be shown of why a job failed: `InvalidBatch : some text`."""
        message = str(data.get("errorMessage") or "")
        code, is_there, text = message.partition(" : ")
        return f"{told_code(code)} : {self._http.told(text)}" if is_there else self._http.told(message)

    def _failed(self, message: str, hint: str) -> SourceError:
        """Return an error of this stream."""
        return SourceError(self._http.source, f"stream {self._context.plan.stream}: {message}", hint)

    def _results(self, job: str, locator: str | None) -> Call:
        """Return the call for a page of the result."""
        query: Query = (("maxRecords", str(self._context.page_rows)),)
        query += (("locator", locator),) if locator else ()
        headers = {"Accept": "text/csv"}
        return Call("GET", f"{self._path}/{job}/results", query, headers=headers, accept=self._is_whole)

    def _listing(self, job: str) -> "Listing[Payload]":
        """Return how the pages of a result follow each other."""

        def next_call(answer: Answer) -> Call | None:
            locator = answer.headers.get("Sforce-Locator", _NO_LOCATOR)
            return None if locator in ("", _NO_LOCATOR) else self._results(job, locator)

        return Listing(self._rows, next_call)

    def _rows(self, answer: Answer) -> Sequence[Payload]:
        """Return the rows of a page."""
        if self._parsed[0] is not answer.body:
            self._parsed = (answer.body, list(self._fields.of_csv(answer.body.decode())))
        return self._parsed[1]

    def _is_whole(self, answer: Answer) -> str | None:
        """Return why a page cannot be used: other columns, or fewer rows than its header says."""
        said = answer.headers.get("Sforce-NumberOfRecords", "")
        try:
            count = len(self._rows(answer))
        except (ValueError, csv.Error):
            return "its body is not whole CSV of the fields that were asked for"
        if answer.body and not answer.body.endswith(b"\n"):
            return "its last line is cut off"
        if not answer.body and said != "0":
            return "has no body"
        return (
            None if not said.isdecimal() or int(said) == count else f"holds {counted(count, 'row')} instead of {said}"
        )

    def _remove(self, job: str) -> None:
        """Remove a job; Salesforce does so itself after seven days."""
        try:
            self._http.send(Call("DELETE", f"{self._path}/{job}", accept=anything))
        except RefusedError:
            return
