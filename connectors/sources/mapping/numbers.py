"""Numbers and lengths as people and systems write them: signs of accounts, decimal commas, 万, units, h:mm:ss."""

import math
import re
import unicodedata

_LONGEST = 100  # characters of a cell that are read: looking through a long text for a number takes the square of it
_MINUS = str.maketrans(dict.fromkeys("−–▲△", "-"))  # ▲ and △ are the minus of Japanese accounts
_DIGITS = (
    r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"  # 1,234.5
    r"|[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?"  # 1,00,000
    r"|[1-9]\d{0,2}(?:\.\d{3})+,\d{1,2}|0,\d+|\d+,\d{1,2}"  # 1.234,5
    r"|\d+(?:\.\d+)?|\.\d+"
)
_LETTERS = r"([kKmMB]|bn|mn|mio|thousand|million|billion)(?![^\W\d_])"
_NUMBER = re.compile(
    rf"(?:[^\d.\-]|(?<=[^\W\d_])\.)*(-?)[^\W\d]*[\s$¥€£]*({_DIGITS})(?!,?\d)\s*(?:(百万|千万|千|万|億|兆)|{_LETTERS})?\D*"
)
_COMMA_IS_POINT = re.compile(r"[\d.]+,\d{1,2}|0,\d+")
_TIMES = {
    "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "億": 1e8, "兆": 1e12, "k": 1e3, "K": 1e3, "thousand": 1e3,
    "M": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "B": 1e9, "bn": 1e9, "billion": 1e9,
}  # fmt: skip
_MONEY = re.compile(r"[$¥€£]")
_CLOCK = re.compile(r"(?:([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]+)?)")
_UNITS = {
    1e-3: "ms|msec|milliseconds?|ミリ秒",
    1.0: "s|secs?|seconds?|sek|sekunden?|秒間?",
    60.0: "m|mins?|minutes?|minuten?|分間?",
    3600.0: "h|hrs?|hours?|std|stunden?|時間",
}
_PIECE = re.compile(rf"\s*({_DIGITS})\s*(?:{'|'.join(f'({words})' for words in _UNITS.values())})(?![a-z])\.?")
_ISO_LENGTH = re.compile(r"pt(?=\d)(?:[\d.]+h)?(?:[\d.]+m)?(?:[\d.]+s)?")
_ISO_PIECE = re.compile(r"([\d.]+)([hms])")
_LETTER = re.compile(r"[^\W\d_]")


def read_number(cell: str) -> float:
    """Return the one number in a text; NaN for anything else.

    Thousands separators, a decimal comma, a currency or unit, and 千, 万, 億, k, M, bn are understood; ▲, △ and
    brackets around all of it are a minus.
    """
    text = unicodedata.normalize("NFKC", cell).strip().translate(_MINUS)
    is_minus = text.startswith("(") and text.endswith(")")
    match = _NUMBER.fullmatch(text[1:-1] if is_minus else text) if len(text) <= _LONGEST else None
    if match is None:
        return math.nan
    times = match[3] or ("M" if match[4] == "m" and _MONEY.search(text) else match[4])  # m alone may be a metre
    number = _plain(match[2]) * _TIMES.get(times, 1.0)
    if not math.isfinite(number):
        return math.nan
    return -number if is_minus or match[1] else number


def read_seconds(cell: str, unit: float) -> float:
    """Return a length in seconds; NaN for anything else, and for what is below zero.

    A length is h:mm:ss or m:ss, numbers with units of their own (5 min, 1時間30分, PT5M), or a bare number of `unit`
    seconds.
    """
    text = unicodedata.normalize("NFKC", cell).strip().lower().removeprefix("約")
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups(default="0")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    number = _worded(text)
    if math.isnan(number) and not _LETTER.search(text):
        number = read_number(text) * unit
    return number if number >= 0 else math.nan


def _worded(text: str) -> float:
    """Return the seconds of numbers with units of their own, NaN where something else stands between them."""
    if len(text) > _LONGEST:
        return math.nan
    if _ISO_LENGTH.fullmatch(text):
        found = _ISO_PIECE.findall(text)
        return math.fsum(_plain(number) * {"h": 3600.0, "m": 60.0, "s": 1.0}[unit] for number, unit in found)
    total, at = 0.0, 0
    while match := _PIECE.match(text, at):
        total += _plain(match[1]) * next(size for size, word in zip(_UNITS, match.groups()[1:], strict=True) if word)
        at = match.end()
    return total if at and at == len(text) else math.nan


def _plain(digits: str) -> float:
    """Return a number written with separators; NaN where it is none."""
    if _COMMA_IS_POINT.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    try:
        return float(digits.replace(",", ""))
    except ValueError:
        return math.nan
