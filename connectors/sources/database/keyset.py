"""Values that a table walk is ordered by: kept in a JSON cursor, and moved back by the overlap."""

import datetime as dt
import decimal
import re
import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

_ISO_TEXT = re.compile(
    r"(\d{4})([-/])(\d{2})\2(\d{2})(?:([ T])(\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?"
)

_EPOCH_TEXT = re.compile(r"\d{10}(?:\.\d+)?")  # seconds as text, which sort by time until the year 2286

_KINDS: dict[str, tuple[type, Callable[[str], Any]]] = {  # what JSON does not know; datetime goes before its base date
    "datetime": (dt.datetime, dt.datetime.fromisoformat),
    "date": (dt.date, dt.date.fromisoformat),
    "decimal": (decimal.Decimal, decimal.Decimal),
    "uuid": (uuid.UUID, uuid.UUID),
}


def to_cursor(value: Any) -> Any:
    """Return a key value as JSON that `from_cursor` turns back into the same type."""
    for kind, (type_, _) in _KINDS.items():
        if isinstance(value, type_):
            return {kind: value.isoformat() if isinstance(value, dt.date) else str(value)}
    return value if isinstance(value, (int, float, str)) or value is None else str(value)


def from_cursor(value: Any) -> Any:
    """Return the key value that `to_cursor` stored."""
    if not isinstance(value, dict):
        return value
    kind, text = next(iter(value.items()))
    return _KINDS[kind][1](text)


def sorts_by_time(value: Any) -> bool:
    """Return whether values like this one sort by time: times, numbers, ISO text, and epoch seconds as text."""
    is_text = isinstance(value, str)
    return not is_text or bool(_ISO_TEXT.fullmatch(value.strip()) or _EPOCH_TEXT.fullmatch(value))


def like_notation(value: str) -> tuple[list[str], list[str]]:
    """Return LIKE patterns of the texts that sort by time beside a text that `sorts_by_time`, and of exceptions.

    Minutes, seconds and fractions may be mixed, as that moves a time by less than the usual overlap; but not blank and
    T, days and times of day, or Z and an offset. Two offsets look alike.
    """
    match = _ISO_TEXT.fullmatch(value.strip())
    if match is None:
        return ["_" * 10, "_" * 10 + ".%"], []
    dash, between, zone = match.group(2), match.group(5), match.group(10) or ""
    ends = [sign + re.sub(r"\d", "_", zone[1:]) for sign in "+-"] if zone[1:] else [zone]
    day = f"____{dash}__{dash}__"
    if not between:
        return [day + end for end in ends], []
    clock = f"{day}{between}__:__"
    exceptions = [] if zone else [f"{clock}%{mark}%" for mark in "Z+-"]
    return [f"{clock}{finer}{end}" for finer in ("", ":__", ":__.%") for end in ends], exceptions


def edge_like(value: Any, moment: dt.datetime | None, zone: str, *, is_upper: bool = False) -> Any:
    """Return a moment in the notation of `value`, to compare with; None for no moment.

    Where the notation is coarser, dates and ISO text, the edge lies up to two days outside. Numbers count as epoch
    seconds, or ms when huge; a time without a zone is local to `zone`.
    """
    if moment is None or value is None:
        return None
    if isinstance(value, dt.datetime):
        return moment if value.tzinfo else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if isinstance(value, (int, float, decimal.Decimal)):
        return int(moment.timestamp() * (1000 if abs(float(value)) > 1e11 else 1)) + is_upper
    if isinstance(value, str) and _EPOCH_TEXT.fullmatch(value):
        return str(int(moment.timestamp()) + is_upper)
    day = (moment + dt.timedelta(days=2 if is_upper else -1)).date()
    return day if isinstance(value, dt.date) else day.isoformat().replace("-", str(value).strip()[4])


def move_back(value: Any, seconds: float) -> Any:
    """Return the value `seconds` earlier, in its own notation; numbers count as epoch seconds, or ms when huge.

    ISO text comes back cut to its seconds (without fraction and zone), which still sorts before any equal time.
    """
    if isinstance(value, dt.datetime):
        return value - dt.timedelta(seconds=seconds)
    if isinstance(value, dt.date):
        return value - dt.timedelta(days=-(-seconds // 86_400))
    if isinstance(value, (int, float, decimal.Decimal)):
        return value - int(seconds * (1000 if abs(float(value)) > 1e11 else 1))
    if _EPOCH_TEXT.fullmatch(str(value)):
        return str(decimal.Decimal(value) - decimal.Decimal(str(seconds)))
    match = _ISO_TEXT.fullmatch(str(value).strip())
    if match is None:
        return value
    year, dash, month, day, between, hour, minute, second = match.groups()[:8]
    clock = dt.time(int(hour or 0), int(minute or 0), int(second or 0))
    time = dt.datetime.combine(dt.date(int(year), int(month), int(day)), clock)
    earlier = time - dt.timedelta(seconds=seconds)
    layout = f"%Y{dash}%m{dash}%d" + (f"{between}%H:%M" if between else "") + (":%S" if second else "")
    return earlier.strftime(layout)
