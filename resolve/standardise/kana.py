"""Kana and romaji keys: two spellings of one reading get one key.

The kana key keeps what kana can tell (long and short vowels), the romaji key what romaji can. Equal romaji keys where
one side lost long vowels (Ono, Ohno) mean "compatible", never more. Rules after the conventions of Japanese passports,
the Hepburn and Kunrei systems, and bank transfers, which write small kana large.
"""

import re

from resolve.standardise.kanji import has_han

_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_PLAIN = str.maketrans("ヂヅヰヱヲァィゥェォャュョッヮヵヶ", "ジズイエオアイウエオヤユヨツワカケ")
_VU = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))
_ROWS = {
    "a": "アカサタナハマヤラワガザダバパ",
    "i": "イキシチニヒミリギジビピ",
    "u": "ウクスツヌフムユルグズブプ",
    "e": "エケセテネヘメレゲゼデベペ",
    "o": "オコソトノホモヨロゴゾドボポ",
}
_VOWEL = {kana: vowel for vowel, row in _ROWS.items() for kana in row}
_LONG = {("o", "ウ"): "ウ", ("o", "オ"): "ウ", ("o", "ー"): "ウ", ("u", "ー"): "ウ"}
_LONG |= {("e", "イ"): "イ", ("e", "エ"): "イ", ("e", "ー"): "イ", ("a", "ー"): "ア", ("i", "ー"): "イ"}
# What is written in another way in the key; a text without it is its own key.
_TO_KEY = re.compile(f"[ぁ-ゖゝゞ ・{''.join(map(chr, _PLAIN))}ヴー]|[{_ROWS['o']}]オ|[{_ROWS['e']}]エ")
_KANA = re.compile(
    "[ー・ ]*[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff][\u3041-\u3096\u309d-\u309f\u30a1-\u30ff ]*"
)
_LATIN = re.compile(r"[a-z' .\-]*[a-z][a-z' .\-]*")


def to_katakana(text: str) -> str:
    """Return the text with hiragana as katakana; everything else stays."""
    return text.translate(_TO_KATAKANA)


def is_kana(text: str) -> bool:
    """Tell whether the text is kana only (long marks, middle dots and blanks allowed, but not alone)."""
    return _KANA.fullmatch(text) is not None


def script_of(text: str) -> str:
    """Return the script of a folded name part: han (any kanji), kana, latin, or other."""
    if _LATIN.fullmatch(text):
        return "latin"
    if has_han(text):
        return "han"
    return "kana" if is_kana(text) else "other"


def kana_key(text: str) -> str:
    """Return the key of a kana text: katakana, no small kana, one spelling of each long vowel; idempotent.

    キヨウコ = キョウコ, オオノ = オーノ, but オオノ is not オノ. Characters that are not kana stay.
    """
    if not _TO_KEY.search(text):
        return text
    kana = to_katakana(text).replace(" ", "").replace("・", "")
    if "ヴ" in kana:
        for voiced, plain in _VU:
            kana = kana.replace(voiced, plain)
    kana = kana.translate(_PLAIN)
    key: list[str] = []
    vowel = ""
    for char in kana:
        here = _LONG.get((vowel, char), "" if char == "ー" else char)
        if here:
            key.append(here)
            vowel = _VOWEL.get(here, "")
    return "".join(key)
