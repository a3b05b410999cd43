"""Names of profiles as they are spoken: given name first in Latin letters, in the capitals of a sentence.

SMITH, JOHN and john smith and Smith John (where the parts are known) are shown as John Smith; 山田 太郎 stays as it is.
"""

import re
import unicodedata

_FAR = "\u2e80"  # scripts from here on are written family name first, and have no capitals
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_KEPT = frozenset(("II", "III", "IV", "VI", "VII", "MD", "DDS", "MBA", "CPA", "RN", "PHD"))
_INNER = frozenset(  # particles, small inside a name
    (
        *("af", "al", "av", "bin", "bint", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "di", "do"),
        *("dos", "du", "ibn", "la", "las", "le", "los", "ten", "ter", "van", "von", "zu"),
    )
)
_ELIDED = ("d", "l", "o")  # d'Angelo, O'Brien
_VOWEL = re.compile("[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûü]", re.IGNORECASE)

Names = tuple[str | None, str | None, str | None]


def as_spoken(full: str | None, family: str | None, given: str | None) -> Names:
    """Return full name, family name and given name as they are shown; a full name of the parts where there is none.

    As they are where no part is known, and in scripts that are written family name first.
    """
    if not _is_alphabetic(full, family, given):
        return full or " ".join(filter(None, (family, given))), family, given
    if not (family or given):
        return full, family, given
    if full is not None and full.istitle() and full == f"{given} {family}":
        return full, family, given
    full = _in_order(full, family, given) if full else " ".join(filter(None, (given, family)))
    even = _is_shouted(full) or full.islower()
    shown = {part: _recased(part, initials=part is given, even=even) for part in (family, given) if part}
    if even:
        full = _recased(full, initials=False, even=True)
    for part, new in shown.items():
        spelt = new.replace("\\", r"\\")
        full = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", spelt, full, flags=re.IGNORECASE if even else 0)
    return full, shown.get(family) if family else None, shown.get(given) if given else None


def _is_alphabetic(*texts: str | None) -> bool:
    """Tell whether texts are of scripts that are written given name first."""
    return all(text is None or text.isascii() or max(text) < _FAR for text in texts)


def _in_order(full: str, family: str | None, given: str | None) -> str:
    """Return a whole name with the family name last; what stands behind a second comma stays behind it."""
    if not family or not given:
        return full
    first, comma, rest = (part.strip() for part in full.partition(","))
    if comma and first.casefold() == family.casefold() and rest.casefold().startswith(given.casefold()):
        others, comma, suffix = (part.strip() for part in rest.partition(","))
        return f"{others} {first}" + (f", {suffix}" if suffix else "")
    if full.casefold() == f"{family} {given}".casefold():
        return f"{full[len(family) + 1 :]} {full[: len(family)]}"
    return full


def _recased(text: str, *, initials: bool, even: bool) -> str:
    """Return a name in the capitals of a sentence where it is all capitals or all small letters, else as it is.

    `initials`: two capitals without a vowel stay, as in JP. `even`: the whole name is written so; in a name that is
    not, two capitals are initials, and a small word is meant so (de la Cruz).
    """
    if not (_is_shouted(text) or text.islower()):
        return text
    if text.isupper() and len(text) <= 2 and (not even or (initials and not _VOWEL.search(text))):
        return text
    last = len(text)
    return _WORD.sub(lambda found: _cased(found.group(), ends=found.end() == last, apart=_apart(text, found)), text)


def _is_shouted(text: str) -> bool:
    """Tell whether a name is all capitals, but for letters that have none or stay small: GROß, McDONALD."""
    return text.replace("ß", "").replace("Mc", "MC").isupper()


def _apart(text: str, found: re.Match[str]) -> bool:
    """Tell whether a word stands between spaces: a particle does, a half of a double name does not."""
    return text[found.start() - 1 : found.start()] in ("", " ") and text[found.end() : found.end() + 1] == " "


def _cased(word: str, *, ends: bool, apart: bool) -> str:
    """Return one word of a name in its capitals."""
    small = unicodedata.normalize("NFC", word.lower())
    if ends and word.upper() in _KEPT and word.isupper():
        return word
    if apart and small in _INNER:
        return small
    head, sign, tail = small.partition("'" if "'" in small else "’")
    if sign and head in _ELIDED:
        return f"{head.upper()}{sign}{_capital(tail)}"
    return _capital(small)


def _capital(small: str) -> str:
    """Return a word with a capital: Smith, McDonald."""
    if small.startswith("mc") and len(small) > 4:
        return f"Mc{small[2:].capitalize()}"
    return unicodedata.normalize("NFC", small[:1].upper() + small[1:])
