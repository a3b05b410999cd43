"""Japanese addresses in Latin letters: 2-8-1 Nishi-Shinjuku, Shinjuku-ku, Tokyo 160-0023.

The postal code, or else the names of prefecture and municipality, lead back to the Japanese place, so that the keys
equal those of the same address in Japanese. What is displayed stays as it was written.
"""

import re
from typing import NamedTuple

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_japan_numbers import find_unit
from resolve.standardise.addresses_japan_text import place_key
from resolve.standardise.gazetteer import places
from resolve.standardise.gazetteer.readings import city_by_reading
from resolve.standardise.kana_romaji import romaji_key
from resolve.standardise.postal import postal_key, show_postal_code
from resolve.standardise.regions import region_code
from resolve.standardise.text import clean, clean_lines, fold, join_digits

_POSTAL = re.compile(r"(?:〒\s*|\bT)?\b(\d{3}-\d{4})\b(?!-)")
_COUNTRY = re.compile(r"[\s,]*\b(?:japan|nippon)\.?\s*$", re.IGNORECASE)
_CHOME = re.compile(r"(\d+)\s*-?\s*ch[oō]u?me\b[\s,-]*", re.IGNORECASE)
_BAN = re.compile(r"(\d+)\s*-?\s*ban(?:chi)?\b[\s,-]*(?=\d|$)", re.IGNORECASE)
_CHAIN = re.compile(
    r"(?:(?<![\d#-])(?=\d+-)|(?<![\w#-]))(\d{1,5}(?:-\d{1,5})*)-?(?:g[oō]u?\b)?(?![\w-])", re.IGNORECASE
)
_UNIT = re.compile(
    r"(?:#|\b(?:room|rm|apt|unit|no)\b\.?)\s*#?[A-Z]?-?\d+\b|\b\d+(?:F\b|(?:st|nd|rd|th)\s+fl(?:oor|\.)?)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\s+fl(?:oor|\.)?", re.IGNORECASE)
_EDGES = " ,-."


class _Line(NamedTuple):
    """An address text taken apart: block numbers, room, the piece they stood in, those before and those after it."""

    numbers: str | None
    unit: str | None
    town: str
    building: list[str]
    wider: list[str]


def standardise_latin_japanese(parts: AddressParts) -> Address:
    """Return a Japanese address written in Latin letters in standard form; its keys are in Japanese where known."""
    lines = clean_lines("\n".join(filter(None, dict.fromkeys((parts.address, parts.street)))))
    body = _COUNTRY.sub("", ", ".join(lines))
    found = _POSTAL.search(body)
    postal = postal_key(parts.postal_code, "JP") or (postal_key(found[1], "JP") if found else None)
    line = _read_line(_POSTAL.sub(" ", body), clean(parts.building))
    building = clean(parts.building) or " ".join(filter(None, (*line.building, line.unit and f"#{line.unit}"))) or None
    area = places.area_code(postal) if postal else None
    names = [clean(parts.region), *reversed(line.wider), *reversed(clean(parts.city).split(","))]
    prefecture, city, town = _find_place(names, places.place_of_postal_code(area) if area else None)
    shown_city = clean(parts.city) or (city.name if city else None)
    street = clean(parts.street) or " ".join(filter(None, (line.numbers, line.town))) or None
    return Address(
        "JP", show_postal_code(postal, "JP"), clean(parts.region) or prefecture, shown_city, street, building, area,
        place_key(prefecture) if prefecture else None, place_key(city.name) if city else fold(shown_city) or None,
        place_key(town) if town else romaji_key(line.town) or None, line.numbers, line.unit,
    )  # fmt: skip


def _read_line(body: str, building: str) -> _Line:
    """Return block numbers, room and pieces of an address text; the piece with the block numbers names the town."""
    text = _BAN.sub(r"\1-", _CHOME.sub(r"\1-", join_digits(body)))
    marked = _UNIT.search(text) or _UNIT.search(building)
    unit = find_unit(_ORDINAL.sub("F", marked[0])) if marked else None
    pieces = [" ".join(piece.split()).strip(_EDGES) for piece in _UNIT.sub(" ", text).split(",")]
    pieces = [piece for piece in pieces if piece]
    index, chain = next(((i, m) for i, piece in enumerate(pieces) if (m := _CHAIN.search(piece))), (0, None))
    if chain is None:
        return _Line(None, unit, pieces[0] if pieces else "", [], pieces[1:])
    numbers = [number.lstrip("0") or "0" for number in chain[1].split("-")]
    if len(numbers) > 3:
        unit, numbers = unit or numbers[-1], numbers[:3]
    rest = f"{pieces[index][: chain.start()]} {pieces[index][chain.end() :]}".strip(_EDGES)
    wider = pieces[index + 1 :]
    if not rest and wider:  # "2-8-1, Nishi-Shinjuku, …"
        rest, wider = wider[0], wider[1:]
    return _Line("-".join(numbers), unit, rest, pieces[:index], wider)


def _find_place(names: list[str], home: places.Home | None) -> tuple[str | None, places.City | None, str | None]:
    """Return prefecture, municipality and town: what the names say, widest first, and what the postal code adds.

    Names outweigh a postal code that belongs elsewhere.
    """
    names = [name.strip(_EDGES) for name in names]
    prefecture = next((code for name in names if (code := region_code(name, "JP"))), None)
    city = None
    for index, name in enumerate(names):
        owner = next((wider for wider in reversed(names[:index]) if wider), "")
        found = city_by_reading(name, owner, prefecture) if name else None
        if found is not None and (owner or region_code(name, "JP") is None or index == len(names) - 1):
            city = found
            break
    of_code = places.load_cities()[home.city] if home else None
    if of_code is None or of_code.prefecture != (prefecture or of_code.prefecture) or (city or of_code) != of_code:
        return city.prefecture if city else prefecture, city, None
    return of_code.prefecture, of_code, home.town if home else None
