"""The contact channels of a record, and the identifier that an event names: the same value gives the same key."""

from resolve.standardise.cells import clean_cell
from resolve.standardise.emails import Emails, standardise_emails
from resolve.standardise.phones import Phones, standardise_phones

__all__ = ["Emails", "Phones", "standardise_emails", "standardise_identifier", "standardise_phones"]


def standardise_identifier(identifier_type: str, value: str | None, country: str | None) -> str | None:
    """Return the key of an identifier, equal to the key that a contact with this value has.

    `identifier_type` is email, phone or line_user_id; any other type gives the cleaned value. `country` is that of a
    phone number without international prefix. None where the value is no evidence: a dummy, a placeholder, nothing.
    """
    if identifier_type == "email":
        return next(iter(standardise_emails(value).keys), None)
    if identifier_type == "phone":
        return next(iter(standardise_phones(value, country).keys), None)
    text = clean_cell(value)
    return text.replace(" ", "") if text else None
