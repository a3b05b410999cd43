"""Titles above the header of a file that people made for people: which line names the columns."""

import csv
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from connectors.settings.project import StreamSettings
from connectors.sources.files.csv_rows import first_lines, guess_delimiter
from connectors.sources.files.file_rows import name_columns
from connectors.sources.files.formats import file_format
from connectors.sources.files.text_encoding import find_encoding
from connectors.sources.mapping.recognise import count_known
from connectors.sources.value_forms import is_title

MOST_LINES = 20  # that are looked at
FEWEST = 2  # header words, Japanese or English, of a line that is taken for the header


def find_header_line(path: Path, source: str, settings: StreamSettings) -> int | None:
    """Return the number of the line, or row of a sheet, that names the columns where titles stand above it, else None.

    The first line that is not blank is one where it holds no header word, or a single name. Raises SourceError for a
    file that cannot be read.
    """
    lines = [(number, cells) for number, cells in _first_cells(path, source, settings) if any(cells)]
    if not lines or (count_known(lines[0][1]) and not is_title(name_columns(lines[0][1]))):
        return None
    return next((number for number, cells in lines[1:] if count_known(cells) >= FEWEST), None)


def _first_cells(path: Path, source: str, settings: StreamSettings) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the first lines of a text file, or rows of a sheet; nothing of other formats."""
    kind = file_format(path.name, source, settings)
    if kind in ("csv", "tsv"):
        for number, line in enumerate(first_lines(path, find_encoding(path, source, settings.encoding), MOST_LINES), 1):
            delimiter = settings.delimiter or ("\t" if kind == "tsv" else guess_delimiter(line))
            yield number, next(csv.reader([line], delimiter=delimiter), [])
    elif kind == "xlsx":
        from connectors.sources.files.excel_rows import sheet_rows

        with closing(sheet_rows(path, path.name, source, settings.sheet, [])) as rows:
            for number, cells in islice(rows, MOST_LINES):
                yield number, [cell or "" for cell in cells]
