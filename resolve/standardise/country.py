"""Country names and codes, English and Japanese, to ISO 3166 alpha-2."""

from functools import cache, lru_cache
from importlib.resources import files

from resolve.standardise.text import clean


@cache
def country_names() -> dict[str, str]:
    """Return every known name and code, in lower case, with its ISO alpha-2 code."""
    names: dict[str, str] = {}
    for line in files("resolve.standardise").joinpath("countries.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        alpha2, alpha3, aliases = line.split("\t")
        for name in (alpha2, alpha3, *aliases.split("|")):
            names.setdefault(name.lower(), alpha2)
    return names


@lru_cache(1 << 12)
def country_code(cell: str | None) -> str | None:
    """Return the ISO alpha-2 code of a country name or code in any case; None where it is not known.

    A tag with a country (ja-JP, en_US) is no country: languages are standardised elsewhere.
    """
    if not cell:
        return None
    if len(cell) == 2 and cell.isascii() and cell.isupper():
        return country_names().get(cell.lower())
    text = clean(cell).lower().strip(" .,()")
    names = country_names()
    return names.get(text) or names.get(text.replace(".", "")) or names.get(text + ".")
