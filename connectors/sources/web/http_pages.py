"""Pages of one list, followed to its end; a list that has no end is noticed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from connectors.sources.web.http_client import HttpClient
from connectors.sources.web.http_messages import Answer, Call
from resolve.errors import SourceError

MOST_EQUAL_PAGES = 3  # in a row, with the same rows: served twice is harmless, served for ever is not
MOST_EMPTY_PAGES = 100  # in a row, each naming a next one

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """How to read one kind of list: the rows of an answer, and the call for the next page, None at the end."""

    rows: Callable[[Answer], Sequence[Row]]
    next_call: Callable[[Answer], Call | None]


def follow_pages(http: HttpClient, first: Call, listing: Listing[Row]) -> Iterator[tuple[Sequence[Row], Answer]]:
    """Yield the rows of each page with its answer. Raises SourceError when next links lead in a circle or nowhere."""
    call: Call | None = first
    asked: set[bytes] = set()
    last, equal, empty = b"", 0, 0
    while call is not None:
        key = _digest(call.key)
        if key in asked:
            raise _endless(http, call, "names a next page that was read before")
        asked.add(key)
        answer = http.send(call)
        rows = listing.rows(answer)
        content = _digest(rows)
        equal = equal + 1 if rows and content == last else 0
        empty = 0 if rows else empty + 1
        last = content
        yield rows, answer
        following = listing.next_call(answer)
        if following is not None and equal >= MOST_EQUAL_PAGES - 1:
            raise _endless(http, call, f"gave the same rows {MOST_EQUAL_PAGES} times in a row")
        if following is not None and empty >= MOST_EMPTY_PAGES:
            raise _endless(http, call, f"gave {MOST_EMPTY_PAGES} empty pages in a row")
        call = following


def _digest(value: Any) -> bytes:
    """Return a short hash of JSON data."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _endless(http: HttpClient, call: Call, what: str) -> SourceError:
    """Return the error for a list without an end."""
    hint = "The vendor's paging does not end; nothing more is read in this run, and the cursor stays"
    return SourceError(http.source, f"{call.name} {what}", hint)
