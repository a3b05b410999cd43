"""Term frequencies: sharing a rare name says more than sharing a common one.

bits(v) = log2(f(v) / sum f**2), added to log2 u of an agreeing level: below 0 for rare values, above for common.
"""

import numpy as np

from resolve.link.arrays import Floats, Hashes, Ints, Ragged, mix
from resolve.link.encode import Encoded
from resolve.link.filler_dates import COLUMN, find_filler_dates
from resolve.link.keys import name_forms
from resolve.link.rules import Frequencies, LinkRules

NAME_PARTS = ("family", "given")
READ_PARTS = ("family as read", "given as read")
FILLER_DATES = "filler birth dates"


def frequency_table(contacts: Encoded, rules: LinkRules, name: str) -> Frequencies:
    """Return the frozen frequencies of a field (see `count_frequencies`), or count them on these contacts.

    A model that was trained before READ_PARTS or FILLER_DATES were counted does without.
    """
    frozen = rules.frequencies.get(name)
    if frozen is None and rules.frequencies and name in (*READ_PARTS, FILLER_DATES):
        return _one_for_all(0.0)
    return frozen if frozen is not None else count_frequencies(contacts, name)


def count_frequencies(contacts: Encoded, name: str) -> Frequencies:
    """Count how common each value of a field is; of a name part, each form (spelling, reading, nickname set).

    `name`: one of NAME_PARTS, READ_PARTS, a column; or FILLER_DATES, which has 1 for these dates and 0 for all others.
    """
    if name == FILLER_DATES:
        return _fillers(contacts)
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


def _fillers(contacts: Encoded) -> Frequencies:
    """Return a table of the birth dates that say nothing."""
    hashes = np.sort(contacts.text(COLUMN).hashes[find_filler_dates(contacts)])
    return Frequencies(hashes, np.ones(len(hashes)), 0.0)


def _one_for_all(bits: float) -> Frequencies:
    """Return a table that gives the same bits to every value."""
    return Frequencies(np.empty(0, dtype=np.uint64), np.empty(0), bits)


def _as_read(contacts: Encoded, name: str) -> float:
    """Return what to add to the bits of a form that two contacts share without the same spelling.

    The bits of a form are relative to how often spellings agree by chance. Over pairs that agree by chance in a form
    but not in its spelling the mean of 2^-bits must be 1; forms that unite many names make up most of them.
    """
    part = contacts.family if name == "family" else contacts.given
    table = contacts.parts
    held = np.bincount(part[part >= 0], minlength=len(table.key)).astype(np.float64)
    # Spellings of one name meet whatever they are written in; readings say something across scripts only.
    apart = np.maximum(
        pairs_apart(table.spellings, table.key, held, len(table.texts)),
        pairs_apart(table.readings, table.script, held, len(table.texts)),
    )
    forms = name_forms(contacts, np.arange(len(held), dtype=part.dtype))
    count = np.bincount(forms.values, weights=np.repeat(held, forms.counts), minlength=len(table.texts))
    use = np.flatnonzero(apart > 0.5)
    if not len(use):
        return 0.0
    agree = _agree(np.bincount(table.key + 1, weights=held)[1:])
    rarer = float((apart[use] * agree * held.sum() / count[use]).sum() / apart[use].sum())
    return min(float(np.log2(rarer)), 0.0)


def pairs_apart(lists: Ragged, kind: Ints, held: Floats, size: int) -> Floats:
    """Return for each of `size` forms the ordered pairs of contacts that share it and are of different kinds.

    `lists`, `kind`, `held`: forms, kind and contacts of each name part.
    """
    width = np.int64(int(kind.max(initial=0)) + 2)
    weight = np.repeat(held, lists.counts)
    cell, at = np.unique(lists.values * width + np.repeat(kind, lists.counts) + 1, return_inverse=True)
    alike = np.bincount(cell // width, weights=np.bincount(at, weights=weight) ** 2, minlength=size)
    return np.asarray(np.bincount(lists.values, weights=weight, minlength=size) ** 2 - alike)


def _agree(counts: Ints | Floats) -> float:
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
