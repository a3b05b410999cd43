"""Term frequencies: sharing a rare name says more than sharing a common one.

bits(v) = log2(f(v) / sum f**2), added to log2 u of an agreeing level: below 0 for rare values, above for common.
"""

import numpy as np

from resolve.link.arrays import Floats, Hashes, Ints, mix
from resolve.link.encode import Encoded
from resolve.link.keys import latin_form, name_forms
from resolve.link.rules import Frequencies, LinkRules

NAME_PARTS = ("family", "given")
READ_PARTS = ("family as read", "given as read")


def frequency_table(contacts: Encoded, rules: LinkRules, name: str) -> Frequencies:
    """Return the frozen frequencies of a field (NAME_PARTS, READ_PARTS or a column), or count them on these contacts.

    A model that was trained before READ_PARTS were counted does without.
    """
    frozen = rules.frequencies.get(name)
    if frozen is None and rules.frequencies and name in READ_PARTS:
        return _one_for_all(0.0)
    return frozen if frozen is not None else count_frequencies(contacts, name)


def count_frequencies(contacts: Encoded, name: str) -> Frequencies:
    """Count how common each value of a field is; of a name part, each form (spelling, reading, nickname set)."""
    if name in READ_PARTS:
        return _one_for_all(_as_read(contacts, NAME_PARTS[READ_PARTS.index(name)]))
    if name not in NAME_PARTS:
        column = contacts.text(name)
        return _frequencies(column.hashes, column.counts, column.counts)
    part = contacts.family if name == "family" else contacts.given
    table = contacts.parts
    forms = np.bincount(name_forms(contacts, part).values, minlength=len(table.texts))
    keys = np.bincount(table.key[part[part >= 0]], minlength=len(table.texts))
    seen = forms > 0
    return _frequencies(mix(table.hashes)[seen], forms[seen], keys)


def _one_for_all(bits: float) -> Frequencies:
    """Return a table that gives the same bits to every value."""
    return Frequencies(np.empty(0, dtype=np.uint64), np.empty(0), bits)


def _as_read(contacts: Encoded, name: str) -> float:
    """Return what to add to the bits of a form that two contacts share without the same spelling.

    The bits of a form are relative to how often spellings agree by chance; readings unite many spellings, so they agree
    by chance more often.
    """
    part = contacts.family if name == "family" else contacts.given
    held = part[part >= 0]
    spelt, read = (_agree(np.bincount(form[held])) for form in (contacts.parts.key, latin_form(contacts)))
    return min(float(np.log2(spelt / read)), 0.0)


def _agree(counts: Ints) -> float:
    """Return the chance that two different contacts agree, from the counts of values."""
    total = max(int(counts.sum()), 1)
    return max(float((counts * (counts - 1.0)).sum()) / max(total * (total - 1.0), 1.0), 1.0 / total)


def _frequencies(hashes: Hashes, counts: Ints, exact: Ints) -> Frequencies:
    """Build the table; `exact` are the counts of the values that can be equal."""
    total = max(int(exact.sum()), 1)
    # The chance that two different contacts agree: the pairs of a contact with itself do not count.
    agree = _agree(exact)
    several = np.flatnonzero(counts > 1)  # what was seen once is as rare as what was never seen
    order = several[np.argsort(hashes[several], kind="stable")]
    bits: Floats = np.log2(counts[order] / total / agree)
    return Frequencies(hashes[order], bits, float(np.log2(1.0 / total / agree)))
