"""Which format a file has, and its rows by the reader of that format."""

import csv
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.settings.project import StreamSettings
from connectors.sources.files.file_rows import FileRows
from connectors.sources.files.text_encoding import find_encoding
from resolve.errors import SourceError

_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".log": "jsonl",
    ".json": "json",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
FORMATS = tuple(dict.fromkeys(_SUFFIXES.values()))


@contextmanager
def explained(source: str, where: str) -> Iterator[None]:
    """Turn what may go wrong with a file while it is read into a SourceError."""
    try:
        yield
    except csv.Error as error:  # a row's are caught with the row
        said = f"{where} has a header that is no line of CSV: {error}"
        raise SourceError(source, said, "Mend the quotes of its first line") from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "its content is damaged or cut off"
        raise SourceError(source, f"{where} cannot be read: {reason}", "Check the file and its rights") from None


def open_rows(
    path: Path,
    row_name: str,
    source: str,
    settings: StreamSettings,
    rows_in: str | None = None,
    *,
    titled: bool = False,
) -> FileRows:
    """Return the rows of the file at `path`; `row_name` is what row keys call it, `rows_in` where JSON holds rows.

    titled: titles may stand above the header, which is looked for where the settings do not say its line. Raises
    SourceError when the file is empty, damaged, of an unknown format or not readable in any encoding.
    """
    titled = titled and settings.header_line is None
    kind = file_format(path.name, source, settings)
    if path.stat().st_size == 0 and kind != "jsonl":
        raise SourceError(source, f"{row_name} is empty: it has no header", "Was the export cut off?")
    if kind == "parquet":
        from connectors.sources.files.parquet_rows import open_parquet

        return open_parquet(path, row_name, source)
    if kind == "xlsx":
        from connectors.sources.files.excel_rows import open_excel

        return open_excel(path, row_name, source, settings.sheet, header_line=settings.header_line, titled=titled)
    if kind in ("jsonl", "json"):
        from connectors.sources.files.json_rows import open_json, open_json_lines

        if kind == "json":
            return open_json(path, row_name, source, rows_in)
        return open_json_lines(path, row_name, rows_in)
    from connectors.sources.files.csv_rows import open_csv

    encoding = find_encoding(path, source, settings.encoding)
    delimiter = settings.delimiter or ("\t" if kind == "tsv" else None)
    return open_csv(path, row_name, encoding, delimiter, header_line=settings.header_line or 1, titled=titled)


def file_format(name: str, source: str, settings: StreamSettings) -> str:
    """Return one of FORMATS: as set, else by the suffix of the file's name. Raises SourceError for another suffix."""
    plain = Path(name.removesuffix(".gz"))
    kind = settings.format or _SUFFIXES.get(plain.suffix.lower())
    if kind is None:
        hint = f"Set format: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        if plain.suffix.lower() == ".xls":
            hint = "Save it as .xlsx: the older format of Excel is not read"
        raise SourceError(source, f"{plain.name} has an unknown suffix", hint)
    return kind
