"""Bodies of answers: received within a time that dripping does not stretch, and JSON of which no value changes."""

import json
import re
from collections.abc import Callable
from typing import Any

import orjson
import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

_CHUNK = 1 << 16
_BOM = b"\xef\xbb\xbf"
_LONG_NUMBER = re.compile(rb"\d{19}")  # the first that may be beyond 64 bits, where orjson makes a float of it
_SURROGATE = re.compile("[\ud800-\udfff]")


def receive(got: requests.Response, seconds: float, monotonic: Callable[[], float]) -> bytes:
    """Return the body of a response whose headers have come. Raises requests.ReadTimeout when it takes longer.

    The time limit of a socket is one of silence: a server that sends a byte now and then never meets it.
    """
    until = monotonic() + seconds
    chunks: list[bytes] = []
    try:
        while chunk := got.raw.read1(_CHUNK, decode_content=True):
            chunks.append(chunk)
            if monotonic() > until:
                raise requests.ReadTimeout
    except ReadTimeoutError:
        raise requests.ReadTimeout from None
    except HTTPError as error:
        raise requests.ConnectionError(type(error).__name__) from None
    return b"".join(chunks)


def parse_json(body: bytes) -> Any:
    """Return a body that is a JSON object or list as what it says; None for any other, and for one that is cut off.

    Whole numbers beyond 64 bits stay exact, as text. Half a surrogate pair, which vendors send where they cut a text
    in the middle of an emoji, becomes U+FFFD.
    """
    body = body.removeprefix(_BOM).lstrip(b" \t\r\n")
    if body[:1] not in (b"{", b"["):
        return None
    try:
        if not _LONG_NUMBER.search(body):
            return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        text = body.decode("utf-8", "surrogatepass")
        return _mended(json.loads(text, parse_int=_whole_number, parse_constant=_refuse))
    except (ValueError, RecursionError):
        return None


def _whole_number(text: str) -> int | str:
    """Return a whole number, as text where 64 bits do not hold it: nothing that writes JSON here takes a longer one."""
    if len(text) > 20:
        return text
    number = int(text)
    return number if -(2**63) <= number < 2**64 else text


def _refuse(word: str) -> None:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(word)


def _mended(value: Any) -> Any:
    """Return JSON data without halves of surrogate pairs."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(one) for name, one in value.items()}
    return value
