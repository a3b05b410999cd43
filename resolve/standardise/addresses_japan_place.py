"""Prefecture, municipality and town at the start of a Japanese address."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from resolve.standardise.addresses_japan_text import fold_place, place_key
from resolve.standardise.gazetteer import places


class Place(NamedTuple):
    """How far the start of an address was understood; `rest` is the text that follows, block numbers first.

    `street` is what is shown before the block numbers, `town_key` what is compared. `postal_code` is that of the town.
    """

    prefecture: str | None
    city: str | None
    street: str
    town_key: str | None
    postal_code: str | None
    rest: str


class _Town(NamedTuple):
    """The town part of a text: display, key, postal code, the rest, and the length that the gazetteer knew."""

    street: str
    key: str | None
    postal_code: str | None
    rest: str
    known: int


_EDGES = " -,、・/"
_BLANKS_IN_NAME = re.compile(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])")
_TURN = r"(?:上[るル]|下[るル]|上がる|下がる|[東西南北]入(?:[るル](?!町))?)"
_KYOTO = re.compile(rf"^(?:\D|\d+条)*?(?:通|筋|路|小路|条)(?:\D|\d+条)*{_TURN}(?:\d丁目(?=\D))?")
_SECTION = re.compile(r"大字|^字(?=\D)|(?<=\w)字(?=\D)")
_LEADING_SECTION = re.compile(r"^(?:大字|字)")
_NUMBER = re.compile(r"第?\d+(?!\d|条|線|区|軒|本木|社|番町|町|ノ\D)")
_ANY_NUMBER = re.compile(r"第?\d+|(?<=第)\d+")
_LOT = re.compile(r"[甲乙丙丁戊己庚辛壬癸イロハニホヘト]$")
_BUILDING = re.compile(r"[ァ-ヴー]{3,}|[A-Za-z]{2,}|ビル|館$|荘$|寮$|会社|病院|大学|学校")
_OTHER_TOWN = re.compile(r"[町村台東西南北本新]")


def find_place(text: str, postal: str | None) -> Place:
    """Return prefecture, municipality and town of an address text whose numbers are written as digits.

    `postal` decides between municipalities of the same name and fills in what the text leaves out. All depends on the
    text before the first number only, which repeats; but not in the few municipalities that have numbers in town names.
    """
    number = _NUMBER.search(text)
    if number is None:
        return _find_in_head(text, postal)
    head, rest = text[: number.start()], text[number.start() :]
    place = _find_in_head(head + "1", postal)
    if _may_go_on(head, place.city):
        return _read_place(_BLANKS_IN_NAME.sub("", head) + rest, postal)
    return Place(*place[:5], place.rest[:-1] + rest)


def find_before_number(text: str, postal: str | None) -> Place | None:
    """Return the place of a text whose last character is its first number; `rest` is that number.

    None where the place is not told by the text before the number alone, or where more than it remains.
    """
    number = _NUMBER.search(text)
    if number is None or number.start() != len(text) - 1:
        return None
    place = _find_in_head(text[:-1] + "1", postal)
    return None if place.rest != "1" or _may_go_on(text[:-1], place.city) else place


def _may_go_on(head: str, city: str | None) -> bool:
    """Say whether the text before a number does not tell the place alone: Kyoto, and towns with numbers in names."""
    return city is not None and (city.startswith("京都市") or _goes_on(head, city))


@lru_cache(maxsize=1 << 16)
def _find_in_head(text: str, postal: str | None) -> Place:
    """Return the place of a text that ends with its first number; such texts repeat."""
    return _read_place(text, postal)


def _read_place(text: str, postal: str | None) -> Place:
    """Return the place at the start of a text."""
    text = _squeeze_names(text)
    key = fold_place(text)
    prefecture, start = _find_prefecture(key)
    text, key = _cut(text, key, start)
    match = places.find_cities(key, prefecture)
    home = places.place_of_postal_code(postal) if postal else None
    if home is not None and prefecture is not None and places.load_cities()[home.city].prefecture != prefecture:
        home = None
    if match is None:
        match = places.Match(0, (home.city,), False) if home else None
    if match is None or not _is_sure(match, key, prefecture, home):
        town = _split_town(text, key, None)
        return Place(prefecture, None, town.street, town.key, None, town.rest)
    return _place_in_city(match, text, key, home)


@lru_cache(maxsize=1 << 16)
def _goes_on(head: str, city: str) -> bool:
    """Say whether the town that the text before a number ends with may go on with the number: 西|10号北."""
    starts = _numbered_towns(city)
    return bool(starts) and fold_place(_BLANKS_IN_NAME.sub("", head) + "1")[:-1].endswith(starts)


@cache
def _numbered_towns(city: str) -> tuple[str, ...]:
    """Return what stands before the numbers in the names of a municipality's towns: 美旗町中 of 美旗町中1番."""
    starts: dict[str, None] = {}
    for index in places.cities_named(city):
        for key in filter(_NUMBER.search, places.towns_of(index)):
            starts |= {key[: match.start()]: None for match in _ANY_NUMBER.finditer(key)}
    return tuple(starts)


def _squeeze_names(text: str) -> str:
    """Return the text without the blanks between Japanese characters that stand before its first number."""
    number = _NUMBER.search(text)
    end = number.start() if number else len(text)
    return _BLANKS_IN_NAME.sub("", text[:end]) + text[end:]


def _cut(text: str, key: str, start: int) -> tuple[str, str]:
    """Return text and key from a position on, without what separates the parts of an address."""
    while start < len(text) and text[start] in _EDGES:
        start += 1
    return text[start:], key[start:]


def _find_prefecture(key: str) -> tuple[str | None, int]:
    """Return the prefecture that starts a key and its length; without 都道府県 only where a municipality follows."""
    names = places.load_prefectures()
    for length in (3, 4):
        if key[:length] in names:
            return names[key[:length]], length
    for length in (2, 3):
        full = next((n for end in "都府県" if (n := names.get(key[:length] + end))), None)
        if full is not None and places.find_cities(key[length:].lstrip(_EDGES), full) is not None:
            return full, length
    return None, 0


def _is_sure(match: places.Match, key: str, prefecture: str | None, home: places.Home | None) -> bool:
    """Say whether a short municipality name (中央区, 大和町) is confirmed: by prefecture, code or town."""
    if not match.short or prefecture is not None or (home is not None and home.city in match.cities):
        return True
    rest = _LEADING_SECTION.sub("", key[match.length :].lstrip(_EDGES))
    return any(places.find_town(city, rest) is not None for city in match.cities)


def _place_in_city(match: places.Match, text: str, key: str, home: places.Home | None) -> Place:
    """Return the place for one of several possible municipalities: the one of the postal code, or that has the town."""
    name = text[: match.length]
    text, key = _cut(text, key, match.length)
    towns = [(_split_town(text, key, city), city) for city in match.cities]
    longest = max(town.known for town, _ in towns)
    likely = [(town, city) for town, city in towns if town.known == longest]
    if len(likely) > 1 and home is not None:
        likely = [(town, city) for town, city in likely if city == home.city] or likely
    town, city = likely[0]
    found = places.load_cities()[city]
    if len(likely) > 1:
        same = {places.load_cities()[city].prefecture for _, city in likely}
        return Place(same.pop() if len(same) == 1 else None, name, town.street, town.key, None, town.rest)
    street, town_key = town.street, town.key
    if town_key is None and home is not None and home.city == city and home.town:
        street, town_key = home.town, place_key(home.town)
    return Place(found.prefecture, found.name, street, town_key, town.postal_code, town.rest)


def _split_town(text: str, key: str, city: int | None) -> _Town:
    """Return the town at the start of a text: the longest one that the municipality has, else all before a number."""
    turn = _KYOTO.match(key) if city is not None and places.load_cities()[city].name.startswith("京都市") else None
    streets = text[: turn.end()] if turn else ""
    text, key = _cut(text, key, turn.end()) if turn else (text, key)
    skip = 2 if key.startswith("大字") else 1 if key.startswith("字") else 0
    found = None if city is None else places.find_town(city, key[skip:])  # 大字谷田部 is not in a town named 大
    if found is None:
        return _split_unknown_town(streets, text, key)
    length, town = found[0] + skip, found[1]
    rest, rest_key = _cut(text, key, length)
    section, section_key, rest = _split_section(rest, rest_key)
    postal = town.postal_code if not _OTHER_TOWN.match(section) else None
    known = place_key(town.name)
    return _Town(streets + town.name + section, known + section_key, postal, rest, len(known))


def _split_section(text: str, key: str) -> tuple[str, str, str]:
    """Return what stands between town and block numbers (字前田), its key without 大字 and 字, and the rest."""
    number = _NUMBER.search(key)
    end = number.start() if number else len(key)
    if number and _LOT.search(key[:end]):
        end -= 1
    head = text[:end].strip(_EDGES)
    if not head or (not head.startswith(("字", "大字")) and (number is None or _BUILDING.search(head))):
        return "", "", text
    return head, _SECTION.sub("", key[:end].strip(_EDGES)).replace(" ", "").lower(), text[end:]


def _split_unknown_town(streets: str, text: str, key: str) -> _Town:
    """Return the town of a text that the gazetteer does not know: everything before the block numbers."""
    number = _NUMBER.search(key)
    end = number.start() if number else len(key)
    head = text[:end].strip(_EDGES)
    town_key = _SECTION.sub("", key[:end].strip(_EDGES)).replace(" ", "").lower()
    return _Town(streets + head, town_key or None, None, text[end:], 0)
