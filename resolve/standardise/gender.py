"""Sex or gender in any notation to female, male or other."""

from resolve.standardise.cells import clean_cell
from resolve.standardise.words import word_list

_WORDS = {word: gender for gender in ("female", "male", "other") for word in word_list(gender)}


def standardise_gender(cell: str | None) -> str | None:
    """Return female, male or other; None where the cell is empty, unknown or not applicable (ISO 5218: 0, 9)."""
    if not cell:
        return None
    lowered = cell.strip().lower()
    found = _WORDS.get(lowered)
    if found or (lowered.isascii() and lowered.isalnum()):
        return found
    text = clean_cell(cell)
    return _WORDS.get(text.lower().rstrip(".")) if text else None
