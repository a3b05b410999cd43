"""What is asked of a web API and what it answers; neither ever prints a credential or a row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import orjson

from connectors.sources.web.http_reasons import request_id, told_code

Query = tuple[tuple[str, str], ...]
_LONGEST_WAIT = 366 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete answer; `data` is its body as JSON, None where it is none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    data: Any = field(repr=False, default=None)

    @property
    def date(self) -> datetime | None:
        """The server's own time of the answer, by its `Date` header."""
        return _read_date(self.headers.get("Date"))


Accept = Callable[[Answer], str | None]  # why an answer cannot be used although its status is good; None when it can


def needs_json(answer: Answer) -> str | None:
    """Return why an answer is no JSON object or list: cut off, or a page of a proxy."""
    return None if isinstance(answer.data, (dict, list)) else "its body is not whole JSON"


def anything(_answer: Answer) -> str | None:
    """Accept any body."""
    return None


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `path` below the API's address, or an address on the same host; `bucket` names a rate limit.

    Every call is safe to repeat: sources read only.
    """

    method: str
    path: str
    query: Query = field(repr=False, default=())
    json: Any = field(repr=False, default=None)
    form: Mapping[str, str] | None = field(repr=False, default=None)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    bucket: str = ""
    accept: Accept = field(repr=False, default=needs_json)
    shown: str = ""  # instead of a path that holds values of a row

    @property
    def name(self) -> str:
        """How messages call it: without the query, which may hold values."""
        return f"{self.method} {self.shown or self.path.partition('?')[0]}"

    @property
    def key(self) -> str:
        """Text that two calls share only when they ask the same."""
        body = orjson.dumps(self.json, option=orjson.OPT_SORT_KEYS).decode()
        return repr((self.method, self.path, self.query, body))


class Remedy(StrEnum):
    """What to do about an answer that is not the wished one."""

    RETRY = "retry"  # wait and ask again
    LOGIN = "login"  # log in again, once
    QUOTA = "quota"  # ask nothing more of this source in this run
    REFUSE = "refuse"  # the question is at fault


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer cannot be used; `wait`: seconds the server asks for; `code`: the vendor's word for it.

    `status` is 0 where there was no answer at all. `text` is what the vendor says: it may hold values of a row or a
    credential, and is shown by `HttpClient` alone.
    """

    remedy: Remedy
    reason: str
    wait: float | None = None
    code: str = field(repr=False, default="")
    status: int = 0
    text: str = field(repr=False, default="")


ReadFault = Callable[[Answer], Fault | None]


def answer_reason(answer: Answer, code: str, said: str = "") -> str:
    """Return how messages tell of an answer: what it `said`, the vendor's code, and its mark of the request."""
    mark = request_id(answer.headers, answer.data)
    parts = (said, told_code(code) or ("" if said else "an error"), f"(request {mark})" if mark else "")
    return " ".join(part for part in ("answered", *parts) if part)


def status_fault(answer: Answer, code: str = "", text: str = "") -> Fault | None:
    """Return the fault that the status alone tells; None for a good one."""
    status = answer.status
    if 200 <= status < 300:
        return None
    remedy = Remedy.REFUSE
    if status == 401:
        remedy = Remedy.LOGIN
    elif status in (408, 425, 429) or status >= 500:
        remedy = Remedy.RETRY
    return Fault(remedy, answer_reason(answer, code, str(status)), code=code, status=status, text=text)


def asked_wait(answer: Answer, now: datetime) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, given as seconds or as a date; None when it does not.

    A date is compared with the server's own `Date`, so that a clock that is wrong here does no harm. What is no time
    that anybody could mean (not a number, without an end, more than a year) is passed over.
    """
    text = answer.headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _read_date(text)
        if until is None:
            return None
        seconds = (until - (answer.date or now)).total_seconds()
    return max(seconds, 0.0) if seconds <= _LONGEST_WAIT else None  # NaN is not


def _read_date(text: str | None) -> datetime | None:
    """Return the time of an HTTP date; None for anything else."""
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else None
