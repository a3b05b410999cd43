"""Municipalities of Japan by their reading in Latin letters: Shinjuku-ku, Osaka-shi Kita-ku, Funabashi."""

from functools import cache, lru_cache

from resolve.standardise.gazetteer.places import City, load_cities
from resolve.standardise.kana_romaji import kana_to_romaji, romaji_key

_ENDINGS = ("", "shi", "ku", "machi", "cho", "mura", "son")
_ENGLISH = (" city", " ward", " town", " village")


@cache
def _readings() -> dict[str, tuple[int, ...]]:
    """Return romaji key -> indices, by the whole reading and by that of the ward, town or village alone."""
    readings: dict[str, list[int]] = {}
    wards: dict[str, list[int]] = {}
    for index, city in enumerate(load_cities()):
        readings.setdefault(romaji_key(kana_to_romaji(city.reading)), []).append(index)
        owner, _, ward = city.name.partition("市")
        if ward.endswith("区"):
            wards.setdefault(owner, []).append(index)
        elif city.name[-1] in "町村" and "グン" in city.reading:
            tail = city.reading.partition("グン")[2]
            readings.setdefault(romaji_key(kana_to_romaji(tail)), []).append(index)
    for indices in wards.values():
        start = _shared_start([load_cities()[index].reading for index in indices]).rfind("シ") + 1
        for index in indices:
            tail = load_cities()[index].reading[start:]
            readings.setdefault(romaji_key(kana_to_romaji(tail)), []).append(index)
    return {key: tuple(indices) for key, indices in readings.items()}


def _shared_start(texts: list[str]) -> str:
    """Return the longest start that all texts share: the reading of the city that all wards belong to."""
    first, last = min(texts), max(texts)
    length = next((i for i, char in enumerate(first) if char != last[i]), len(first))
    return first[:length]


@lru_cache(maxsize=1 << 14)
def city_by_reading(name: str, owner: str, prefecture: str | None) -> City | None:
    """Return the one municipality with a reading, None where there is none or several.

    `owner` is the name that follows (Osaka in "Kita-ku, Osaka"), "" where none does. Shi, ku, machi and so on may be
    left out.
    """
    lowered = name.lower()
    for word in _ENGLISH:
        lowered = lowered.removesuffix(word)
    keys = [romaji_key(lowered) + ending for ending in _ENDINGS]
    if owner:
        city = romaji_key(owner.lower().removesuffix(" city"))
        keys = [start + keys[0] for start in (city, city + "shi")] + keys
    for key in keys:
        found = [load_cities()[i] for i in _readings().get(key, ())]
        found = [city for city in found if prefecture is None or city.prefecture == prefecture]
        if len(found) == 1:
            return found[0]
    return None
