"""How a Japanese name may be read: dictionaries of family and given names, candidates in order of usualness.

A reading from here is a guess, never evidence equal to a furigana column. Names are looked up in their folded form
(tier 1, 々 expanded). Sources: the package japanese-personal-name-dataset, and `readings.tsv` and
`readings_given.tsv`, which add readings and say which is the usual one.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import chain, repeat
from typing import Any, NamedTuple

from resolve.processes import collector_paused
from resolve.standardise.kana import kana_key, to_katakana
from resolve.standardise.kana_romaji import kana_to_romaji, romaji_key, romaji_keys
from resolve.standardise.kanji import expand_marks, fold_kanji, fold_long, fold_variants


class Dictionary(NamedTuple):
    """The known Japanese names.

    `families` and `givens` map a folded spelling to its readings (katakana, usual first), `counts` a folded family name
    to the number of its bearers, `family_romaji` and `given_romaji` hold the romaji keys of all readings,
    `given_kana` the kana keys of all given names.
    """

    families: dict[str, tuple[str, ...]]
    givens: dict[str, tuple[str, ...]]
    counts: dict[str, int]
    family_romaji: frozenset[str]
    given_romaji: frozenset[str]
    given_kana: frozenset[str]


def spelling_key(name: str) -> str:
    """Return the form in which a name is looked up and compared: tier-1 kanji, 々 expanded."""
    return fold_kanji(expand_marks(name))


def _spelling_keys(names: Iterable[str]) -> list[str]:
    """Return `spelling_key` of many names, folded as one text: a tenth of the time."""
    return fold_long("\n".join([expand_marks(name) if "々" in name else name for name in names])).split("\n")


@cache
def dictionary() -> Dictionary:
    """Return the dictionary of Japanese names, read once per process (about 0.2 s)."""
    with collector_paused():
        return _read_dictionary()


def _read_dictionary() -> Dictionary:
    """Return the dictionary of Japanese names from the package and from our tables."""
    from japanese_personal_name_dataset import load_dataset

    men, women, last = load_dataset("org", include_last_names=True)
    popular = [reading for names in load_dataset("opti") for reading in names]
    families: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = {}
    for name, entry in zip(_spelling_keys(last), last.values(), strict=True):
        families[name] = (to_katakana(entry["reading"]),)
        counts[name] = int(entry["count"])
    for name, readings in _usual("readings.tsv"):
        families[name] = tuple(dict.fromkeys((*readings, *families.get(name, ()))))
    givens = _given_readings(dict.fromkeys((*popular, *women, *men)), (men, women))
    for name, readings in _usual("readings_given.tsv"):
        givens[name] = tuple(dict.fromkeys((*readings, *givens.get(name, ()))))
    family_kana = frozenset(kana for readings in families.values() for kana in readings)
    given_kana = frozenset(to_katakana("\n".join((*men, *women))).split("\n"))
    given_keys = frozenset(map(kana_key, given_kana))
    return Dictionary(families, givens, counts, _romaji(family_kana), _romaji(given_kana), given_keys)


def _given_readings(
    readings: Iterable[str], sets: tuple[Mapping[str, Mapping[str, Any]], ...]
) -> dict[str, tuple[str, ...]]:
    """Return folded given name -> its readings in katakana, in the order of `readings`; `sets` map reading to names."""
    known = list(readings)
    spelled: list[str] = []
    counts: list[int] = []
    for reading in known:
        before = len(spelled)
        for names in sets:
            if reading in names:
                spelled += names[reading]["kanji"]
        counts.append(len(spelled) - before)
    kana = chain.from_iterable(map(repeat, to_katakana("\n".join(known)).split("\n"), counts))
    givens: dict[str, tuple[str, ...]] = {}
    for name, reading in zip(_spelling_keys(spelled), kana, strict=True):
        others = givens.get(name)
        if others is None:
            givens[name] = (reading,)
        elif reading not in others:
            givens[name] = (*others, reading)
    return givens


def _usual(table: str) -> list[tuple[str, list[str]]]:
    """Return the names of a table of ours with their readings in katakana, the usual first."""
    text = files("resolve.standardise").joinpath(table).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(spelling_key(name), to_katakana(readings).split(" ")) for name, readings in rows]


@cache
def _ambiguous(table: str) -> frozenset[str]:
    """Return the names for which a table of ours lists several readings."""
    return frozenset(name for name, readings in _usual(table) if len(readings) > 1)


def has_several_readings(key: str, *, family: bool) -> bool:
    """Tell whether a folded name has several common readings: 上村 is ウエムラ or カミムラ."""
    names = _ambiguous("readings.tsv" if family else "readings_given.tsv")
    return key in names or fold_variants(key) in names


def _romaji(kana: frozenset[str]) -> frozenset[str]:
    """Return the romaji keys of katakana readings."""
    return frozenset(romaji_keys(kana))


def family_readings(key: str) -> tuple[str, ...]:
    """Return the romaji keys that a folded family name may be read as, usual first; none where it is unknown."""
    return _keys(_look_up(key, dictionary().families, dictionary().givens))


def given_readings(key: str) -> tuple[str, ...]:
    """Return the romaji keys that a folded given name may be read as, usual first; none where it is unknown."""
    return _keys(_look_up(key, dictionary().givens, dictionary().families))


def _look_up(key: str, first: dict[str, tuple[str, ...]], second: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the readings of a name, of its tier-2 form, or, where columns seem swapped, from the other dictionary."""
    variant = fold_variants(key)
    found = (*first.get(key, ()), *first.get(variant, ()))
    return tuple(dict.fromkeys(found)) or second.get(key) or second.get(variant) or ()


def _keys(kana: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct romaji keys of katakana readings, in order."""
    return tuple(dict.fromkeys(romaji_key(kana_to_romaji(reading)) for reading in kana))
