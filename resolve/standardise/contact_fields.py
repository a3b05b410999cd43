"""One function per group of fields: cells of a source record in, cells of a contact out.

Each takes plain texts and returns a tuple, so that it can be called once per distinct combination, in any process.
"""

from collections.abc import Sequence

from resolve.standardise.addresses import AddressParts, standardise_address
from resolve.standardise.cells import clean_cell
from resolve.standardise.channels import standardise_emails, standardise_identifier, standardise_phones
from resolve.standardise.channels_plain import read_plain_email, read_plain_phone
from resolve.standardise.companies import Company, corporate_number, standardise_company
from resolve.standardise.consent import standardise_consent
from resolve.standardise.dates import standardise_date
from resolve.standardise.gender import standardise_gender
from resolve.standardise.language import standardise_language

Cell = str | None

ADDRESS_IN = ("postal_code", "region", "city", "street", "building", "address")
ADDRESS_OUT = (
    "country_code",
    "postal_code",
    "region",
    "city",
    "street",
    "building",
    "postal_key",
    "region_key",
    "city_key",
    "street_key",
    "number_key",
    "unit_key",
)
EMAIL_OUT = ("emails", "email_keys", "role_emails", "work_domain", "blocked_emails")
PHONE_OUT = ("phones", "phone_keys", "blocked_phones", "phone_extensions")
COMPANY_OUT = Company._fields
CORPORATE_OUT = ("corporate_number", "blocked_numbers")
DATE_OUT = ("birth_date", "birth_key")

_PARTY = {
    "organization": (
        "organization",
        "organisation",
        "company",
        "business",
        "corporate",
        "b2b",
        "account",
        "法人",
        "企業",
        "会社",
        "団体",
    ),
    "person": ("person", "individual", "consumer", "contact", "b2c", "human", "個人", "一般"),
}
_PARTY_TYPES = {word: party for party, words in _PARTY.items() for word in words}


def address_row(country: Cell, *cells: Cell) -> tuple[Cell, ...]:
    """Return the address columns ADDRESS_OUT from the country and the cells ADDRESS_IN."""
    return standardise_address(AddressParts(country, *cells))


def email_row(cell: Cell) -> tuple[Cell, ...]:
    """Return the e-mail columns EMAIL_OUT of a cell."""
    plain = read_plain_email(cell)
    if plain is not None:
        return *plain, None
    found = standardise_emails(cell)
    return (
        _list(found.emails),
        _list(found.keys),
        _list(found.roles),
        found.work_domain,
        _blocked("email", found.blocked),
    )


def phone_row(cell: Cell, country: Cell) -> tuple[Cell, ...]:
    """Return the phone columns PHONE_OUT of a cell, read in a country."""
    plain = read_plain_phone(cell) if country == "JP" else None
    if plain is not None:
        return plain, plain, None, None
    found = standardise_phones(cell, country)
    return _list(found.phones), _list(found.keys), _blocked("phone", found.blocked), _list(found.extensions)


def company_row(cell: Cell) -> Company:
    """Return the company columns COMPANY_OUT of a cell."""
    return standardise_company(cell)


def corporate_row(cell: Cell) -> tuple[Cell, ...]:
    """Return the corporate number and, where the check digit is wrong, what was dropped."""
    number = corporate_number(cell)
    dropped = clean_cell(cell) if cell and not number else None
    return number, _blocked("corporate_number", [(dropped, "check digit")]) if dropped else None


def date_row(cell: Cell, country: Cell) -> tuple[Cell, ...]:
    """Return birth date and its key, read in a country."""
    return standardise_date(cell, country)


def consent_row(consent: Cell, opt_out: Cell) -> tuple[Cell]:
    """Return granted or denied from a consent cell and an opt-out cell."""
    return (standardise_consent(consent, opt_out),)


def gender_cell(cell: str) -> Cell:
    """Return female, male or other."""
    return standardise_gender(cell)


def language_cell(cell: str) -> Cell:
    """Return an ISO 639-1 code."""
    return standardise_language(cell)


def line_cell(cell: str) -> Cell:
    """Return a LINE user id as it is compared."""
    return standardise_identifier("line_user_id", cell, None)


def party_cell(cell: str) -> Cell:
    """Return person or organization, None where the source says neither."""
    return _PARTY_TYPES.get((clean_cell(cell) or "").lower())


def _list(values: tuple[str, ...]) -> Cell:
    """Return values separated by one space, None where there is none."""
    return " ".join(values) if values else None


def _blocked(kind: str, dropped: Sequence[tuple[str, str]]) -> Cell:
    """Return dropped values, one a line: type, tab, value, tab, reason."""
    if not dropped:
        return None
    return "\n".join(f"{kind}\t{value}\t{reason}" for value, reason in dropped) or None
