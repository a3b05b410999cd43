"""Person names: from the name columns of a record to parts, keys, variants and readings."""

from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.companies import has_legal_form
from resolve.standardise.kana import is_kana, to_katakana
from resolve.standardise.names_companies import take_company
from resolve.standardise.names_keys import Part, family_part, given_part
from resolve.standardise.names_marks import is_fake, is_handle
from resolve.standardise.names_split import Person, add_kana, name_cell, split_columns, whole_name_cell
from resolve.standardise.names_syllables import settle_syllables, syllable_marks
from resolve.standardise.names_western import generation
from resolve.standardise.text import compact, fold


class NameParts(NamedTuple):
    """The name columns of a source record as received; `mailboxes` are the folded local parts of its addresses."""

    full_name: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    name_suffix: str | None = None
    full_name_kana: str | None = None
    family_name_kana: str | None = None
    given_name_kana: str | None = None
    mailboxes: str | None = None


class Name(NamedTuple):
    """The name columns of CONTACTS; `company` is set where the name cell holds one, alone or beside a person."""

    full_name: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    name_suffix: str | None = None
    family_name_kana: str | None = None
    given_name_kana: str | None = None
    family_key: str | None = None
    family_variants: str | None = None
    family_readings: str | None = None
    family_script: str | None = None
    given_key: str | None = None
    given_variants: str | None = None
    given_readings: str | None = None
    given_script: str | None = None
    name_key: str | None = None
    reading_source: str | None = None
    middle_key: str | None = None
    suffix_key: str | None = None
    company: str | None = None


NO_NAME = Name()
_CACHE = 1 << 16  # distinct parts kept; beyond it the oldest are computed again


def standardise_name(parts: NameParts) -> Name:
    """Return the standardised name of a record. Never raises; a name that names nobody is all None."""
    if parts.family_name and parts.given_name and is_fake(parts.family_name, parts.given_name):
        return NO_NAME
    full, family, given = whole_name_cell(parts[0]), name_cell(parts[1]), name_cell(parts[2])
    company = None if given else next((c for c in (full, family) if c and has_legal_form(c)), None)
    if company:
        full, company = take_company(company)
        if full is None:
            return Name(company=company)
        family = None
    if full or not family:
        mailboxes = frozenset((parts.mailboxes or "").split())
        if full and is_handle(full, mailboxes):
            full = None
        if given and not family and is_handle(given, mailboxes):
            given = None
    person = split_columns(full, family, given)
    person = add_kana(person and settle_syllables(person), parts[5:8])
    if person is None:
        return NO_NAME
    return _build(person, name_cell(parts.middle_name), name_cell(parts.name_suffix))._replace(company=company)


def _build(person: Person, middle: str | None, suffix: str | None) -> Name:
    """Return the contact's name columns from the split person."""
    family, family_keys, family_kana = family_columns(person.family, person.family_kana)
    given, given_keys, given_kana = given_columns(person.given, person.given_kana)
    whole = (family.key if family else "") + (given.key if given else "") or whole_key(person.whole)
    if not whole:
        return NO_NAME
    middle = middle or person.middle
    suffix = (generation(suffix) if suffix else None) or person.suffix
    if person.former:
        family_keys = _columns(family, _former(person.former))
    marks = syllable_marks(person.family, person.given)
    if person.nickname or middle or marks:
        given_keys = _columns(given, (*marks, *_nicknames(person, middle)))
    return Name(
        person.whole,
        person.family if family else None,
        person.given if given else None,
        middle,
        suffix,
        family_kana,
        given_kana,
        *family_keys,
        *given_keys,
        whole,
        reading_source(family, given),
        compact(fold(middle))[:1] or None if middle else None,
        suffix,
    )


_Keys = tuple[str | None, str | None, str | None, str | None]
_Columns = tuple[Part | None, _Keys, str | None]


@lru_cache(_CACHE)
def family_columns(text: str | None, kana: str | None) -> _Columns:
    """Return the keys of a family name, its four contact columns, and the reading to show."""
    part = family_part(text, kana) if text else None
    return part, _columns(part, ()), _kana(text, kana)


@lru_cache(_CACHE)
def given_columns(text: str | None, kana: str | None) -> _Columns:
    """Return the keys of a given name, its four contact columns, and the reading to show."""
    part = given_part(text, kana) if text else None
    return part, _columns(part, ()), _kana(text, kana)


def reading_source(family: Part | None, given: Part | None) -> str | None:
    """Return whether the readings of the parts are given or guessed; None where there are none."""
    read = [part.guessed for part in (family, given) if part is not None and part.readings]
    return None if not read else "guessed" if True in read else "given"


def whole_key(text: str) -> str:
    """Return the key of a name that could not be split; kana in one spelling."""
    part = family_part(text, None)
    return part.key if part else ""


def _columns(part: Part | None, more: tuple[str, ...]) -> _Keys:
    """Return key, variants, readings and script of one part as contact columns."""
    if part is not None and not more:
        return part.key, " ".join(part.variants) or None, " ".join(part.readings) or None, part.script
    if part is None:
        return None, " ".join(more) or None, None, None
    variants = tuple(dict.fromkeys((*part.variants, *more)))
    return part.key, " ".join(variants) or None, " ".join(part.readings) or None, part.script


def _former(name: str) -> tuple[str, ...]:
    """Return the former family name as a variant."""
    part = family_part(name, None)
    return (f"former={part.key}",) if part else ()


def _nicknames(person: Person, middle: str | None) -> tuple[str, ...]:
    """Return what else the given name is known by: a nickname in brackets, a middle name behind an initial."""
    if not person.nickname and not middle:
        return ()
    more: list[str] = []
    nick = given_part(person.nickname, None) if person.nickname else None
    if nick:
        more += [nick.key, *nick.variants]
    if middle and person.given and person.given.isascii():
        first, second = compact(fold(person.given)), compact(fold(middle))
        if len(second) > 1:
            more.append(second if len(first) == 1 else first + second)
    return tuple(more)


def _kana(text: str | None, kana: str | None) -> str | None:
    """Return the reading to show: the given one, or the name itself where it is kana."""
    for said in (kana, text):
        if said and is_kana(said):
            return to_katakana(said)
    return None
