"""The hand-written lists of names, towns and words, read once, with a long tail of composed names."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generator.draw import Texts, texts

FOLDER = Path(__file__).parent / "data"
TAILS = {"ja family": 0.5, "ja given": 0.35, "en family": 0.6, "en given": 0.0}  # share of people with a composed name


@dataclass(frozen=True)
class NameList:
    """Names with their readings (Japanese) or nicknames (Western), other written forms, and weights."""

    names: Texts
    readings: Texts  # katakana; None for Western names
    others: tuple[tuple[str, ...], ...]  # variants of a family name, nicknames of a given name
    weights: npt.NDArray[np.float64]


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one list, in file order."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def words(part: str) -> Texts:
    """Return the words of one part of words.csv."""
    return texts([row["text"] for row in read_rows("words") if row["part"] == part])


@cache
def word_rows(part: str) -> tuple[dict[str, str], ...]:
    """Return the whole rows of one part of words.csv."""
    return tuple(row for row in read_rows("words") if row["part"] == part)


@cache
def families(locale: str) -> NameList:
    """Return the family names of a locale, `ja` or `en`."""
    if locale == "ja":
        rows = [(r["kanji"], r["kana"], r["variants"], float(r["weight"])) for r in read_rows("family_ja")]
        return _with_tail(rows, _composed("parts_ja", "family_head", "family_tail"), TAILS["ja family"])
    rows = [(r["name"], "", "", float(r["weight"])) for r in read_rows("family_en")]
    return _with_tail(rows, _composed("parts_en", "family_head", "family_tail"), TAILS["en family"])


@cache
def givens(locale: str, sex: str) -> NameList:
    """Return the given names of a locale for a sex, `m` or `f`."""
    if locale == "ja":
        rows = [(r["kanji"], r["kana"], "", float(r["weight"])) for r in read_rows("given_ja") if r["sex"] == sex]
        head = "given_head_f" if sex == "f" else "given_head"
        return _with_tail(rows, _composed("parts_ja", head, f"given_tail_{sex}"), TAILS["ja given"])
    rows = [(r["name"], "", r["nicknames"], float(r["weight"])) for r in read_rows("given_en") if r["sex"] == sex]
    return _with_tail(rows, [], TAILS["en given"])


def _composed(file: str, head: str, tail: str) -> list[tuple[str, str]]:
    """Return every head followed by every other tail, with the reading where there is one."""
    rows = read_rows(file)
    heads = [(r.get("kanji") or r.get("text") or "", r.get("kana") or "") for r in rows if r["part"] == head]
    tails = [(r.get("kanji") or r.get("text") or "", r.get("kana") or "") for r in rows if r["part"] == tail]
    return [(h + t, hk + tk) for h, hk in heads for t, tk in tails if h != t]


def _with_tail(rows: list[tuple[str, str, str, float]], tail: list[tuple[str, str]], share: float) -> NameList:
    """Join the listed names and the composed ones, which have `share` of the weight between them."""
    listed = {row[0] for row in rows}
    tail = [(name, reading) for name, reading in tail if name not in listed]
    total = sum(row[3] for row in rows)
    each = total * share / (1 - share) / len(tail) if tail else 0.0
    return NameList(
        texts([row[0] for row in rows] + [name for name, _ in tail]),
        texts([row[1] or None for row in rows] + [reading or None for _, reading in tail]),
        tuple(tuple(o for o in row[2].split("|") if o) for row in rows) + ((),) * len(tail),
        np.array([row[3] for row in rows] + [each] * len(tail)),
    )
