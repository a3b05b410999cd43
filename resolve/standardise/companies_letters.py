"""Letters as companies write them: read out in kana (エヌ・ティ・ティ is NTT), and umlauts spelled out (Mueller)."""

import re
from functools import lru_cache

# By letter, in large katakana: what is read so is one letter.
_READ = {
    "a": "エー エイ", "b": "ビー", "c": "シー", "d": "デイー デイ デー", "e": "イー", "f": "エフ", "g": "ジー",
    "h": "エイチ エツチ", "i": "アイ", "j": "ジエイ ジエー", "k": "ケイ ケー", "l": "エル", "m": "エム", "n": "エヌ",
    "o": "オー", "p": "ピー", "q": "キユー", "r": "アール", "s": "エス", "t": "テイー テイ テー", "u": "ユー",
    "v": "ブイ ヴイ ブイー ヴイー", "w": "ダブリユー ダブリユ ダブルユー", "x": "エツクス", "y": "ワイ",
    "z": "ゼツト ゼツド",
}  # fmt: skip
_LETTER_OF = {reading: letter for letter, readings in _READ.items() for reading in readings.split()}
_LONGEST = max(map(len, _LETTER_OF))
_KANA_RUN = re.compile(r"[ァ-ヺー]+(?:[・\s]+[ァ-ヺー]+)*")
_JOINT = re.compile(r"[・\s]+")
_GERMAN_FORMS = frozenset(("GMBH", "GMBHKG", "AG", "KG", "OHG", "UG", "EK", "EV"))
_SPELT_OUT = re.compile(r"(?:(?<=[^\W\daeiouq])|\b)([aou])e(?=[^\W\daeiou])")


def join_letters(katakana: str) -> str:
    """Return a name in large katakana with letters that were read out as letters: エヌ・テイ・テイ, ジエイアール.

    A word must be letters as a whole, and two of them must stand together: エム alone, or アイテム, is a word.
    """
    return _KANA_RUN.sub(_join_run, katakana)


def _join_run(run: re.Match[str]) -> str:
    """Return the words of a run of kana written together, those that are letters as letters."""
    words = _JOINT.split(run[0])
    read = [_letters(word) for word in words]
    joined = []
    for place, (word, letters) in enumerate(zip(words, read, strict=True)):
        beside = (*read[max(place - 1, 0) : place], *read[place + 1 : place + 2])
        joined.append(letters if letters and (len(letters) > 1 or any(beside)) else word)
    return "".join(joined)


@lru_cache(1 << 12)
def _letters(word: str) -> str:
    """Return the letters that a word reads out as a whole, the longest names first; empty where it is no such word."""
    for size in range(min(_LONGEST, len(word)), 1, -1):
        letter = _LETTER_OF.get(word[:size])
        if letter is None:
            continue
        if size == len(word):
            return letter
        rest = _letters(word[size:])
        if rest:
            return letter + rest
    return ""


def fold_spelt_out(folded: str, form: str | None) -> str:
    """Return the folded name of a company of German form with umlauts as folding leaves them: Mueller, Müller, Muller.

    Elsewhere ae, oe and ue are two letters: Maeda, Ueno.
    """
    return _SPELT_OUT.sub(r"\1", folded) if form in _GERMAN_FORMS else folded
