"""Excel workbooks: what a cell holds as text, which sheet and which rows are read, and what is wrong with a file."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.files.file_source import FileSource
from connectors.sources.files.whole_file import read_whole_file
from connectors.sources.source import Page
from resolve.errors import SourceError

HEADER = ("顧客ID", "氏名", "電話")


def write(path: Path, *rows: tuple[Any, ...], formats: dict[str, str] | None = None) -> None:
    """Write a workbook of one sheet; `formats` are number formats by cell."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    book.save(path)


def read(folder: Path, **rules: Any) -> list[Page]:
    """Return the pages of the workbooks in a folder."""
    stream = {"path": "*.xlsx", "id": "顧客ID", "map": {"full_name": "氏名"}} | rules
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return list(FileSource("crm", settings, folder).read("contacts", None))


def text_of(folder: Path, value: Any, number_format: str = "General") -> str | None:
    """Return the text that a cell is read as."""
    write(folder / "a.xlsx", HEADER, ("1", "山田", value), formats={"C2": number_format})
    cell: str | None = read(folder)[0].rows[0].payload["電話"]
    return cell


CELLS = [
    ("0312345678", "General", "0312345678"),
    (312345678, "General", "312345678"),
    (312345678, "0000000000", "0312345678"),
    (9012345678, "000\\-0000\\-0000", "090-1234-5678"),
    (1500001, '000"-"0000', "150-0001"),
    (90123456789012, "000-0000", "90123456789012"),  # longer than its format
    (1234567890123, "General", "1234567890123"),
    (123456789012345, "0", "123456789012345"),
    (1.0, "0.00", "1"),
    (0.1 + 0.2, "General", "0.3"),
    (1e21, "General", "1000000000000000000000"),
    (-0.5, "General", "-0.5"),
    (True, "General", "true"),
    (" ", "General", None),
    ("#N/A", "General", None),
    ("#1 Acme", "General", "#1 Acme"),
    ("=1+1", "General", None),  # computed by Excel alone
    ("佐藤_x000D_\n二行", "General", "佐藤\r\n二行"),
    (dt.datetime.fromisoformat("2026-01-02"), "yyyy/m/d", "2026-01-02"),
    (dt.datetime.fromisoformat("2026-01-02"), "yyyy/m/d h:mm", "2026-01-02 00:00:00"),
    (dt.datetime.fromisoformat("2026-01-02T09:30:59"), 'yyyy"年"m"月"d"日"', "2026-01-02 09:30:59"),
    (dt.date(1980, 2, 29), "yyyy-mm-dd", "1980-02-29"),
    (dt.time(9, 30), "h:mm", "09:30:00"),
    (dt.timedelta(hours=25, minutes=3), "[h]:mm:ss", "25:03:00"),
]


@pytest.mark.parametrize(("value", "number_format", "text"), CELLS)
def test_a_cell_is_text(tmp_path: Path, value: Any, number_format: str, text: str | None) -> None:
    """Digits, dates and zeros come as Excel shows or keeps them; errors and blanks are missing."""
    assert text_of(tmp_path, value, number_format) == text


def test_a_title_above_blank_rows_and_empty_columns_are_no_obstacle(tmp_path: Path) -> None:
    """Blank rows are passed over, row keys count rows of the sheet, short rows are filled, wide ones refused."""
    write(tmp_path / "a.xlsx", (), HEADER, ("1", "山田"), (), ("2", "鈴木", "03", "more"), (None, "佐藤", "04"))
    page = read(tmp_path)[0]
    assert [raw.payload for raw in page.rows] == [{"顧客ID": "1", "氏名": "山田", "電話": None}]
    assert [(r.row_key, r.reason) for r in page.rejects] == [("a.xlsx:5", "ragged_row"), ("a.xlsx:6", "missing_id")]


def test_a_wrong_size_in_the_sheet_loses_no_row(tmp_path: Path) -> None:
    """Some programs write `<dimension ref="A1"/>` whatever the sheet holds."""
    write(tmp_path / "whole.xlsx", HEADER, *((str(n), "山田", "03") for n in range(20)))
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as changed:
        for name in whole.namelist():
            content = whole.read(name)
            if name.endswith("sheet1.xml"):
                content, times = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', content)
                assert times == 1
            changed.writestr(name, content)
    (tmp_path / "whole.xlsx").unlink()
    assert len(read(tmp_path)[0].rows) == 20


def test_the_first_visible_sheet_is_read_unless_one_is_named(tmp_path: Path) -> None:
    """A hidden sheet of codes in front does no harm."""
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "codes", "hidden"
    for title, number in (("顧客", "1"), ("旧顧客", "2")):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append((number, "山田", "03"))
    book.save(tmp_path / "a.xlsx")
    assert [raw.source_id for raw in read(tmp_path)[0].rows] == ["1"]
    assert [raw.source_id for raw in read(tmp_path, sheet="旧顧客")[0].rows] == ["2"]
    with pytest.raises(SourceError, match=r"has no sheet 新.*codes, 顧客, 旧顧客"):
        read(tmp_path, sheet="新")


def test_sheets_that_are_not_read_are_told(tmp_path: Path) -> None:
    """Unless one is named: other visible sheets with rows are notes of `check` and of `dedupe`; empty ones are nothing."""
    book = openpyxl.Workbook()
    for title in ("2024年度", "2025年度", "codes"):
        book.create_sheet(title).append(HEADER)
    book["codes"].sheet_state = "hidden"
    book.remove(book["Sheet"])
    book.create_sheet("Sheet3")
    book.save(tmp_path / "a.xlsx")

    def notes(**rules: Any) -> list[str]:
        stream = {"path": "*.xlsx", "id": "顧客ID", "map": {"full_name": "氏名"}} | rules
        settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
        return [n for n in FileSource("crm", settings, tmp_path).check("contacts").notes if "sheet" in n]

    assert notes() == ["not read: sheet 2025年度 (name it with `sheet`)"]
    assert notes(sheet="2024年度") == []
    assert [note[:22] for note in read_whole_file(tmp_path / "a.xlsx", "a").notes] == ["not read: sheet 2025年度"]


def half_a_workbook() -> bytes:
    """Return the first half of a workbook."""
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()[: buffer.tell() // 2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0 protected or old", "no readable Excel workbook.*without a password"),
        (half_a_workbook(), "no readable Excel workbook"),
        (b"", "is empty"),
    ],
)
def test_a_file_that_is_no_workbook_says_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    """Old, protected and cut-off files end with a hint, not with a traceback."""
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read(tmp_path)


def test_a_workbook_without_rows_and_the_older_format_are_refused(tmp_path: Path) -> None:
    """Both say what to do."""
    write(tmp_path / "a.xlsx")
    with pytest.raises(SourceError, match="has no header"):
        read(tmp_path)
    (tmp_path / "b.xls").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"Save it as \.xlsx"):
        read(tmp_path, path="b.xls")


def test_dedupe_reads_a_workbook(tmp_path: Path) -> None:
    """The one-shot command takes Excel files as it takes CSV."""
    write(tmp_path / "a.xlsx", HEADER, (1, "山田", 312345678))
    assert read_whole_file(tmp_path / "a.xlsx", "a").rows.to_dict("records") == [
        {"顧客ID": "1", "氏名": "山田", "電話": "312345678"}
    ]
