"""Japanese addresses of the plain form by a short way: a town, block numbers, perhaps a building.

What stands before the numbers repeats, and so do buildings: both are read by the long way, once. The short way takes
only what the long way (`addresses_japan`) cuts at the same places; all else is left to it, and the result is the same.
"""

import re
from functools import lru_cache

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_japan import choose_postal
from resolve.standardise.addresses_japan_line import compose_line, drop_remarks, write_head
from resolve.standardise.addresses_japan_numbers import EDGES, find_unit
from resolve.standardise.addresses_japan_place import find_before_number
from resolve.standardise.addresses_japan_text import NUMERALS, place_key, write_numbers, write_numbers_of
from resolve.standardise.cells import read_part
from resolve.standardise.gazetteer.places import area_code
from resolve.standardise.postal import show_postal_code
from resolve.standardise.text import clean

_LONGEST = 200  # characters
_CACHE = 1 << 16  # distinct heads, and distinct buildings, kept
_OTHERS = f"第{NUMERALS}"  # 第 belongs to the number that follows
_SPANS = zip(sorted("\u4dff" + _OTHERS), sorted(_OTHERS + "\ua000"), strict=True)
_KANA = "ぁ-んァ-ヺー"
_HAN = "".join(f"{chr(ord(a) + 1)}-{chr(ord(b) - 1)}" for a, b in _SPANS if ord(b) - ord(a) > 1 and b > "\u4e00")
_N = "[0-9０-９]{1,5}"
_DASH = "[-－−‐ー]"
_NUMBERS = rf"{_N}(?:(?:丁目|{_DASH}){_N})?(?:番地?(?:{_N}号?)?|{_DASH}{_N}|丁目)?"
# A building starts with katakana, or behind a blank with anything that is no part of the numbers.
_BUILDING = rf"[ァ-ネハ-ヺ][^\n\r]*| (?![丁番号地線割室階館街町棟先之のノー{NUMERALS}])[{_KANA}一-鿿A-Za-z][^\n\r]*"
_RAW = re.compile(rf"([{_KANA}々{_HAN}]+)({_NUMBERS})({_BUILDING})?")
_WRITTEN = re.compile(rf"([{_KANA}々一-鿿]+)({_NUMBERS})({_BUILDING})?")
_SCRIPT = re.compile("[一-鿿ぁ-んァ-ヶ]")
_DIGIT = re.compile(r"\d")
_ASCII_NUMBER = re.compile("[0-9]+")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")

_Head = tuple[str | None, ...]


def read_plain(text: str, place: tuple[str | None, str | None, str | None], building: str | None) -> Address | None:
    """Return the address of a street or whole address as received, None where it is not of the plain form.

    `place` are the columns postal code, region and city. The country must be Japan, or not be said.
    """
    if len(text) > _LONGEST:
        return None
    match = _RAW.fullmatch(text)
    if match is not None:
        after = _read_building(match[3], building)
    else:
        if "\n" in text or "\r" in text:
            return None
        match = _WRITTEN.fullmatch(write_numbers_of(clean(text)))
        if match is None:
            return None
        after = _read_written_building(match[3], building)
    head = _read_head(*place, match[1])
    if head is None or after is None:
        return None
    postal, prefecture, city, town, postal_key, region_key, city_key, town_key = head
    numbers = _read_numbers(match[2])
    return Address(
        "JP", postal, prefecture, city, f"{town}{numbers}", after[0],
        postal_key, region_key, city_key, town_key, numbers, after[1],
    )  # fmt: skip


@lru_cache(_CACHE)
def _read_head(postal: str | None, region: str | None, city: str | None, head: str) -> _Head | None:
    """Return what the text before the numbers says: the columns of Address, the town's street for `street`.

    None where what follows the first digit counts: towns with numbers in their names, Kyoto, sections and lots.
    """
    start = f"{head}1"
    if not _SCRIPT.search(head) or write_numbers(start) != start:
        return None
    postal, region, city = (cell and read_part(cell) for cell in (postal, region, city))
    if any(_DIGIT.search(name) for name in write_head(region, city)):
        return None
    line = compose_line(AddressParts("JP", postal, region, city, start))
    found = find_before_number(line.text, area_code(line.postal) if line.postal else None)
    if found is None:
        return None
    code, key = choose_postal(line.postal, found.postal_code)
    return (
        show_postal_code(code, "JP"), found.prefecture, found.city, found.street, key,
        found.prefecture and place_key(found.prefecture), found.city and place_key(found.city), found.town_key,
    )  # fmt: skip


@lru_cache(_CACHE)
def _read_building(rest: str | None, column: str | None) -> tuple[str | None, str | None] | None:
    """Return building and room of the text after the numbers and of the building column, as received."""
    return _read_written_building(write_numbers(rest) if rest else None, column)


@lru_cache(_CACHE)
def _read_written_building(rest: str | None, column: str | None) -> tuple[str | None, str | None] | None:
    """Return building and room; `rest` is cleaned and its numbers are written. None where it holds a postal code."""
    if rest and "〒" in rest:
        return None
    inline = drop_remarks(rest).strip().strip(EDGES) if rest else ""
    cell = read_part(column) if column else None
    text = " ".join(filter(None, (inline, write_numbers(cell) if cell else "")))
    return text or None, find_unit(text)


@lru_cache(_CACHE)
def _read_numbers(text: str) -> str:
    """Return the block numbers joined by hyphens, without zeros at their start."""
    return "-".join([number.lstrip("0") or "0" for number in _ASCII_NUMBER.findall(text.translate(_WIDE))])
