"""Text made comparable: one chain for every field, before any rule of a field.

`clean` keeps what a person would read (case, accents, old kanji) and removes what only machines see. `fold` goes on to
the form in which equal means equal: case, accents and tier-1 kanji forms gone. Both are idempotent, accept any string,
and give the same result for composed and decomposed, full-width and half-width input.
"""

import re
import unicodedata

from resolve.standardise.kanji import fold_kanji

# Zero-width and directional characters, soft hyphen, variation selectors, lone surrogates, non-characters, controls.
_DROP = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d\u2500\u2501\u02d7\u058a\u30a0"
_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u02bb\u0060\u00b4\u055a\ua78c\uff07\uff40\u0149\u1ffd\u1fef"
_RADICALS = dict(
    zip("⺠⻁⻄⻑⻘⻝⻨⻩⻫⻭⻯⻲⻤⻣⻢⻦⻖⻌⻆⻅⻉⻗⻱", "民虎西長青食麦黄斉歯竜亀鬼骨馬鳥阝辶角見貝雨亀", strict=True)
)
# Applied before NFKC, which would turn some of these quotes into a blank and an accent.
_BEFORE = {**dict.fromkeys(map(ord, _QUOTES), "'"), **dict.fromkeys(map(ord, _HYPHENS), "-"), 0x0149: "'n"}
_AFTER = {**{ord(a): b for a, b in _RADICALS.items()}, ord("〻"): "々"}
# Characters that cleaning leaves alone: printable ASCII but "`", kana, kanji, the marks 々〆〇 and 、。「」.
_PLAIN = re.compile(
    "[ -_a-~\u3001\u3002\u3005-\u3007\u300c\u300d\u3041-\u3096\u30a1-\u30fe\u3400-\u4dbf\u4e00-\u9fff]*"
)
_RARE = re.compile("[" + "".join(map(re.escape, [*_HYPHENS, *_QUOTES])) + "]")
_RARE_AFTER = re.compile("[〻" + "".join(_RADICALS) + "]")
_BLANKS = re.compile(r"\s+")
_HYPHEN_SPACED = re.compile(r"(?<=\d)\s*[ー-]\s*(?=\d)")

_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ħ": "h", "ŋ": "n"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_CASELESS = re.compile("[\u3001-\u3098\u309b-\u30ff\u3400-\u9fff\\d \\-]*")  # kana, kanji, digits: no case, no accent
_STROKED = re.compile("[øłđðþæœßıħŋ]")


def clean(text: str | None) -> str:
    """Return the text as a person reads it: width, composition, hyphens, quotes and blanks made one.

    Full-width Latin and half-width kana change width (NFKC), invisible characters and controls go, every kind of hyphen
    is "-", every apostrophe "'", blanks (line ends too) collapse to one space. Case, accents and kanji forms stay.
    """
    if text is None:
        return ""
    if (text.isprintable() and "`" not in text) if text.isascii() else _PLAIN.fullmatch(text):
        return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text
    text = _DROP.sub("", text)
    if _RARE.search(text):
        text = text.translate(_BEFORE)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
        if _RARE.search(text) or _DROP.search(text):
            text = _settle(text)
    if _RARE_AFTER.search(text):
        text = text.translate(_AFTER)
    return _BLANKS.sub(" ", text).strip()


def _settle(text: str) -> str:
    """Repeat dropping, mapping and NFKC until nothing changes; a few compatibility characters need a second turn."""
    for _ in range(4):
        settled = unicodedata.normalize("NFKC", _DROP.sub("", text).translate(_BEFORE))
        if settled == text:
            break
        text = settled
    return text


def clean_lines(text: str | None) -> list[str]:
    """Return the cleaned, non-empty lines of a cell that was mapped from several columns."""
    if text is None:
        return []
    if "\n" not in text and "\r" not in text:
        line = clean(text)
        return [line] if line else []
    return [line for line in map(clean, text.splitlines()) if line]


def join_digits(text: str) -> str:
    """Return cleaned text with ー and spaced hyphens between digits written as a plain hyphen: 2ー8 -> 2-8."""
    return _HYPHEN_SPACED.sub("-", text)


def strip_accents(text: str) -> str:
    """Return the text without Latin, Greek and Cyrillic accents; kana voicing marks stay (は is not ば)."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    bare = _ACCENTS.sub("", apart)
    bare = unicodedata.normalize("NFC", bare)
    return bare.translate(_LETTERS) if _STROKED.search(bare) else bare


def fold(text: str | None) -> str:
    """Return the form in which equal means equal: cleaned, no case, no accents, tier-1 kanji; "" for nothing."""
    return fold_cleaned(clean(text))


def fold_cleaned(cleaned: str) -> str:
    """Return `fold` of a text that `clean` has been through already."""
    if cleaned.isascii():
        return cleaned.lower()
    if _CASELESS.fullmatch(cleaned):
        return fold_kanji(cleaned)
    return _fold_fully(cleaned)


def _fold_fully(text: str) -> str:
    """Fold by repetition until nothing changes; needed where case folding and normal forms disturb each other."""
    for _ in range(4):
        apart = unicodedata.normalize("NFD", text)
        folded = fold_kanji(clean(strip_accents(apart.casefold())))
        if folded == text:
            break
        text = folded
    return text


def fold_umlauts(text: str | None) -> str:
    """Return the folded text with umlauts spelled out: müller -> mueller, the second key of German and Nordic names."""
    return fold(unicodedata.normalize("NFC", clean(text).casefold()).translate(_UMLAUTS))


def compact(text: str) -> str:
    """Return the letters and digits of a folded text: no blanks, hyphens, dots or quotes."""
    return text if text.isalnum() else "".join(filter(str.isalnum, text))
