"""Times as sources write them, to UTC: ISO with or without zone, epoch numbers, Japanese, and local orders."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

CONTACT_TIMES = (
    "created_at",
    "updated_at",
    "email_consent_at",
    "phone_consent_at",
)  # fields of a contact that are times
MONTH_FIRST = frozenset(("US", "PH"))
YEAR_FIRST_ONLY = frozenset(("JP", "CN", "KR", "TW"))  # where 04/05/2026 is no usual way to write a date
_UTC = "datetime64[ns, UTC]"
_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?%s)?$"
_ZONED = (_ISO % r"(Z|[+-]\d{2}:?\d{2})").replace(")?$", ")$")
_NAIVE = _ISO % ""
_CLOCK = r"(?:[T\s]*(\d{1,2})[:時](\d{1,2})[:分]?(?:(\d{1,2})(?:[.](\d{1,9}))?秒?)?)?"
_WEEKDAY = r"(?:\s*\([^)]{1,4}\))?"
_REST = _WEEKDAY + r"\s*" + _CLOCK + r"\s*([AaPp])?[.]?[Mm]?[.]?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?" + _REST)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}),?" + _REST)
_ERA = re.compile(r"(昭和|平成|令和|[SHR](?=[\d.]))\s*[.]?\s*(\d{1,2}|元)\s*(?=[-/.年])")
_ERA_FROM = {"昭": (1925, 64), "平": (1988, 31), "令": (2018, 99), "S": (1925, 64), "H": (1988, 31), "R": (2018, 99)}
_HALF = re.compile(r"(午前|午後)\s*(?=\d)(.*)", re.DOTALL)
_FULL_HOUR = re.compile(r"時(?=\s|$)")
_FIRST, _END = pd.Timestamp("1678-01-01"), pd.Timestamp("2262-01-01")  # what nanoseconds can count
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")


def parse_times(values: "pd.Series[str]", zone: str, country: str) -> "pd.Series[pd.Timestamp]":
    """Return UTC times (datetime64[ns, UTC]); NaT for missing values and for what is no time.

    Times without a zone are local to `zone` (IANA name), however they are written; at the end of summer time the first
    of two equal hours is meant, and an hour that there is not moves to the one after it. Years are 1678 to 2261.
    `country` decides 04/05/2026: month first in the US, day first elsewhere, unreadable where the year leads.
    """
    codes, distinct = pd.factorize(values)
    if not len(distinct):
        return pd.Series(pd.NaT, index=values.index, dtype=_UTC)
    parsed = _parse_distinct(pd.Series(distinct, dtype=object).astype(str), ZoneInfo(zone), country)
    taken = parsed.to_numpy(dtype="datetime64[ns]")[np.maximum(codes, 0)]
    taken[codes < 0] = np.datetime64("NaT")
    return pd.Series(taken, index=values.index).dt.tz_localize("UTC")


def iso_texts(times: "pd.Series[pd.Timestamp]") -> list[str | None]:
    """Return UTC times as ISO text with microseconds and Z, None for NaT."""
    plain = pa.array(times.to_numpy(dtype="datetime64[us]"), pa.timestamp("us"))
    spaced = pc.binary_join_element_wise(plain.cast(pa.string()), "Z", "")
    texts: list[str | None] = pc.replace_substring(spaced, " ", "T").to_numpy(zero_copy_only=False).tolist()
    return texts


def _parse_distinct(values: "pd.Series[str]", zone: ZoneInfo, country: str) -> "pd.Series[pd.Timestamp]":
    """Return distinct values as naive UTC times: usual ISO forms at once, the rest one by one."""
    array = pa.array(values, type=pa.string())
    zoned = pc.match_substring_regex(array, _ZONED).to_numpy(zero_copy_only=False)
    naive = pc.match_substring_regex(array, _NAIVE).to_numpy(zero_copy_only=False)
    parsed = pd.Series(np.full(len(values), np.datetime64("NaT"), dtype="datetime64[ns]"))
    if zoned.any():
        utc = _read_iso(array.filter(pa.array(zoned)), "UTC").dt.tz_localize(None)
        parsed[zoned] = utc.where((utc >= _FIRST) & (utc < _END)).to_numpy()
    if naive.any():
        parsed[naive] = _to_utc(_read_iso(array.filter(pa.array(naive)), None), zone)
    rest = np.flatnonzero(~(zoned | naive))
    if len(rest):
        times = [_parse_one(value, zone, country) for value in values.iloc[rest]]
        local = np.array([time is not None and time.tzinfo is zone for time in times], dtype=bool)
        parsed[rest] = [_as_datetime64(time) for time in times]
        parsed[rest[local]] = _to_utc(parsed[rest[local]], zone)
    return parsed


def _to_utc(local: "pd.Series[pd.Timestamp]", zone: ZoneInfo) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Return times of a zone as naive UTC times."""
    local = local.where((local >= _FIRST) & (local < _END))
    first = np.ones(len(local), dtype=bool)
    utc = local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
    return utc.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")


def _read_iso(texts: "pa.StringArray", zone: str | None) -> "pd.Series[pd.Timestamp]":
    """Return ISO texts as times, in UTC where they have a zone; NaT for days that there are not."""
    times: pd.Series[pd.Timestamp]
    try:  # several times as fast as pandas, which is needed where one of them is no time or has nanoseconds
        times = texts.cast(pa.timestamp("us", zone)).cast(pa.timestamp("ns", zone)).to_pandas()
    except pa.ArrowInvalid:
        times = pd.to_datetime(texts.to_pandas(), format="ISO8601", utc=zone is not None, errors="coerce")
    return times


def _as_datetime64(time: dt.datetime | None) -> np.datetime64:
    """Return a time as naive UTC where it has an offset, else as it is; NaT outside the years that can be counted."""
    if time is None or not _FIRST.year <= time.year < _END.year:
        return np.datetime64("NaT", "ns")
    plain = time if isinstance(time.tzinfo, ZoneInfo) else time.astimezone(dt.UTC)
    return np.datetime64(plain.replace(tzinfo=None), "ns")


def _parse_one(value: str, zone: ZoneInfo, country: str) -> dt.datetime | None:
    """Return the time in one text, or None; one without an offset has the zone itself."""
    text = unicodedata.normalize("NFKC", value).strip()
    try:
        return _parse_number(text, zone) or _parse_words(_as_western(text), zone, country) or _parse_mail(text, zone)
    except (ValueError, OverflowError, TypeError):
        return None


def _parse_mail(text: str, zone: ZoneInfo) -> dt.datetime:
    """Return the time of a mail's header, in the zone where it names none; raises ValueError for anything else."""
    time = parsedate_to_datetime(text)
    if time.tzinfo is None:  # -0000 is UTC of a sender who does not tell his own zone
        time = time.replace(tzinfo=dt.UTC if text.endswith("-0000") else zone)
    return time


def _as_western(text: str) -> str:
    """Return a text with the year of an era as one of our own, and 午前, 午後 and full hours as clocks tell them."""
    if era := _ERA.match(text):
        start, years = _ERA_FROM[era[1][0]]
        year = 1 if era[2] == "元" else int(era[2])
        text = f"{start + year}{text[era.end() :]}" if 1 <= year <= years else text
    text = _FULL_HOUR.sub("時0分", text)
    return _HALF.sub(lambda half: f"{half[2]} {'AM' if half[1] == '午前' else 'PM'}", text)


def _parse_number(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """Return the time in digits: YYYYMMDD[HHMM[SS]], or epoch seconds, milliseconds or microseconds."""
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and (not fraction or fraction.isdigit())):
        return None
    if len(whole) in (8, 12, 14) and not fraction and (match := _DIGITS.fullmatch(whole)):
        year, month, day, hour, minute, second = (int(part) for part in match.groups(default="0"))
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=zone)
    unit = {9: 1, 10: 1, 13: 1_000, 16: 1_000_000}.get(len(whole))
    return None if unit is None else dt.datetime.fromtimestamp(float(text) / unit, dt.UTC)


def _parse_words(text: str, zone: ZoneInfo, country: str) -> dt.datetime | None:
    """Return the time in a text that names year, month and day in some order."""
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        return _build(match.group(1), match.group(2), match.group(3), match.groups()[3:], zone)
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, separator, second, year = match.groups()[:4]
    if int(first) <= 12 and int(second) <= 12 and first != second and country in YEAR_FIRST_ONLY:
        return None  # either order may be meant
    month_first = int(second) > 12 or (int(first) <= 12 and separator != "." and country in MONTH_FIRST)
    month, day = (first, second) if month_first else (second, first)
    return _build(year, month, day, match.groups()[4:], zone)


def _build(year: str, month: str, day: str, clock: Iterable[str | None], zone: ZoneInfo) -> dt.datetime:
    """Return an aware time from its parts; raises ValueError when there is no such time."""
    hour, minute, second, fraction, half, offset = clock
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    seconds = int(second or 0)
    time = dt.datetime(int(year), int(month), int(day), hours, int(minute or 0), seconds, micro, tzinfo=zone)
    if offset is None:
        return time
    if offset in ("Z", "UTC", "GMT"):
        return time.replace(tzinfo=dt.UTC)
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    return time.replace(tzinfo=dt.timezone(sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))))
