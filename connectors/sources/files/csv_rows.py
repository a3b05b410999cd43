"""Rows of a CSV or TSV file, every cell as text; a damaged row is refused alone."""

import _csv
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.sources.files.file_rows import FileRows, Item, name_columns
from connectors.sources.files.text_encoding import Encoding, open_bytes
from connectors.sources.plan import Header
from connectors.sources.source import Payload, Reject

_MAX_CELL = 1 << 24  # characters; the csv module's own limit of 131,072 is too small for notes and mails
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes it cannot read


def open_csv(path: Path, row_name: str, encoding: Encoding, delimiter: str | None) -> FileRows:
    """Return the rows of a CSV file; without a delimiter the one that its first line holds most."""
    csv.field_size_limit(_MAX_CELL)
    text = io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape", newline="")
    lines: list[str] = []
    reader = csv.reader(_remember(text, lines), delimiter=delimiter or _guess_delimiter(path, encoding), strict=True)
    first = next(reader, [])
    lines.clear()
    header = name_columns(first)
    lost = _UNDECODED if encoding.bad_lines else None
    return FileRows(Header(header), _csv_items(text, reader, lines, header, _Checks(row_name, lost)))


@dataclass(frozen=True, slots=True)
class _Checks:
    """What makes a line of a file unusable; `lost` finds undecoded bytes, None in a file that decodes as a whole."""

    row_name: str
    lost: re.Pattern[str] | None

    def find_problem(self, lines: list[str]) -> tuple[str, str] | None:
        """Return the reason and detail when the lines of a row cannot be used."""
        for line in lines:
            if "\0" in line:
                return "nul_byte", "the row holds a NUL character"
            if self.lost is not None and self.lost.search(line):
                return "bad_encoding", "the row holds bytes that the encoding of the file does not know"
        return None


def _remember(text: io.TextIOWrapper, lines: list[str]) -> Iterator[str]:
    """Yield the lines of `text`, keeping those of the row being read in `lines`."""
    for line in text:
        lines.append(line)
        yield line


def _csv_items(
    text: io.TextIOWrapper, reader: "_csv.Reader", lines: list[str], header: list[str], checks: _Checks
) -> Iterator[Item]:
    """Yield the rows of a CSV file after its header; blank lines are no rows. `lines` are those of the row at hand."""
    width, row_name = len(header), checks.row_name
    with text:
        while True:
            number = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                key, last = f"{row_name}:{number}", number + max(0, len(lines) - 1)
                yield Reject(key, "bad_quoting", f"lines {number}-{last}: {error}", _as_lines(lines))
                lines.clear()
                continue
            problem = checks.find_problem(lines)
            if problem is None and row and len(row) != width:
                problem = "ragged_row", f"{len(row)} cells where the header has {width}"
            if problem is not None:
                yield Reject(f"{row_name}:{number}", *problem, _as_lines(lines))
            elif row:
                yield f"{row_name}:{number}", {name: cell or None for name, cell in zip(header, row, strict=True)}
            lines.clear()


def _as_lines(lines: list[str]) -> Payload:
    """Return raw lines as a payload that any database can hold."""
    text = "".join(lines).replace("\0", "␀")  # PostgreSQL refuses NUL
    return {"line": text.encode("utf-8", "replace").decode("utf-8")[:10_000]}


def _guess_delimiter(path: Path, encoding: Encoding) -> str:
    """Return the delimiter that the first line holds most: comma, tab, semicolon or bar; comma when none."""
    with io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape") as text:
        line = text.readline()
    return max(",\t;|", key=line.count)
