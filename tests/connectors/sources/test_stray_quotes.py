"""Stray quotes in CSV files: each costs its own line, whatever stands behind it is read."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.files import csv_rows
from connectors.sources.files.file_source import FileSource
from connectors.sources.source import Cursor, Page
from resolve.errors import SourceError

HEADER = "id,name,mail,phone\n"
ROWS = [f"S{n:04},name {n},m{n}@x.jp,03-{n}\n" for n in range(1, 2_001)]


def read(folder: Path, cursor: Cursor | None = None, page_rows: int = 5_000) -> list[Page]:
    """Return the pages of the CSV files of a folder."""
    stream: dict[str, Any] = {"path": "*.csv", "id": "id", "map": {"full_name": "name"}}
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return list(FileSource("crm", settings, folder, page_rows=page_rows).read("contacts", cursor))


def told(pages: list[Page]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the ids that were read, and the keys and reasons of what was not."""
    rejects = [(reject.row_key, reject.reason) for page in pages for reject in page.rejects]
    return [raw.source_id for page in pages for raw in page.rows], rejects


def damaged(**lines: str) -> str:
    """Return the file with other lines in the place of some: `S0002="…"`."""
    return HEADER + "".join(lines.get(row[:5], row) for row in ROWS)


def ids_without(*missing: int) -> list[str]:
    """Return all ids but these."""
    return [f"S{n:04}" for n in range(1, 2_001) if n not in missing]


def test_a_stray_quote_costs_one_line(tmp_path: Path) -> None:
    """The two thousand rows behind it are read; the reject names its line, and keeps no other."""
    (tmp_path / "a.csv").write_text(damaged(S0003='S0003,"name 3,m3@x.jp,03-3\n'))
    pages = read(tmp_path)
    assert told(pages) == (ids_without(3), [("a.csv:4", "bad_quoting")])
    (reject,) = pages[0].rejects
    assert reject.detail == "line 4: unexpected end of data, found in line 2001"
    assert reject.payload == {"line": 'S0003,"name 3,m3@x.jp,03-3\n'}


TWO = [
    ('S0003,"name 3,m3@x.jp,03-3\n', 'S1500,name 1500",m@x.jp,03\n', [3]),  # the cell ends where one may end
    ('S0003,name 3,m3@x.jp,"03-3\n', 'S1500,name 1500,m@x.jp,03"\n', [3]),
    ('S0003,"name 3,m3@x.jp,03-3\n', 'S1500,name 1500,m@x.jp",03\n', [3]),  # with fewer cells than the header
    ('S0003,"name 3,m3@x.jp,03-3\n', 'S1500,"name 1500,m@x.jp,03\n', [3, 1500]),
]


@pytest.mark.parametrize(("first", "second", "lost"), TWO)
def test_two_stray_quotes_swallow_no_rows(tmp_path: Path, first: str, second: str, lost: list[int]) -> None:
    """The rows between them are rows, not the inside of one cell."""
    (tmp_path / "a.csv").write_text(damaged(S0003=first, S1500=second))
    assert told(read(tmp_path)) == (ids_without(*lost), [(f"a.csv:{n + 1}", "bad_quoting") for n in lost])


MEMOS = [
    "\n".join(f"line {n}: tea, cake" for n in range(60)),
    "Dear all,\n\nthe list, as asked:\n1,2,3,4\n5,6,7,8\n9,10,11,12\nbest",
    "a,b,c\nd,e,f,g",
    '\n"quoted", and so on\n' * 30,
]


@pytest.mark.parametrize("memo", MEMOS)
@pytest.mark.parametrize("place", [1, 3])
def test_a_memo_of_many_lines_stays_one_cell(tmp_path: Path, memo: str, place: int) -> None:
    """Line breaks, delimiters and quotes inside of quotes, in the middle of a row or at its end."""
    cells = ["S0003", "name", "mail", "phone"]
    cells[place] = '"' + memo.replace('"', '""') + '"'
    (tmp_path / "a.csv").write_text(damaged(S0003=",".join(cells) + "\n"), newline="")
    pages = read(tmp_path)
    assert told(pages) == (ids_without(), [])
    assert pages[0].rows[2].payload[("id", "name", "mail", "phone")[place]] == memo


def test_a_file_with_a_stray_quote_is_resumed_where_it_stopped(tmp_path: Path) -> None:
    """Rows and rejects have the same numbers in every reading."""
    (tmp_path / "a.csv").write_text(damaged(S0003='S0003,"name 3,x,3\n', S1500='S1500,name",x,3\n'))
    whole = told(read(tmp_path))
    pages = read(tmp_path, page_rows=7)
    for stopped in (0, 1, 100):
        rest = read(tmp_path, json.loads(json.dumps(pages[stopped].cursor)), page_rows=7)
        assert told(pages[: stopped + 1])[0] + told(rest)[0] == whole[0]


@pytest.mark.parametrize("characters", [1, 1000])
def test_what_is_read_again_does_not_depend_on_how_much_is_read_at_a_time(
    characters: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that were read ahead are read once more, and each once."""
    (tmp_path / "a.csv").write_text(damaged(S0003='S0003,"name 3,x,3\n', S0004='S0004,x,"y\0', S1999='S1999,"",x,"\n'))
    whole = read(tmp_path)
    assert told(whole)[1][0] == ("a.csv:4", "bad_quoting")
    assert len(told(whole)[0]) == 1_996  # S0005 stands on the line of S0004
    monkeypatch.setattr(csv_rows, "_PART", characters)
    again = read(tmp_path)
    assert (told(again), again[0].rejects) == (told(whole), whole[0].rejects)


def test_a_file_whose_quotes_are_damaged_all_over_is_read_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line opens a quote that no other closes: each is refused, without a look through the whole file for each."""
    monkeypatch.setattr(csv_rows, "_REREAD", 1_000_000)
    lines = [f'{n} inches",",x,y,{n}\n' for n in range(20_000)]
    (tmp_path / "a.csv").write_text(HEADER + "".join(lines) + "S0001,name,mail,phone\n")
    looked_at = 0
    reader = csv.reader

    def counting(given: Iterable[str], **options: Any) -> Any:
        def lines_of() -> Iterator[str]:
            nonlocal looked_at
            for line in given:
                looked_at += 1
                yield line

        return reader(lines_of(), **options)

    monkeypatch.setattr(csv, "reader", counting)
    ids, rejects = told(read(tmp_path))
    assert looked_at < 200 * len(lines)
    assert (ids, len(rejects)) == (["S0001"], 20_000)


@pytest.mark.parametrize("header", ['"id,name\n', 'id,"na"me\n'])
def test_a_stray_quote_in_the_header_fails_the_file(tmp_path: Path, header: str) -> None:
    """Without column names no row means anything; what is to be mended is told."""
    (tmp_path / "a.csv").write_text(header + "1,a\n2,b\n")
    with pytest.raises(SourceError, match=r"a\.csv has a header that is no line of CSV.*quotes of its first line"):
        read(tmp_path)
