"""The two forms of an address: the parts as a source holds them, and the standard form with its keys."""

from typing import NamedTuple


class AddressParts(NamedTuple):
    """An address as received; `country` is a name or code, and `address` the whole address where it is one field."""

    country: str | None = None
    postal_code: str | None = None
    region: str | None = None
    city: str | None = None
    street: str | None = None
    building: str | None = None
    address: str | None = None


class Address(NamedTuple):
    """An address in standard form: the columns of CONTACTS with the same names, None where nothing is known."""

    country_code: str | None = None
    postal_code: str | None = None
    region: str | None = None
    city: str | None = None
    street: str | None = None
    building: str | None = None
    postal_key: str | None = None
    region_key: str | None = None
    city_key: str | None = None
    street_key: str | None = None
    number_key: str | None = None
    unit_key: str | None = None
