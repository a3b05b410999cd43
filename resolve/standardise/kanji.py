"""Kanji in several forms: which of them are the same character, and which are only often mixed up.

Tier 1 is the same character in an older, rarer or machine-made form (髙 and 高): equal, always. Tier 2 are variants
that are both common in names (斎 and 斉): a weaker level of agreement. Characters that merely look or sound
alike (郎 and 朗, 荻 and 萩) are in neither tier and are never folded. The table `kanji.tsv` is hand-written.
"""

import re
from functools import cache
from importlib.resources import files

NEVER_FOLDED = (
    "郎朗",
    "太大",
    "荻萩",
    "智知",
    "恵慧",
    "弘宏",
    "辺部",
    "土士",
    "柿杮",
    "末未",
    "里裏",
    "谷穀",
    "松鬆",
    "云雲",
)

_KANA_LOOK_ALIKES = str.maketrans("ニハロエカタトーノ", "二八口工力夕卜一ノ")
_SMALL_KE = str.maketrans("ヶヵ之のがヵケ", "ケカノノケカケ")


@cache
def kanji_map(tier: int) -> dict[int, str]:
    """Return the `str.translate` map of one tier: other form -> the one representative form."""
    text = files("resolve.standardise").joinpath("kanji.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {ord(form): main for level, main, forms in rows if int(level) == tier for form in forms}


TIER1 = kanji_map(1)
TIER2 = kanji_map(2)
_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_OTHER_FORM = re.compile(f"[{''.join(map(chr, TIER1))}]")
_VARIANT = re.compile(f"[{''.join(map(chr, TIER2))}]")


def has_han(text: str) -> bool:
    """Tell whether the text holds at least one kanji (ideograph, iteration mark or 〇)."""
    return _HAN.search(text) is not None


def fold_kanji(text: str) -> str:
    """Return the text with every tier-1 form replaced by its representative; idempotent."""
    return text.translate(TIER1) if _OTHER_FORM.search(text) else text


def fold_long(text: str) -> str:
    """Return `fold_kanji` of a long text in which few characters change."""
    return _OTHER_FORM.sub(lambda match: TIER1[ord(match[0])], text)


def fold_variants(text: str) -> str:
    """Return the text with tier-2 forms folded too, and ノ/之/の and ヶ/ケ/が between kanji made one; idempotent."""
    folded = fold_kanji(text)
    folded = folded.translate(TIER2) if _VARIANT.search(folded) else folded
    if len(folded) < 3 or not any(c in "ヶヵ之のが" for c in folded[1:-1]):
        return folded
    inner = [
        c.translate(_SMALL_KE) if has_han(folded[i]) and has_han(folded[i + 2]) else c
        for i, c in enumerate(folded[1:-1])
    ]
    return folded[0] + "".join(inner) + folded[-1]


def expand_marks(text: str) -> str:
    """Return the text with each 々 replaced by the character before it: 佐々木 -> 佐佐木; idempotent."""
    if "々" not in text:
        return text
    chars: list[str] = []
    for char in text:
        chars.append(chars[-1] if char == "々" and chars and has_han(chars[-1]) else char)
    return "".join(chars)


def mend_look_alikes(text: str) -> str:
    """Return the text with katakana that looks like kanji (ニ, ハ, ロ, エ, カ, タ, ト, ー) read as the kanji.

    A guess: use it only where the result is a known name.
    """
    return text.translate(_KANA_LOOK_ALIKES)
