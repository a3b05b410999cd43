"""Rows of a CSV or TSV file, every cell as text; a damaged row is refused alone."""

import _csv
import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from connectors.sources.files.file_rows import FileRows, Item, name_columns
from connectors.sources.files.text_encoding import Encoding, open_bytes
from connectors.sources.plan import Header
from connectors.sources.source import Payload, Reject

_MAX_CELL = 1 << 24  # characters; the csv module's own limit of 131,072 is too small for notes and mails
_PART = 1 << 16  # characters read at a time
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes it cannot read


def open_csv(path: Path, row_name: str, encoding: Encoding, delimiter: str | None) -> FileRows:
    """Return the rows of a CSV file; without a delimiter the one that its first line holds most."""
    csv.field_size_limit(_MAX_CELL)
    text = io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape", newline="")
    lines = _Lines(text, _UNDECODED if encoding.bad_lines else None)
    parts = chain.from_iterable(lines.parts())
    reader = csv.reader(parts, delimiter=delimiter or _guess_delimiter(path, encoding), strict=True)
    header = name_columns(next(reader, []))
    return FileRows(Header(header), _csv_items(lines, reader, header, row_name))


class _Lines:
    """The lines of a file, read many at a time; those from line number `row` on, the row at hand, are kept."""

    def __init__(self, text: io.TextIOWrapper, lost: re.Pattern[str] | None) -> None:
        """Take the text; `lost` finds undecoded bytes, None in a file that decodes as a whole."""
        self.text = text
        self.row = 1
        self.is_sound = True  # none of the lines that are kept has a problem
        self._lost = lost
        self._kept: list[str] = []
        self._first = 1

    def parts(self) -> Iterator[list[str]]:
        """Yield the lines, many at a time."""
        while part := self.text.readlines(_PART):
            del self._kept[: self.row - self._first]
            self._first = self.row
            self.is_sound = (self.is_sound or not self._kept) and self._problem("".join(part)) is None
            self._kept += part
            yield part

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
    """Yield the rows of a CSV file after its header; blank lines are no rows."""
    width = len(header)
    with lines.text:
        while True:
            lines.row = number = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                last = max(number, reader.line_num)
                payload = _as_lines(lines.upto(last))
                yield Reject(f"{row_name}:{number}", "bad_quoting", f"lines {number}-{last}: {error}", payload)
                continue
            problem = None if lines.is_sound else lines.find_problem(reader.line_num)
            if problem is None and row and len(row) != width:
                problem = "ragged_row", f"{len(row)} cells where the header has {width}"
            if problem is not None:
                yield Reject(f"{row_name}:{number}", *problem, _as_lines(lines.upto(reader.line_num)))
            elif row:
                yield f"{row_name}:{number}", {name: cell or None for name, cell in zip(header, row, strict=True)}


def _as_lines(lines: list[str]) -> Payload:
    """Return raw lines as a payload that any database can hold."""
    text = "".join(lines).replace("\0", "␀")  # PostgreSQL refuses NUL
    return {"line": text.encode("utf-8", "replace").decode("utf-8")[:10_000]}


def _guess_delimiter(path: Path, encoding: Encoding) -> str:
    """Return the delimiter that the first line holds most: comma, tab, semicolon or bar; comma when none."""
    with io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape") as text:
        line = text.readline()
    return max(",\t;|", key=line.count)
