"""States and provinces of the countries whose addresses carry a code."""

import re
from functools import cache, lru_cache
from importlib.resources import files

from resolve.standardise.text import fold


@cache
def _region_names() -> dict[tuple[str, str], str]:
    """Return (country, name or code in lower case) -> code."""
    names: dict[tuple[str, str], str] = {}
    for line in files("resolve.standardise").joinpath("regions.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, code, spellings = line.split("\t")
            for name in (code, *spellings.split("|")):
                names[country, fold(name).replace(".", "")] = code
    return names


@cache
def region_words(country: str) -> re.Pattern[str]:
    """Return a pattern for the names and codes of a country's regions at the end of a text, longest first."""
    names = sorted((name for land, name in _region_names() if land == country), key=len, reverse=True)
    return re.compile(rf"(?:^|[\s,])({'|'.join(map(re.escape, names))})\.?$", re.IGNORECASE)


@lru_cache(1 << 14)
def region_code(text: str | None, country: str | None) -> str | None:
    """Return the code of a state or province, None where the country has no codes or no such region."""
    if not text or country is None:
        return None
    return _region_names().get((country, fold(text).replace(".", "").strip(" ,")))
