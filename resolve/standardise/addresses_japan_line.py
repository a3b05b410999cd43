"""The columns of a Japanese address as one text from the prefecture on."""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.addresses_forms import AddressParts
from resolve.standardise.addresses_japan_text import fold_place, place_key, write_numbers, write_numbers_of
from resolve.standardise.gazetteer.places import find_cities, load_prefectures
from resolve.standardise.gazetteer.readings import city_by_reading
from resolve.standardise.postal import postal_key
from resolve.standardise.regions import region_code

_POSTAL = re.compile(r"^\s*(?:〒\s*)?(\d{3}-?\d{4})(?![\d-])[\s,、]*|〒\s*(\d{3}-?\d{4})(?!\d)[\s,、]*")
# 日本橋 and 日本堤 are towns: 日本 is the country where something sets it apart, or a prefecture follows
_COUNTRY = re.compile(r"^(?:日本国|JAPAN|日本(?=[\s,、〒]|..[都道府県]|...県))[\s,、]*(?=[^\s\d])", re.IGNORECASE)
_REMARKS = re.compile(r"\((?:番地|住所)?(?:不明|未定|旧[^)]*|自宅|会社|勤務先|実家|本社|支店)\)")


_ENDINGS = frozenset("都道府県縣")


class JapaneseLine(NamedTuple):
    """One text from the prefecture on, the building column apart, and the postal code of column or text."""

    text: str
    building: str
    postal: str | None


def compose_line(parts: AddressParts) -> JapaneseLine:
    """Return the parts as one text; what a street repeats of prefecture or city is not written twice."""
    street = " ".join(filter(None, dict.fromkeys((parts.address, parts.street))))
    body = write_numbers(street) if "\n" in street else write_numbers_of(street)
    body = _drop_country(drop_remarks(body))
    postal = postal_key(parts.postal_code, "JP")
    match = _POSTAL.search(body) if "〒" in body or body[:1].isdigit() else None
    if match:
        postal = postal or (match[1] or match[2]).replace("-", "")
        body = _drop_country((body[: match.start()] + " " + body[match.end() :]).strip())
    region, city = write_head(parts.region, parts.city)
    for head in (city, region):
        if head and not body.startswith(head) and not _starts_with_prefecture(body):
            body = f"{head} {body}" if body else head
    return JapaneseLine(body.strip(), write_numbers(parts.building) if parts.building else "", postal)


def drop_remarks(text: str) -> str:
    """Return a text without remarks in brackets that are no part of an address: (自宅), (旧○○町)."""
    return _REMARKS.sub("", text) if "(" in text else text


def _drop_country(text: str) -> str:
    """Return a text without 日本 or Japan at its start."""
    return _COUNTRY.sub("", text) if text[:1] in ("日", "J", "j") else text


@lru_cache(maxsize=1 << 14)
def write_head(region: str | None, city: str | None) -> tuple[str, str]:
    """Return prefecture and municipality columns in full Japanese names: 東京, Tokyo -> 東京都; 新宿 -> 新宿区."""
    prefecture = _COUNTRY.sub("", write_numbers(region))
    prefecture = region_code(prefecture, "JP") or prefecture
    name = _COUNTRY.sub("", write_numbers(city))
    within = prefecture if prefecture in load_prefectures().values() else None
    if not name or _starts_with_prefecture(name) or find_cities(place_key(name), within) is not None:
        return prefecture, name
    if name.isascii():
        found = city_by_reading(name, "", within)
        return prefecture, found.name if found else name
    for ending in "市区町村":
        match = find_cities(place_key(name) + ending, within)
        if match is not None and match.length == len(place_key(name)) + 1:
            return prefecture, name + ending
    return prefecture, name


def _starts_with_prefecture(text: str) -> bool:
    """Say whether a text begins with the full name of a prefecture."""
    return _is_prefecture(text[:4]) if not _ENDINGS.isdisjoint(text[2:4]) else False


@lru_cache(maxsize=1 << 12)
def _is_prefecture(start: str) -> bool:
    """Say whether three or four characters begin with the full name of a prefecture."""
    key = fold_place(start)
    return key[:3] in load_prefectures() or key in load_prefectures()
