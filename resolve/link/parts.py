"""Name parts: every form that a family or given name is known by, and how two parts agree.

A part is one distinct combination of key, variants, readings and script. Family and given names share one table,
so that a swapped order is compared like the straight one.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import pyarrow as pa
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from resolve.link.arrays import Bools, Hashes, Ints, Levels, Ragged, hash_text, ragged

HAN, KANA, LATIN = 1, 2, 3
_SCRIPTS = {"han": HAN, "kana": KANA, "latin": LATIN}


class NamePart(StrEnum):
    """The two parts of a person's name."""

    FAMILY = "family"
    GIVEN = "given"


class State(IntEnum):
    """How two name parts agree; the order is the order of strength, 0 is no evidence."""

    MISSING = 0
    EQUAL = 1
    VARIANT = 2
    FUZZY = 3
    DISTANT = 4
    INITIAL = 5
    HOMOPHONE = 6
    UNKNOWN = 7
    CONFLICT = 8
    INSIDE = 9  # one inside the other: a variant of a family name, a fuzzy given name


@dataclass(frozen=True, slots=True)
class PartTable:
    """Distinct name parts; forms are positions in one dictionary of texts."""

    key: Ints  # form of the key
    spellings: Ragged  # forms that are the same name: the key, other kanji, nickname sets, a former surname
    readings: Ragged  # forms that the part may be read as
    script: Ints
    guessed: Bools  # readings come from a dictionary
    texts: np.ndarray  # the forms
    hashes: Hashes  # raw polynomial hash of each form
    lengths: Ints  # length of each form in bytes


def build_parts(columns: list[np.ndarray], guessed: Bools) -> PartTable:
    """Build the table from (keys, variants, readings, scripts) of the distinct parts, each an array of objects."""
    keys, variants, readings, scripts = columns
    spelled = [_words(k, v) for k, v in zip(keys, variants, strict=True)]
    read = [_words(None, r) for r in readings]
    # Sorted, so that "the largest form" of two parts does not depend on the other contacts.
    forms = {word: i for i, word in enumerate(sorted({w for words in (*spelled, *read) for w in words}))}
    texts = np.asarray(list(forms), dtype=object)
    hashes, lengths = hash_text(pa.array(texts, type=pa.string()))
    key = np.asarray([forms[k] if k else -1 for k in keys], dtype=np.int64)
    script = np.asarray([_SCRIPTS.get(s, 0) for s in scripts], dtype=np.int64)
    return PartTable(key, _lists(spelled, forms), _lists(read, forms), script, guessed, texts, hashes, lengths)


def _words(key: str | None, cell: str | None) -> list[str]:
    """Return the distinct words of a key and a cell of variants or readings."""
    words = ([key] if key else []) + [w.removeprefix("former=") for w in (cell or "").split()]
    return list(dict.fromkeys(words))


def _lists(lists: list[list[str]], forms: dict[str, int]) -> Ragged:
    """Return lists of words as one ragged array of forms."""
    counts = np.asarray([len(x) for x in lists], dtype=np.int64)
    flat = np.asarray([forms[w] for x in lists for w in x], dtype=np.int64)
    return ragged(np.repeat(np.arange(len(lists)), counts), flat, len(lists))


def agree(table: PartTable, a: Ints, b: Ints) -> tuple[Levels, Ints]:
    """Return (State, form that both share or -1) of pairs of parts; symmetric in a and b, none of them missing."""
    state = np.full(len(a), State.CONFLICT, dtype=np.uint8)
    shared = np.full(len(a), -1, dtype=np.int64)
    equal = table.key[a] == table.key[b]
    state[equal], shared[equal] = State.EQUAL, table.key[a][equal]
    rest = np.flatnonzero(~equal)
    for decide in (_decide_spelling, _decide_reading, _decide_initial, _decide_fuzzy):
        if len(rest):
            decide(table, (a[rest], b[rest]), rest, (state, shared))
            rest = rest[state[rest] == State.CONFLICT]
    return state, shared


Decided = tuple[Levels, Ints]


def _decide_spelling(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set VARIANT where the spellings meet."""
    form = meeting_form(table.spellings, table.spellings, *pairs)
    out[0][rows[form >= 0]] = State.VARIANT
    out[1][rows] = form


def _decide_reading(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set VARIANT where readings meet across scripts, HOMOPHONE for two kanji names, UNKNOWN without a reading."""
    a, b = pairs
    form = meeting_form(table.readings, table.readings, a, b)
    han_a, han_b = table.script[a] == HAN, table.script[b] == HAN
    meets = form >= 0
    out[0][rows[meets]] = np.where(han_a & han_b, State.HOMOPHONE, State.VARIANT)[meets]
    out[1][rows] = np.where(meets & ~(han_a & han_b), form, -1)
    unread = (han_a != han_b) & ((han_a & (table.readings.counts[a] == 0)) | (han_b & (table.readings.counts[b] == 0)))
    out[0][rows[~meets & unread]] = State.UNKNOWN


def _decide_initial(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set INITIAL where one part is one letter and the other, or a reading of it, begins with that letter."""
    for one, other in (pairs, pairs[::-1]):
        short = np.flatnonzero((table.lengths[table.key[one]] == 1) & (table.script[one] == LATIN))
        letters = table.texts[table.key[one[short]]]
        fits = [letter in _first_letters(table, part) for letter, part in zip(letters, other[short], strict=True)]
        out[0][rows[short[np.asarray(fits, dtype=bool)]]] = State.INITIAL


def _first_letters(table: PartTable, part: int) -> set[str]:
    """Return the first letters of a part's key and readings."""
    lists = table.readings
    forms = [table.key[part], *lists.values[lists.offsets[part] : lists.offsets[part + 1]]]
    return {table.texts[f][0] for f in forms}


def _decide_fuzzy(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set FUZZY for a slip, DISTANT for two, INSIDE where one part contains the other; never for kanji.

    A slip: one edit (a swap of neighbours counts as one) from 4 letters, two or Jaro-Winkler .92 from 6.
    """
    a, b = pairs
    soft = np.flatnonzero((table.script[a] != HAN) & (table.script[b] != HAN))
    key_a, key_b = table.key[a[soft]], table.key[b[soft]]
    x, y = table.texts[key_a], table.texts[key_b]
    distance = cpdist(x, y, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    similar = cpdist(x, y, scorer=JaroWinkler.similarity, dtype=np.float32)
    shorter = np.minimum(_lengths(x), _lengths(y))
    near = ((distance <= 1) & (shorter >= 4)) | (((distance <= 2) | (similar >= 0.92)) & (shorter >= 6))
    distant = ((distance <= 2) | (similar >= 0.85)) & (shorter >= 4)
    inside = np.zeros(len(soft), dtype=bool)
    ends = np.flatnonzero((shorter >= 4) & (_same_letter(x, y, 0) | _same_letter(x, y, -1)))
    inside[ends] = [_inside(p, q) for p, q in zip(x[ends], y[ends], strict=True)]
    out[0][rows[soft[distant]]] = State.DISTANT
    out[0][rows[soft[inside]]] = State.INSIDE
    out[0][rows[soft[near]]] = State.FUZZY


def _same_letter(x: np.ndarray, y: np.ndarray, place: int) -> Bools:
    """Return where two texts have the same letter at a place."""
    letters = [np.asarray([ord(t[place]) for t in texts], dtype=np.int64) for texts in (x, y)]
    return np.asarray(letters[0] == letters[1])


def _lengths(texts: np.ndarray) -> Ints:
    """Return lengths in code points."""
    return np.asarray([len(t) for t in texts], dtype=np.int64)


def _inside(a: str, b: str) -> bool:
    """Return whether one name stands at the start or the end of the other."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return long.startswith(short) or long.endswith(short)


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
