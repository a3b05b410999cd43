"""Word lists of the field standardisers, kept as data in words.tsv."""

from functools import cache
from importlib.resources import files


@cache
def _word_lists() -> dict[str, frozenset[str]]:
    """Return every list of words.tsv by its name."""
    lists: dict[str, set[str]] = {}
    name = ""
    for line in files("resolve.standardise").joinpath("words.tsv").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
            lists[name] = set()
        elif line and not line.startswith("# "):
            lists[name].update(line.split())
    return {name: frozenset(words) for name, words in lists.items()}


def word_list(name: str) -> frozenset[str]:
    """Return one list of words.tsv, in lower case; KeyError where there is no such list (a bug of ours)."""
    return _word_lists()[name]
