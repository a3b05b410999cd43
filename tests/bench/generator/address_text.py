"""Addresses as people type them into the five columns of a form."""

from typing import NamedTuple

import numpy as np

from generator.draw import Draw, Ints, Texts, missing
from generator.lists import words
from generator.places import Addresses, Place, places

_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
_KANJI = "〇一二三四五六七八九"
_TYPES = (
    ("St", "Street", "St."),
    ("Ave", "Avenue", "Ave."),
    ("Rd", "Road", "Rd"),
    ("Dr", "Drive", "Dr."),
    ("Ln", "Lane", "Ln"),
)
_UNITS = ("Apt {}", "#{}", "Unit {}", "Apt. {}")
_COUNTRIES = {
    "JP": ("日本", "Japan", "JP"),
    "US": ("United States", "USA", "US"),
    "GB": ("United Kingdom", "UK", "GB"),
    "DE": ("Germany", "Deutschland", "DE"),
    "FR": ("France", "France", "FR"),
}
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


class _Row(NamedTuple):
    """One address and how its writer writes."""

    place: Place
    town: int
    numbers: tuple[int, int, int]
    building: int
    unit: int
    office: bool
    style: float  # 0..1: which notation


def write_addresses(draw: Draw, addresses: Addresses, rows: Ints) -> dict[str, Texts]:
    """Return columns postal, region, city, street, building, country for the given address rows (-1 = no address).

    The same address comes out in another notation every time, as its columns do in real systems.
    """
    n = len(rows)
    columns = {name: missing(n) for name in ("postal", "region", "city", "street", "building", "country")}
    style, tongue = draw.unit(n), draw.whole(0, 3, n)
    every = places()
    for i in np.flatnonzero(rows >= 0):
        a = rows[i]
        place = every[addresses.place[a]]
        one, two, three = (int(number) for number in addresses.numbers[a])
        row = _Row(
            place, int(addresses.town[a]), (one, two, three), int(addresses.building[a]),
            int(addresses.unit[a]), bool(addresses.office[a]), float(style[i]),
        )  # fmt: skip
        columns["street"][i], columns["building"][i] = _japanese(row) if place.country == "JP" else _western(row)
        columns["postal"][i] = _postal(row)
        columns["region"][i] = (place.region_name if row.style < 0.3 else place.region) or None
        columns["city"][i] = place.city
        columns["country"][i] = _COUNTRIES[place.country][tongue[i]]
    return columns


def _japanese(row: _Row) -> tuple[str, str | None]:
    """Return street and building of a Japanese address."""
    chome, ban, go = row.numbers
    town = row.place.towns[row.town]
    if row.style < 0.2 and chome:
        street = f"{town}{chome}丁目{ban}番" + (f"{go}号" if go else "地")
    elif row.style < 0.27 and chome:
        street = f"{town}{_KANJI[chome]}丁目{ban}" + (f"-{go}" if go else "")
    else:
        chain = "-".join(str(number) for number in (chome, ban, go) if number)
        street = town + (chain.translate(_WIDE) if row.style < 0.37 else chain)
    if row.building < 0:
        return street, None
    name = words("office_ja" if row.office else "building_ja")[row.building]
    if row.office:
        building = f"{name}{row.unit // 100}F" if row.style < 0.6 else f"{name} {row.unit // 100}階"
    else:
        building = f"{name}{row.unit}" if row.style < 0.5 else f"{name} {row.unit}号室"
    if row.style > 0.88:
        return f"{street} {building}", None
    return street, (None if row.style > 0.82 else building)


def _western(row: _Row) -> tuple[str, str | None]:
    """Return street line and no building: Western units stand in the street line."""
    number = row.numbers[0]
    if row.place.country == "DE":
        name = words("street_de")[row.town % 5]
        return f"{name.replace('straße', 'str.') if row.style < 0.4 else name} {number % 180 + 1}", None
    if row.place.country == "FR":
        return f"{number % 180 + 1}{',' if row.style < 0.3 else ''} {words('street_fr')[row.town % 5]}", None
    kind = _TYPES[(row.town + number) % len(_TYPES)][0 if row.style < 0.5 else 1 if row.style < 0.9 else 2]
    street = f"{number} {words('street_en')[row.town]} {kind}"
    if row.building < 0 or 0.8 < row.style < 0.9:
        return street, None
    return f"{street} {_UNITS[int(row.style * 40) % 4].format(row.unit)}", None


def _postal(row: _Row) -> str:
    """Return the postal code, which depends on place and town alone."""
    head = row.place.postal
    if row.place.country == "JP":
        code = f"{head}{row.town * 13 + 4:04d}"
        return code if row.style < 0.35 else f"{code[:3]}-{code[3:]}"
    if row.place.country == "GB":
        return f"{head}{row.town % 9 + 1} {row.numbers[0] % 9}{_LETTERS[row.town % 20]}{_LETTERS[row.numbers[0] % 20]}"
    return f"{head}{row.town + 10:02d}"
