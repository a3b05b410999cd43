"""Postal codes by country: the key without separators, and the form that is shown."""

import re
from functools import lru_cache

from resolve.standardise.text import clean

_ALNUM = re.compile(r"[^0-9A-Z]+")
_NO_DIGIT = re.compile(r"\D")
_UK = re.compile(r"(GIR0AA|[A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")
_CANADA = re.compile(r"[A-Z]\d[A-Z]\d[A-Z]\d")
_DIGITS = "JP7 US5 DE5 FR5 IT5 ES5 MX5 FI5 KR5 SE5 AU4 AT4 CH4 BE4 DK4 NO4 NZ4 LU4 HU4 CN6 IN6 SG6"
_LENGTHS = {entry[:2]: int(entry[2]) for entry in _DIGITS.split()}


@lru_cache(1 << 16)
def postal_key(cell: str | None, country: str | None) -> str | None:
    """Return the key of a postal code, None where it is none of that country.

    One leading zero that a spreadsheet dropped comes back where the length proves it; US codes are cut to five digits.
    """
    if not cell:
        return None
    code = _ALNUM.sub("", clean(cell).upper())
    if not code or len(set(code)) == 1:
        return None
    if country == "GB":
        return code if _UK.fullmatch(code) else None
    if country == "CA":
        return code if _CANADA.fullmatch(code) else None
    length = _LENGTHS.get(country or "")
    if length is None:
        return code if len(code) <= 10 and any(c.isdigit() for c in code) else None
    return _fixed_length(_NO_DIGIT.sub("", code), length, country)


def _fixed_length(digits: str, length: int, country: str | None) -> str | None:
    """Return a code of digits in its full length."""
    if country == "US" and len(digits) in (8, 9):
        digits = digits.zfill(9)[:5]
    if len(digits) == length - 1:
        digits = "0" + digits
    return digits if len(digits) == length and len(set(digits)) > 1 else None


def show_postal_code(key: str | None, country: str | None) -> str | None:
    """Return a postal key as its country writes it: 160-0023, SW1A 2AA, K1A 0B1."""
    if key is None:
        return None
    if country == "JP":
        return f"{key[:3]}-{key[3:]}"
    return f"{key[:-3]} {key[-3:]}" if country in ("GB", "CA") else key
