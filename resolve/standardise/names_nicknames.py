"""Western nicknames as sets: two given names may be one when their sets of formal names meet.

bob -> {robert}, robert -> {robert}, bert -> {albert, gilbert, herbert, …}: bob meets robert, bob and bert do not meet.
The hand-written `nicknames.tsv` goes first; the package `nicknames` serves names that are not in it.
"""

from functools import cache
from importlib.resources import files

FEMININE_ENDS = ("a", "e", "ette", "elle", "ina", "ine", "ia", "na", "ne")


@cache
def _own_sets() -> dict[str, frozenset[str]]:
    """Return name -> formal names from nicknames.tsv; a formal name is in its own set."""
    sets: dict[str, set[str]] = {}
    for line in files("resolve.standardise").joinpath("nicknames.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            formal, _, short = line.partition("\t")
            for name in (formal, *short.split()):
                sets.setdefault(name, set()).add(formal)
    return {name: frozenset(formals) for name, formals in sets.items()}


@cache
def _package_sets() -> dict[str, frozenset[str]]:
    """Return name -> formal names from the package, for names our own list does not know.

    Its pairs run both ways and chain diminutives (bob is there also short for bert), so a pair counts only where the
    formal name is the longer one and is not itself short for a name of ours, and not where only the gender differs.
    """
    from nicknames import NickNamer

    own = _own_sets()
    sets: dict[str, set[str]] = {}
    for formal, shorts in NickNamer().nickname_lookup.items():
        if formal not in own.get(formal, {formal}):
            continue
        for short in shorts:
            gender = any(formal == short + end or short == formal + end for end in FEMININE_ENDS)
            if short not in own and len(short) < len(formal) and not gender:
                sets.setdefault(short, set()).add(formal)
    return {name: frozenset(formals) for name, formals in sets.items()}


def formal_names(given: str) -> frozenset[str]:
    """Return the formal names that a folded given name may stand for; empty where it is no known nickname or formal."""
    own = _own_sets().get(given)
    if own is not None:
        return own
    found = _package_sets().get(given)
    return found if found is not None else (frozenset((given,)) if given in _package_formals() else frozenset())


@cache
def _package_formals() -> frozenset[str]:
    """Return the formal names that only the package knows."""
    return frozenset(formal for formals in _package_sets().values() for formal in formals)


def is_western_given(name: str) -> bool:
    """Tell whether a folded name is a known Western given name or nickname."""
    return bool(formal_names(name))
