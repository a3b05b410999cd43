"""Common given names in Latin letters, and the one form that the spellings of such a name share.

Two different names of `given_names.txt` are the names of two people (Marie, Maria; Jan, Jana), however alike they are
written: no slip of the pen turns one into the other, unless both are spellings of one name (Stefan, Stephan).
"""

import re
from functools import cache
from importlib.resources import files

_SPELT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        ("ph", "f"),
        ("ch|ck|qu", "k"),  # Michael and Mikael, Erick and Erik, Monique and Monike
        ("th", "t"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("(?<=.)z", "s"),
        ("x", "ks"),
        ("w", "v"),
        ("(?<=.)h(?![aeiouy])", ""),  # Hannah and Hanna, Jon and John
        ("(?<!^mar)ie$", "i"),  # Lucie and Lucy, but Marie is not Mary
        ("(?<=.)(?:y|j(?=[aeo])|(?<=[ei])j$)", "i"),  # Maja and Maya, Cyril and Ciril, but Raj is not Ray
        (r"(.)\1+", r"\1"),  # Philipp and Philip
    )
)


@cache
def _listed() -> frozenset[str]:
    """Return the names of given_names.txt."""
    lines = files("resolve.standardise").joinpath("given_names.txt").read_text("ascii").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def is_listed_given(key: str) -> bool:
    """Tell whether a folded name is one of the common given names."""
    return key in _listed()


def spelling_of(key: str) -> str:
    """Return the form that the spellings of a folded given name share: stefan of stefan, stephan and steffan."""
    for pattern, by in _SPELT:
        key = pattern.sub(by, key)
    return key
