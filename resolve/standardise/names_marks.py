"""What stands around a person's name: honorifics, titles, brackets, former names, placeholders, mail handles."""

import re
from typing import NamedTuple

from resolve.standardise.kana import is_kana
from resolve.standardise.kanji import has_han
from resolve.standardise.names_words import FORMER, PLACEHOLDERS, name_words
from resolve.standardise.text import compact, fold

_BRACKETS = re.compile(r"[(\[{<【「『〈《〔]([^()\[\]{}<>【】「」『』〈〉《》〔〕]*)[)\]}>】」』〉》〕]")
_STRAY = re.compile(r"[()\[\]{}<>【】「」『』〈〉《》〔〕\"“”*#=|\\/;:!?_~^]+")
_QUOTED = re.compile(r"(?<!\S)[\"“”'「]([^\"“”']{2,20})[\"“”'」](?!\S)")
_FORMER_WORD = re.compile(r"(?:^|[\s:])(?:旧姓|旧氏|née|formerly|(?<=\s)nee)[\s:]*(\S+)", re.IGNORECASE)
_FORMER_WORDS = "|".join(map(re.escape, sorted(FORMER, key=len, reverse=True)))
_FORMER = re.compile(rf"(?:{_FORMER_WORDS})[\s:、,]*(.+)", re.IGNORECASE)
_HONORIFIC = re.compile(r"\s*(?:" + "|".join(map(re.escape, name_words("honorifics"))) + ")$")
_SPACED = re.compile(r"\s+(?:" + "|".join(map(re.escape, name_words("honorifics_spaced"))) + ")$")
_FAMILIAR = re.compile(r"(?<=[一-龯々]{3})(?:君|くん)$")
_REPEATED = re.compile(r"(.)\1{2,}")
_DIGITS = re.compile(r"\d")


class Marked(NamedTuple):
    """A name text without its marks, and what the brackets said: former family name, reading, nickname."""

    text: str
    former: str | None = None
    kana: str | None = None
    nickname: str | None = None


def take_marks(text: str) -> Marked:
    """Return the cleaned text without brackets, honorifics and stray signs, and what the brackets said."""
    if text.isalpha() and not _HONORIFIC.search(text) and not _FAMILIAR.search(text):
        return Marked(text)
    former = kana = nickname = None
    for inner in _BRACKETS.findall(text):
        said = inner.strip()
        if match := _FORMER.fullmatch(said):
            former = match[1].strip()
        elif is_kana(said) and has_han(text):
            kana = said
        elif has_han(said) and len(said) <= 4 and not text.rstrip().endswith((")", "】", "]", "」", "〕")):
            former = said
        elif said.isascii() and said.isalpha() and not has_han(text):
            nickname = said
    bare = _BRACKETS.sub(" ", text)
    if match := _FORMER_WORD.search(bare):
        former = former or match[1]
        bare = bare[: match.start()] + " " + bare[match.end() :]
    if match := _QUOTED.search(bare):
        nickname = nickname or match[1]
        bare = _QUOTED.sub(" ", bare)
    bare = " ".join(_STRAY.sub(" ", bare).split())
    return Marked(strip_honorifics(bare), former, kana, nickname)


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
    """Tell whether a cleaned name cell names nobody: signs only, "unknown", 不明, "Caller 090…", xxx, an address."""
    folded = fold(text)
    key = compact(folded)
    if not key or key in PLACEHOLDERS or "@" in text:
        return True
    digits = len(_DIGITS.findall(key))
    return digits >= 5 or digits == len(key) or bool(_REPEATED.fullmatch(key))


def is_handle(text: str, mailboxes: frozenset[str]) -> bool:
    """Tell whether a one-word name only repeats a mailbox, or is a login name (`mary.poppins64`).

    `mailboxes` are the folded local parts of the record's addresses. Such a name is no evidence beyond the address.
    """
    if " " in text or not text.isascii():
        return False
    word = text.lower()
    marked = any(not c.isalpha() for c in word.strip(".'-"))
    return (marked and word in mailboxes) or any(map(str.isdigit, word)) or "_" in word
