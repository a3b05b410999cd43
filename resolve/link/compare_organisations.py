"""Names of contacts that are organisations themselves: core, legal form, branch, and what tells two companies apart."""

import re
import unicodedata

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler, Postfix, Prefix
from rapidfuzz.process import cpdist

from resolve.link.arrays import Bools, Codes32, Ints, Levels, distinct_pairs
from resolve.link.encode import Column, Encoded

ORGANISATION_LEVELS = (
    "equal",
    "equal, other branch",
    "equal, other form",
    "equal, other kind of body",
    "one slip",
    "one mark",
    "same words",
    "one holds the other",
    "similar",
    "some words",
    "different",
)
_EQUAL, _BRANCH, _FORM, _BODY, _SLIP, _MARK, _WORDS, _HOLDS, _SIMILAR, _SOME, _DIFFERENT = range(1, 12)
_LONG = 10  # letters from which one slip does not make another name
# Bodies of their own kind; companies (KK, YK, LLC, GMBH…) change between their forms.
_BODIES = re.compile(
    "ADM|AGRI|AUDIT|EDU|EV|I?AA|INV|[IK]?SHA|[IK]?ZAI|JUD|KUMI|LAW|LIAA|S?MED.?|MUTUAL|NPO|NUC|PAT|REL|SWC|TAX"
)
_TELLING = re.compile(r"\d+|[第東西南北新旧上下左右大小一二三四五六七八九十]|north|south|east|west|new|old|hd|group")
_HERE = re.compile("ジヤパン|日本|japan")  # the name of a firm's own country, which it is called with and without
_HAN = re.compile("[\u4e00-\u9fff]")
_ALIKE = 0.9  # Jaro-Winkler
_WORD = re.compile(r"\w+")
_FORM_WORDS = frozenset(
    [
        "株式会社",
        "有限会社",
        "合同会社",
        "合資会社",
        "合名会社",
        "co",
        "company",
        "corp",
        "corporation",
        "inc",
        "limited",
        "ltd",
    ]
)
_MARKS = re.compile("[\u3099\u309aー・]")


def compare_organisations(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of ORGANISATION_LEVELS; missing unless both contacts are organisations with a name."""
    core = contacts.text("org_key")
    levels = np.zeros(len(left), dtype=np.uint8)
    both = contacts.organisation[left] & contacts.organisation[right]
    both &= (core.codes[left] >= 0) & (core.codes[right] >= 0)
    equal = both & (core.codes[left] == core.codes[right])
    levels[equal] = _equal_levels(contacts, left[equal], right[equal])
    rows = np.flatnonzero(both & ~equal)
    if len(rows):
        levels[rows] = _other_levels(contacts, left[rows], right[rows])
    return levels


def _other_levels(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of pairs with different cores: how much these are alike, else which words the names share."""
    core, name = contacts.text("org_key"), contacts.text("organization")
    low, high, at = _distinct(core, left, right)
    cores = core.texts[low], core.texts[high]
    levels: Levels = _core_levels(*cores)[at]
    told = np.asarray([_TELLING.findall(a) != _TELLING.findall(b) for a, b in zip(*cores, strict=True)], dtype=bool)[at]
    levels[told & (levels == _SIMILAR)] = _DIFFERENT
    open_ = np.flatnonzero(~told & (levels >= _SIMILAR))
    low, high, at = _distinct(name, left[open_], right[open_])
    levels[open_] = np.minimum(levels[open_], _word_levels(_words(contacts, name), low, high)[at])
    return levels


def _distinct(column: Column, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the distinct pairs of texts of a column (codes low, high), and which of them each pair of rows has."""
    return distinct_pairs(column.codes[left].astype(np.int64), column.codes[right].astype(np.int64))


def _equal_levels(contacts: Encoded, left: Ints, right: Ints) -> Levels:
    """Return levels of pairs with one core: the branch and the legal form decide."""
    form, branch = contacts.text("org_form"), contacts.text("org_branch")
    a, b = form.codes[left], form.codes[right]
    other_form = (a >= 0) & (b >= 0) & (a != b)
    body = np.append(np.asarray([_BODIES.fullmatch(f) is not None for f in form.texts], dtype=bool), False)
    conditions = [
        other_form & (body[a] | body[b]) & ~_is_general(form, a, b, other_form),
        other_form,
        branch.codes[left] != branch.codes[right],
    ]
    return np.select(conditions, [_BODY, _FORM, _BRANCH], _EQUAL).astype(np.uint8)


def _is_general(form: Column, a: Codes32, b: Codes32, rows: Bools) -> Bools:
    """Return where one form is the general name of the other: 医療法人 of 医療法人社団."""
    result = np.zeros(len(a), dtype=bool)
    pairs = zip(form.texts[a[rows]], form.texts[b[rows]], strict=True)
    result[rows] = [x.startswith(y) or y.startswith(x) for x, y in pairs]
    return result


def _core_levels(a: np.ndarray, b: np.ndarray) -> Levels:
    """Return levels of pairs of different cores: one slip, a mark of voicing or length, similar, else different."""
    marks = np.asarray([_unmarked(x) == _unmarked(y) for x, y in zip(a, b, strict=True)], dtype=bool)
    distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
    slip = distance <= 1
    slip[slip] = [_is_slip(x, y) for x, y in zip(a[slip], b[slip], strict=True)]
    alike = cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float64) >= _ALIKE
    alike[alike] = [_is_similar(x, y) for x, y in zip(a[alike], b[alike], strict=True)]
    return np.select([slip, marks, alike], [_SLIP, _MARK, _SIMILAR], _DIFFERENT).astype(np.uint8)


def _is_similar(a: str, b: str) -> bool:
    """Return whether two names that look alike may be one: not where a kanji is another.

    A name with something before or behind it (トヨタ自動車九州, 大和証券) is another company of the same house.
    """
    start = Prefix.similarity(a, b)
    end = min(Postfix.similarity(a, b), len(a) - start, len(b) - start)
    one, other = a[start : len(a) - end], b[start : len(b) - end]
    is_letters, more = not _HAN.search(one + other), len(one + other)
    return (is_letters and (bool(one and other) or more == 1)) or _HERE.fullmatch(one + other) is not None


def _is_slip(a: str, b: str) -> bool:
    """Return whether one edit is a slip: a long name in letters or kana, its telling tokens alike."""
    long = min(len(a), len(b)) >= _LONG and not re.search("[\u4e00-\u9fff]", a + b)
    return long and _TELLING.findall(a) == _TELLING.findall(b)


def _unmarked(text: str) -> str:
    """Return a name without marks of voicing and length."""
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


def _words(contacts: Encoded, column: Column) -> list[frozenset[str]]:
    """Return the words of each distinct name, kept with the contacts: every chunk of pairs asks for them."""
    return contacts.once(
        ("words",), lambda: [frozenset(_WORD.findall(t.casefold())) - _FORM_WORDS for t in column.texts]
    )


def _word_levels(words: list[frozenset[str]], a: Ints, b: Ints) -> Levels:
    """Return levels of distinct pairs of names by their words."""
    shared = np.asarray([len(words[x] & words[y]) for x, y in zip(a, b, strict=True)], dtype=np.int64)
    sizes = np.asarray([len(w) for w in words], dtype=np.int64)
    fewer, more = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
    conditions: list[Bools] = [
        shared == more,
        (shared == fewer) & (shared > 0),
        2 * shared >= np.maximum(fewer, 1),
    ]
    return np.select(conditions, [_WORDS, _HOLDS, _SOME], _DIFFERENT).astype(np.uint8)
