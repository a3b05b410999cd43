"""Look-ups in the gazetteer: municipality from the start of a text, town of a municipality, place of a postal code."""

import gzip
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

from resolve.standardise.addresses_japan_text import place_key


class City(NamedTuple):
    """A municipality; towns and steps are the packed columns of places.tsv.gz."""

    prefecture: str
    name: str
    reading: str
    towns: str
    steps: str


class Town(NamedTuple):
    """A town of a municipality and its postal code, None where it has several."""

    name: str
    postal_code: str | None


class Match(NamedTuple):
    """Municipalities whose name starts a text: how many characters, their indices, and whether the name is short.

    A short name (a ward without its city, a town without its district) is sure only with a prefecture or a town.
    """

    length: int
    cities: tuple[int, ...]
    short: bool


class Home(NamedTuple):
    """Where a postal code belongs: index of the municipality; town "" = the rest of it, None = several."""

    city: int
    town: str | None


@cache
def load_cities() -> tuple[City, ...]:
    """Return every municipality of Japan; its position in the result is its index."""
    packed = files("resolve.standardise.gazetteer").joinpath("places.tsv.gz").read_bytes()
    return tuple(City(*line.split("\t")) for line in gzip.decompress(packed).decode("utf-8").split("\n"))


@cache
def _by_name() -> dict[str, tuple[int, ...]]:
    """Return name -> indices of the municipalities that have it."""
    names: dict[str, tuple[int, ...]] = {}
    for index, city in enumerate(load_cities()):
        names[city.name] = (*names.get(city.name, ()), index)
    return names


def cities_named(name: str) -> tuple[int, ...]:
    """Return the indices of the municipalities with a full name."""
    return _by_name().get(name, ())


@cache
def load_prefectures() -> dict[str, str]:
    """Return key -> name of the 47 prefectures."""
    return {place_key(city.prefecture): city.prefecture for city in load_cities()}


@cache
def towns_of(city: int) -> dict[str, Town]:
    """Return key -> town of a municipality; the key "" is the rest of it."""
    towns: dict[str, Town] = {}
    code = 0
    _, _, _, names, steps = load_cities()[city]
    keys = place_key(names).split(",")  # the whole list at once: a tenth of the time
    for key, name, step in zip(keys, names.split(","), steps.split(","), strict=True):
        if step != "z":
            code += int(step or 1)
        towns.setdefault(key, Town(name, None if step == "z" else f"{code:07d}"))
    return towns


@cache
def _longest_town(city: int) -> int:
    """Return the length of the longest town key of a municipality."""
    return max(map(len, towns_of(city)))


def find_town(city: int, key: str) -> tuple[int, Town] | None:
    """Return the longest town of a municipality that starts a key, and its length."""
    towns = towns_of(city)
    for length in range(min(_longest_town(city), len(key)), 0, -1):
        town = towns.get(key[:length])
        if town is not None:
            return length, town
    return None


@cache
def _city_names() -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Return two maps, name key -> indices: full names, and short names."""
    full: dict[str, list[int]] = {}
    short: dict[str, list[int]] = {}
    for index, city in enumerate(load_cities()):
        key = place_key(city.name)
        full.setdefault(key, []).append(index)
        county = key.find("郡")
        ward = key.find("市", 1)
        if 0 < county < len(key) - 2 and key[-1] in "町村":
            short.setdefault(key[county + 1 :], []).append(index)
        elif 0 < ward < len(key) - 1 and key.endswith("区"):
            full.setdefault(key[: ward + 1], []).append(index)
            short.setdefault(key[ward + 1 :], []).append(index)
    for key in full.keys() & short.keys():  # 中央区 of Tokyo is no surer than 中央区 of Osaka
        short[key] = sorted(full.pop(key) + short[key])
    _add_aliases(full)
    return {k: tuple(v) for k, v in full.items()}, {k: tuple(v) for k, v in short.items()}


def _add_aliases(full: dict[str, list[int]]) -> None:
    """Add the names of merged municipalities where no municipality has the name today."""
    text = files("resolve.standardise.gazetteer").joinpath("aliases.tsv").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            old, new = line.split("\t")
            full.setdefault(place_key(old), [full[place_key(name)][0] for name in new.split("|")])


@cache
def _city_lengths() -> dict[str, tuple[int, ...]]:
    """Return the first two characters of a name key -> the lengths of the names that start so, longest first."""
    lengths: dict[str, set[int]] = {}
    for names in _city_names():
        for key in names:
            lengths.setdefault(key[:2], set()).add(len(key))
    return {start: tuple(sorted(known, reverse=True)) for start, known in lengths.items()}


def find_cities(key: str, prefecture: str | None) -> Match | None:
    """Return the municipalities with the longest name that starts a key, of one prefecture where it is known."""
    lengths = _city_lengths().get(key[:2], ())
    for names, short in zip(_city_names(), (False, True), strict=True):
        for length in lengths:
            cities = names.get(key[:length])
            if cities and prefecture is not None:
                cities = tuple(i for i in cities if load_cities()[i].prefecture == prefecture)
            if cities:
                return Match(length, cities, short)
    return None


@cache
def _postal_cities() -> dict[int, int]:
    """Return postal code -> municipality, -1 where several share it; areas, the first five digits, as negative numbers.

    Towns are not read here: most runs meet few municipalities.
    """
    owners: dict[int, int] = {}
    for index, city in enumerate(load_cities()):
        codes = list(accumulate([int(step or 1) for step in city.steps.split(",") if step != "z"]))
        numbers = dict.fromkeys([*codes, *{-(code // 100) - 1 for code in codes}], index)
        shared = owners.keys() & numbers.keys()
        owners |= numbers
        owners |= dict.fromkeys(shared, -1)
    return owners


@cache
def _postal_towns(city: int) -> dict[str, str | None]:
    """Return postal code -> town of a municipality, None where towns share it."""
    towns: dict[str, str | None] = {}
    for town in towns_of(city).values():
        if town.postal_code is not None:
            towns[town.postal_code] = None if town.postal_code in towns else town.name
    return towns


def place_of_postal_code(code: str) -> Home | None:
    """Return where a postal code belongs; None where it is unknown or shared by municipalities."""
    if not (code.isascii() and code.isdecimal()):
        return None
    city = _postal_cities().get(int(code))
    if city is not None and len(code) == 7:
        return Home(city, _postal_towns(city)[code]) if city >= 0 else None
    city = _postal_cities().get(-int(code[:5]) - 1, -1)
    return Home(city, None) if city >= 0 else None


def is_rest_code(code: str) -> bool:
    """Say whether a postal code is that of "the rest of the municipality", not of a town."""
    home = place_of_postal_code(code)
    return home is not None and home.town == ""


@cache
def _offices() -> dict[str, str]:
    """Return the own postal code of a large office -> the code of its town."""
    packed = files("resolve.standardise.gazetteer").joinpath("offices.txt.gz").read_bytes()
    offices: dict[str, str] = {}
    town = 0
    for line in gzip.decompress(packed).decode("ascii").split("\n"):
        first, *steps = map(int, line.split())
        town += first
        code = town
        for step in steps:
            code += step
            offices[f"{code:07d}"] = f"{town:07d}"
    return offices


def area_code(code: str) -> str:
    """Return the code of the town where a postal code is a large office's own, else the code itself."""
    return _offices().get(code, code)
