"""Dates of any notation to ISO: national orders, Japanese eras, kanji numerals, partial dates, sentinels."""

import re
from datetime import date
from typing import NamedTuple

from resolve.standardise.cells import clean_cell
from resolve.standardise.words import word_list


class PartialDate(NamedTuple):
    """A date as far as it is known.

    `iso`: YYYY-MM-DD, or partial: YYYY-MM, YYYY, --MM-DD. `key`: the full ISO date, None where the date is partial or
    its order of day and month is not certain.
    """

    iso: str | None = None
    key: str | None = None


_NONE = PartialDate()
_SENTINELS = word_list("date_sentinels")
_MONTH_FIRST = word_list("month_first")
_YEAR_FIRST = word_list("year_first")
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA_LETTERS = dict(zip("mtshr明大昭平令", [*_ERAS, *_ERAS], strict=True))
_ERA_YEARS = {"明治": 45, "大正": 15, "昭和": 64, "平成": 31, "令和": 99}
_KANJI_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "壱": 1, "弐": 2, "参": 3, "元": 1}
_KANJI_NUMBER = re.compile(r"[〇零一二三四五六七八九十百千壱弐参]+")
_WEEKDAY = re.compile(
    r"[(\[]?(?:[日月火水木金土]曜日?|(?<=[(\[])[日月火水木金土](?=[)\]])|"
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b)[)\]]?,?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<=\d)(?:[t ]\s*\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?\s*(?:[ap]m)?\s*(?:z|utc|[+-]\d{2}:?\d{2})?)$", re.IGNORECASE
)
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[mtshr明大昭平令])\s*\.?\s*(\d{1,2}|元)\s*(?:年|[./\-, ])?\s*"
    r"(?:(\d{1,2})\s*(?:月|[./\-, ])?\s*(?:(\d{1,2})\s*日?)?)?",
    re.IGNORECASE,
)
# Behind a year in the calendar of one, the year in that of the other: 1964年（昭和39年）10月10日.
_SAID_TWICE = re.compile(r"(?<=[\d年])\((?:(?:西暦)?\d{4}|(?:明治|大正|昭和|平成|令和)\d{1,2})年?\)")
_BORN = re.compile(r"(?<=[\d日])\s*(?:生まれ|生)$")
_ERA_COMPACT = re.compile(r"([mtshr])(\d{2})(\d{2})(\d{2})", re.IGNORECASE)
_YEAR_FIRST_FORM = re.compile(r"(\d{4})\s*(?:年度?|[-/. ])\s*(?:(\d{1,2})\s*(?:月|[-/. ]?)\s*(?:(\d{1,2})\s*日?)?)?")
_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})")  # what most systems write; the other readers agree
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST_FORM = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_MONTH_DAY_KANJI = re.compile(r"(?:(\d{2})年)?(\d{1,2})月(?:(\d{1,2})日)?")
_NO_YEAR = re.compile(r"--(\d{2})-?(\d{2})")
_MONTHS = {name: month for month in range(1, 13) for name in word_list(f"month_{month}")}
_WORDS = re.compile(r"[^\W\d_]+")


def standardise_date(cell: str | None, country: str | None = None) -> PartialDate:
    """Return the date of a cell; `country` (ISO alpha-2) says whether 03/04/1999 begins with the month or the day.

    Where the country does not decide it, both orders stay possible: `iso` is then the year alone and `key` is None.
    Sentinels such as 1900-01-01 and 9999-12-31, and dates that do not exist, give None. Never raises.
    """
    iso = _ISO.fullmatch(cell) if cell else None
    if iso:
        return _make(int(iso[1]), int(iso[2]), int(iso[3]))
    text = clean_cell(cell)
    if text is None or len(text) > 60:
        return _NONE
    text = _TIME.sub("", _WEEKDAY.sub("", text).strip()).strip(" ,'")
    if not text.isascii():
        text = _KANJI_NUMBER.sub(lambda m: _kanji_number(m[0]), text)
        text = _SAID_TWICE.sub("", _BORN.sub("", text))
    for read in (_read_year_first, _read_era, _read_compact, _read_month_day):
        found = read(text)
        if found is not None:
            return found
    return _read_named_month(text) or _read_year_last(text, country) or _NONE


def _kanji_number(text: str) -> str:
    """Return a kanji numeral as digits: 三十九 -> 39, 一九六四 -> 1964."""
    if not any(c in "十百千" for c in text):
        return "".join(str(_KANJI_DIGITS[c]) for c in text)
    total, current = 0, 0
    for char in text:
        unit = {"十": 10, "百": 100, "千": 1000}.get(char)
        if unit:
            total, current = total + (current or 1) * unit, 0
        else:
            current = current * 10 + _KANJI_DIGITS[char]
    return str(total + current)


def _make(year: int | None, month: int | None, day: int | None) -> PartialDate:
    """Return the date of the parts that are known (0 = not known); nothing where they make no date."""
    month, day = month or None, day or None
    if year is None:
        return PartialDate(f"--{month:02d}-{day:02d}") if month and day and _exists(2000, month, day) else _NONE
    if year < 1850 or year > 2200 or (month is not None and month > 12):
        return _NONE
    if month is None:
        return PartialDate(f"{year:04d}")
    if day is None:
        return PartialDate(f"{year:04d}-{month:02d}")
    if not _exists(year, month, day):
        return _NONE
    iso = f"{year:04d}-{month:02d}-{day:02d}"
    return _NONE if iso in _SENTINELS else PartialDate(iso, iso)


def _exists(year: int, month: int, day: int) -> bool:
    """Say whether the calendar has this day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _int(text: str | None) -> int | None:
    """Return digits as a number, or None."""
    return int(text) if text else None


def _read_year_first(text: str) -> PartialDate | None:
    """Read 1964-10-10, 1964/10, 1964年10月10日."""
    if len(text) == 4 and text.isdecimal():
        return _make(int(text), None, None)
    match = _YEAR_FIRST_FORM.fullmatch(text)
    return _make(int(match[1]), _int(match[2]), _int(match[3])) if match else None


def _read_era(text: str) -> PartialDate | None:
    """Read 昭和39年10月10日, S39.10.10, S391010, 平成元年."""
    match = _ERA_COMPACT.fullmatch(text) or _ERA.fullmatch(text)
    if not match:
        return None
    era = _ERA_LETTERS.get(match[1].lower(), match[1])
    year = 1 if match[2] == "元" else int(match[2])
    if not 1 <= year <= _ERA_YEARS[era]:
        return _NONE
    return _make(_ERAS[era] + year, _int(match[3]), _int(match[4]))


def _read_compact(text: str) -> PartialDate | None:
    """Read 19641010."""
    match = _COMPACT.fullmatch(text)
    return _make(int(match[1]), int(match[2]), int(match[3])) if match else None


def _read_month_day(text: str) -> PartialDate | None:
    """Read dates without a year that can be trusted: --10-10, 10月10日, 64年10月10日."""
    match = _NO_YEAR.fullmatch(text)
    if match:
        return _make(None, int(match[1]), int(match[2]))
    match = _MONTH_DAY_KANJI.fullmatch(text)
    return _make(None, int(match[2]), _int(match[3])) if match else None


def _read_named_month(text: str) -> PartialDate | None:
    """Read 10 October 1964, Oct. 10, 1964, October 1964."""
    months = [(_MONTHS[w.lower()], w) for w in _WORDS.findall(text) if w.lower() in _MONTHS]
    if len(months) != 1:
        return None
    numbers = re.findall(r"\d+", text)
    years = [int(n) for n in numbers if len(n) == 4]
    days = [int(n) for n in numbers if len(n) <= 2]
    if len(numbers) > 2 or len(years) > 1:
        return None
    if len(days) == 2:  # 10-Oct-64: the century is not known
        return _make(None, months[0][0], days[0])
    return _make(years[0] if years else None, months[0][0], days[0] if days else None)


def _read_year_last(text: str, country: str | None) -> PartialDate | None:
    """Read 10/12/1964 in the order of the country; dots always put the day first; a number over 12 decides."""
    match = _YEAR_LAST_FORM.fullmatch(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[3])
    year = int(match[4]) if len(match[4]) == 4 else None
    if match[2] == "." or first > 12:
        month_first: bool | None = False
    elif second > 12 or first == second:
        month_first = True
    elif country is None or country.lower() in _YEAR_FIRST:
        month_first = None
    else:
        month_first = country.lower() in _MONTH_FIRST
    if month_first is None or (year is None and country in (None, "JP")):
        return _make(year, None, None)
    month, day = (first, second) if month_first else (second, first)
    return _make(year, month, day)
