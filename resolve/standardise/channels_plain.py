"""Phone numbers and e-mail addresses of the plain form by a short way; all else is left to the long one.

The short way takes only cells that hold one Japanese number or one address and nothing else, and no dummy, placeholder,
tag or throw-away domain. What it returns is what `standardise_phones` and `standardise_emails` return.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise import email_domains as lists
from resolve.standardise.emails import ADDRESS, PLAIN, block_reason, is_placed_role
from resolve.standardise.phones import is_dummy

_N = "[0-9０-９]"
_NUMBER = re.compile(
    rf"(?:JP\|)?[0０]([1-9１-９]{_N}{{0,3}})[-－ ]?({_N}{{1,4}})[-－ ]?({_N}{{3,4}})"
    r"|0([1-9][0-9]{0,3})\(([0-9]{1,4})\)([0-9]{3,4})"
    r"|\+81[- ]?([1-9][0-9]{0,3})[- ]?([0-9]{1,4})[- ]?([0-9]{3,4})"
)
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
_LONGEST, _LONGEST_LOCAL = 300, 64  # characters
_DIGITS = "0123456789"


class PlainEmail(NamedTuple):
    """One address, its key, the key again where it is a role's, and the domain where it is an employer's."""

    email: str
    key: str
    role: str | None
    work_domain: str | None


class _Domain(NamedTuple):
    """What a domain says: the domain of its keys, its first label, whether dots count, its worth as an employer's."""

    key: str
    label: str
    dotless: bool
    work: str | None


def read_plain_phone(cell: str | None) -> str | None:
    """Return the E.164 number of a cell with one Japanese number; None where the long way must read the cell."""
    match = _NUMBER.fullmatch(cell) if cell else None
    if match is None or cell is None:
        return None
    national = "".join(filter(None, match.groups()))
    if not cell.isascii():
        national = national.translate(_WIDE)
    if len(national) != (10 if national[1] == "0" and national[0] in "56789" else 9):
        return None
    number = "+81" + national
    return None if is_dummy(number, number[1:]) else number


def read_plain_email(cell: str | None) -> PlainEmail | None:
    """Return the one address of a cell; None where the long way must read the cell."""
    if not cell or len(cell) > _LONGEST or "+" in cell or not PLAIN.fullmatch(cell):
        return None
    email = cell.lower()
    local, _, name = email.partition("@")
    domain = _read_domain(name)
    if domain is None or len(local) > _LONGEST_LOCAL:
        return None
    bare = local.replace(".", "").replace("-", "").replace("_", "")
    if bare == domain.label or bare in lists.PLACEHOLDERS:
        return None
    key = f"{(local.replace('.', '') or local) if domain.dotless else local}@{domain.key}"
    word = bare.rstrip(_DIGITS)
    role = bare in lists.ROLES or (word in lists.ROLES and len(bare) - len(word) <= 3)
    role = role or (bare is not local and is_placed_role(key.partition("@")[0]))
    return PlainEmail(email, key, key if role else None, domain.work)


@lru_cache(1 << 14)
def _read_domain(name: str) -> _Domain | None:
    """Return what a domain says; None where an address needs more than this, or the domain is none."""
    key, label = lists.SAME_DOMAIN.get(name, name), name.partition(".")[0]
    single = len(set(label)) == 1  # aa@aaa.com says nothing
    if single or key == "proton.me" or block_reason("", name) or not ADDRESS.fullmatch(f"x@{name}"):
        return None
    return _Domain(key, label.replace("-", ""), key == "gmail.com", None if name in lists.FREE_MAIL else name)
