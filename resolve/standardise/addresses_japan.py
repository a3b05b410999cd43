"""Japanese addresses from the prefecture to the room.

Prefecture, then the longest municipality, then the longest town of the gazetteer, then block numbers, then building and
room. What the text leaves out is filled in only where it is certain: the prefecture of a municipality that exists once,
the ward that has the town, the postal code of a town that has one.
"""

import re
from typing import NamedTuple

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_japan_numbers import BlockNumbers, find_unit, split_numbers
from resolve.standardise.addresses_japan_place import Place, find_place
from resolve.standardise.addresses_japan_text import place_key, write_numbers
from resolve.standardise.gazetteer.places import is_town_code, load_prefectures
from resolve.standardise.postal import postal_key

_POSTAL = re.compile(r"^\s*(?:〒\s*)?(\d{3}-?\d{4})(?![\d-])[\s,、]*|〒\s*(\d{3}-?\d{4})(?!\d)[\s,、]*")
_COUNTRY = re.compile(r"^(?:日本国|日本|JAPAN)[\s,、]*(?=[^\s\d])", re.IGNORECASE)
_REMARKS = re.compile(r"\((?:番地|住所)?(?:不明|未定|旧[^)]*|自宅|会社|勤務先|実家|本社|支店)\)")


class _Line(NamedTuple):
    """One text from the prefecture on, the building column apart, and the postal code that was in it."""

    text: str
    building: str
    postal: str | None


def standardise_japanese(parts: AddressParts) -> Address:
    """Return a Japanese address in standard form; `number_key` is the block chain, `unit_key` the room or floor."""
    line = _compose_line(parts)
    postal = line.postal
    place = find_place(line.text, postal)
    block, after = split_numbers(place.rest), line.building
    if block.numbers is None and after:
        moved = _numbers_in_building(place, after)
        block, after = (moved, "") if moved else (block, after)
    unit = find_unit(" ".join(filter(None, (block.rest, after)))) or block.room
    building = " ".join(filter(None, (block.room, block.rest, after))) or None
    code, key = _choose_postal(postal, place.postal_code)
    street = (place.street + (block.numbers or "")) or None
    return Address(
        "JP", code and f"{code[:3]}-{code[3:]}", place.prefecture, place.city, street, building,
        key, place.prefecture and place_key(place.prefecture), place.city and place_key(place.city),
        place.town_key, block.numbers, unit,
    )  # fmt: skip


def _numbers_in_building(place: Place, building: str) -> BlockNumbers | None:
    """Return the block numbers that stand in the building column (西新宿 | 2-8-1); None where they do not."""
    if place.rest or not place.street:
        return None
    block = split_numbers(building)
    return block if block.numbers and "-" in block.numbers else None


def _compose_line(parts: AddressParts) -> _Line:
    """Return the parts as one text; a street that repeats prefecture or city is not given them twice."""
    body = write_numbers(" ".join(filter(None, dict.fromkeys((parts.address, parts.street)))))
    body = _COUNTRY.sub("", _REMARKS.sub("", body))
    postal = postal_key(parts.postal_code, "JP")
    match = _POSTAL.search(body)
    if match:
        postal = postal or (match[1] or match[2]).replace("-", "")
        body = (body[: match.start()] + " " + body[match.end() :]).strip()
        body = _COUNTRY.sub("", body)
    region, city = _COUNTRY.sub("", write_numbers(parts.region)), write_numbers(parts.city)
    for head in (city, region):
        if head and not body.startswith(head) and not _starts_with_prefecture(body):
            body = f"{head} {body}" if body else head
    return _Line(body.strip(), write_numbers(parts.building), postal)


def _starts_with_prefecture(text: str) -> bool:
    """Say whether a text begins with the full name of a prefecture."""
    key = place_key(text[:5])
    return key[:3] in load_prefectures() or key[:4] in load_prefectures()


def _choose_postal(given: str | None, of_town: str | None) -> tuple[str | None, str | None]:
    """Return the postal code to show and the one to compare.

    A given code that is no town's (that of a large office, or of "the rest of the city") shows, but the code of the town
    is compared, so that the office equals its street address.
    """
    if given is None:
        return of_town, of_town
    if of_town is not None and of_town != given and not is_town_code(given):
        return given, of_town
    return given, given
