"""Keys of one part of a name: what comparisons read, computed once per distinct spelling."""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.kana import kana_key, script_of
from resolve.standardise.kana_romaji import is_japanese_romaji, kana_readings, romaji_key
from resolve.standardise.kanji import expand_marks, mend_look_alikes
from resolve.standardise.names_forms import (
    han_alternates,
    kana_alternates,
    known_mark,
    mark_unsure,
    romaji_alternates,
    spelling_alternates,
)
from resolve.standardise.names_nicknames import formal_names
from resolve.standardise.names_words import PARTICLES
from resolve.standardise.readings import dictionary, family_readings, given_readings
from resolve.standardise.text import compact, fold, fold_umlauts

_CACHE = 1 << 17  # distinct parts kept; beyond it the oldest are computed again
_LOOK_ALIKE = re.compile("[ニハロエカタトーノ]")
_UMLAUT = re.compile("[äöüøåÄÖÜØÅ\u0308\u030a]")
_JOINTS = re.compile(r"[\s\-]+")


class Part(NamedTuple):
    """The keys of a family or given name.

    `key`: folded, letters only. `variants`: other forms that are the same name, weaker ones as `alt=`, and `known=yes`
    where a dictionary holds the name. `readings`: romaji keys, usual first, the uncertain ones as `maybe=`.
    `script`: han, kana, latin or other. `guessed`: the readings come from a dictionary, not from the person.
    """

    key: str
    variants: tuple[str, ...]
    readings: tuple[str, ...]
    script: str
    guessed: bool


@lru_cache(_CACHE)
def family_part(text: str, kana: str | None) -> Part | None:
    """Return the keys of a cleaned family name and its reading (kana or romaji); None where it holds no letter."""
    part = _part(text, kana, family=True)
    if part is None or part.script != "latin":
        return part
    words = [compact(word) for word in _JOINTS.split(fold(text)) if compact(word)]
    own = [word for word in words if word not in PARTICLES]
    bare = "".join(own) if own else part.key
    pieces = [word for word in own if len(word) >= 3] if len(own) > 1 else []
    return part._replace(variants=_distinct(part.key, (*part.variants, bare, *pieces)))


@lru_cache(_CACHE)
def given_part(text: str, kana: str | None) -> Part | None:
    """Return the keys of a cleaned given name and its reading; None where it holds no letter.

    Western names carry the formal names they may stand for as `nick=robert`, known ones their usual spelling as `alt=`.
    """
    part = _part(text, kana, family=False)
    if part is None or part.script != "latin":
        return part
    nicks = tuple(f"nick={formal}" for formal in sorted(formal_names(part.key)))
    return part._replace(variants=part.variants + nicks + spelling_alternates(part.key))


def _distinct(key: str, forms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct forms that are not the key itself, in order."""
    return tuple(dict.fromkeys(form for form in forms if form and form != key))


def _part(text: str, kana: str | None, *, family: bool) -> Part | None:
    """Return the keys that family and given names have alike."""
    folded = fold(text)
    key = compact(expand_marks(folded))
    if not key:
        return None
    script = script_of(folded)
    if script == "kana":
        key = kana_key(key)
        readings = kana_readings(folded)
        more = (*kana_alternates(key), *known_mark(key, readings, script, family=family))
        return Part(key, more, readings, script, guessed=False) if key else None
    if script == "han":
        return _han_part(key, kana, family=family)
    if script == "latin":
        return _latin_part(text, key, kana, family=family)
    return Part(key, (), _said_readings(kana), script, guessed=False)


def _han_part(key: str, kana: str | None, *, family: bool) -> Part:
    """Return the keys of a part in kanji: look-alike kana mended where the result is known, tier 2, readings."""
    if _LOOK_ALIKE.search(key):
        mended = mend_look_alikes(key)
        known = dictionary().families if family else dictionary().givens
        key = mended if key not in known and mended in known else key
    variants = (*han_alternates(key, family=family), *known_mark(key, (), "han", family=family))
    said = _said_readings(kana)
    if said:
        return Part(key, variants, said, "han", guessed=False)
    readings = family_readings(key) if family else given_readings(key)
    return Part(key, variants, mark_unsure(readings, key, family=family), "han", guessed=bool(readings))


def _latin_part(text: str, key: str, kana: str | None, *, family: bool) -> Part:
    """Return the keys of a part in Latin letters; a reading only where it is plausibly Japanese."""
    variants = _distinct(key, (compact(fold_umlauts(text)),)) if _UMLAUT.search(text) else ()
    said = _said_readings(kana)
    if not said and len(key) > 1:
        reading = romaji_key(key)
        said = (reading,) if is_japanese_romaji(reading) else ()
    for reading in said:
        variants += romaji_alternates(reading, family=family)
    variants += known_mark(key, said, "latin", family=family)
    return Part(key, variants, said, "latin", guessed=False)


@lru_cache(1 << 15)
def _said_readings(kana: str | None) -> tuple[str, ...]:
    """Return the romaji keys of a reading that the record gives, in kana or romaji; none where it is neither."""
    if not kana:
        return ()
    folded = fold(kana)
    script = script_of(folded)
    if script == "kana":
        return kana_readings(folded)
    reading = romaji_key(folded) if script == "latin" else ""
    return (reading,) if reading and is_japanese_romaji(reading) else ()
