"""Japanese addresses from the prefecture to the room."""

import re

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.text import clean

_CHAIN = re.compile(r"(\d+)(?:丁目|番地|番|号|-)?")


def standardise_japanese(parts: AddressParts) -> Address:
    """Return a Japanese address in standard form."""
    text = clean("".join(filter(None, (parts.region, parts.city, parts.street or parts.address))))
    digits = re.sub(r"\D", "", clean(parts.postal_code))
    cut = re.search(r"\d", text)
    head = text[: cut.start()] if cut else text
    numbers = "-".join(_CHAIN.findall(text[len(head) :])) or None
    postal = digits if len(digits) == 7 else None
    region = clean(parts.region) or None
    city = clean(parts.city) or None
    building = clean(parts.building) or None
    return Address(
        "JP", postal, region, city, text or None, building, postal, region, city, head or None, numbers, None
    )
