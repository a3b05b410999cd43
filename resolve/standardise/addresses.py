"""Addresses of any country to one form: display values, and the keys that comparisons read."""

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_japan import standardise_japanese
from resolve.standardise.addresses_western import standardise_western
from resolve.standardise.country import country_code

__all__ = ["Address", "AddressParts", "standardise_address"]


def standardise_address(parts: AddressParts) -> Address:
    """Return an address in one form."""
    country = country_code(parts.country)
    if country == "JP":
        return standardise_japanese(parts)
    return standardise_western(parts, country)
