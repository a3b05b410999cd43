"""Rows that Salesforce has purged: from its delete log, or by comparing all ids where the log does not reach back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from connectors.sources.source import KnownIds, Payload, Raw, Reject
from connectors.sources.tombstones import find_gone, unlike_landed
from connectors.sources.web.http_client import RefusedError
from connectors.sources.web.http_messages import Answer, Call
from connectors.sources.web.http_pages import follow_pages
from connectors.sources.web.http_shapes import Maybe, expects
from connectors.sources.web.rest import ApiRows, StreamContext, Tombstones, read_utc, utc_text
from connectors.sources.web.salesforce_fields import QUERY_PAGES, Fields, is_query_page

LOG_DAYS = timedelta(days=15)
_LEAST_WINDOW = timedelta(minutes=2)  # the log refuses windows of less than a minute
_OVERLAP = timedelta(minutes=10)
_UNTOLD = ("INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT")  # how a window is refused, as too old or too full
_IDS_PER_QUERY = 200
_TIMES = ("earliestDateAvailable", "latestDateCovered")
_log_shape = expects({"deletedRecords": [{"id": str}]} | dict.fromkeys(_TIMES, Maybe(str)))


class DeleteLog:
    """The delete log of one object."""

    def __init__(self, context: StreamContext, data: str, fields: Fields) -> None:
        """Take the stream, the path of the API's version, and what is known of the object."""
        self._context = context
        self._http = context.http
        self._data = data
        self._fields = fields

    def read(self, since: str | None, until: str) -> tuple[list[str], str] | None:
        """Return ids purged since then and the time up to which that is all of them; None where the log cannot tell.

        `since` None: the log was never read.
        """
        if since == until or not self._fields.lists_deleted:
            return [], until
        if since is None:
            return None
        end = read_utc(until)
        start = min(read_utc(since) - _OVERLAP, end - _LEAST_WINDOW)
        return None if end - start > LOG_DAYS else self._ask(utc_text(start), until)

    def gone(self, ids: Iterable[str], known_ids: KnownIds) -> list[Raw]:
        """Return tombstones of those of the log's ids that are landed, and not restored since."""
        listed = Tombstones(known_ids).of(ids)
        asked = _parts([row.source_id for row in listed])
        back = set[str]().union(*(self._living(f" WHERE Id IN ({part})") for part in asked))
        return [row for row in listed if row.source_id not in back]

    def compare(self, known_ids: KnownIds) -> tuple[list[Raw], list[Reject]]:
        """Return tombstones of landed rows that are not among all ids of the object any more, and rows not landed yet.

        Raises SourceError when so many rows are gone that a lost permission is more likely (`max_gone_rate`).
        """
        known, living = set(known_ids()), self._living()
        gone = find_gone(self._context.plan, living, lambda: known, self._context.settings.max_gone_rate)
        good, bad = ApiRows(self._context, self._fields.asked).split(self._rows(sorted(living - known)))
        return unlike_landed(good, known) + gone, bad

    def _rows(self, ids: list[str]) -> Iterator[Payload]:
        """Yield rows by their ids."""
        for asked in _parts(ids):
            first = self._query(f"SELECT {self._fields.selected} FROM {self._context.object} WHERE Id IN ({asked})")
            for records, _ in follow_pages(self._http, first, QUERY_PAGES):
                yield from (self._fields.of_record(record) for record in records)

    def _living(self, where: str = "") -> set[str]:
        """Return the ids of the object's rows that are not deleted; `where`: a condition."""
        seen: set[str] = set()
        first = self._query(f"SELECT Id FROM {self._context.object}{where}")
        for records, _ in follow_pages(self._http, first, QUERY_PAGES):
            seen.update(str(record["Id"]) for record in records)
        return seen

    def _query(self, query: str) -> Call:
        """Return the first call of a query of rows that are not deleted."""
        return Call("GET", f"{self._data}/query", (("q", query),), accept=is_query_page)

    def _ask(self, start: str, end: str) -> tuple[list[str], str] | None:
        """Return ids deleted in a window and the time up to which the log is complete; None when it starts later."""
        window = (("start", start.replace("Z", "+00:00")), ("end", end.replace("Z", "+00:00")))
        path = f"{self._data}/sobjects/{self._context.object}/deleted/"
        try:
            answer = self._http.send(Call("GET", path, window, accept=_is_log))
        except RefusedError as error:
            if error.code in _UNTOLD:
                return None
            raise
        earliest = answer.data.get("earliestDateAvailable")
        if earliest and read_utc(_iso(earliest)) > read_utc(start):
            return None
        ids = sorted({str(row["id"]) for row in answer.data["deletedRecords"]})
        latest = answer.data.get("latestDateCovered")
        return ids, min(end, utc_text(read_utc(_iso(latest)))) if latest else end


def _parts(ids: Sequence[str]) -> Iterator[str]:
    """Yield ids as lists that a query takes."""
    for start in range(0, len(ids), _IDS_PER_QUERY):
        yield ", ".join(f"'{one}'" for one in ids[start : start + _IDS_PER_QUERY])


def _is_log(answer: Answer) -> str | None:
    """Return why an answer is no part of the delete log."""
    unfit = _log_shape(answer)
    for name in () if unfit else _TIMES:
        try:
            aware = answer.data.get(name) is None or read_utc(_iso(answer.data[name])).tzinfo is not None
        except ValueError:
            aware = False
        unfit = unfit or (None if aware else f"holds no time at {name}")
    return unfit


def _iso(text: str) -> str:
    """Return a time of Salesforce with an offset that Python reads."""
    return text.replace("+0000", "+00:00").replace("Z", "+00:00")
