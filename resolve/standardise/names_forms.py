"""Weaker forms of a name part: other spellings that are probably the same name, and whether a name is known at all.

They travel in the variant and reading columns of a contact as `alt=…`, `maybe=…` and `known=yes`.
"""

import re
import unicodedata

from resolve.standardise.kanji import fold_variants, has_han
from resolve.standardise.names_given import is_listed_given, spelling_of
from resolve.standardise.names_nicknames import FEMININE_ENDS, is_western_given
from resolve.standardise.readings import Dictionary, dictionary, has_several_readings

KNOWN = "known=yes"
# Characters that are misread for each other; followed only where one name is known and the other is not.
_LOOK_ALIKES = ["土士", "末未", "大太犬", "荻萩", "柿杮", "千干", "間問", "網綱", "午牛", "日曰", "戸尸", "鳥烏"]
_LIKE = {char: group.replace(char, "") for group in _LOOK_ALIKES for char in group}
_INNER_NO = re.compile("(?<=.)[ノ之の](?=.)")
_MARKS = re.compile("[\u3099\u309a]")
_SOUNDS = (("j", "sh"), ("z", "s"), ("d", "t"), ("g", "k"), ("b", "h"), ("p", "h"))


def han_alternates(key: str, *, family: bool) -> tuple[str, ...]:
    """Return other spellings of a part in kanji, as `alt=`: tier-2 kanji, ノ between kanji left out, a look-alike.

    斎藤 -> 斉藤, 井ノ上 -> 井上, 士田 -> 土田 (士田 is no known name, 土田 is).
    """
    variant = fold_variants(key)
    forms = [variant]
    if family and _INNER_NO.search(variant) and has_han(variant[0]):
        forms.append(_INNER_NO.sub("", variant))
    names = _names(dictionary(), family=family)
    if key not in names:
        forms += [name for name in _look_alikes(key) if name in names]
    return tuple(f"alt={form}" for form in dict.fromkeys(forms) if form != key)


def _look_alikes(key: str) -> list[str]:
    """Return the name with one character replaced by one that looks alike."""
    return [key[:i] + other + key[i + 1 :] for i, char in enumerate(key) for other in _LIKE.get(char, "")]


def kana_alternates(key: str) -> tuple[str, ...]:
    """Return a kana key without voicing, as `alt=`: families and clerks differ in it (ナカジマ, ナカシマ)."""
    plain = _MARKS.sub("", unicodedata.normalize("NFD", key))
    return (f"alt={plain}",) if plain != key else ()


def romaji_alternates(reading: str, *, family: bool) -> tuple[str, ...]:
    """Return the romaji key of a known Japanese name without voicing, as `alt=`: nakajima -> nakashima."""
    known = dictionary().family_romaji if family else dictionary().given_romaji
    if reading not in known:
        return ()
    plain = reading
    for voiced, unvoiced in _SOUNDS:
        plain = plain.replace(voiced, unvoiced)
    return (f"alt={plain}",) if plain != reading else ()


def spelling_alternates(key: str) -> tuple[str, ...]:
    """Return the form that the spellings of a known given name share, as `alt=`: stephan -> stefan."""
    spelt = spelling_of(key) if _is_given(key) else key
    return (f"alt={spelt}",) if spelt != key else ()


def known_mark(key: str, readings: tuple[str, ...], script: str, *, family: bool) -> tuple[str, ...]:
    """Return `known=yes` for a name that the dictionaries hold: two different known names are no slip of the pen."""
    book = dictionary()
    if script == "han":
        return (KNOWN,) if key in _names(book, family=family) else ()
    romaji = book.family_romaji if family else book.given_romaji
    if any(reading in romaji for reading in readings):
        return (KNOWN,)
    return (KNOWN,) if not family and script == "latin" and _is_given(key) else ()


def _is_given(key: str) -> bool:
    """Tell whether a name in letters is a known given name, or the feminine form of one: juliana."""
    return (
        is_listed_given(key)
        or is_western_given(key)
        or any(
            key.endswith(end) and len(key) - len(end) >= 3 and is_western_given(key[: -len(end)])
            for end in FEMININE_ENDS
        )
    )


def _names(book: Dictionary, *, family: bool) -> dict[str, tuple[str, ...]]:
    """Return the dictionary of one part, by spelling."""
    return book.families if family else book.givens


def mark_unsure(readings: tuple[str, ...], key: str, *, family: bool) -> tuple[str, ...]:
    """Return guessed readings, those that are not certain as `maybe=`: all where several are common, else the rarer."""
    sure = 0 if has_several_readings(key, family=family) else 1
    return (*readings[:sure], *(f"maybe={reading}" for reading in readings[sure:]))
