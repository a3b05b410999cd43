"""Western addresses: street types, directions, ordinals, units and postal codes made one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.addresses import Address, AddressParts, guess_country, standardise_address


def read(text: str, country: str | None = "JP") -> Address:
    """Return the standard form of an address in one field."""
    return standardise_address(AddressParts(country=country, address=text))


SAME = {
    "ordinal and abbreviations": ("55 West 5th St, Austin, TX 78701", "55 W. Fifth Street, Austin, Texas 78701"),
    "no commas": ("55 W 5th St Austin TX 78701", "55 West Fifth Street, Austin, TX 78701"),
    "ZIP+4": ("1643 Debbie Ct, Omaha, NE 68122-1234", "1643 Debbie Court, Omaha, NE 68122"),
    "apartment and number sign": (
        "123 Main St Apt 4B, Springfield, IL 62704",
        "123 Main Street #4B, Springfield IL 62704, USA",
    ),
    "suite": (
        "456 St. Charles Ave Suite 200, New Orleans, LA 70130",
        "456 Saint Charles Avenue, Ste 0200, New Orleans, LA 70130",
    ),
    "floor": ("350 5th Ave, 34th Floor, New York, NY 10118", "350 Fifth Avenue, Floor 34, New York, NY 10118"),
    "saint in the city": ("12 Elm St, St. Louis, MO 63101", "12 Elm Street, Saint Louis, Missouri 63101"),
    "direction at the end": (
        "1600 Pennsylvania Ave NW, Washington, DC 20500",
        "1600 Pennsylvania Avenue Northwest, Washington, DC 20500",
    ),
    "long ordinal": ("10 Twenty-First Ave, Denver, CO 80205", "10 21st Avenue, Denver, CO 80205"),
    "post office box": ("PO Box 123, Reno, NV 89501", "P.O. Box 123, Reno, NV 89501"),
    "British postcode": ("10 Downing Street, London SW1A 2AA", "10 Downing St, London, sw1a2aa, United Kingdom"),
    "British flat": ("Flat 3, 22 Baker St, London NW1 6XE", "22 Baker Street, Flat 3, London, NW1 6XE"),
    "British district": ("22b Baker Street, Marylebone, London NW1 6XE", "22B Baker St, London NW1 6XE"),
    "German street": ("Hauptstraße 12a, 10115 Berlin", "Hauptstr. 12 A, D-10115 Berlin, Germany"),
    "umlauts": ("Königsallee 5, 80331 München, Germany", "Koenigsallee 5, 80331 Munich, Germany"),
    "Australian unit": (
        "3/22 Smith St, Fitzroy VIC 3065",
        "Unit 3, 22 Smith Street, Fitzroy, Victoria 3065, Australia",
    ),
    "Canadian": ("111 Wellington St, Ottawa, ON K1A 0A9", "111 Wellington Street, Ottawa, Ontario k1a0a9, Canada"),
    "French": ("12 rue de la Paix, 75002 Paris, France", "12, Rue de la Paix, 75002 PARIS, France"),
}

DIFFERENT = {
    "direction": ("55 West 5th St, Austin, TX 78701", "55 East 5th St, Austin, TX 78701"),
    "street type": ("55 Park St, Austin, TX 78701", "55 Park Ave, Austin, TX 78701"),
    "number": ("55 Park St, Austin, TX 78701", "56 Park St, Austin, TX 78701"),
    "number and its letter": ("22a Baker Street, London NW1 6XE", "22b Baker Street, London NW1 6XE"),
    "apartment": ("123 Main St Apt 4B, Reno, NV 89501", "123 Main St Apt 4C, Reno, NV 89501"),
    "ordinal": ("55 5th St, Austin, TX 78701", "55 6th St, Austin, TX 78701"),
    "German street": ("Hauptstraße 12, 10115 Berlin", "Hauptweg 12, 10115 Berlin"),
    "house name": ("Rose Cottage, Church Lane, Ely CB7 4AB", "Ivy Cottage, Church Lane, Ely CB7 4AB"),
}


@pytest.mark.parametrize(("left", "right"), SAME.values(), ids=SAME.keys())
def test_two_notations_of_one_address_have_equal_keys(left: str, right: str) -> None:
    """The keys are equal, and number, street, city and postal code were all found."""
    assert read(left)[6:] == read(right)[6:]
    assert None not in (read(left).postal_key, read(left).city_key, read(left).street_key, read(left).number_key)


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_two_addresses_have_different_keys(left: str, right: str) -> None:
    """A different number, unit, direction or street type shows in the keys."""
    assert read(left)[6:] != read(right)[6:]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            AddressParts("US", "95850", "CA", "Sacramento", "5459 E 52nd St"),
            ("95850", "CA", "sacramento", "e 52nd st", "5459", None),
        ),
        (
            AddressParts("US", "2134", "Massachusetts", "Boston", "7 Elm St"),
            ("02134", "MA", "boston", "elm st", "7", None),
        ),
        (
            AddressParts("AU", "3065", "vic", "fitzroy", "12\njabanungga avenue", "villa 375"),
            ("3065", "VIC", "fitzroy", "jabanungga ave", "12", "375"),
        ),
        (
            AddressParts("US", "11101", "NY", "Queens", "45-10 21st St"),
            ("11101", "NY", "queens", "21st st", "45-10", None),
        ),
        (
            AddressParts("US", "63101", "MO", "Reno", "12 1/2 N Main St"),
            ("63101", "MO", "reno", "n main st", "12½", None),
        ),
        (AddressParts("DE", "1067", None, "Dresden", "Am Markt 3"), ("01067", None, "dresden", "ammarkt", "3", None)),
        (
            AddressParts("GB", "cb7 4ab", None, "Ely", "Church Lane", "Rose Cottage"),
            ("CB74AB", None, "ely", "church ln", None, None),
        ),
        (
            AddressParts("US", "00000", None, None, "1643 Debbie Ct\nApt 12"),
            (None, None, None, "debbie ct", "1643", "12"),
        ),
        (
            AddressParts("NL", "1012 LG", None, "Amsterdam", "Damrak 1"),
            ("1012LG", None, "amsterdam", "damrak", "1", None),
        ),
        (
            AddressParts("ES", "28013", "Madrid", "Madrid", "Calle Mayor, 5"),
            ("28013", "madrid", "madrid", "c mayor", "5", None),
        ),
    ],
)
def test_columns_give_the_keys_of_the_country(parts: AddressParts, expected: tuple[str | None, ...]) -> None:
    """Columns as vendors export them: codes for states, postal codes in full length, units apart."""
    assert standardise_address(parts)[6:] == expected


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("55 West 5th St, Austin, TX 78701", "US"),
        ("10 Downing Street, London SW1A 2AA", "GB"),
        ("Hauptstraße 12a, 10115 Berlin", "DE"),
        ("111 Wellington St, Ottawa, ON K1A 0A9", "CA"),
        ("3/22 Smith St, Fitzroy VIC 3065", "AU"),
        ("12 rue de la Paix, 75002 Paris, France", "FR"),
        ("東京都新宿区西新宿2-8-1", "JP"),
        ("2-8-1 Nishi-Shinjuku, Shinjuku-ku, Tokyo 160-0023", "JP"),
    ],
)
def test_content_shows_the_country_where_the_default_is_japan(text: str, country: str) -> None:
    """A default country yields to an address that plainly is elsewhere."""
    assert guess_country(AddressParts("JP", address=text)) == country


def test_a_given_country_other_than_the_default_stays() -> None:
    """An address in Latin letters keeps the country that its record states."""
    assert read("Hauptstraße 12, 1010 Wien", "AT").country_code == "AT"


@given(st.sampled_from([side for pair in SAME.values() for side in pair]))
def test_keys_do_not_depend_on_case_or_width(text: str) -> None:
    """Upper case, and full-width letters and digits, give the same keys."""
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    country = read(text).country_code
    assert read(wide, country)[6:] == read(text, country)[6:]
    assert read(text.upper(), country)[6:] == read(text, country)[6:]
