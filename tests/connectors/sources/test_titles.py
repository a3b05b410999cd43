"""Titles above the header: passed over where the settings say so, and found where there are none."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.files.file_source import FileSource
from connectors.sources.files.whole_file import read_whole_file
from connectors.sources.source import Cursor, Page
from resolve.errors import SourceError

TITLES = '顧客一覧,,\n"出力日 2026/10/31, 担当 営業部",,\n\n'
ROWS = "顧客ID,氏名,メール\n1,山田太郎,a@x.jp\n2,鈴木花子\n3,佐藤健,c@x.jp\n"


def source(folder: Path, name: str, **rules: Any) -> FileSource:
    """Return a source whose stream `contacts` is a file."""
    stream = {"path": name, "id": "顧客ID", "map": {"full_name": "氏名"}} | rules
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return FileSource("crm", settings, folder)


def read(folder: Path, name: str, cursor: Cursor | None = None, **rules: Any) -> list[Page]:
    """Return the pages of a file."""
    return list(source(folder, name, **rules).read("contacts", cursor))


def write_sheet(path: Path, *rows: tuple[Any, ...]) -> None:
    """Write a workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\n"), ("cp932", "\r\n"), ("utf-16", "\n")])
def test_lines_above_the_header_are_passed_over(tmp_path: Path, encoding: str, end: str) -> None:
    """The header names the columns and the delimiter; row keys count the lines of the file."""
    text = (TITLES + ROWS.replace(",", "\t")).replace("\n", end)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    (page,) = read(tmp_path, "a.csv", header_line=4)
    assert [(raw.source_id, raw.payload["氏名"]) for raw in page.rows] == [("1", "山田太郎"), ("3", "佐藤健")]
    assert [(reject.place, reject.reason) for reject in page.rejects] == [("a.csv:6", "ragged_row")]


def test_a_quote_that_is_damaged_below_titles_costs_its_own_line(tmp_path: Path) -> None:
    """Lines are counted from the top of the file, also where they are read again."""
    text = TITLES + ROWS.replace("2,鈴木花子", '2,"鈴木花子,b@x.jp')
    (tmp_path / "a.csv").write_text(text, "utf-8")
    (page,) = read(tmp_path, "a.csv", header_line=4)
    assert [raw.source_id for raw in page.rows] == ["1", "3"]
    assert [(reject.place, reject.reason) for reject in page.rejects] == [("a.csv:6", "bad_quoting")]


def test_rows_of_a_sheet_above_the_header_are_passed_over(tmp_path: Path) -> None:
    """Its number is that of the sheet; a row without a cell is no header."""
    rows = [tuple(line.split(",")) for line in ROWS.splitlines()]
    write_sheet(tmp_path / "a.xlsx", ("顧客一覧",), (None, None, "2026/10/31"), (), *rows)
    (page,) = read(tmp_path, "a.xlsx", header_line=4)
    assert [raw.source_id for raw in page.rows] == ["1", "2", "3"]
    with pytest.raises(SourceError, match=r"row 3 is blank.*header_line"):
        read(tmp_path, "a.xlsx", header_line=3)


def test_another_header_line_reads_the_file_again(tmp_path: Path) -> None:
    """What was read with another header was read otherwise; without a change nothing is read."""
    (tmp_path / "a.csv").write_text("顧客ID,氏名,メール\n顧客ID,氏名,連絡先\n7,山田太郎,a@x.jp\n", "utf-8")
    cursor = read(tmp_path, "a.csv")[-1].cursor
    assert not [raw for page in read(tmp_path, "a.csv", cursor) for raw in page.rows]
    (page,) = read(tmp_path, "a.csv", cursor, header_line=2)
    assert page.rows[0].payload["連絡先"] == "a@x.jp"


def test_a_title_in_the_place_of_the_header_is_told(tmp_path: Path) -> None:
    """The message names the setting; a header that has other names than the settings does not."""
    (tmp_path / "a.csv").write_text(TITLES + ROWS, "utf-8")
    with pytest.raises(SourceError, match=r"set `header_line`"):
        read(tmp_path, "a.csv")
    (tmp_path / "a.csv").write_text("番号,名前\n1,山田太郎\n", "utf-8")
    with pytest.raises(SourceError) as caught:
        read(tmp_path, "a.csv")
    assert "header_line" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_the_header_below_titles_is_found(tmp_path: Path, name: str) -> None:
    """By its words, where nobody can say it; a note names the line."""
    lines = (TITLES + ROWS).splitlines()
    (tmp_path / "a.csv").write_bytes((TITLES + ROWS).encode("cp932"))
    write_sheet(tmp_path / "a.xlsx", *(tuple(line.split(",")) if line else () for line in lines))
    whole = read_whole_file(tmp_path / name, "a")
    assert whole.rows["氏名"].iloc[0] == "山田太郎"
    assert whole.notes == ("line 4 names the columns; what stands above it is not read",)


FIRST = [
    "顧客ID,氏名,メール\n1,氏名,メール\n",  # the header comes first, whatever stands in rows
    "k1,k2,k3\n1,山田太郎,a@x.jp\n",  # words that nobody knows
    "メール\na@x.jp\nb@x.jp\n",  # one column
    "",
    "\n\n",
]


@pytest.mark.parametrize("text", FIRST)
def test_where_the_first_line_is_the_header_none_is_looked_for(tmp_path: Path, text: str) -> None:
    """Files without titles are read as ever."""
    (tmp_path / "a.csv").write_text(text, "utf-8")
    if not text:
        with pytest.raises(SourceError, match="is empty"):
            read_whole_file(tmp_path / "a.csv", "a")
        return
    assert read_whole_file(tmp_path / "a.csv", "a").notes == ()
