"""Names in kanji, kana and Hangul: where the family name ends."""

import re
from functools import cache
from typing import Protocol, cast

from resolve.standardise.kana import is_kana, kana_key, to_katakana
from resolve.standardise.kanji import has_han
from resolve.standardise.readings import dictionary, spelling_key

_LONGEST_FAMILY = 5
_HANGUL = re.compile("[\uac00-\ud7a3]*")
_ASCII_WORD = re.compile("[0-9A-Za-z]")
_HANGUL_PAIRS = frozenset(("남궁", "황보", "제갈", "사공", "선우", "독고", "서문", "동방"))

Parts = tuple[str | None, str | None]


class _Divided(Protocol):
    """A name that the model has cut."""

    family: str
    given: str


class _Divider(Protocol):
    """The part of the divider that is used here."""

    def divide_name(self, name: str) -> _Divided:
        """Return the name cut in two."""


@cache
def _divider() -> _Divider:
    """Return the statistical divider for names that the dictionaries do not know; its model is inside the package."""
    from namedivider_core import GBDTNameDivider

    return cast("_Divider", GBDTNameDivider())


def split_japanese(text: str) -> Parts:
    """Return (family, given) of a cleaned whole name that holds kanji, kana or Hangul.

    Spaces decide; without them the dictionaries do, then a statistical model. (None, None) where no cut is plausible.
    """
    words = _words(text)
    if not words:
        return None, None
    if len(words) == 1:
        return _split_word(words[0])
    if "・" in text and is_kana(text):
        return words[-1], words[0]  # a Western name in kana: マイケル・ジョーダン
    first, last = words[0], "".join(words[1:])
    return (last, first) if _is_turned(first, last) else (first, last)


def _is_turned(first: str, last: str) -> bool:
    """Tell whether two words are a given name before a family name (一也 青木): known as that, and only as that."""
    given, family = spelling_key(first), spelling_key(last)
    straight = _is_family(given) or _is_given(family)
    return not straight and _is_given(given) and _is_family(family)


def _is_family(key: str) -> bool:
    """Tell whether a folded text is a known family name, in kanji or kana."""
    return key in dictionary().families or (is_kana(key) and kana_key(key) in _kana_families())


def _words(text: str) -> list[str]:
    """Return the words of a name; single characters set apart for looks are one word: 山 田 太 郎."""
    if text.isalpha():
        return [text]
    words = text.replace("・", " ").replace(",", " ").replace("、", " ").replace("=", " ").split()
    spread = len(words) > 2 and all(len(word) == 1 for word in words)
    return ["".join(words)] if spread else words


def _split_word(word: str) -> Parts:
    """Return (family, given) of one unspaced word."""
    if is_kana(word):
        return split_kana(word)
    if _HANGUL.fullmatch(word):
        return _split_hangul(word)
    if not has_han(word) or _ASCII_WORD.search(word):
        return None, None
    return _split_han(word)


def _split_han(word: str) -> Parts:
    """Return (family, given) of an unspaced name in kanji: dictionary first, then the model."""
    known = dictionary()
    key = spelling_key(word)
    if key in known.families:
        return word, None
    best, cut = -1, 0
    for i in range(1, min(_LONGEST_FAMILY, len(key) - 1) + 1):
        if key[:i] in known.families and _is_given(key[i:]):
            count = known.counts.get(key[:i], 0)
            if count > best:
                best, cut = count, i
    if cut:
        return word[:cut], word[cut:]
    if key in known.givens:
        return None, word
    if cut := _script_change(word):
        return word[:cut], word[cut:]
    if len(word) < 2:
        return None, None
    divided = _divider().divide_name(word)
    return divided.family or None, divided.given or None


def _script_change(word: str) -> int:
    """Return where katakana ends or begins, if it does so once: ダルビッシュ|有, 宇多田|ヒカル; else 0."""
    kinds = ["\u30a1" <= char <= "\u30ff" for char in word]
    changes = [i for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]]
    return changes[0] if len(changes) == 1 and (changes[0] > 1 or len(word) - changes[0] > 1) else 0


def _is_given(key: str) -> bool:
    """Tell whether a folded text is a known given name, in kanji or kana."""
    known = dictionary()
    return key in known.givens or (is_kana(key) and kana_key(key) in known.given_kana)


def _split_hangul(word: str) -> Parts:
    """Return (family, given) of an unspaced Korean name."""
    if not 2 <= len(word) <= 5:
        return None, None
    cut = 2 if word[:2] in _HANGUL_PAIRS and len(word) > 2 else 1
    return word[:cut], word[cut:]


@cache
def _kana_families() -> dict[str, int]:
    """Return the kana keys of family names with the number of their bearers."""
    known = dictionary()
    counts: dict[str, int] = {}
    for name, readings in known.families.items():
        for reading in readings:
            key = kana_key(reading)
            counts[key] = counts.get(key, 0) + known.counts.get(name, 0)
    return counts


def split_kana(word: str, families: tuple[str, ...] = ()) -> Parts:
    """Return (family, given) of an unspaced kana name; `families` are readings of the family name, where it is known.

    Without them both parts must be known names. A word that is only a given or only a family name is that.
    """
    kana = to_katakana(word)
    for reading in families:
        if kana.startswith(reading) and len(kana) > len(reading):
            return word[: len(reading)], word[len(reading) :]
    known, counts = dictionary(), _kana_families()
    best, cut = -1, 0
    for i in range(1, len(kana)):
        if counts.get(kana_key(kana[:i]), -1) > best and kana_key(kana[i:]) in known.given_kana:
            best, cut = counts[kana_key(kana[:i])], i
    key = kana_key(kana)
    family, given = key in counts, key in known.given_kana
    if family != given:
        return (word, None) if family else (None, word)
    if cut and not family:
        return word[:cut], word[cut:]
    return None, None
