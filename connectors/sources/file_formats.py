"""Rows of one file, as text and in order: CSV and TSV, Parquet, JSON lines."""

import _csv
import csv
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from connectors.settings import StreamSettings
from connectors.sources.plan import Header
from connectors.sources.rows import as_json, nested_columns
from connectors.sources.source import PAGE_ROWS, Payload, Reject
from connectors.sources.text_encoding import Encoding, find_encoding, open_bytes
from resolve.errors import SourceError

Item = tuple[str, Payload] | Reject  # row key (file:line) and payload, or why there is none

_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_MAX_CELL = 1 << 24  # characters; the csv module's own limit of 131,072 is too small for notes and mails
_SAMPLE_LINES = 200
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes it cannot read


@contextmanager
def explained(source: str, where: str) -> Iterator[None]:
    """Turn what may go wrong with a file while it is read into a SourceError."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "its content is damaged or cut off"
        raise SourceError(source, f"{where} cannot be read: {reason}", "Check the file and its rights") from None


@dataclass(frozen=True, slots=True)
class FileRows:
    """The columns of a file and its rows, which may be read once."""

    header: Header
    items: Iterator[Item]


def open_rows(path: Path, row_name: str, source: str, settings: StreamSettings) -> FileRows:
    """Return the rows of the file at `path`; `row_name` is what row keys call it.

    Raises SourceError when the file is empty, damaged, of an unknown format or not readable in any encoding.
    """
    kind = file_format(path, source, settings)
    if path.stat().st_size == 0 and kind != "jsonl":
        raise SourceError(source, f"{row_name} is empty: it has no header", "Was the export cut off?")
    if kind == "parquet":
        return _open_parquet(path, row_name, source)
    if kind == "jsonl":
        return _open_json_lines(path, row_name)
    encoding = find_encoding(path, source, settings.encoding)
    return _open_csv(path, row_name, encoding, settings.delimiter or ("\t" if kind == "tsv" else None))


def file_format(path: Path, source: str, settings: StreamSettings) -> str:
    """Return csv, tsv, parquet or jsonl: as set, else by the file's suffix. Raises SourceError for another suffix."""
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    kind = settings.format or _SUFFIXES.get(plain.suffix.lower())
    if kind is None:
        raise SourceError(source, f"{path.name} has an unknown suffix", "Set format: csv, tsv, parquet or jsonl")
    return kind


def _open_csv(path: Path, row_name: str, encoding: Encoding, delimiter: str | None) -> FileRows:
    """Return the rows of a CSV file; a header cell that is blank or given twice gets a name of its own."""
    csv.field_size_limit(_MAX_CELL)
    text = io.TextIOWrapper(open_bytes(path), encoding=encoding.name, errors="surrogateescape", newline="")
    lines: list[str] = []
    reader = csv.reader(_remember(text, lines), delimiter=delimiter or _guess_delimiter(path, encoding), strict=True)
    first = next(reader, [])
    lines.clear()
    header: list[str] = []
    for index, cell in enumerate(first, start=1):
        name = cell.strip() or f"column_{index}"
        header.append(name if name not in header else f"{name}_{index}")
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


def _open_json_lines(path: Path, row_name: str) -> FileRows:
    """Return the rows of a JSON lines file; columns are those of its first rows, later rows may have more."""
    columns: dict[str, None] = {}
    items = _json_items(path, row_name)
    for _, item in zip(range(_SAMPLE_LINES), items, strict=False):
        if not isinstance(item, Reject):
            columns.update(dict.fromkeys(nested_columns(item[1])))
    return FileRows(Header(columns, is_open=True), _json_items(path, row_name))


def _json_items(path: Path, row_name: str) -> Iterator[Item]:
    """Yield the objects of a JSON lines file; a line that is no object is refused."""
    with open_bytes(path) as file:
        for number, line in enumerate(file, start=1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            key = f"{row_name}:{number}"
            try:
                payload = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                shown = text[:10_000].decode("utf-8", "replace").replace("\0", "␀")
                yield Reject(key, "bad_json", f"not JSON at character {error.colno}", {"line": shown})
                continue
            if isinstance(payload, dict):
                yield (key, payload) if b"\\u0000" not in text else _nul_reject(key)
            else:
                yield Reject(key, "bad_json", "the line is JSON, but no object", {"line": text[:10_000].decode()})


def _nul_reject(key: str) -> Reject:
    """Return the refusal of a row with a NUL character, which PostgreSQL cannot hold."""
    return Reject(key, "nul_byte", "the row holds a NUL character")


def _open_parquet(path: Path, row_name: str, source: str) -> FileRows:
    """Return the rows of a Parquet file, every cell as text; read a batch at a time."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise SourceError(source, f"{row_name} is not a readable Parquet file", type(error).__name__) from None

    def items() -> Iterator[Item]:
        number = 0
        with file:
            batches = file.iter_batches(batch_size=PAGE_ROWS)
            while True:
                try:
                    batch = next(batches, None)
                except ArrowException:
                    raise SourceError(source, f"{row_name} is damaged behind row {number}", "Copy it again") from None
                for row in batch.to_pylist() if batch is not None else ():
                    number += 1
                    payload = {name: as_json(value) for name, value in row.items()}
                    has_nul = any(isinstance(cell, str) and "\0" in cell for cell in payload.values())
                    yield _nul_reject(f"{row_name}:{number}") if has_nul else (f"{row_name}:{number}", payload)
                if batch is None:
                    return

    return FileRows(Header(file.schema_arrow.names), items())
