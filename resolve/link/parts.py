"""Name parts: every form that a family or given name is known by, and how two parts agree.

A part is one distinct combination of key, variants, readings and script. Family and given names share one table,
so that a swapped order is compared like the straight one.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import pyarrow as pa
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from resolve.link.arrays import Bools, Hashes, Ints, Levels, Ragged, hash_text, ragged

HAN, KANA, LATIN = 1, 2, 3
_SCRIPTS = {"han": HAN, "kana": KANA, "latin": LATIN}
_MARK = re.compile("^(?:former|alt|maybe)=")
_WEAKER = ("alt=", "maybe=")
_KNOWN = "known=yes"
_NICK = "nick="


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


def agree(table: PartTable, a: Ints, b: Ints) -> tuple[Levels, Ints]:
    """Return (State, form that both share or -1) of pairs of parts; symmetric in a and b, none of them missing."""
    state = np.full(len(a), State.CONFLICT, dtype=np.uint8)
    shared = np.full(len(a), -1, dtype=np.int64)
    equal = table.key[a] == table.key[b]
    state[equal], shared[equal] = State.EQUAL, table.key[a][equal]
    rest = np.flatnonzero(~equal)
    for decide in (_decide_firm, _decide_alternate, _decide_reading, _decide_initial, _decide_fuzzy):
        if len(rest):
            decide(table, (a[rest], b[rest]), rest, (state, shared))
            rest = rest[state[rest] == State.CONFLICT]
    return state, shared


Decided = tuple[Levels, Ints]


def _decide_firm(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set VARIANT where certain spellings meet, or certain readings unless both are kanji or both kana.

    Two spellings of one formal name (Katherine, Catherine) are ALTERNATE. Two names in kana are what they say: what
    their keys do not fold (オオノ, オノ) is different.
    """
    a, b = pairs
    spelt, sure = meeting_form(table.firm, table.firm, a, b), meeting_form(table.sure, table.sure, a, b)
    script_a, script_b = table.script[a], table.script[b]
    read = (sure >= 0) & ~((script_a == script_b) & np.isin(script_a, (HAN, KANA)))
    form = np.where(spelt >= 0, spelt, np.where(read, sure, -1))
    out[0][rows[form >= 0]] = State.VARIANT
    out[1][rows] = form
    nick = np.flatnonzero(spelt >= 0)
    nick = nick[np.asarray([table.texts[f].startswith(_NICK) for f in spelt[nick]], dtype=bool)]
    x, y = (table.texts[table.key[side[nick]]] for side in pairs)
    respelt = np.asarray([_respelt(p, q) for p, q in zip(x, y, strict=True)], dtype=bool)
    out[0][rows[nick[respelt]]] = State.ALTERNATE


def _decide_alternate(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set ALTERNATE where other spellings, probably of the same name, meet."""
    form = meeting_form(table.spellings, table.spellings, *pairs)
    out[0][rows[form >= 0]] = State.ALTERNATE
    out[1][rows] = form


def _respelt(a: str, b: str) -> bool:
    """Return whether two names differ in one letter and neither begins the other: Katherine, Catherine."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return len(short) >= 4 and not long.startswith(short) and OSA.distance(a, b, score_cutoff=1) <= 1


def _decide_reading(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set READING where possible readings meet across scripts, HOMOPHONE for two kanji names, UNKNOWN without any."""
    a, b = pairs
    form = meeting_form(table.readings, table.readings, a, b)
    han_a, han_b = table.script[a] == HAN, table.script[b] == HAN
    meets = (form >= 0) & ~((table.script[a] == KANA) & (table.script[b] == KANA))
    out[0][rows[meets]] = np.where(han_a & han_b, State.HOMOPHONE, State.READING)[meets]
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
    """Set SLIP, FUZZY, DISTANT by likeness, INSIDE where one part contains the other; never for kanji.

    SLIP: one edit (a swap of neighbours counts as one) from 7 letters. FUZZY: one from 4 letters, two or Jaro-Winkler
    .92 from 6. Two known names of one script are APART, however alike, unless one is the end of the other.
    """
    a, b = pairs
    apart = table.known[a] & table.known[b] & (table.script[a] == table.script[b])
    out[0][rows[apart]] = State.APART
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
    slip = (distance <= 1) & (shorter >= 7)
    for state, fits in ((State.DISTANT, distant), (State.INSIDE, inside), (State.FUZZY, near), (State.SLIP, slip)):
        out[0][rows[soft[fits & ~apart[soft]]]] = state
    tail = np.flatnonzero(apart[soft] & inside)
    tail = tail[[p.endswith(q) or q.endswith(p) for p, q in zip(x[tail], y[tail], strict=True)]]
    out[0][rows[soft[tail]]] = State.INSIDE


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
