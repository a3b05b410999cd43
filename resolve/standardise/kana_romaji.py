"""Romaji: from kana, and from the many ways people write it, to one key."""

import re
from collections.abc import Iterable
from functools import lru_cache

from resolve.standardise.kana import to_katakana
from resolve.standardise.text import fold

_BASE = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サ.スセソ",
    "t": "タ..テト",
    "n": "ナニヌネノ",
    "h": "ハヒ.ヘホ",
    "m": "マミムメモ",
    "y": "ヤ.ユ.ヨ",
    "r": "ラリルレロ",
    "w": "ワ....",
    "g": "ガギグゲゴ",
    "z": "ザ.ズゼゾ",
    "d": "ダ..デド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_MORAE = {kana: row + vowel for row, line in _BASE.items() for kana, vowel in zip(line, "aiueo", strict=True)}
_MORAE |= {"シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu", "ヴ": "bu", "ン": "n"}
_MORAE |= {"ヲ": "o", "ヰ": "i", "ヱ": "e", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ヮ": "wa"}
_MORAE |= {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ヵ": "ka", "ヶ": "ke"}
_SOFT = {"sh", "ch", "j"}  # these swallow the y of a contracted sound: シャ is sha, キャ is kya
_JOINED = re.compile("[ぁ-ゖゝゞァィゥェォッャュョー]")  # read together with what stands before or behind; or hiragana
_CONTRACTED = re.compile("(?<=[キシチニヒミリギジビピ])(ユ|ヨ(?=[ウオークツ]))")

_KUNREI = (
    (re.compile("s(?=y)y|s(?=i)"), "sh"),
    (re.compile("t(?=y)y|t(?=i)"), "ch"),
    (re.compile("[zjd]y+|[zd](?=i)"), "j"),
    (re.compile("t(?=u)"), "ts"),
    (re.compile("d+z?(?=u)"), "z"),
    (re.compile("(?<![sct])hu"), "fu"),
    (re.compile("tch"), "cch"),
    (re.compile("m(?=[bmp])"), "n"),
    (re.compile("(?<=[ou])h(?=[^aeiouy]|$)"), ""),
    (re.compile("o[ou]+"), "o"),
    (re.compile("uu+"), "u"),
)
_LETTERS = re.compile("[^a-z]+")
_JAPANESE = re.compile(
    "(?:n(?![aeiouy])|(?:k{1,2}|s{1,2}|t{1,2}|p{1,2}|g{1,2}|d{1,2}|b{1,2}|z{1,2}|n|m|r|h)?[aeiou]"
    "|(?:s?sh|c?ch|j{1,2})[aeiou]|t?tsu|ff?u|(?:k{1,2}|n|h|m|r|g|b|p{1,2})?y[auo]|w[ao])+"
)


def kana_to_romaji(kana: str) -> str:
    """Return Hepburn letters for a kana text, long vowels written out: コウ -> kou; unknown characters are dropped."""
    if not _JOINED.search(kana):
        return "".join([_MORAE.get(char, "") for char in kana])
    letters = ""
    double = False
    for char in to_katakana(kana):
        if char == "ッ":
            double = True
            continue
        mora = letters[-1:] if char == "ー" else _MORAE.get(char, "")
        if char in "ャュョァィゥェォ" and letters.endswith("i"):
            letters = letters[:-1]
            mora = mora[-1] if letters.endswith(tuple(_SOFT)) else ("y" + mora.removeprefix("y"))
        elif char in "ァィェォ" and letters.endswith(("u", "te", "de")):
            letters = letters[:-1]
        letters += (mora[0] if double and mora and mora[0] not in "aiueon" else "") + mora
        double = False
    return letters


@lru_cache(1 << 15)
def romaji_key(text: str) -> str:
    """Return the key of a romaji text: Ōno, Ohno, Oono and Ono are "ono", Tiduru is "chizuru"; idempotent.

    Use it only where `is_japanese_romaji` holds for the result: English names would lose letters.
    """
    key = _LETTERS.sub("", fold(text))
    for pattern, spelling in _KUNREI:
        key = pattern.sub(spelling, key)
    return key


def romaji_keys(readings: Iterable[str]) -> list[str]:
    """Return the romaji keys of many kana texts at once; equal to `romaji_key` of each in letters, in its order."""
    keys = "\n".join(map(kana_to_romaji, readings))
    for pattern, spelling in _KUNREI:
        keys = pattern.sub(spelling, keys)
    return keys.split("\n")


def is_japanese_romaji(key: str) -> bool:
    """Tell whether a romaji key parses into Japanese morae: `kondo` does, `smith` does not."""
    return bool(_JAPANESE.fullmatch(key))


@lru_cache(1 << 15)
def kana_readings(kana: str) -> tuple[str, ...]:
    """Return the romaji keys a kana text may stand for: one, or two where large kana may be contracted (キヨウコ)."""
    katakana = to_katakana(kana).replace(" ", "").replace("・", "")
    plain = romaji_key(kana_to_romaji(katakana))
    if not _CONTRACTED.search(katakana):
        return (plain,) if plain else ()
    small = _CONTRACTED.sub(lambda m: "ュ" if m[0] == "ユ" else "ョ", katakana)
    return tuple(dict.fromkeys((plain, romaji_key(kana_to_romaji(small)))))
