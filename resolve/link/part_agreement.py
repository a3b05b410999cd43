"""How two name parts agree: spellings first, then readings, initials, and likeness last.

Each step decides what the steps before it left open, and none looks at the order of the two.
"""

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler, Postfix, Prefix
from rapidfuzz.process import cpdist

from resolve.link.arrays import Ints, Levels
from resolve.link.parts import HAN, KANA, LATIN, PartTable, State, meeting_form

_NICK = "nick="


def agree(table: PartTable, a: Ints, b: Ints) -> tuple[Levels, Ints]:
    """Return (State, form that both share or -1) of pairs of parts; symmetric in a and b, none of them missing."""
    state = np.full(len(a), State.CONFLICT, dtype=np.uint8)
    shared = np.full(len(a), -1, dtype=np.int64)
    equal = table.key[a] == table.key[b]
    state[equal], shared[equal] = State.EQUAL, table.key[a][equal]
    _read_apart(table, (a, b), np.flatnonzero(equal & (a != b)), state)
    rest = np.flatnonzero(~equal)
    for decide in (_decide_firm, _decide_alternate, _decide_reading, _decide_initial, _decide_fuzzy):
        if len(rest):
            decide(table, (a[rest], b[rest]), rest, (state, shared))
            rest = rest[state[rest] == State.CONFLICT]
    return state, shared


Decided = tuple[Levels, Ints]


def _read_apart(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, state: Levels) -> None:
    """Lower equal kanji to ALTERNATE where both sides say how they are read, and differ: 上村, ウエムラ or カミムラ."""
    a, b = (side[rows] for side in pairs)
    said = [(table.sure.counts[side] > 0) & ~table.guessed[side] for side in (a, b)]
    rows, a, b = (x[said[0] & said[1] & (table.script[a] == HAN)] for x in (rows, a, b))
    state[rows[meeting_form(table.sure, table.sure, a, b) < 0]] = State.ALTERNATE


def _decide_firm(table: PartTable, pairs: tuple[Ints, Ints], rows: Ints, out: Decided) -> None:
    """Set VARIANT where certain spellings meet, or certain readings unless both are kanji or both kana.

    A formal name and another spelling of it (Katherine, Catherine) are ALTERNATE. Two names in kana are what they say:
    what their keys do not fold (オオノ, オノ) is different.
    """
    a, b = pairs
    spelt, sure = meeting_form(table.firm, table.firm, a, b), meeting_form(table.sure, table.sure, a, b)
    script_a, script_b = table.script[a], table.script[b]
    read = (sure >= 0) & ~((script_a == script_b) & np.isin(script_a, (HAN, KANA)))
    form = np.where(spelt >= 0, spelt, np.where(read, sure, -1))
    out[0][rows[form >= 0]] = State.VARIANT
    out[1][rows] = form
    nick = np.flatnonzero(spelt >= 0)
    x, y = (table.texts[table.key[side[nick]]] for side in pairs)
    formal = table.texts[spelt[nick]]
    respelt = np.asarray([f in (_NICK + p, _NICK + q) and _respelt(p, q) for f, p, q in zip(formal, x, y, strict=True)])
    respelt = respelt.astype(bool)
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
    """Set READING where possible readings meet across scripts, HOMOPHONE where certain ones of two kanji names do.

    UNKNOWN where kanji have no reading, or letters that are no romaji stand against a name that no dictionary has.
    """
    a, b = pairs
    form = meeting_form(table.readings, table.readings, a, b)
    script_a, script_b = table.script[a], table.script[b]
    meets = (form >= 0) & (script_a != script_b)
    out[0][rows[meets]] = State.READING
    out[1][rows] = np.where(meets, form, -1)
    han = (script_a == HAN) & (script_b == HAN)
    out[0][rows[han & (meeting_form(table.sure, table.sure, a, b) >= 0)]] = State.HOMOPHONE
    unread = np.zeros(len(a), dtype=bool)
    for one, other in (pairs, pairs[::-1]):
        mute = table.readings.counts[one] == 0
        unread |= mute & ((table.script[one] == HAN) | ((table.script[one] == LATIN) & ~table.known[other]))
    out[0][rows[unread & ~meets & (script_a != script_b)]] = State.UNKNOWN


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

    SLIP: a letter left out, or two swapped, from 7 letters; another letter is rather another name (Anderson, Andersen).
    FUZZY: one edit from 4 letters, two or Jaro-Winkler .92 from 6 with one first letter (Hansen is not Jensen). Two
    known names of one script are APART, however alike, unless one is the end of the other, longer by two letters.
    """
    a, b = pairs
    apart = table.known[a] & table.known[b] & (table.script[a] == table.script[b])
    out[0][rows[apart]] = State.APART
    soft = np.flatnonzero((table.script[a] != HAN) & (table.script[b] != HAN))
    key_a, key_b = table.key[a[soft]], table.key[b[soft]]
    x, y = table.texts[key_a], table.texts[key_b]
    distance = cpdist(x, y, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    similar = cpdist(x, y, scorer=JaroWinkler.similarity, dtype=np.float32)
    lengths, first, last = _outlines(table, key_a, key_b)
    shorter, begins = lengths.min(axis=0), first[0] == first[1]
    near = ((distance <= 1) & (shorter >= 4)) | (((distance <= 2) | (similar >= 0.92)) & (shorter >= 6) & begins)
    distant = ((distance <= 2) | (similar >= 0.85)) & (shorter >= 4)
    inside = np.zeros(len(soft), dtype=bool)
    for scorer, same in ((Prefix.similarity, begins), (Postfix.similarity, last[0] == last[1])):
        ends = np.flatnonzero((shorter >= 4) & same)
        inside[ends] |= cpdist(x[ends], y[ends], scorer=scorer, dtype=np.int32) == shorter[ends]
    slip = (distance <= 1) & (shorter >= 7)
    slip[slip] = [len(p) != len(q) or sorted(p) == sorted(q) for p, q in zip(x[slip], y[slip], strict=True)]
    for state, fits in ((State.DISTANT, distant), (State.INSIDE, inside), (State.FUZZY, near), (State.SLIP, slip)):
        out[0][rows[soft[fits & ~apart[soft]]]] = state
    tail = np.flatnonzero(apart[soft] & inside)
    tail = tail[[_is_tail(p, q) for p, q in zip(x[tail], y[tail], strict=True)]]
    out[0][rows[soft[tail]]] = State.INSIDE


def _is_tail(a: str, b: str) -> bool:
    """Return whether one name is the end of the other and shorter by two letters at least: Lotte, but Anna, Hanna."""
    return abs(len(a) - len(b)) > 1 and (a.endswith(b) or b.endswith(a))


def _outlines(table: PartTable, a: Ints, b: Ints) -> tuple[Ints, Ints, Ints]:
    """Return lengths in code points, first and last letters of two sides of forms, each of shape (2, pairs)."""
    forms, at = np.unique(np.concatenate([a, b]), return_inverse=True)
    texts = table.texts[forms]
    of_each = ([len(t) for t in texts], [ord(t[0]) for t in texts], [ord(t[-1]) for t in texts])
    lengths, first, last = (np.asarray(values, dtype=np.int64)[at].reshape(2, -1) for values in of_each)
    return lengths, first, last
