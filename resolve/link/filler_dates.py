"""Birth dates that stand for "unknown": a system's default date, which many people of different names share."""

import numpy as np

from resolve.link.arrays import Bools
from resolve.link.encode import Encoded

COLUMN = "birth_key"
FEWEST_NAMES = 10  # given names; one person with many records, or a family, does not reach it
TIMES, USUAL = 5, 100  # so many times as common as the hundredth most common date: classes of one year stay


def find_filler_dates(contacts: Encoded) -> Bools:
    """Return by code of the birth dates which ones are fillers: far more common than others, among many given names."""
    column = contacts.text(COLUMN)
    held = column.counts
    if not len(held):
        return np.zeros(0, dtype=bool)
    # Fillers are few, but may be the first day of every year; the people of a school share a thousand dates.
    usual = np.sort(held)[::-1][min(USUAL - 1, len(held) // 2)]
    common = (held > TIMES * usual) & (held >= FEWEST_NAMES)
    if not common.any():
        return np.asarray(common)
    rows = np.flatnonzero((column.codes >= 0) & (contacts.given >= 0))
    rows = rows[common[column.codes[rows]]]
    keys = contacts.parts.key[contacts.given[rows]].astype(np.int64)
    width = np.int64(int(keys.max(initial=0)) + 1)
    named = np.unique(column.codes[rows] * width + keys) // width
    return np.asarray(common & (np.bincount(named, minlength=len(held)) >= FEWEST_NAMES))
