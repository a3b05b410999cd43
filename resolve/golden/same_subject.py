"""Whether two subjects speak for one event: how alike they are, and whether their numbers contradict each other."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

_NUMBER = re.compile(r"\d+")
_REPLY = re.compile(r"^(?:(?:re|fw|fwd|aw|wg|返信|転送)\s*[:：]\s*)+")
CUT = 6  # letters of a subject cut short that are enough to know it by
_SIGN = re.compile(r"[\W_]+")
# What a system writes by itself says nothing of the matter.
_SAYS_NOTHING = frozenset(
    [
        "call",
        "phone",
        "tel",
        "outbound",
        "inbound",
        "incoming",
        "outgoing",
        "logged",
        "email",
        "mail",
        "message",
        "meeting",
        "order",
        "survey",
        "event",
        "untitled",
        "電話",
        "架電",
        "受電",
        "発信",
        "着信",
        "通話",
        "メール",
        "会議",
        "面談",
        "商談",
        "打ち合わせ",
        "打合せ",
        "訪問",
        "件名なし",
        "注文",
        "受注",
        "アンケート",
        "履歴",
    ]
)
_APART = re.compile("|".join(sorted((re.escape(w) for w in _SAYS_NOTHING if not w.isascii()), key=len, reverse=True)))


class Subject(NamedTuple):
    """A subject taken apart: its letters, their neighbouring pairs, its numbers, and whether a system cut it short."""

    letters: str
    pairs: frozenset[str]
    numbers: frozenset[str]
    is_cut: bool


@lru_cache(maxsize=1 << 16)
def read_subject(text: str) -> Subject:
    """Return what of a subject can be compared; its letters are empty where it says nothing."""
    folded = _REPLY.sub("", unicodedata.normalize("NFKC", text).strip().lower())
    words = [w for w in _SIGN.split(_APART.sub(" ", folded)) if w and w not in _SAYS_NOTHING]
    letters = "".join(words)
    pairs = frozenset(letters[n : n + 2] for n in range(max(len(letters) - 1, bool(letters))))
    numbers = frozenset(number.lstrip("0") or "0" for number in _NUMBER.findall(folded))
    return Subject(letters, pairs, numbers, folded.endswith("..."))  # NFKC writes … as three dots


def compare_subjects(left: pd.Series, right: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return (similarity, contradicts) along two columns of subjects.

    Similarity is the Dice coefficient of their pairs of letters, 0..1, without marks of replies and words that systems
    write by themselves; 1 where one is the other cut short, or says no more than its numbers; NaN where one says
    nothing. They contradict each other where each has a number that the other has not.
    """
    both = left.notna().to_numpy() & right.notna().to_numpy()
    alike, contradicts = np.full(len(both), np.nan), np.zeros(len(both), dtype=bool)
    at = np.flatnonzero(both)
    known: dict[tuple[str, str], tuple[float, bool]] = {}
    for row, one, other in zip(at.tolist(), left.iloc[at], right.iloc[at], strict=True):
        if (one, other) not in known:
            known[one, other] = _compare(read_subject(one), read_subject(other))
        alike[row], contradicts[row] = known[one, other]
    return alike, contradicts


def numbers_contradict(left: str, right: str) -> bool:
    """Return whether each of two subjects has a number that the other has not."""
    one, other = read_subject(left).numbers, read_subject(right).numbers
    return bool(one - other and other - one)


def _compare(left: Subject, right: Subject) -> tuple[float, bool]:
    """Return (similarity, contradicts) of two subjects."""
    shared, differ = left.numbers & right.numbers, bool(left.numbers - right.numbers and right.numbers - left.numbers)
    same = _is_cut_from(left, right) or _is_cut_from(right, left)
    same |= bool(shared) and not differ and (left.letters.isdigit() or right.letters.isdigit())
    return (1.0 if same else _dice(left, right)), differ


def _is_cut_from(short: Subject, whole: Subject) -> bool:
    """Return whether a subject is the beginning of another."""
    return short.is_cut and len(short.letters) >= CUT and whole.letters.startswith(short.letters)


def _dice(left: Subject, right: Subject) -> float:
    """Return the Dice coefficient, NaN where one says nothing."""
    if not left.pairs or not right.pairs:
        return float("nan")
    return 2 * len(left.pairs & right.pairs) / (len(left.pairs) + len(right.pairs))
