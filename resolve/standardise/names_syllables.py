"""Korean and Chinese names in letters: Kim Min-jun, Minjun Kim and Kim Min Jun are one surname and two syllables.

A surname decides, and all else must be syllables of its romanisation: Kim Basinger and Lee Pace stay as they are.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from resolve.standardise.names_nicknames import is_western_given
from resolve.standardise.names_words import name_words
from resolve.standardise.readings import dictionary
from resolve.standardise.text import compact, fold

if TYPE_CHECKING:
    from resolve.standardise.names_split import Person

_LONGEST = 6
_BOTH = 2  # syllables of nearly all given names; one alone tells no order
# What follows each initial of pinyin.
_PINYIN = {
    "": "a ai an ang ao e en er ou", "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u", "f": "a an ang ei en eng o ou u",
    "m": "a ai an ang ao ei en eng i ian iao ie in ing iu o ou u",
    "d": "a ai an ang ao e ei eng i ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao ei en eng i ian iang iao ie in ing iu ong u uan uo",
    "l": "a ai an ang ao e ei eng i ian iang iao ie in ing iu ong ou u uan ue un uo",
    "g k h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j q x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh ch sh": "a ai an ang ao e en eng i ong ou u ua uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u uan ui un uo", "z c s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing ong ou u uan ue un", "w": "a ai an ang ei en eng o u",
}  # fmt: skip
_SYLLABLES = {
    "korean": frozenset(name_words("syllables_korean")),
    "pinyin": frozenset(i + f for begins, ends in _PINYIN.items() for i in begins.split(" ") for f in ends.split()),
    "cantonese": frozenset(name_words("syllables_cantonese")),
}
_SURNAMES = {kind: frozenset(name_words(f"surnames_{kind}")) for kind in _SYLLABLES}
SURNAMES = frozenset().union(*_SURNAMES.values())
# What one Korean sound is written as, to one of them.
_SPELLINGS = (("oo", "u"), ("young", "yeong"), ("kyoung", "kyeong"), ("gyeong", "kyeong"), ("geun", "keun"))
_CLOSED = ("eo", "u")  # the same, before a consonant: jeong is jung, but seo is not su


def is_syllable_surname(text: str | None) -> bool:
    """Tell whether a part of a name is a surname beside which the other part may be syllables."""
    return text is not None and len(text) <= _LONGEST + 1 and _word(text) in SURNAMES


def settle_syllables(person: "Person") -> "Person":
    """Return the person with surname and given name apart, where the words are those of a Korean or Chinese name.

    The given name has its syllables together: the second one is no middle name.
    """
    family, given = _word(person.family), _word(person.given)
    if not family or not given or not (family in SURNAMES or given in SURNAMES):
        return person
    middle = (person.middle or "").split()
    if len(middle) == 1 and _are_single(family, (given, middle[0])):
        return person._replace(given=f"{person.given} {middle[0]}", middle=None)
    rest = [*middle, person.family or ""]
    pair = len(rest) == _BOTH and _are_single(given, rest)
    if pair or (not middle and len(split_syllables(given, family)) == _BOTH and not _is_other_family(family)):
        return person._replace(family=person.given, given=" ".join(rest), middle=None)
    return person


def syllable_marks(family: str | None, given: str | None) -> tuple[str, ...]:
    """Return the variants of a given name of two syllables beside a surname of the list; none elsewhere.

    It is a known name: Min-jun and Min-jung are two people, however alike. `alt=` has one spelling of each sound.
    """
    if not family or not given or _word(family) not in SURNAMES:
        return ()
    syllables = split_syllables(_word(family), _word(given))
    if len(syllables) != _BOTH:
        return ()
    spelt = "".join(map(_one_spelling, syllables))
    return ("known=yes", *((f"alt={spelt}",) if spelt != _word(given) else ()))


@lru_cache(1 << 14)
def split_syllables(surname: str, word: str) -> tuple[str, ...]:
    """Return the syllables of a word in a romanisation that has the surname, as few as there can be; else none."""
    return min(filter(None, (_split(word, table) for table in _tables(surname))), key=len, default=())


def _tables(surname: str) -> list[frozenset[str]]:
    """Return the syllables of each romanisation that has a surname."""
    return [_SYLLABLES[kind] for kind, surnames in _SURNAMES.items() if surname in surnames]


def _split(word: str, table: frozenset[str]) -> tuple[str, ...]:
    """Return the fewest syllables of a table that make a word; the longest first among equally many."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(word) + 1):
        starts = range(max(0, end - _LONGEST), end)
        ways = [(*way, word[s:end]) for s in starts if (way := best[s]) is not None and word[s:end] in table]
        best.append(min(ways, key=len, default=None))
    return best[-1] or ()


@lru_cache(1 << 14)
def _word(text: str | None) -> str:
    """Return a part of a name in letters folded and written together; empty for other scripts."""
    return compact(fold(text)) if text and text.isascii() else ""


def _are_single(surname: str, words: Iterable[str]) -> bool:
    """Tell whether words are one syllable each, as the surname is written, and not Western given names."""
    texts = [_word(word) for word in words]
    return any(table.issuperset(texts) for table in _tables(surname)) and not all(map(is_western_given, texts))


def _is_other_family(word: str) -> bool:
    """Tell whether a word may be the given or family name of somebody else: Kim Sasaki, Lee Hanna."""
    return is_western_given(word) or word in dictionary().family_romaji


def _one_spelling(syllable: str) -> str:
    """Return a syllable in one of the ways to write it: jun for joon, jung for jeong."""
    for written, one in _SPELLINGS:
        syllable = syllable.replace(written, one)
    start, vowel, end = syllable.partition(_CLOSED[0])
    return start + _CLOSED[1] + end if vowel and end else syllable
