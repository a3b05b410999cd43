"""Term frequencies: sharing a rare name says more than sharing a common one.

bits(v) = log2(f(v) / sum f**2), added to log2 u of an agreeing level: below 0 for rare values, above for common.
"""

import numpy as np

from resolve.link.arrays import Floats, Hashes, Ints, mix
from resolve.link.encode import Encoded
from resolve.link.keys import name_forms
from resolve.link.rules import Frequencies, LinkRules

NAME_PARTS = ("family", "given")


def frequency_table(contacts: Encoded, rules: LinkRules, name: str) -> Frequencies:
    """Return the frozen frequencies of a field ("family", "given" or a column), or count them on these contacts."""
    frozen = rules.frequencies.get(name)
    return frozen if frozen is not None else count_frequencies(contacts, name)


def count_frequencies(contacts: Encoded, name: str) -> Frequencies:
    """Count how common each value of a field is; of a name part, each form (spelling, reading, nickname set)."""
    if name not in NAME_PARTS:
        column = contacts.text(name)
        return _frequencies(column.hashes, column.counts, column.counts)
    part = contacts.family if name == "family" else contacts.given
    table = contacts.parts
    forms = np.bincount(name_forms(contacts, part).values, minlength=len(table.texts))
    keys = np.bincount(table.key[part[part >= 0]], minlength=len(table.texts))
    seen = forms > 0
    return _frequencies(mix(table.hashes)[seen], forms[seen], keys)


def _frequencies(hashes: Hashes, counts: Ints, exact: Ints) -> Frequencies:
    """Build the table; `exact` are the counts of the values that can be equal."""
    total = max(int(exact.sum()), 1)
    # The chance that two different contacts agree: the pairs of a contact with itself do not count.
    agree = float((exact * (exact - 1.0)).sum()) / max(total * (total - 1.0), 1.0)
    agree = max(agree, 1.0 / total)
    several = np.flatnonzero(counts > 1)  # what was seen once is as rare as what was never seen
    order = several[np.argsort(hashes[several], kind="stable")]
    bits: Floats = np.log2(counts[order] / total / agree)
    return Frequencies(hashes[order], bits, float(np.log2(1.0 / total / agree)))
