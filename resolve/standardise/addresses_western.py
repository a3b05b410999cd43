"""Addresses of Western form: house number, street, unit, postal code."""

import re

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.text import clean, fold


def standardise_western(parts: AddressParts, country: str | None) -> Address:
    """Return an address of Western form in standard form."""
    street = clean(parts.street or parts.address) or None
    number = re.search(r"\d+", street or "")
    core = fold(re.sub(r"\d+", "", street or "")).strip() or None
    postal = re.sub(r"\W", "", clean(parts.postal_code)).upper() or None
    region, city = clean(parts.region) or None, clean(parts.city) or None
    return Address(
        country, postal, region, city, street, clean(parts.building) or None, postal,
        fold(region) or None, fold(city) or None, core, number[0] if number else None, None,
    )  # fmt: skip
