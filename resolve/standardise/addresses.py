"""Addresses of any country in one form: display values, and the keys that comparisons read."""

import re
import unicodedata

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_japan import standardise_japanese
from resolve.standardise.addresses_japan_latin import standardise_latin_japanese
from resolve.standardise.addresses_plain import read_plain
from resolve.standardise.addresses_western import standardise_western
from resolve.standardise.cells import read_part
from resolve.standardise.country import country_code
from resolve.standardise.regions import region_code

__all__ = ["Address", "AddressParts", "guess_country", "standardise_address"]

_EMPTY = Address()
_KANA = re.compile(r"[ぁ-んァ-ヶｦ-ﾟ]")
_JAPANESE = re.compile(r"[一-鿿]{1,3}[都道府県]|[一-鿿ぁ-ヶ]+?[市区町村郡]|丁目|番地|〒|字")
_LATIN = re.compile(r"[A-Za-z]{3}")
_EAST_ASIAN = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_JAPANESE_SCRIPT = re.compile(r"[\u3400-\u9fffぁ-んァ-ヶｦ-ﾟ]")
_OTHER_HAN = frozenset({"CN", "TW", "HK", "MO", "SG", "KR"})
_US = re.compile(r"(?:^|[\s,])([A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\.?,?\s+\d{5}(?:-\d{4})?\s*$")
_FIVE_DIGITS = re.compile(r"\d{5}(?:-\d{4})?")
_REGIONAL_FORMS = [
    ("JP", re.compile(r"(?:\d{6,7})?")),
    ("US", re.compile(r"(?:\d{5}|\d{9})?")),
    ("AU", re.compile(r"(?:\d{4})?")),
    ("CA", re.compile(r"(?:[A-Z]\d[A-Z]\d[A-Z]\d)?", re.IGNORECASE)),
    ("US", re.compile(r"\d{4}")),
]
_UK = re.compile(r"(?:^|[\s,])[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\s*$", re.IGNORECASE)
_CANADA = re.compile(r"(?:^|[\s,])[A-Z]\d[A-Z][\s-]?\d[A-Z]\d\s*$", re.IGNORECASE)
_AUSTRALIA = re.compile(r"(?:^|[\s,])(NSW|VIC|QLD|SA|WA|TAS|ACT|NT)\.?,?\s+\d{4}\s*$", re.IGNORECASE)
_GERMANY = re.compile(
    r"(?:str(?:aße|asse|\.)|platz|weg|allee|gasse|ring|damm)\s*\d+\s*[a-z]?\s*,.*\b(?:D-?)?\d{5}\b", re.IGNORECASE
)


def standardise_address(parts: AddressParts) -> Address:
    """Return an address in standard form, all None where there is none; never raises.

    `parts.country` is a name or code, given or the default of the source; it yields where the text clearly belongs to
    another country: Japanese script, a US state with ZIP code, a British, Canadian, Australian or German postal line.
    A Japanese address that stands in parts and as a whole is read once.
    """
    if parts.street and parts.address and _JAPANESE_SCRIPT.search(parts.address):
        parts = _said_once(parts)
    country, postal, region, city, street, building, whole = parts
    text = (street or whole) if not (street and whole) else None
    if text and country in ("JP", None):
        plain = read_plain(text, (postal, region, city), building)
        if plain is not None:
            return plain
    return read_fully(parts)


def _said_once(parts: AddressParts) -> AddressParts:
    """Return parts without a whole address that repeats them; without what it repeats, where it says more than they."""
    rest = whole = _compact(parts.address)
    for part in filter(None, (parts.region, parts.city, parts.street, parts.building)):
        if _compact(part) not in whole:
            return parts
        rest = rest.replace(_compact(part), "", 1)
    if not rest:
        return parts._replace(address=None)
    return parts._replace(region=None, city=None, street=None, building=None)


def _compact(text: str | None) -> str:
    """Return a text without width and blanks."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def read_fully(parts: AddressParts) -> Address:
    """Return `standardise_address` by the long way, which reads every form."""
    parts = AddressParts(*[read_part(part) if part else None for part in parts])
    text = " ".join(filter(None, parts[1:]))
    country = _guess_country(parts, text)
    if not text:
        return _EMPTY._replace(country_code=country)
    if country != "JP":
        return standardise_western(parts, country)
    if _EAST_ASIAN.search(text.replace("〒", "")):
        return standardise_japanese(parts)
    written = "".join(filter(None, parts[1:])).replace("〒", "")
    return standardise_latin_japanese(parts) if _LATIN.search(written) else standardise_japanese(parts)


def guess_country(parts: AddressParts) -> str | None:
    """Return the ISO alpha-2 code of the country that an address of cleaned parts is in; None where nothing says."""
    return _guess_country(parts, " ".join(filter(None, parts[1:])))


def _guess_country(parts: AddressParts, text: str) -> str | None:
    """Return `guess_country` of parts whose text, joined, is at hand."""
    given = country_code(parts.country)
    if not text:
        return given
    if given in (None, "JP") and _JAPANESE_SCRIPT.search(text):
        return "JP"
    if not text.isascii() and (_KANA.search(text) or _HAN.search(text)):
        if given in _OTHER_HAN and not _KANA.search(text):
            return given
        return "JP" if _KANA.search(text) or _JAPANESE.search(text) or given in (None, "JP") else given
    if given is not None and given != "JP":
        return given
    return _country_by_form(parts, given)


def _country_by_form(parts: AddressParts, given: str | None) -> str | None:
    """Return the country whose form a Latin address has beyond doubt, else the given one.

    Five digits alone are a postal code of some country, but not of Japan.
    """
    tail = " ".join(filter(None, (parts.address or parts.street, parts.city, parts.region, parts.postal_code))).strip()
    if _FIVE_DIGITS.fullmatch(tail):
        return "US" if "-" in tail else None
    named = country_code(tail.rpartition(",")[2]) if "," in tail else None
    if named:
        return named
    if parts.region:
        return _country_by_region(parts, given)
    us = _US.search(tail)
    if us and region_code(us[1], "US"):
        return "US"
    if _AUSTRALIA.search(tail):
        return "AU"
    if _UK.search(tail):
        return "GB"
    if _CANADA.search(tail):
        return "CA"
    return "DE" if _GERMANY.search(tail) else given


def _country_by_region(parts: AddressParts, given: str | None) -> str | None:
    """Return the country whose state or prefecture the region column names and whose form the postal code has."""
    code = re.sub(r"[\W_]+", "", parts.postal_code or "")
    for country, form in _REGIONAL_FORMS:
        if region_code(parts.region, country) and form.fullmatch(code):
            return country
    return given
