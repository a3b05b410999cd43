"""Name parts: every form that a family or given name is known by, and the states in which two parts may agree.

A part is one distinct combination of key, variants, readings and script. Family and given names share one table,
so that a swapped order is compared like the straight one.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import pyarrow as pa

from resolve.link.arrays import Bools, Hashes, Ints, Ragged, hash_text, ragged

HAN, KANA, LATIN = 1, 2, 3
_SCRIPTS = {"han": HAN, "kana": KANA, "latin": LATIN}
_MARK = re.compile("^(?:former|alt|maybe)=")
_WEAKER = ("alt=", "maybe=")
_KNOWN = "known=yes"


class NamePart(StrEnum):
    """The two parts of a person's name."""

    FAMILY = "family"
    GIVEN = "given"


class State(IntEnum):
    """How two name parts agree, roughly from strong to weak; 0 is no evidence."""

    MISSING = 0
    EQUAL = 1
    VARIANT = 2  # nickname, former surname, another way to write letters, a certain reading
    READING = 3  # one of several possible readings; a kana given name beside a kanji family name
    ALTERNATE = 4  # another spelling, probably of the same name: tier-2 kanji, voicing, Katherine and Catherine
    SLIP = 5  # one slip in a long name
    FUZZY = 6
    DISTANT = 7
    INITIAL = 8
    HOMOPHONE = 9
    UNKNOWN = 10
    CONFLICT = 11
    APART = 12  # two known names, and not the same: no slip of the pen
    INSIDE = 13  # one inside the other: a variant of a family name, a fuzzy given name; never a level


@dataclass(frozen=True, slots=True)
class PartTable:
    """Distinct name parts; forms are positions in one dictionary of texts."""

    key: Ints  # form of the key
    spellings: Ragged  # forms that are or may be the same name: the key, nickname sets, a former surname, other kanji
    firm: Ragged  # those of them that are the same name for certain
    readings: Ragged  # forms that the part may be read as
    sure: Ragged  # those of them that are certain
    known: Bools  # the dictionaries hold the name
    script: Ints
    guessed: Bools  # readings come from a dictionary
    texts: np.ndarray  # the forms
    hashes: Hashes  # raw polynomial hash of each form
    lengths: Ints  # length of each form in bytes


def build_parts(columns: list[np.ndarray], guessed: Bools) -> PartTable:
    """Build the table from (keys, variants, readings, scripts) of the distinct parts, each an array of objects."""
    keys, variants, readings, scripts = columns
    spelled = [_words(k, v) for k, v in zip(keys, variants, strict=True)]
    firm = [_words(k, v, leave=_WEAKER) for k, v in zip(keys, variants, strict=True)]
    read = [_words(None, r) for r in readings]
    sure = [_words(None, r, leave=_WEAKER) for r in readings]
    # Sorted, so that "the largest form" of two parts does not depend on the other contacts.
    forms = {word: i for i, word in enumerate(sorted({w for words in (*spelled, *read) for w in words}))}
    texts = np.asarray(list(forms), dtype=object)
    hashes, lengths = hash_text(pa.array(texts, type=pa.string()))
    key = np.asarray([forms[k] if k else -1 for k in keys], dtype=np.int64)
    script = np.asarray([_SCRIPTS.get(s, 0) for s in scripts], dtype=np.int64)
    known = np.asarray([bool(v) and _KNOWN in v.split() for v in variants], dtype=bool)
    spellings, firmly, readings_, surely = (_lists(words, forms) for words in (spelled, firm, read, sure))
    return PartTable(key, spellings, firmly, readings_, surely, known, script, guessed, texts, hashes, lengths)


def _words(key: str | None, cell: str | None, *, leave: tuple[str, ...] = ()) -> list[str]:
    """Return the distinct words of a key and a cell of variants or readings, without those marked `leave`."""
    words = [w for w in (cell or "").split() if w != _KNOWN and not w.startswith(leave)]
    return list(dict.fromkeys(([key] if key else []) + [_MARK.sub("", w) for w in words]))


def _lists(lists: list[list[str]], forms: dict[str, int]) -> Ragged:
    """Return lists of words as one ragged array of forms."""
    counts = np.asarray([len(x) for x in lists], dtype=np.int64)
    flat = np.asarray([forms[w] for x in lists for w in x], dtype=np.int64)
    return ragged(np.repeat(np.arange(len(lists)), counts), flat, len(lists))


def meeting_form(left: Ragged, right: Ragged, a: Ints, b: Ints) -> Ints:
    """Return one form that both lists hold (the largest number), or -1; lists of a from `left`, of b from `right`."""
    owner_a, form_a = left.take(a)
    counts = right.counts[b[owner_a]]
    owner = np.repeat(owner_a, counts)
    _, form_b = right.take(b[owner_a])
    met = np.repeat(form_a, counts) == form_b
    result = np.full(len(a), -1, dtype=np.int64)
    np.maximum.at(result, owner[met], form_b[met])
    return result
