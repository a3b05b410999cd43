"""Single values of raw rows: as text, as JSON, as a yes or a no."""

import datetime as dt
import decimal
import math
import unicodedata
from functools import lru_cache
from typing import Any

import orjson

_YES = frozenset(
    (
        *("true", "t", "yes", "y", "on", "x", "deleted", "removed", "archived", "gone", "✓", "✔", "○", "◯", "〇"),
        *("はい", "有", "有り", "あり", "済", "済み", "削除", "削除済", "削除済み"),
    )
)
_NO = frozenset(
    (
        *("", "false", "f", "no", "n", "off", "none", "null", "nil", "na", "n/a", "×", "✕", "✗"),
        *("いいえ", "無", "無し", "なし", "未", "未削除", "ー", "―", "‐"),
    )
)
INEXACT = "is a number that may stand for several: have it written as text"
_OF_ZEROS = "0:-/. tz+"


class InexactText(str):
    """The text of a JSON number that may stand for several: no id."""

    __slots__ = ()


def is_inexact(value: Any) -> bool:
    """Return whether a value is a float that is not surely one whole number, or was one before it became text."""
    if type(value) is float:
        return not (value.is_integer() and abs(value) < 2**53) and not math.isnan(value)
    return type(value) is InexactText


def as_text(value: Any) -> str | None:
    """Return a cell as text: None for blank, whole numbers without `.0`, true and false in lower case."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    text = str(value)
    return text if text and not text.isspace() else None


def as_json(value: Any) -> Any:
    """Return a cell of a table as the landing keeps it: text, None, or lists and objects of these."""
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return value if isinstance(value, str) else as_text(value)


def parse_json(value: Any) -> Any:
    """Return JSON text as what it says; anything else as it is."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


@lru_cache(1 << 10)
def read_flag(value: str) -> bool | None:
    """Return whether a value means yes, as a number or a date does; None for a word that is neither a yes nor a no."""
    word = unicodedata.normalize("NFKC", value).strip().lower()
    if word in _YES:
        return True
    if word in _NO or not word.strip(_OF_ZEROS):  # no time at all: 0000-00-00T00:00:00Z
        return False
    return True if any(sign.isdecimal() for sign in word) else None
