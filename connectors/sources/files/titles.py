"""Titles above the header of a file that people made for people: which line names the columns."""

from collections.abc import Iterable, Sequence

from connectors.sources.files.file_rows import name_columns
from connectors.sources.mapping.recognise import count_known
from connectors.sources.value_forms import is_title

MOST_LINES = 20  # that are looked at
FEWEST = 2  # header words, Japanese or English, of a line that is taken for the header


def find_header_line(lines: Iterable[tuple[int, Sequence[str | None]]]) -> int | None:
    """Return the number of the line, or row of a sheet, that names the columns where titles stand above it, else None.

    `lines`: number and cells of the first lines. The first one that is not blank is a title where it holds no header
    word, or a single name.
    """
    filled = [(number, [cell or "" for cell in cells]) for number, cells in lines if any(cells)]
    if not filled or (count_known(filled[0][1]) and not is_title(name_columns(filled[0][1]))):
        return None
    return next((number for number, cells in filled[1:] if count_known(cells) >= FEWEST), None)
