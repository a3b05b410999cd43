"""Word lists of person names, kept as data in names_words.tsv."""

from functools import cache
from importlib.resources import files

from resolve.standardise.text import clean


@cache
def name_words(name: str) -> tuple[str, ...]:
    """Return one list of names_words.tsv in its order; empty where there is no such list."""
    words: list[str] = []
    current = ""
    for line in files("resolve.standardise").joinpath("names_words.tsv").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = line[1:-1]
        elif line and not line.startswith("#") and current == name:
            words += clean(line).split()
    return tuple(dict.fromkeys(words))


PARTICLES = frozenset(name_words("particles"))
TITLES = frozenset(name_words("titles"))
CREDENTIALS = frozenset(name_words("credentials"))
GENERATIONS = dict(word.split("=") for word in name_words("generations"))
PLACEHOLDERS = frozenset(name_words("placeholders"))
ROLES = frozenset(name_words("roles"))
FAKES = frozenset(name_words("fakes"))
FAKE_NAMES = frozenset(name_words("fake_names"))
FORMER = name_words("former")
