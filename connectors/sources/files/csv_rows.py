"""Rows of a CSV or TSV file, every cell as text; a damaged row is refused alone."""

import _csv
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from connectors.sources.files.file_rows import FileRows, Item, name_columns
from connectors.sources.files.text_encoding import Encoding, open_bytes
from connectors.sources.files.titles import MOST_LINES, find_header_line
from connectors.sources.plan import Header
from connectors.sources.source import Payload, Reject

_MAX_CELL = 1 << 24  # characters; the csv module's own limit of 131,072 is too small for notes and mails
_PART = 1 << 16  # characters read at a time
_REREAD = 1 << 28  # characters that may be read again behind damaged lines; then no row is longer than _AHEAD lines
_AHEAD = 100
_CHANCE = 8  # delimiters that a note of several lines may hold in the places where rows would have them
_MOST = 0.8
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes it cannot read


def open_csv(
    path: Path, row_name: str, encoding: Encoding, delimiter: str | None, *, header_line: int = 1, titled: bool = False
) -> FileRows:
    """Return the rows of a CSV file; without a delimiter the one that its header holds most.

    What stands above line number `header_line` is passed over; where the file may be `titled`, above one that is found.
    """
    csv.field_size_limit(_MAX_CELL)
    head = _first_lines(path, encoding, max(header_line, MOST_LINES))
    found = find_header_line(_cells_of(head, delimiter)) if titled else None
    first = found or header_line
    text = io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape", newline="")
    for _ in range(first - 1):
        text.readline()
    delimiter = delimiter or _guess_delimiter("".join(head[first - 1 : first]))
    lines = _Lines(text, _UNDECODED if encoding.bad_lines else None, delimiter, first)
    reader = lines.read_from(first)
    header = name_columns(next(reader, []))
    return FileRows(Header(header), _csv_items(lines, reader, header, row_name), header_line=found)


class _Lines:
    """The lines of a file, read many at a time; those from line number `row` on, the row at hand, are kept."""

    def __init__(self, text: io.TextIOWrapper, lost: re.Pattern[str] | None, delimiter: str, first: int) -> None:
        """Take the text from line number `first` on; `lost` finds undecoded bytes, None where there are none."""
        self.text = text
        self.delimiter = delimiter
        self.row = first
        self.is_sound = True  # none of the lines that are kept has a problem
        self._lost = lost
        self._kept: list[str] = []
        self._first = first
        self._reread = 0  # characters

    def read_from(self, first: int) -> "_csv.Reader":
        """Return a reader of the rows from line number `first` on, which is one of the lines that are kept or the next.

        Where quotes are damaged all over, each row would be looked for up to the end of the file, again and again:
        from some point on it is not looked for that far.
        """
        parts = chain.from_iterable(self._parts(first))
        lines = parts if self._reread < _REREAD else self._few(parts, first)
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def read_behind(self, last: int) -> "_csv.Reader":
        """Return a reader of what follows the first line of the row at hand, which was read up to number `last`."""
        self._reread += sum(map(len, self.upto(last)))
        return self.read_from(self.row + 1)

    def _parts(self, first: int) -> Iterator[Iterable[str]]:
        """Yield the lines from number `first` on, many at a time."""
        if kept := range(first - self._first, len(self._kept)):
            yield (self._kept[index] for index in kept)
        while part := self.text.readlines(_PART):
            del self._kept[: self.row - self._first]
            self._first = self.row
            self.is_sound = (self.is_sound or not self._kept) and self._problem("".join(part)) is None
            self._kept += part
            yield part

    def _few(self, lines: Iterator[str], first: int) -> Iterator[str]:
        """Yield the lines, which begin with number `first`, as long as the row at hand is not too long."""
        for number, line in enumerate(lines, start=first):
            if number > self.row + _AHEAD:
                return
            yield line

    def upto(self, last: int) -> list[str]:
        """Return the lines of the row at hand, which ends with line number `last`."""
        return self._kept[self.row - self._first : last + 1 - self._first]

    def find_problem(self, last: int) -> tuple[str, str] | None:
        """Return the reason and detail when the lines of the row at hand, which ends with `last`, cannot be used."""
        return next(filter(None, map(self._problem, self.upto(last))), None)

    def _problem(self, text: str) -> tuple[str, str] | None:
        """Return what makes a text unusable."""
        if "\0" in text:
            return "nul_byte", "the row holds a NUL character"
        if self._lost is not None and self._lost.search(text):
            return "bad_encoding", "the row holds bytes that the encoding of the file does not know"
        return None


def _csv_items(lines: _Lines, reader: "_csv.Reader", header: list[str], row_name: str) -> Iterator[Item]:
    """Yield the rows of a CSV file after its header; blank lines are no rows.

    A quote that is not closed, or not where a cell ends, costs its own line alone: reading goes on with the next line.
    """
    width = len(header)
    before = lines.row - 1  # lines before those of the reader
    last = reader.line_num + before
    with lines.text:
        while True:
            lines.row = number = last + 1
            said = ""
            try:
                row = next(reader)
                last = reader.line_num + before
                if last != number and _looks_like_rows(lines.upto(last), lines.delimiter, width, len(row)):
                    said = "a quote runs rows together"
            except StopIteration:
                return
            except csv.Error as error:
                last, said = max(number, reader.line_num + before), str(error)
            if said:
                where = f"line {number}: {said}" + f", found in line {last}" * (last > number)
                yield Reject(f"{row_name}:{number}", "bad_quoting", where, _as_lines(lines.upto(number)))
                if last > number:
                    reader, before, last = lines.read_behind(last), number, number
                continue
            problem = None if lines.is_sound else lines.find_problem(last)
            if problem is None and row and len(row) != width:
                problem = "ragged_row", f"{len(row)} cells where the header has {width}"
            if problem is not None:
                yield Reject(f"{row_name}:{number}", *problem, _as_lines(lines.upto(last)))
            elif row:
                yield f"{row_name}:{number}", {name: cell or None for name, cell in zip(header, row, strict=True)}


def _looks_like_rows(lines: list[str], delimiter: str, width: int, cells: int) -> bool:
    """Return whether the lines of what was read as one row are rather rows that two stray quotes run together.

    A note may well hold line breaks and delimiters, but not at the ends and in most of its lines as many as a row has.
    """
    if width == 1:
        return False
    fits = [line.count(delimiter) == width - 1 for line in lines]
    if cells != width:
        return sum(fits[1:]) > len(fits[1:]) / 2
    is_chance = (width - 1) * len(fits[1:]) < _CHANCE
    return fits[0] and fits[-1] and not is_chance and sum(fits) >= _MOST * len(fits)


def _as_lines(lines: list[str]) -> Payload:
    """Return raw lines as a payload that any database can hold."""
    text = "".join(lines).replace("\0", "␀")  # PostgreSQL refuses NUL
    return {"line": text.encode("utf-8", "replace").decode("utf-8")[:10_000]}


def _first_lines(path: Path, encoding: Encoding, count: int) -> list[str]:
    """Return the first lines of a text file, with their ends."""
    with io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape", newline="") as text:
        return list(islice(text, count))


def _cells_of(lines: list[str], delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the first lines of a file, each by itself."""
    for number, line in enumerate(lines, start=1):
        yield number, next(csv.reader([line], delimiter=delimiter or _guess_delimiter(line)), [])


def _guess_delimiter(line: str) -> str:
    """Return the delimiter that a line holds most: comma, tab, semicolon or bar; comma when none."""
    return max(",\t;|", key=line.count)
