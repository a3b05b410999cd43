"""Rows of an Excel workbook as text: dates as ISO, whole numbers with all digits, zeros that a format shows.

Excel keeps a phone number that was typed as a number without its leading zero; where the cell's format pads it with
zeros again, as `0000000000` or `000-0000-0000` do, the text is what Excel shows.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from connectors.sources.files.file_rows import FileRows, Item, name_columns, nul_reject
from connectors.sources.files.titles import MOST_LINES, find_header_line
from connectors.sources.plan import Header
from connectors.sources.source import Payload, Reject
from resolve.errors import SourceError, counted

_PADDED = re.compile(r'(?:0|\\?-|"-"){2,}')  # formats of nothing but zeros and hyphens
_TIME_SIGNS = re.compile(r"[hsHS]")
_TEXT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # parts of a format that are no signs
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a workbook writes control characters
_LARGEST_EXACT = 15  # digits that Excel keeps of a number
_Cells = list[str | None]


def open_excel(
    path: Path, row_name: str, source: str, sheet: str | None, *, header_line: int | None = None, titled: bool = False
) -> FileRows:
    """Return the rows of a sheet, the first one unless it is named.

    The first row that is not blank names the columns, or that of the number `header_line`; where the sheet may be
    `titled`, one that is found. Raises SourceError when the file is no workbook, is protected by a password, or has no
    such sheet or header.
    """
    others: list[str] = []
    rows = _rows(path, row_name, source, sheet, others)
    head = list(islice(rows, MOST_LINES if titled else 0))
    found, rows = find_header_line(head), chain(head, rows)
    number, first = next((row for row in rows if row[0] >= (header_line or found or 1)), (0, []))
    if not first:
        raise SourceError(source, f"{row_name} has no row: it has no header", "Name another sheet, or export it again")
    if number != (header_line or number):
        raise SourceError(source, f"{row_name}: row {header_line} is blank: it is no header", "Correct `header_line`")
    width = max(at for at, cell in enumerate(first, start=1) if cell)
    header = name_columns([cell or "" for cell in first[:width]])
    items = _items(rows, header, row_name)
    return FileRows(Header(header), items, other_sheets=tuple(others), header_line=found)


def _items(rows: Iterator[tuple[int, _Cells]], header: list[str], row_name: str) -> Iterator[Item]:
    """Yield the rows after the header."""
    width = len(header)
    for number, cells in rows:
        key = f"{row_name}:{number}"
        if any(cells[width:]):
            shown: Payload = {"line": "\t".join(cell or "" for cell in cells)[:10_000]}
            yield Reject(key, "ragged_row", f"cells beyond the {counted(width, 'column')} of the header", shown)
            continue
        payload = dict.fromkeys(header) | dict(zip(header, cells, strict=False))
        yield nul_reject(key) if any("\0" in (cell or "") for cell in cells) else (key, payload)


def _rows(path: Path, row_name: str, source: str, sheet: str | None, others: list[str]) -> Iterator[tuple[int, _Cells]]:
    """Yield the row number and cells of each row that is not blank; before the first one `others` is filled.

    `others`: the visible sheets with rows beside the one that is read, where none was named.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
            hint = "Save it as .xlsx without a password" if not isinstance(error, KeyError) else "Save it again"
            raise SourceError(source, f"{row_name} is no readable Excel workbook", hint) from None
        try:
            table = _sheet(book, row_name, source, sheet)
            others += [t.title for t in book.worksheets if sheet is None and t.title != table.title and _is_shown(t)]
            table.reset_dimensions()  # some writers note a size that is not so, and cells beyond it would be lost
            for number, row in enumerate(table.iter_rows(), start=1):
                cells = [cell_text(cell) for cell in row]
                if any(cells):
                    yield number, cells
        except (zipfile.BadZipFile, KeyError, SyntaxError) as error:  # a damaged part of the archive, or of its XML
            raise SourceError(source, f"{row_name} is damaged ({type(error).__name__})", "Copy it again") from None
        finally:
            book.close()


def _sheet(book: Any, row_name: str, source: str, sheet: str | None) -> Any:
    """Return the sheet to read: the named one, or the first that is not hidden."""
    tables = {table.title: table for table in book.worksheets}
    if sheet is None:
        shown = [table for table in tables.values() if table.sheet_state == "visible"]
        return (shown or list(tables.values()))[0]
    if sheet not in tables:
        raise SourceError(source, f"{row_name} has no sheet {sheet}", f"Its sheets: {', '.join(tables)}")
    return tables[sheet]


def _is_shown(table: Any) -> bool:
    """Return whether a sheet is visible and has a row that is not blank; one that is damaged counts as having some."""
    if table.sheet_state != "visible":
        return False
    table.reset_dimensions()
    try:
        return any(cell.value is not None for row in table.iter_rows() for cell in row)
    except (zipfile.BadZipFile, KeyError, SyntaxError):
        return True


def cell_text(cell: Any) -> str | None:
    """Return what a cell holds as text; None for blanks and for errors such as #N/A."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value, str(cell.number_format or ""))
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return _time_text(value, str(cell.number_format or ""))
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value))
    return text if text.strip() else None


def _number_text(value: float, number_format: str) -> str:
    """Return a number with all its digits and no exponent, padded with zeros where its format does so."""
    plain = Decimal(f"{value:.{_LARGEST_EXACT}g}") if isinstance(value, float) else Decimal(value)
    text = format(plain.to_integral_value() if plain == plain.to_integral_value() else plain.normalize(), "f")
    shape = number_format.replace("\\", "").replace('"', "")
    if not _PADDED.fullmatch(number_format) or not text.isdigit() or len(text) > shape.count("0"):
        return text
    digits = iter(text.zfill(shape.count("0")))
    return "".join(next(digits) if sign == "0" else sign for sign in shape)


def _time_text(value: dt.datetime | dt.date | dt.time | dt.timedelta, number_format: str) -> str:
    """Return a date or time as ISO text; a date whose format shows no time has none, and lengths are h:mm:ss."""
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, dt.datetime):
        whole = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)  # days are fractions: seconds are not
        shows_time = _TIME_SIGNS.search(_TEXT.sub("", number_format)) is not None
        return whole.isoformat(sep=" ") if shows_time or whole.time() != dt.time() else whole.date().isoformat()
    return value.isoformat()
