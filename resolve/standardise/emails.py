"""E-mail cells to addresses and keys: providers' rules, role mailboxes, placeholders, disposable domains."""

import re
from typing import NamedTuple

from resolve.standardise import email_domains as lists
from resolve.standardise.cells import clean_list


class Emails(NamedTuple):
    """The addresses of one cell.

    `emails`: cleaned addresses, the first is the main one. `keys`: one per mailbox, by its provider's rules, without
    placeholders. `roles`: the keys that belong to a role. `work_domain`: domain of the first address that is no
    free-mail provider's. `blocked`: (value, reason) of what was dropped.
    """

    emails: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    work_domain: str | None = None
    blocked: tuple[tuple[str, str], ...] = ()


_NONE = Emails()
_SPLIT = re.compile(r"[\s,;、，<>()\[\]|]+")
_AT = re.compile(r"\s*[\[(]\s*(?:at|アット)\s*[\])]\s*", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@\"]{1,64}@(?:[^\s@.]{1,63}\.)+[^\s@.]{2,63}")
PLAIN = re.compile(r"[\w+-](?:[\w.+-]*[\w+-])?@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_LONGEST = 2000  # characters of a cell that are read; more is no list of addresses
_STRIP = "\"'.:;*"
_MARKS = "\"'*:;. "  # that are no part of a local part at its ends
_DIGITS_AT_END = re.compile(r"[\d]{1,3}$")
_SEPARATORS = str.maketrans("", "", ".-_")
_TO_BLANKS = str.maketrans(".-_", "   ")


def standardise_emails(cell: str | None) -> Emails:
    """Return the addresses of a cell and what each is worth as evidence. Never raises."""
    if not cell:
        return _NONE
    cell = cell[:_LONGEST]
    if PLAIN.fullmatch(cell):
        return _standardise_plain(cell)
    pieces = _SPLIT.split(_AT.sub("@", " ".join(clean_list(cell))))
    emails: dict[str, str] = {}
    blocked: dict[str, str] = {}
    for piece in pieces:
        if "@" not in piece:
            continue
        address = _clean_address(piece)
        if address is None:
            blocked[piece.lower()] = "malformed"
            continue
        local, _, domain = address.partition("@")
        reason = block_reason(local, domain)
        if reason:
            blocked[address] = reason
        else:
            emails[address] = mailbox_key(local, domain)
    keys = tuple(dict.fromkeys(emails.values()))
    roles = tuple(key for key in keys if is_role(key.partition("@")[0]))
    domains = (address.partition("@")[2] for address in emails)
    work = next((domain for domain in domains if domain not in lists.FREE_MAIL), None)
    return Emails(tuple(emails), keys, roles, work, tuple(blocked.items()))


def _standardise_plain(cell: str) -> Emails:
    """Return the one address of a cell that holds nothing else."""
    address = cell.lower()
    if not ADDRESS.fullmatch(address):
        return Emails(blocked=((address, "malformed"),))
    local, _, domain = address.partition("@")
    reason = block_reason(local, domain)
    if reason:
        return Emails(blocked=((address, reason),))
    key = mailbox_key(local, domain)
    role = is_role(key.partition("@")[0])
    return Emails((address,), (key,), (key,) if role else (), None if domain in lists.FREE_MAIL else domain)


def _clean_address(piece: str) -> str | None:
    """Return one address in lower case with an ASCII domain, or None where it is none."""
    text = piece.lower()
    text = text.removeprefix("mailto:").partition("?")[0]
    local, _, domain = text.rpartition("@")
    domain = domain.strip(_STRIP)
    # old carrier addresses may end in dots; elsewhere dots are stripped in any mixture with the other marks
    local = local.strip(_MARKS.replace(".", "") if domain in lists.LEGACY_CARRIERS else _MARKS)
    if not domain.isascii():
        domain = _ascii_domain(domain)
    address = f"{local}@{domain}"
    return address if ADDRESS.fullmatch(address) else None


def _ascii_domain(domain: str) -> str:
    """Return an international domain in its ASCII form, or as it is where it has none."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def mailbox_key(local: str, domain: str) -> str:
    """Return the one name of a mailbox by its provider's rules: dots, tags and sister domains.

    A domain without known rules keeps its tag: there, a+b may well be another mailbox than a.
    """
    domain = lists.SAME_DOMAIN.get(domain, domain)
    name = local
    if domain in lists.TAG_PROVIDERS:
        name = name.partition("+")[0] or name
    if domain == "gmail.com":
        name = name.replace(".", "") or name
    elif domain == "proton.me":
        name = name.translate(_SEPARATORS) or name
    if name != local:  # a mark that cleaning takes off at an end may have become one: 0*+x
        name = name.strip(_MARKS) or local
    return f"{name}@{domain}"


def is_role(local: str) -> bool:
    """Say whether a local part names a role (info, sales2, customer-service, info-tokyo), not a person."""
    name = local.partition("+")[0].translate(_SEPARATORS)
    if name in lists.ROLES or (name[-1:].isdecimal() and _DIGITS_AT_END.sub("", name) in lists.ROLES):
        return True
    return is_placed_role(local)


def is_placed_role(local: str) -> bool:
    """Say whether a local part names a role and where it sits: info-tokyo, osaka.sales2, contact_jp.

    Two letters before a place are initials as often as a role: hr.chiba, it.osaka.
    """
    words = _DIGITS_AT_END.sub("", local.partition("+")[0]).translate(_TO_BLANKS).split()
    if len(words) < 2 or not (words[0] in lists.PLACES or words[-1] in lists.PLACES):
        return False
    roles = [word for word in words if word not in lists.PLACES]
    return len(roles[0]) > 2 and "".join(roles) in lists.ROLES if roles else False


def block_reason(local: str, domain: str) -> str | None:
    """Return why an address is no evidence of anybody: placeholder or disposable; None where it may be.

    A tag makes nobody of a placeholder: test+1 is as good as test.
    """
    name = (local.partition("+")[0] or local).translate(_SEPARATORS)
    label = domain.partition(".")[0]
    if name in lists.PLACEHOLDERS or domain in lists.PLACEHOLDER_DOMAINS:
        return "placeholder"
    if name == label.replace("-", "") and (name in lists.PLACEHOLDER_TWINS or len(set(name)) == 1):
        return "placeholder"
    if len(name) > 1 and len(set(name)) == 1 and len(set(label)) == 1:
        return "placeholder"
    return "disposable" if domain in lists.DISPOSABLE else None
