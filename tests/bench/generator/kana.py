"""Katakana names in the Latin spellings that people give themselves, and in other kana."""

import re
from functools import cache

_VOWELS = "aiueo"
_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_KUNREI = {kana: row + vowel for row, line in _ROWS.items() for kana, vowel in zip(line, _VOWELS, strict=True)}
_KUNREI |= {"ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヲ": "o", "ン": "n"}
_HEPBURN = _KUNREI | {"シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu"}
_SMALL = {"ャ": "a", "ュ": "u", "ョ": "o"}
STYLES = ("passport", "typed", "oh", "kunrei")


@cache
def to_latin(kana: str, style: str = "passport") -> str:
    """Return a katakana name in lower-case Latin letters.

    Styles: `passport` drops long vowels (Ono, Yuko), `typed` keeps them (Oono, Yuuko), `oh` writes a long o as oh
    (Ohno, Satoh), `kunrei` is the official spelling with si, ti, tu (long vowels dropped).
    """
    spelled = _spell(kana, _KUNREI if style == "kunrei" else _HEPBURN)
    if style == "typed":
        return spelled
    if style == "oh":
        spelled = re.sub(r"o[uo](?=[^aiueohy]|$)", "oh", spelled)
    spelled = re.sub(r"o[uo]", "o", spelled.replace("uu", "u"))
    return re.sub(r"n(?=[bmp])", "m", spelled) if style == "passport" else spelled


def _spell(kana: str, table: dict[str, str]) -> str:
    """Spell kana by kana: small ya, yu, yo join the one before, a small tsu doubles the next consonant."""
    out: list[str] = []
    double = False
    for mark in kana:
        if mark == "ッ":
            double = True
        elif mark in _SMALL and out:
            stem = out[-1][:-1]
            out[-1] = stem + ("" if stem in ("sh", "ch", "j") else "y") + _SMALL[mark]
        elif mark == "ー":
            out.append(out[-1][-1] if out else "")
        else:
            spelled = table.get(mark, "")
            out.append(("t" if spelled.startswith("ch") else spelled[:1]) + spelled if double else spelled)
            double = False
    return "".join(out)


def to_hiragana(kana: str) -> str:
    """Return katakana as hiragana."""
    return "".join(chr(ord(mark) - 0x60) if "ァ" <= mark <= "ヶ" else mark for mark in kana)


_HALF = str.maketrans(
    dict(
        zip(
            "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー",
            "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ",
            strict=True,
        )
    )
    | dict(
        zip(
            "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ",
            [
                "ｶﾞ",
                "ｷﾞ",
                "ｸﾞ",
                "ｹﾞ",
                "ｺﾞ",
                "ｻﾞ",
                "ｼﾞ",
                "ｽﾞ",
                "ｾﾞ",
                "ｿﾞ",
                "ﾀﾞ",
                "ﾁﾞ",
                "ﾂﾞ",
                "ﾃﾞ",
                "ﾄﾞ",
                "ﾊﾞ",
                "ﾋﾞ",
                "ﾌﾞ",
                "ﾍﾞ",
                "ﾎﾞ",
                "ﾊﾟ",
                "ﾋﾟ",
                "ﾌﾟ",
                "ﾍﾟ",
                "ﾎﾟ",
            ],
            strict=True,
        )
    )
)


def to_half_width(kana: str) -> str:
    """Return katakana in the half-width form of old systems."""
    return kana.translate(_HALF)
