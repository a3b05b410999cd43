"""A cell of a channel, place or date: cleaned, and None where it says nothing."""

from functools import lru_cache

from resolve.standardise.text import clean, clean_lines
from resolve.standardise.words import word_list

EMPTY_WORDS = word_list("empty")
"""What people and systems write, in lower case, where they have no value."""

_LONGEST = 400  # characters of a column of an address that are read; more is no address


def clean_cell(cell: str | None) -> str | None:
    """Return the cleaned cell on one line, or None where it is empty or says n/a, なし, 不明 and the like."""
    if not cell:
        return None
    text = clean(cell)
    return None if not text or text.lower() in EMPTY_WORDS else text


def clean_list(cell: str | None) -> list[str]:
    """Return the cleaned lines of a cell that was mapped from several columns, without those that say nothing."""
    return [line for line in clean_lines(cell) if line.lower() not in EMPTY_WORDS] if cell else []


@lru_cache(1 << 16)
def read_part(part: str) -> str | None:
    """Return the cleaned lines of a column of an address, None where they say nothing."""
    return "\n".join(clean_list(part[:_LONGEST])) or None
