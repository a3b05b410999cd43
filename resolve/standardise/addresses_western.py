"""Addresses of Western form: house number, street, unit, city, region, postal code."""

import re
from functools import lru_cache

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_lines import LineParts, split_line
from resolve.standardise.addresses_streets import GERMAN, split_street
from resolve.standardise.postal import postal_key, show_postal_code
from resolve.standardise.regions import region_code
from resolve.standardise.text import clean, clean_lines, fold, fold_umlauts

_CITY_WORDS = {
    "saint": "st",
    "sainte": "ste",
    "mount": "mt",
    "fort": "ft",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}
_EXONYMS = {"munich": "muenchen", "cologne": "koeln", "nuremberg": "nuernberg", "vienna": "wien", "zurich": "zuerich"}
_CITY_NOISE = re.compile(r"^(?:city|town|village) of |\s*\(.*?\)")
_HOUSE_NUMBER = re.compile(r"\d+[A-Za-z]?")
_TOKENS = re.compile(r"[^\W_]+")


def standardise_western(parts: AddressParts, country: str | None) -> Address:
    """Return an address of Western form in standard form, for any country."""
    line = _read_line(parts, country)
    region = clean(parts.region) or line.region
    city = clean(parts.city) or line.city
    building = clean(parts.building) or None
    code = region_code(region, country)
    postal = postal_key(parts.postal_code, country) or line.postal_code
    street = split_street(line.street, building, country)
    return Address(
        country, show_postal_code(postal, country), code or region or None, city, line.street, building,
        postal, code or fold(region) or None, city_key(city, country), street.street, street.number, street.unit,
    )  # fmt: skip


def _read_line(parts: AddressParts, country: str | None) -> LineParts:
    """Return what the street or the whole-address column holds; cut only where city and postal code are missing."""
    text = parts.street or parts.address
    if not text:
        return LineParts()
    if parts.city or parts.postal_code:
        return LineParts(_join_lines(text) or None)
    return split_line(text, country)


def _join_lines(text: str) -> str:
    """Return a street of several lines as one; a line that is only a number belongs to the line after it."""
    joined = ""
    for line in clean_lines(text):
        joined += (" " if _HOUSE_NUMBER.fullmatch(joined) else ", " if joined else "") + line
    return joined


@lru_cache(1 << 14)
def city_key(city: str | None, country: str | None) -> str | None:
    """Return the key of a city: folded, saint and directions short, no punctuation: "St. Louis" = "Saint Louis".

    German umlauts are spelled out, and the best known English names of German-speaking cities are their own.
    """
    if not city:
        return None
    if country in GERMAN:
        folded = fold_umlauts(city)
        folded = _EXONYMS.get(folded, folded)
    else:
        folded = fold(city)
    folded = _CITY_NOISE.sub("", folded)
    return " ".join(_CITY_WORDS.get(token, token) for token in _TOKENS.findall(folded)) or None
