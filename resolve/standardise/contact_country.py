"""The country of a record: said by the record, else seen from its values, else the source's default.

Phones, dates and addresses are read by it: (02) 9374 4000 is a valid number in Japan too.
"""

import re
from collections.abc import Callable, Mapping

import numpy as np

from resolve.standardise.contact_codes import Coded, Column, encode, objects
from resolve.standardise.country import country_code
from resolve.standardise.names_words import name_words

_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff\uff66-\uff9f]")
_POSTAL = (
    ("JP", re.compile(r"〒.*|\d{3}-\d{4}")),
    ("US", re.compile(r"\d{5}-\d{4}")),
    ("GB", re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)),
    ("CA", re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE)),
)
_STATES = frozenset(name_words("us_states"))
_US_ADDRESS = re.compile(r",\s*([A-Za-z]{2})\.?\s+\d{5}(?:-\d{4})?\s*$")
_CALLING = (
    ("+81", "JP"),
    ("0081", "JP"),
    ("010-81", "JP"),
    ("+1", "US"),
    ("+44", "GB"),
    ("+49", "DE"),
    ("+33", "FR"),
    ("+61", "AU"),
)
_NANP = re.compile(r"(?:\+?1[-. ]?)?\(?[2-9]\d{2}\)?[-. ]{0,2}[2-9]\d{2}[-. ]?\d{4}(?!\d)")
_BARE_MOBILE = re.compile(r"[789]0\d{8}")  # 9012345679: a Japanese mobile number without its zero, or one of Memphis
_DOMAINS = {"jp": "JP", "uk": "GB", "de": "DE", "fr": "FR", "au": "AU", "ca": "CA", "kr": "KR", "cn": "CN", "tw": "TW"}


def _from_text(text: str) -> str | None:
    """Japanese script means Japan; an address that ends in a state and a ZIP code the United States."""
    if not text.isascii():
        return "JP" if _JAPANESE.search(text) else None
    match = _US_ADDRESS.search(text)
    return "US" if match and match[1].lower() in _STATES else None


def _from_region(text: str) -> str | None:
    """A state of the United States, or Japanese script."""
    return "US" if text.strip().lower().replace(" ", "").rstrip(".") in _STATES else _from_text(text)


def _from_postal(text: str) -> str | None:
    """The shape of a postal code, where only one country writes it so."""
    code = text.strip()
    return next((country for country, shape in _POSTAL if shape.fullmatch(code)), None)


def _from_phone(text: str) -> str | None:
    """The calling code, or the shape that only North American numbers have."""
    number = text.strip()
    called = next((country for prefix, country in _CALLING if number.startswith(prefix)), None)
    return called or ("US" if _NANP.match(number) and not _BARE_MOBILE.fullmatch(number) else None)


def _from_email(text: str) -> str | None:
    """The country of the address's domain."""
    return _DOMAINS.get(text.strip().rpartition(".")[2].lower())


_SEEN: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("region", _from_region),
    ("postal_code", _from_postal),
    ("city", _from_text),
    ("street", _from_text),
    ("address", _from_text),
    ("full_name", _from_text),
    ("family_name", _from_text),
    ("organization", _from_text),
    ("phone", _from_phone),
    ("email", _from_email),
)


def find_countries(columns: Mapping[str, Column], defaults: Column) -> tuple[Column, Column]:
    """Return (country, said) per row, ISO alpha-2: the country to read values by, and the same without the default.

    `columns` are those of SOURCE_RECORDS, `defaults` the default country of each row's source.
    """
    looked = [name for name in ("country", *(name for name, _ in _SEEN)) if name in columns]
    country, said = see_countries({name: encode(columns[name]) for name in looked}, encode(defaults))
    return country.texts(), said.texts()


def see_countries(columns: Mapping[str, Coded], defaults: Coded) -> tuple[Coded, Coded]:
    """Return `find_countries` of columns as codes; both results have the same values."""
    said = np.full(len(defaults), -1, dtype=np.int32)
    numbers: dict[str, int] = {}  # country -> its code
    looks: tuple[tuple[str, Callable[[str], str | None]], ...] = (("country", country_code), *_SEEN)
    for name, look in looks:
        open_rows = np.flatnonzero(said < 0)
        if name in columns and len(open_rows):
            codes, values = columns[name].codes[open_rows], columns[name].values
            found = np.full(len(values), -1, dtype=np.int32)
            met = np.zeros(len(values), dtype=np.bool_)
            met[codes] = True
            for code in np.flatnonzero(met[:-1]):
                country = look(values[code])
                if country is not None:
                    found[code] = numbers.setdefault(country, len(numbers))
            said[open_rows] = found[codes]
    default = [numbers.setdefault(value, len(numbers)) if value else -1 for value in defaults.values]
    filled = np.where(said < 0, np.array(default, dtype=np.int32)[defaults.codes], said)
    values = objects([*numbers, None])
    return Coded(filled, values), Coded(said, values)
