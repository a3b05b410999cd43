"""What stands around a person's name: honorifics, titles, brackets, former names, placeholders, mail handles."""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.kana import is_kana
from resolve.standardise.kana_romaji import romaji_key
from resolve.standardise.kanji import has_han
from resolve.standardise.names_japanese import split_japanese
from resolve.standardise.names_nicknames import is_western_given
from resolve.standardise.names_words import FAKE_NAMES, FAKES, FORMER, PLACEHOLDERS, ROLES, name_words
from resolve.standardise.readings import dictionary
from resolve.standardise.text import compact, fold, fold_cleaned

_BRACKETS = re.compile(r"[(\[{<【「『〈《〔]([^()\[\]{}<>【】「」『』〈〉《》〔〕]*)[)\]}>】」』〉》〕]")
_STRAY = re.compile(r"[()\[\]{}<>【】「」『』〈〉《》〔〕\"“”*#=|\\/;:!?_~^]+")
LOST = "\ufffd"  # a character that an encoding did not know; cp932 writes "?" for it
_LATIN = "A-Za-z\u00c0-\u024f"
_LOST_LETTER = re.compile(rf"(?<=[{_LATIN}])\?+(?=[{_LATIN}])")
_QUOTED = re.compile(r"(?<!\S)[\"“”'「]([^\"“”']{2,20})[\"“”'」](?!\S)")
_FORMER_WORD = re.compile(r"(?:^|[\s:])(?:旧姓|旧氏|née|formerly|(?<=\s)nee)[\s:]*(\S+)", re.IGNORECASE)
_FORMER_WORDS = "|".join(map(re.escape, sorted(FORMER, key=len, reverse=True)))
_FORMER = re.compile(rf"(?:{_FORMER_WORDS})[\s:、,]*(.+)", re.IGNORECASE)
_HONORIFIC = re.compile(r"\s*(?:" + "|".join(map(re.escape, name_words("honorifics"))) + ")$")
_SPACED = re.compile(r"\s+(?:" + "|".join(map(re.escape, name_words("honorifics_spaced"))) + ")$")
_ENDINGS = (*name_words("honorifics"), *name_words("honorifics_spaced"))
_MARKED = re.compile(r"[^\w\s.,'・-]|_|旧|née|\bnee\b|formerly", re.IGNORECASE)  # what brackets and marks look like
_UNMARKED = re.compile("[々ぁ-ゖァ-ヺー\u4e00-\u65e6\u65e8-\u9fff]+")  # all kanji but 旧: most names
_FAMILIAR = re.compile(r"(?<=[一-龯々]{3})(?:君|くん)$")
_DEPARTMENTS = "|".join(map(re.escape, sorted(name_words("department_heads"), key=len, reverse=True)))
_UNITS = "本部|部|課|係|室|局|担当|窓口|センター|チーム|グループ"
_UNIT = f"第?[一二三四五1-9]?(?:{_UNITS})"
_DEPARTMENT = re.compile(rf"(?:{_DEPARTMENTS})+(?:(?:{_UNIT})+長?|(?:{_UNIT})*[ご御]?担当者?)(?:御中|様|さま)?")
_ADDRESSED = re.compile("(?:様|さま|御中)$")
_FRONTS = frozenset(name_words("fronts"))
# Two letters behind kanji may be a name (林 Ma), one letter before them an initial.
_TITLES = frozenset(word for word in name_words("titles") if len(word) > 1)
_CREDENTIALS = frozenset(word for word in name_words("credentials") if len(word) > 2)
_PLACE = re.compile(".{2,}(?:部|課|係|室|局|支店|支社|本社|本店|営業所|出張所|事業所|センター|工場)長?")
_PICTURES = r"※○\u2190-\u23ff\u2500-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff"  # ★, ◎, ✓ and the like
_PICTURED = re.compile(f"^[{_PICTURES} ]+|[{_PICTURES} ]+$")
_REMARK = re.compile(r"(?<=[^\s※])\s*※.*$")  # 山田太郎 ※要注意
_OFFICE_END = re.compile("[部課係室局店社所ー場長当者]$")
_OFFICE = re.compile("[部課係室局当口ーム]|グループ")
_NOBODY = PLACEHOLDERS | ROLES | FAKES | FAKE_NAMES | {""}
_FAKE_WHOLES = FAKE_NAMES | PLACEHOLDERS
_FAKE_STARTS = frozenset(name[:i] for name in _FAKE_WHOLES for i in range(len(name) + 1))
_FAKE_ENDS = frozenset(name[i:] for name in _FAKE_WHOLES for i in range(len(name) + 1))
_DIGITS = re.compile(r"\d")

_CACHE = 1 << 15  # cells kept; beyond it the oldest are read again


class Marked(NamedTuple):
    """A name text without its marks, and what the brackets said: former family name, reading, nickname."""

    text: str
    former: str | None = None
    kana: str | None = None
    nickname: str | None = None


def take_marks(text: str) -> Marked:
    """Return the cleaned text without brackets, honorifics and stray signs, and what the brackets said."""
    if (_UNMARKED.fullmatch(text) or not _MARKED.search(text)) and not text.endswith(_ENDINGS):
        return Marked(strip_fronts(text))
    text = _LOST_LETTER.sub(LOST, text) if "?" in text else text
    former = kana = nickname = None
    for inner in _BRACKETS.findall(text):
        said = inner.strip()
        if match := _FORMER.fullmatch(said):
            former = match[1].strip()
        elif is_kana(said) and has_han(text):
            kana = said
        elif has_han(said) and len(said) <= 4 and not text.rstrip().endswith((")", "】", "]", "」", "〕")):
            former = said
        elif said.isascii() and is_western_given(said.lower()) and not has_han(text):
            nickname = said
    bare = _REMARK.sub("", _BRACKETS.sub(" ", text))
    if match := _FORMER_WORD.search(bare):
        former = former or match[1]
        bare = bare[: match.start()] + " " + bare[match.end() :]
    if match := _QUOTED.search(bare):
        nickname = nickname or match[1]
        bare = _QUOTED.sub(" ", bare)
    if former and LOST in former:
        former = None
    bare = " ".join(_PICTURED.sub("", _STRAY.sub(" ", bare)).split())
    return Marked(strip_fronts(strip_honorifics(bare)), former, kana, nickname)


def strip_fronts(text: str) -> str:
    """Return a name without 営業部, 代表取締役, 担当, Dr. and the like in words before it; the last word always stays.

    Nor does a degree in letters belong to it, in a word behind: 山本大輔 Ph.D.
    """
    word, blank, rest = text.partition(" ")
    if not blank or text.isascii():
        return text
    bare, _, last = text.rpartition(" ")
    if last.isascii() and _letters(last) in _CREDENTIALS:
        return strip_fronts(bare)
    title = word in _FRONTS or (word.isascii() and _letters(word) in _TITLES)
    if title or (_OFFICE_END.search(word) and _DEPARTMENT.fullmatch(word)):
        return strip_fronts(rest)
    if not _OFFICE_END.search(word) or not _PLACE.fullmatch(word) or fold_cleaned(word) in dictionary().families:
        return text
    rest = strip_fronts(rest)
    family, given = split_japanese(rest)
    whole = family and given and fold_cleaned(family) in dictionary().families
    return rest if whole else text  # 矢田部 勁 has a rare family name, 秘書部 鈴木一郎 another one behind


def strip_honorifics(text: str) -> str:
    """Return a name without 様, さん, 先生, 君 and the like at its end; something always stays."""
    for _ in range(3):
        bare = _SPACED.sub("", text)
        if not text.isascii():
            bare = _FAMILIAR.sub("", _HONORIFIC.sub("", bare))
        bare = bare.strip()
        if not bare or bare == text:
            break
        text = bare
    return text


def is_placeholder(text: str) -> bool:
    """Tell whether a cleaned name cell names nobody: signs, "unknown", 不明, "Caller 090…", xxx, a role, an address."""
    key = compact(fold_cleaned(text))
    if key in _NOBODY or "@" in text or (not key.isascii() and _ADDRESSED.sub("", key) in _NOBODY):
        return True
    if not key.isascii() and _OFFICE.search(key) and _DEPARTMENT.fullmatch(key):
        return True
    if key.isalpha():
        return len(key) > 2 and key == key[0] * len(key)
    digits = len(_DIGITS.findall(key))
    return digits >= 5 or digits == len(key)


def is_handle(text: str, mailboxes: frozenset[str]) -> bool:
    """Tell whether a one-word name only repeats a mailbox, or is a login name (`mary.poppins64`).

    `mailboxes` are the folded local parts of the record's addresses. Such a name is no evidence beyond the address.
    """
    if " " in text or not text.isascii():
        return False
    word = text.lower()
    marked = any(not c.isalpha() for c in word.strip(".'-"))
    if word in mailboxes and (marked or not is_known_name(word)):
        return True
    return any(map(str.isdigit, word)) or "_" in word


def is_known_name(word: str) -> bool:
    """Tell whether a Latin word is a name that a dictionary knows: Western given, or Japanese family or given."""
    key = romaji_key(word)
    return is_western_given(word) or key in dictionary().family_romaji or key in dictionary().given_romaji


def is_fake(family: str, given: str) -> bool:
    """Tell whether name parts are a test entry: one part is a test word, or both together are a cartoon figure."""
    first, second = _letters(family), _letters(given)
    return first in FAKES or second in FAKES or first + second in _FAKE_WHOLES


def has_fake_letters(part: str) -> bool:
    """Tell whether a name cell by itself makes `is_fake` true of any name it is part of."""
    return _letters(part) in FAKES


def may_begin_fake(family: str) -> bool:
    """Tell whether `is_fake` may be true of a family name with some given name."""
    return _letters(family) in _FAKE_STARTS


def may_end_fake(given: str) -> bool:
    """Tell whether `is_fake` may be true of a given name with some family name."""
    return _letters(given) in _FAKE_ENDS


@lru_cache(_CACHE)
def _letters(part: str) -> str:
    """Return the folded letters and digits of a name cell."""
    return compact(fold(part))
