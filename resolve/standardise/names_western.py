"""Names in Latin letters: order, capitals, particles, titles, suffixes, middle names, romanised Japanese names."""

from typing import NamedTuple

from resolve.standardise.kana_romaji import is_japanese_romaji, romaji_key
from resolve.standardise.names_marks import LOST
from resolve.standardise.names_words import CREDENTIALS, GENERATIONS, PARTICLES, TITLES
from resolve.standardise.readings import dictionary
from resolve.standardise.text import compact, fold


class Split(NamedTuple):
    """A whole name in its parts; None for what it does not have."""

    family: str | None = None
    given: str | None = None
    middle: str | None = None
    suffix: str | None = None


def drop_lost(split: Split) -> Split:
    """Return the parts without those that lost a character (Ren?e): they say nothing, least of all an initial."""
    return Split(*(None if part and LOST in part else part for part in split))


def split_western(text: str) -> Split:
    """Return the parts of a cleaned whole name in Latin letters.

    "Last, First M.", "First M. Last, Jr.", "YAMADA Taro", "Taro Yamada" and "Yamada Taro" (where the dictionary knows
    which is which) are understood. One word alone is a given name, unless it is known as a Japanese family name.
    """
    if lone := _titled_family(text):
        return Split(family=lone)
    suffix: str | None = None
    parts: list[list[str]] = []
    for part in text.split(","):
        words, found = _strip_ends(part.split())
        suffix = suffix or found
        if words and not (parts and all(_bare(word) in CREDENTIALS for word in words)):
            parts.append(words)
    if not parts:
        return Split(suffix=suffix)
    if len(parts) > 1:
        given, middle = _given_and_middle([word for words in parts[1:] for word in words])
        return Split(" ".join(parts[0]), given, middle, suffix)
    family, rest = _find_family(parts[0])
    given, middle = _given_and_middle(rest)
    return Split(" ".join(family) or None, given, middle, suffix)


def _titled_family(text: str) -> str | None:
    """Return the one word behind Mr, Mrs, Dr …, which is a family name; None for any other text."""
    words = text.split()
    titled = len(words) == 2 and len(_bare(words[0])) > 1 and _bare(words[0]) in TITLES
    return words[1] if titled and _bare(words[1]) not in GENERATIONS else None


def split_given(text: str) -> Split:
    """Return given name, middle name and suffix of a given-name column: "Rebecca G." -> Rebecca, G."""
    words, suffix = _strip_ends(text.replace(",", " ").split())
    given, middle = _given_and_middle(words)
    return Split(None, given, middle, suffix)


def split_family(text: str) -> Split:
    """Return family name and suffix of a family-name column: "Smith Jr." -> Smith, JR."""
    words, suffix = _strip_ends(text.replace(",", " ").split())
    return Split(" ".join(words) or None, None, None, suffix)


def generation(text: str | None) -> str | None:
    """Return JR, SR, II, III or IV for a suffix text, else None."""
    return GENERATIONS.get(_bare(text or ""))


def _bare(word: str) -> str:
    """Return a word folded, without dots and quotes at its ends."""
    return fold(word).replace(".", "").strip("'- ")


def _strip_ends(words: list[str]) -> tuple[list[str], str | None]:
    """Return the words without titles before and credentials behind, and the generation; one word always stays."""
    words = [word for word in words if _bare(word)]
    suffix = None
    while len(words) > 1 and _bare(words[0]) in TITLES and len(_bare(words[0])) > 1:
        words = words[1:]
    while words:
        last = _bare(words[-1])
        if last in GENERATIONS:
            suffix = suffix or GENERATIONS[last]
        elif not (len(words) > 1 and last in CREDENTIALS and _written_as_credential(words)):
            break
        words = words[:-1]
    return words, suffix


def _written_as_credential(words: list[str]) -> bool:
    """Tell whether the last word is a credential and no name: "Do" or "Ma" after one word is a family name."""
    return len(words) > 2 or len(_bare(words[-1])) > 2


def _find_family(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of the family name and the others, in order."""
    if len(words) == 1:
        key = romaji_key(words[0])
        known = dictionary()
        alone = key in known.family_romaji and key not in known.given_romaji
        return (words, []) if alone else ([], words)
    shouted = [word.isupper() and len(compact(word)) > 1 for word in words]
    if (
        any(shouted)
        and not all(shouted)
        and any(not s and len(compact(w)) > 1 for s, w in zip(shouted, words, strict=True))
    ):
        if shouted[0] and not shouted[-1]:
            cut = shouted.index(False)
            return words[:cut], words[cut:]
        if shouted[-1] and not shouted[0]:
            cut = len(words) - shouted[::-1].index(False)
            return words[cut:], words[:cut]
    if len(words) == 2 and _family_goes_first(words[0], words[1]):
        return words[:1], words[1:]
    cut = len(words) - 1
    while cut > 1 and fold(words[cut - 1]).strip(".") in PARTICLES:
        cut -= 1
    return words[cut:], words[:cut]


def _family_goes_first(first: str, second: str) -> bool:
    """Tell whether two words are a Japanese name in Japanese order; False where both orders are as likely."""
    a, b = romaji_key(first), romaji_key(second)
    if not (is_japanese_romaji(a) and is_japanese_romaji(b)):
        return False
    known = dictionary()
    japanese = (a in known.family_romaji) + (b in known.given_romaji)
    western = (b in known.family_romaji) + (a in known.given_romaji)
    return japanese > western


def _given_and_middle(words: list[str]) -> tuple[str | None, str | None]:
    """Return the given name (first word) and the middle names (the rest)."""
    if not words:
        return None, None
    return words[0], " ".join(words[1:]) or None
