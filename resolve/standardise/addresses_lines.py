"""A Western address in one line, cut into street, city, region and postal code."""

import re
from typing import NamedTuple

from resolve.standardise.country import country_code
from resolve.standardise.postal import postal_key
from resolve.standardise.regions import region_code, region_words
from resolve.standardise.text import clean_lines


class LineParts(NamedTuple):
    """What one line of address holds; None for what it does not."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None


_POSTAL = {
    "US": re.compile(r"(?:^|[\s,])(\d{5}(?:-?\d{4})?)$"),
    "GB": re.compile(r"(?:^|[\s,])([A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})$", re.IGNORECASE),
    "CA": re.compile(r"(?:^|[\s,])([A-Z]\d[A-Z][\s-]?\d[A-Z]\d)$", re.IGNORECASE),
    "AU": re.compile(r"(?:^|[\s,])(\d{4})$"),
}
_POSTAL_FIRST = re.compile(r"^(?:[A-Z]{1,3}-)?(\d{3}\s\d{2}|\d{4,6}(?:\s?[A-Z]{2}(?=\s))?)\s+(?=[^\W\d])")
_POSTAL_LAST = re.compile(r"(?:^|[\s,])(\d{4,6})$")
_PIECES = re.compile(r"\s*[,;]\s*")
_STREET_END = re.compile(
    r"^(.*\b(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|way|circle|cir|terrace|ter|"
    r"parkway|pkwy|highway|hwy|square|sq|trail|trl|close|crescent|cres)\b\.?(?:\s+[NSEW]{1,2}\b)?"
    r"(?:\s+(?:apt|unit|ste|suite|#)\.?\s*\S+)?)\s+(\D+)$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")


def split_line(text: str, country: str | None) -> LineParts:
    """Return street, city, region and postal code of an address in one line, cut from its end.

    Pieces are separated by commas or line breaks; without any, the street ends with its last street type.
    """
    pieces = [p for line in clean_lines(text) for p in _PIECES.split(line) if p]
    if len(pieces) > 1 and country_code(pieces[-1]) and country_code(pieces[-1]) == country:
        pieces.pop()
    postal, region = None, None
    if pieces:
        pieces[-1], postal = _take_postal(pieces[-1], country)
        pieces = [p for p in pieces if p]
    if pieces and country in ("US", "CA", "AU"):
        pieces[-1], region = _take_region(pieces[-1], country)
        pieces = [p for p in pieces if p]
    if postal is None and len(pieces) > 1:
        pieces, postal = _take_inner_postal(pieces, country)
    if len(pieces) == 1:
        match = _STREET_END.match(pieces[0]) if postal or region else None
        street, city = (match[1], match[2]) if match else (pieces[0], None)
        return LineParts(street, city, region, postal)
    if not pieces:
        return LineParts(None, None, region, postal)
    return LineParts(", ".join(pieces[:-1]), pieces[-1], region, postal)


def _take_postal(piece: str, country: str | None) -> tuple[str, str | None]:
    """Return the last piece without its postal code, and the code."""
    pattern = _POSTAL.get(country or "")
    match = pattern.search(piece) if pattern else _POSTAL_FIRST.match(piece) or _POSTAL_LAST.search(piece)
    if match is None:
        return piece, None
    code = postal_key(match[1], country)
    return (f"{piece[: match.start()]} {piece[match.end() :]}".strip(" ,"), code) if code else (piece, None)


def _take_inner_postal(pieces: list[str], country: str | None) -> tuple[list[str], str | None]:
    """Return the pieces without a postal code that stands in the middle, and the code."""
    for index in range(len(pieces) - 1, 0, -1):
        piece, code = _take_postal(pieces[index], country)
        if code:
            return [p for p in [*pieces[:index], piece, *pieces[index + 1 :]] if p], code
    return pieces, None


def _take_region(piece: str, country: str) -> tuple[str, str | None]:
    """Return the last piece without its state or province, and the code of that."""
    match = region_words(country).search(piece)
    if match is None or (not _LETTERS.search(piece[: match.start()]) and match.start() > 0):
        return piece, None
    return piece[: match.start()].strip(" ,"), region_code(match[1], country)
