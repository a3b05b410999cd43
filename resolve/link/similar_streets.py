"""Street lines that are one street in other words: a type left out, a word more, one or two letters wrong."""

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from resolve.link.arrays import Bools, Ints, distinct_pairs
from resolve.link.encode import Column

_COMPASS = frozenset(("n", "s", "e", "w", "ne", "nw", "se", "sw"))
_LETTERS_AN_EDIT = 5  # letters that a name needs for each letter that may be wrong


def similar_streets(column: Column, rows: Bools, left: Ints, right: Ints) -> Bools:
    """Return which of the pairs marked by `rows` have streets in letters that differ, and yet may be one.

    The words of one begin the other (`s ashland`, `s ashland ave`), beyond a direction; or one letter in five at most
    differs (`n winthorp ave`, `n winthrop ave`), and no digit or direction.
    """
    result = np.zeros(len(left), dtype=bool)
    at = np.flatnonzero(rows & (column.codes[left] != column.codes[right]))
    if not len(at):
        return result
    low, high, position = distinct_pairs(
        column.codes[left[at]].astype(np.int64), column.codes[right[at]].astype(np.int64)
    )
    texts = column.texts
    words = {code: texts[code].split() for code in np.unique(np.concatenate([low, high])).tolist()}
    begins = np.asarray([_begins(words[a], words[b]) for a, b in zip(low.tolist(), high.tolist(), strict=True)])
    distance = cpdist(texts[low], texts[high], scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    shorter = np.minimum(column.lengths[low], column.lengths[high])
    near = (distance <= 2) & (distance * _LETTERS_AN_EDIT <= shorter)
    near[near] = [
        a.isascii() and b.isascii() and _telling(a) == _telling(b)
        for a, b in zip(texts[low[near]], texts[high[near]], strict=True)
    ]
    result[at] = (begins | near)[position]
    return result


def _begins(a: list[str], b: list[str]) -> bool:
    """Return whether the words of one street begin the other, with a word among them that is no direction."""
    shorter, longer = sorted((a, b), key=len)
    return longer[: len(shorter)] == shorter and any(w not in _COMPASS for w in shorter) and shorter[0].isascii()


def _telling(text: str) -> tuple[str, list[str]]:
    """Return what is never mistyped by chance: the digits and the directions of a street."""
    return "".join(c for c in text if c.isdigit()), [w for w in text.split() if w in _COMPASS]
