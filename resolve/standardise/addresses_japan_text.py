"""The text of a Japanese address: what is displayed, and the fold in which place names are compared.

Kanji numerals become digits only where a number is meant (before 丁目, 番地, 番, 号, 条, 線 or a hyphen), so 六本木 and
八丁堀 stay. The fold is character by character: a position in the fold is the same position in the text.
"""

import re
import unicodedata
from functools import lru_cache

from resolve.standardise.kanji import TIER1, TIER2, expand_marks
from resolve.standardise.text import clean

NUMERALS = "〇一二三四五六七八九十百千"
_DIGIT_OF = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_UNIT_OF = {"十": 10, "百": 100, "千": 1000}
_COUNTED = re.compile(
    rf"[{NUMERALS}]+(?=丁目|丁(?=[\d{NUMERALS}番の,\-\s]|$)|番(?![館街])|号(?!線)|条|線|地割|階|の町|-[\d{NUMERALS}])"
    rf"|(?<=[\d{NUMERALS}]-)[{NUMERALS}]+(?![^\d\s,\-])"
    rf"|(?<=丁目)[{NUMERALS}]+(?=[の,\-\s]|$)|(?<=番地)[{NUMERALS}]+(?![^\d\s,\-の])"
)
_INNER_NO = re.compile(rf"(?<=[\d{NUMERALS}])\s*[のノ之]\s*(?=[\d{NUMERALS}])")
_DASHES = re.compile(rf"(?<=[\d{NUMERALS}])\s*[ー~〜-]\s*(?=[\d{NUMERALS}])")
_LOOSE_DASH = re.compile("[ー~〜]| -|- ")  # what a dash between numbers may be, but for "-" itself
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々"
# behind kana か is mostly a part of the word (あすか台), so it is left alone there
_KE = re.compile(rf"(?:(?<=[{_HAN}])[ヶヵがガカ]|(?<=[ぁ-ゖァ-ヺー])[ヶがガ])(?=[{_HAN}])")
_NO = re.compile(rf"(?<=[{_HAN}])[之の](?=[{_HAN}])")
_TSU = re.compile(rf"(?<=[{_HAN}])[ッっつ](?=[{_HAN}])")
_VARIANTS = {**TIER1, **{code: form.translate(TIER1) for code, form in TIER2.items()}}
_SPOKEN = frozenset(NUMERALS)


def _as_number(match: re.Match[str]) -> str:
    """Return a kanji numeral as digits: 二十三 -> 23, 一〇 -> 10."""
    text = match[0]
    if not any(c in _UNIT_OF for c in text):
        return "".join(str(_DIGIT_OF[c]) for c in text)
    total, current = 0, 0
    for char in text:
        unit = _UNIT_OF.get(char)
        if unit:
            total, current = total + (current or 1) * unit, 0
        else:
            current = current * 10 + _DIGIT_OF[char]
    return str(total + current)


def write_numbers(text: str | None) -> str:
    """Return an address text, cleaned, with its counted kanji numerals as digits and one kind of hyphen in between."""
    return write_numbers_of(clean(text))


def write_numbers_of(cleaned: str) -> str:
    """Return `write_numbers` of a text that `clean` has been through already."""
    if "の" in cleaned or "ノ" in cleaned or "之" in cleaned:
        cleaned = _INNER_NO.sub("-", cleaned)
    if _LOOSE_DASH.search(cleaned):
        cleaned = _DASHES.sub("-", cleaned)
    return cleaned if _SPOKEN.isdisjoint(cleaned) else _COUNTED.sub(_as_number, cleaned)


def fold_place(text: str) -> str:
    """Return the fold of a place name whose numbers are written: kanji variants, ケ/ヶ/が, ノ/之/の, ツ/ッ made one.

    The result is as long as the input.
    """
    folded = expand_marks(text).translate(_VARIANTS)
    folded = _NO.sub("ノ", _KE.sub("ケ", folded))
    return _TSU.sub("ツ", folded)


@lru_cache(maxsize=1 << 16)
def place_key(text: str | None) -> str:
    """Return the key of a place name: numbers written, folded, without blanks and in lower case."""
    written = write_numbers(text)
    key = fold_place(written).replace(" ", "").lower()
    if " " not in written and unicodedata.is_normalized("NFKC", key):
        return key
    for _ in range(3):  # a blank that goes may bring a numeral and 丁目, or a letter and its accent, together
        again = fold_place(write_numbers(key)).replace(" ", "").lower()
        if again == key:
            break
        key = again
    return key
