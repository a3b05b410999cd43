"""A name in its columns, or whole in one cell, to its parts, their readings, and what brackets said."""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.kana import is_kana
from resolve.standardise.kanji import has_han
from resolve.standardise.names_japanese import split_japanese, split_kana
from resolve.standardise.names_marks import LOST, Marked, is_placeholder, take_marks
from resolve.standardise.names_nicknames import is_western_given
from resolve.standardise.names_western import Split, drop_lost, split_family, split_given, split_western
from resolve.standardise.names_words import PARTICLES
from resolve.standardise.readings import dictionary, spelling_key
from resolve.standardise.text import clean, fold

_CJK = re.compile("[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTER = re.compile("[A-Za-z]")
_CACHE = 1 << 15  # cells kept; beyond it the oldest are read again


class Person(NamedTuple):
    """A name after splitting, before keys: display parts, reading parts, and what brackets said."""

    family: str | None
    given: str | None
    middle: str | None
    suffix: str | None
    whole: str
    family_kana: str | None = None
    given_kana: str | None = None
    former: str | None = None
    nickname: str | None = None


def whole_name_cell(cell: str | None) -> str | None:
    """Return a cleaned name cell (its lines joined), or None where it names nobody."""
    if not cell:
        return None
    text = clean(cell)
    return None if not text or is_placeholder(text) else text


@lru_cache(_CACHE)
def name_cell(cell: str | None) -> str | None:
    """Return `whole_name_cell` of a cell for a part of a name; these repeat, whole names would only fill the cache."""
    return whole_name_cell(cell)


def split_columns(full: str | None, family: str | None, given: str | None) -> Person | None:
    """Return the parts of a name from its columns, or of the whole name where there are none."""
    if family and given:
        return _from_columns(family, given)
    if family and (full is None or family == full) and not _is_whole(family, last=True):
        return _from_columns(family, None)
    if given and full is None and family is None and not _is_whole(given, last=False):
        return _from_columns(None, given)
    whole = full or family or given
    return split_whole(whole) if whole else None


def _is_whole(text: str, *, last: bool) -> bool:
    """Tell whether one column, the last or the first name's, holds a whole name: two words, or unknown kanji.

    "Alice Rose" as a last name is whole, "de la Cruz" is not; "Mary Ann" as a first name is not whole.
    """
    words = text.split()
    if len(words) > 1:
        if last:
            return fold(words[0]).strip(".") not in PARTICLES and split_family(text).family != words[0]
        return not is_western_given(fold(words[-1])) or not text.isascii()
    return len(text) > 2 and has_han(text) and not _is_known(text)


def _is_known(text: str) -> bool:
    """Tell whether a text is a known Japanese family or given name as it stands."""
    key = spelling_key(fold(text))
    return key in dictionary().families or key in dictionary().givens


def _from_columns(family: str | None, given: str | None) -> Person | None:
    """Return the parts of a name that came in columns of its own."""
    left, west_left = family_column(family) if family else _NO_COLUMN
    right, west_right = given_column(given) if given else _NO_COLUMN
    first, last = west_right.given, west_left.family
    if not first and not last:
        return None
    return Person(
        last,
        first,
        west_right.middle,
        west_left.suffix or west_right.suffix,
        join_name(last, first, west_right.middle),
        left.kana,
        right.kana,
        left.former or right.former,
        right.nickname or left.nickname,
    )


@lru_cache(_CACHE)
def family_column(text: str) -> tuple[Marked, Split]:
    """Return a family-name column without its marks, and in its parts."""
    marked = take_marks(text)
    if not marked.text.isascii():
        return marked, drop_lost(Split(family=marked.text or None))
    return marked, split_family(marked.text)


@lru_cache(_CACHE)
def given_column(text: str) -> tuple[Marked, Split]:
    """Return a given-name column without its marks, and in its parts."""
    marked = take_marks(text)
    if has_han(marked.text):
        return marked, Split(given=marked.text.replace(" ", "") or None)
    return marked, drop_lost(split_given(marked.text))


_NO_COLUMN = (Marked(""), Split())


def split_whole(text: str) -> Person | None:
    """Return the parts of a whole name in one cell."""
    marked = take_marks(text)
    if not marked.text or (marked.text != text and is_placeholder(marked.text)):
        return None
    romaji = _take_romaji(marked.text)
    if romaji:
        cjk, latin = romaji
        family, given = split_japanese(cjk)
        return Person(family, given, None, None, cjk, latin.family, latin.given, marked.former)
    split = Split(*split_japanese(marked.text)) if is_cjk(marked.text) else split_western(marked.text)
    whole = marked.text
    if LOST in whole:
        split = drop_lost(split)
        whole = join_name(split.family, split.given, split.middle)
        if not whole:
            return None
    kana = _bracket_reading(marked, split.family)
    return Person(*split, whole, *kana, former=marked.former, nickname=marked.nickname)


def _take_romaji(text: str) -> tuple[str, Split] | None:
    """Return the Japanese and the romaji name of a cell that holds both (山田太郎 Taro Yamada), else None."""
    if not _LETTER.search(text):
        return None
    words = text.split()
    latin = [word for word in words if not is_cjk(word)]
    if len(latin) < 2 or len(latin) == len(words):
        return None
    return " ".join(word for word in words if is_cjk(word)), split_western(" ".join(latin))


def is_cjk(text: str) -> bool:
    """Tell whether a name holds kanji, kana or Hangul."""
    return _CJK.search(text) is not None


def _bracket_reading(marked: Marked, family: str | None) -> tuple[str | None, str | None]:
    """Return (family, given) readings of the kana that stood in brackets behind a whole name."""
    return split_reading(marked.kana, family) if marked.kana else (None, None)


def split_reading(kana: str, family: str | None) -> tuple[str | None, str | None]:
    """Return (family, given) of a whole reading; readings of the known family name decide where there is no space."""
    words = kana.replace("・", " ").split()
    if len(words) > 1:
        return words[0], "".join(words[1:])
    readings = dictionary().families.get(spelling_key(fold(family)), ()) if family else ()
    return split_kana(kana, readings) if is_kana(kana) else (None, None)


def add_kana(person: Person | None, cells: tuple[str | None, str | None, str | None]) -> Person | None:
    """Return the person with the readings of the kana columns; kana alone is a name."""
    whole, family, given = [kana_cell(cell) if cell else None for cell in cells]
    if whole is None and family is None and given is None:
        return person
    if whole and not (family and given):
        known = person.family if person else None
        split = split_reading(whole, known)
        family, given = family or split[0], given or split[1]
    if person is not None:
        kana = (family or person.family_kana, given or person.given_kana)
        return Person(*person[:5], *kana, person.former, person.nickname)
    if family or given:
        return Person(family, given, None, None, join_name(family, given, None))
    return Person(None, None, None, None, whole) if whole else None


@lru_cache(_CACHE)
def kana_cell(cell: str) -> str | None:
    """Return a cell of a kana column without its marks, None where it names nobody."""
    text = name_cell(cell)
    return take_marks(text).text if text else None


def join_name(family: str | None, given: str | None, middle: str | None) -> str:
    """Return the display form of a name: family first in Japanese, given first otherwise."""
    if (family and is_cjk(family)) or (given and is_cjk(given)):
        return f"{family} {given}" if family and given else family or given or ""
    return " ".join(filter(None, (given, middle, family)))
