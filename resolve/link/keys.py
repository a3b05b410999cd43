"""Blocking keys: for each rule the 64-bit keys of every contact, as lists, because some keys have several values.

Joined values (given + family name, postcode + company) are never built as text: their hashes are combined.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Codes32, Hashes, Ints, Ragged, hash_text, mix, powers, ragged
from resolve.link.encode import Encoded, ListColumn
from resolve.link.local_numbers import local_keys
from resolve.link.parts import LATIN
from resolve.sets import among, distinct

MOST_FORMS = 24  # combinations of forms of one name; more would be noise


def rule_keys(contacts: Encoded, keys: tuple[str, ...]) -> Ragged:
    """Return the keys of each contact under a rule of these key names: all combinations; none where one is missing.

    Without key names all contacts share one key. Values are int64 views of 64-bit hashes.
    """
    everyone = np.zeros(len(contacts), dtype=np.int64)
    lists = key_values(contacts, keys[0]) if keys else ragged(np.arange(len(contacts)), everyone, len(contacts))
    for name in keys[1:]:
        lists = cross_values(lists, key_values(contacts, name))
    return lists


def key_values(contacts: Encoded, name: str) -> Ragged:
    """Return the values of one key for each contact: built-in, a column, or `column:n`, its first n letters."""
    if name in BUILT_IN:
        return contacts.once(("key", name), lambda: BUILT_IN[name](contacts))
    column, _, length = name.partition(":")
    values = contacts.text(column)
    hashes = values.hashes if not length else mix(hash_text(pc.utf8_slice_codeunits(values.values, 0, int(length)))[0])
    return _single(values.codes, hashes)


def _single(codes: Codes32, hashes: Hashes) -> Ragged:
    """Return lists of at most one hash from codes, -1 for none."""
    rows = np.flatnonzero(codes >= 0)
    return ragged(rows, hashes[codes[rows]].view(np.int64), len(codes))


def cross_values(left: Ragged, right: Ragged) -> Ragged:
    """Return every combination of a left and a right value of the same contact."""
    size = len(left.offsets) - 1
    owner, a = left.take(np.arange(size))
    counts = right.counts[owner]
    _, b = right.take(owner)
    mixed = mix(np.repeat(a, counts).view(np.uint64) * np.uint64(3) + b.view(np.uint64))
    return ragged(np.repeat(owner, counts), mixed.view(np.int64), size)


def _elements(column: ListColumn, hashes: Hashes, keep: np.ndarray) -> Ragged:
    """Return the hashes of the kept elements of a list column."""
    codes = column.lists.values
    chosen = np.flatnonzero(keep[codes])
    return ragged(column.owners[chosen], hashes[codes[chosen]].view(np.int64), len(column.lists.counts))


def _whole_elements(contacts: Encoded, column: str) -> Ragged:
    """Return every element of a list column."""
    lists = contacts.lists(column)
    return _elements(lists, lists.values.hashes, np.ones(len(lists.values.values), dtype=bool))


def _email_parts(contacts: Encoded, pattern: str, shortest: int) -> Ragged:
    """Return the local parts of personal mailboxes without what `pattern` matches, from `shortest` characters on."""
    lists = contacts.lists("email_keys")
    texts = pc.replace_substring_regex(lists.values.values, pattern, "")
    long = np.asarray(pc.utf8_length(texts).to_numpy(zero_copy_only=False)) >= shortest
    roles = pc.is_in(lists.values.values, value_set=contacts.lists("role_emails").values.values)
    personal = ~np.asarray(roles.to_numpy(zero_copy_only=False), dtype=bool)
    return _elements(lists, mix(hash_text(texts)[0]), long & personal)


def _names(contacts: Encoded) -> Ragged:
    """Return one value for every combination of a family and a given form, in either order, and for the whole name."""
    family, given = name_forms(contacts, contacts.family), name_forms(contacts, contacts.given)
    return _join(_cross_names(contacts, family, given), whole_names(contacts))


def whole_names(contacts: Encoded) -> Ragged:
    """Return hashes of each name written together, in either order, as it stands and as it is read.

    Names that were split in different places, or not at all, meet here.
    """
    whole = contacts.text("name_key")
    lists = [_single(whole.codes, whole.hashes)]
    for forms in (contacts.parts.key, latin_form(contacts)):
        lists += _joined(contacts, forms, forms)[:2]
    return _join(*lists)


def _cross_names(contacts: Encoded, family: Ragged, given: Ragged) -> Ragged:
    """Return order-free hashes of all form combinations."""
    owner, f, g = _combinations(family, given)
    hashes = contacts.parts.hashes
    mixed = mix(mix(hashes[f]) + mix(hashes[g]))  # a sum does not know the order
    return ragged(owner, mixed.view(np.int64), len(contacts))


def _combinations(family: Ragged, given: Ragged) -> tuple[Ints, Ints, Ints]:
    """Return (contact, family form, given form) of every combination, the first MOST_FORMS of each contact."""
    size = len(family.offsets) - 1
    owner, f = family.take(np.arange(size))
    counts = given.counts[owner]
    _, g = given.take(owner)
    owner, f = np.repeat(owner, counts), np.repeat(f, counts)
    rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
    keep = rank < MOST_FORMS
    return owner[keep], f[keep], g[keep]


def name_forms(contacts: Encoded, part: Codes32) -> Ragged:
    """Return all forms (spellings, then readings) of one name part of each contact, each once."""
    rows = np.flatnonzero(part >= 0)
    table = contacts.parts
    kinds = [lists.take(part[rows].astype(np.int64)) for lists in (table.spellings, table.readings)]
    width = np.int64(max(len(table.texts), 1))
    packed = distinct(np.concatenate([rows[at] * width + forms for at, forms in kinds]))
    return ragged(packed // width, packed % width, len(part))


def _join(*lists: Ragged) -> Ragged:
    """Return the lists of all, joined contact by contact; a value may stand there twice."""
    size = len(lists[0].offsets) - 1
    owner = np.concatenate([np.repeat(np.arange(size), each.counts) for each in lists])
    order = np.argsort(owner, kind="stable")
    return ragged(owner[order], np.concatenate([each.values for each in lists])[order], size)


def _part_values(contacts: Encoded, part: Codes32) -> Ragged:
    """Return hashes of all forms of one name part."""
    forms = name_forms(contacts, part)
    return Ragged(forms.offsets, mix(contacts.parts.hashes[forms.values]).view(np.int64))


def latin_form(contacts: Encoded) -> Ints:
    """Return the form that stands for each part in letters: its first reading, else its key."""
    table = contacts.parts
    has = table.readings.counts > 0
    first = table.key.copy()
    first[has] = table.readings.values[table.readings.offsets[:-1][has]]
    return first


def _prefix(contacts: Encoded, part: Codes32, length: int) -> Ragged:
    """Return the first letters of one name part."""
    texts = pa.array(contacts.parts.texts[latin_form(contacts)], type=pa.string())
    return _single(part, mix(hash_text(pc.utf8_slice_codeunits(texts, 0, length))[0]))


def _initials(contacts: Encoded) -> Ragged:
    """Return the first letters of both name parts, in either order."""
    family, given = _prefix(contacts, contacts.family, 1), _prefix(contacts, contacts.given, 1)
    both = (family.counts > 0) & (given.counts > 0)
    rows = np.flatnonzero(both)
    total = family.values[family.offsets[rows]].view(np.uint64) + given.values[given.offsets[rows]].view(np.uint64)
    return ragged(rows, mix(total).view(np.int64), len(contacts))


def _name_letters(contacts: Encoded) -> Ragged:
    """Return the name written together (three ways) where a mailbox spells it, and the letters of every mailbox."""
    mailboxes, ways = spelled_names(contacts)
    known = distinct(mailboxes.values)
    # A name that no mailbox spells would only pair with names, which is the work of another rule.
    return _join(mailboxes, *(_only(way, among(way.values, known)) for way in ways))


def spelled_names(contacts: Encoded) -> tuple[Ragged, list[Ragged]]:
    """Return the letters of every mailbox, and the names written together in all ways that a mailbox may spell."""
    table = contacts.parts
    own = np.where(table.script == LATIN, table.key, -1)
    forms = np.stack([own, np.where(table.readings.counts > 0, latin_form(contacts), -1)])
    ways = [way for f in forms for g in forms for way in _joined(contacts, f, g)]
    return _email_parts(contacts, r"@.*$|[^\p{L}]", 6), ways


def _only(lists: Ragged, keep: np.ndarray) -> Ragged:
    """Return the lists without the elements that are not kept."""
    size = len(lists.offsets) - 1
    owner = np.repeat(np.arange(size), lists.counts)
    return ragged(owner[keep], lists.values[keep], size)


def _joined(contacts: Encoded, f: Ints, g: Ints) -> list[Ragged]:
    """Return the joined letters of family form f and given form g of each part, three ways."""
    table = contacts.parts
    rows = np.flatnonzero((contacts.family >= 0) & (contacts.given >= 0))
    family, given = f[contacts.family[rows]], g[contacts.given[rows]]
    fine = (family >= 0) & (given >= 0)
    fine[fine] = table.lengths[family[fine]] + table.lengths[given[fine]] >= 6
    rows, family, given = rows[fine], family[fine], given[fine]
    initials = hash_text(pc.utf8_slice_codeunits(pa.array(table.texts, type=pa.string()), 0, 1))
    h, n = table.hashes, table.lengths
    ways = (
        h[given] + powers(n[given]) * h[family],
        h[family] + powers(n[family]) * h[given],
        initials[0][given] + powers(initials[1][given]) * h[family],
    )
    return [ragged(rows, mix(way).view(np.int64), len(contacts)) for way in ways]


def _organisations(contacts: Encoded) -> Ragged:
    """Return the company name of contacts that are organisations themselves."""
    core = contacts.text("org_key")
    return _single(np.where(contacts.organisation, core.codes, -1), core.hashes)


BUILT_IN: dict[str, Callable[[Encoded], Ragged]] = {
    "email": lambda c: _whole_elements(c, "email_keys"),
    "email_local": lambda c: _email_parts(c, r"@.*$", 5),
    "email_letters": lambda c: _email_parts(c, r"@.*$|[^\p{L}]", 7),
    "phone": lambda c: _whole_elements(c, "phone_keys"),
    "local_number": local_keys,
    "organisation": _organisations,
    "name": _names,
    "family": lambda c: _part_values(c, c.family),
    "given": lambda c: _part_values(c, c.given),
    "family_prefix": lambda c: _prefix(c, c.family, 4),
    "given_prefix": lambda c: _prefix(c, c.given, 3),
    "initials": _initials,
    "name_letters": _name_letters,
}
NAMED = frozenset(name for name in BUILT_IN if name.startswith(("name", "family", "given", "initials")))  # read names
