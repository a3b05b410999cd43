"""Files: encodings as they are met, damaged rows, globs, unchanged and changed files, snapshots."""

import csv
import gzip
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes.landing import Landed
from hypothesis import given
from hypothesis import strategies as st

from connectors.settings.project import SourceSettings
from connectors.sources.files import csv_rows
from connectors.sources.files.file_source import FileSource
from connectors.sources.source import Cursor, Page, Raw, Reject, Window
from resolve.errors import SourceError

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
HEADER = "顧客ID,氏名,メール\n"


def source(folder: Path, *, page_rows: int = 5_000, **rules: Any) -> FileSource:
    """Return a source with one stream `contacts`."""
    stream = {"path": "*.csv", "id": "顧客ID", "map": {"full_name": "氏名"}} | rules
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return FileSource("crm", settings, folder, page_rows=page_rows)


def read(reader: FileSource, cursor: Cursor | None = None, known: set[str] | None = None) -> list[Page]:
    """Return the pages since the cursor."""
    known_ids = None if known is None else lambda: known
    return list(reader.read("contacts", json.loads(json.dumps(cursor)), known_ids=known_ids))


def rows_of(pages: list[Page]) -> list[Raw]:
    """Return the rows of all pages."""
    return [raw for page in pages for raw in page.rows]


def rejects_of(pages: list[Page]) -> list[Reject]:
    """Return the rejects of all pages."""
    return [reject for page in pages for reject in page.rejects]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_an_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    """The encodings of Japanese exports are recognised over the whole file, without a setting."""
    text = HEADER + "1,山田太郎,a@x.jp\n2,ﾔﾏﾀﾞ ﾊﾅｺ,b@x.jp\n3,高橋　次郎,c@x.jp\n"
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    names = [raw.payload["氏名"] for raw in rows_of(read(source(tmp_path)))]
    assert names == ["山田太郎", "ﾔﾏﾀﾞ ﾊﾅｺ", "高橋　次郎"]


def test_windows_characters_survive(tmp_path: Path) -> None:
    """㈱, 髙, 﨑, ① and the wave dash come through a file that its writer calls Shift_JIS."""
    text = HEADER + "1,㈱髙島屋 山﨑①～,a@x.jp\n"
    (tmp_path / "a.csv").write_bytes(text.encode("cp932"))
    for encoding in (None, "cp932"):
        assert rows_of(read(source(tmp_path, encoding=encoding)))[0].payload["氏名"] == "㈱髙島屋 山﨑①～"


def test_euc_jp_is_not_taken_for_half_width_katakana(tmp_path: Path) -> None:
    """EUC-JP bytes are also valid cp932; the reading with real kana is the right one."""
    (tmp_path / "a.csv").write_bytes("id,name\n1,ヤマダ\n2,はなこ\n".encode("euc_jp"))
    pages = read(source(tmp_path, id="id", map={"full_name": "name"}))
    assert [raw.payload["name"] for raw in rows_of(pages)] == ["ヤマダ", "はなこ"]


def test_half_width_katakana_is_not_taken_for_euc_jp(tmp_path: Path) -> None:
    """A bank's list of half-width names stays what it is."""
    (tmp_path / "a.csv").write_bytes("id,name\n1,ﾔﾏﾀﾞﾀﾛｳ\n2,ｽｽﾞｷﾊﾅｺ\n3,ﾜﾀﾅﾍﾞ\n".encode("cp932"))
    pages = read(source(tmp_path, id="id", map={"full_name": "name"}))
    assert [raw.payload["name"] for raw in rows_of(pages)] == ["ﾔﾏﾀﾞﾀﾛｳ", "ｽｽﾞｷﾊﾅｺ", "ﾜﾀﾅﾍﾞ"]


WESTERN = "id,name,city\n1,Renée Mörk,Köln\n2,Thérèse Brèal,Genève\n"


def test_western_letters_of_one_byte_are_not_taken_for_kanji(tmp_path: Path) -> None:
    """cp932 reads é and the letter behind it as a kanji: the file is refused by name, and read where it is said."""
    (tmp_path / "a.csv").write_bytes(WESTERN.encode("cp1252"))
    WESTERN.encode("cp1252").decode("cp932")  # what made the reader believe it
    for said in (None, "utf-8"):
        with pytest.raises(SourceError, match=r"a\.csv holds letters.*encoding of the stream"):
            read(source(tmp_path, encoding=said))
    stream = {"id": "id", "map": {"full_name": "name"}, "encoding": "cp1252"}
    assert [row.payload["name"] for row in rows_of(read(source(tmp_path, **stream)))] == ["Renée Mörk", "Thérèse Brèal"]


@pytest.mark.parametrize(
    "text", ["Paweł Wiśniewski,Łódź", "Jürgen Groß,Köln", "Anaïs Lefèvre,Besançon", "Åse Øverland,Tromsø"]
)
@pytest.mark.parametrize("encoding", ["cp1250", "cp1252", "latin-1"])
def test_western_files_of_any_kind_are_refused_by_name(tmp_path: Path, text: str, encoding: str) -> None:
    """Also where cp932 could not read them; the error says what to set."""
    try:
        data = ("id,name,city\n" + f"1,{text}\n" * 5).encode(encoding)
    except UnicodeEncodeError:
        pytest.skip("not of that encoding")
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.csv holds letters.*cp1252.*cp1250"):
        read(source(tmp_path))


@pytest.mark.parametrize("name", ["山田太郎", "髙橋 一郎", "Tanaka 禎", "ﾔﾏﾀﾞ ﾀﾛｳ", "Ａｎｎ", "表 ソ能", "①㈱A"])
def test_japanese_beside_latin_letters_stays_japanese(tmp_path: Path, name: str) -> None:
    """Kanji whose second byte is a letter of ASCII, and one kanji among Latin letters, are no Western letters."""
    (tmp_path / "a.csv").write_bytes((HEADER + f"1,{name},a\n2,ABC{name}DEF,b\n").encode("cp932"))
    assert [item.payload["氏名"] for item in rows_of(read(source(tmp_path)))] == [name, f"ABC{name}DEF"]


def test_a_wrong_encoding_setting_names_the_right_one(tmp_path: Path) -> None:
    """The message says what was tried and what the file really is."""
    (tmp_path / "a.csv").write_bytes((HEADER + "1,山田,a@x.jp\n").encode("cp932"))
    with pytest.raises(SourceError, match=r"not readable as utf-8-sig.*reads as cp932"):
        read(source(tmp_path, encoding="utf-8"))


def test_one_broken_line_does_not_lose_the_file(tmp_path: Path) -> None:
    """A row with bytes of another encoding is refused; the other rows are read."""
    good = "".join(f"{n},山田{n},a@x.jp\n" for n in range(300))
    (tmp_path / "a.csv").write_bytes((HEADER + good).encode() + "300,山田,b@x.jp\n".encode("cp932"))
    pages = read(source(tmp_path))
    assert len(rows_of(pages)) == 300
    assert [(r.row_key, r.reason) for r in rejects_of(pages)] == [("a.csv:302", "bad_encoding")]
    json.dumps(rejects_of(pages)[0].payload).encode()


def test_quoted_newlines_stay_inside_their_cell(tmp_path: Path) -> None:
    """A cell may hold line breaks; the row key counts lines of the file."""
    (tmp_path / "a.csv").write_text(HEADER + '1,"山田\r\n太郎",a@x.jp\n\n,x,y\n', newline="")
    pages = read(source(tmp_path))
    assert rows_of(pages)[0].payload["氏名"] == "山田\r\n太郎"
    assert [(r.row_key, r.reason) for r in rejects_of(pages)] == [("a.csv:5", "missing_id")]


DAMAGED = [
    ("1,山田\n", "ragged_row"),
    ("1,山田,a@x.jp,extra\n", "ragged_row"),
    ("1,山\0田,a@x.jp\n", "nul_byte"),
    ('1,"山"田,a@x.jp\n', "bad_quoting"),
    ('1,"山田,a@x.jp\n', "bad_quoting"),
    (" ,山田,a@x.jp\n", "missing_id"),
    ('"1\n2",山田,a@x.jp\n', "bad_id"),
    ("0,山田,a@x.jp\n", "duplicate_id"),
]


@pytest.mark.parametrize(("line", "reason"), DAMAGED)
def test_a_damaged_row_is_refused_alone(tmp_path: Path, line: str, reason: str) -> None:
    """The rows around it are read, and the reason and line are kept without NUL characters."""
    (tmp_path / "a.csv").write_text(HEADER + "0,佐藤,z@x.jp\n" + line + "9,鈴木,c@x.jp\n")
    pages = read(source(tmp_path))
    assert [(r.row_key, r.reason) for r in rejects_of(pages)] == [("a.csv:3", reason)]
    assert "\0" not in str(rejects_of(pages)[0].payload)
    assert [raw.source_id for raw in rows_of(pages)] == ["0", "9"]


def test_values_stay_text(tmp_path: Path) -> None:
    """Leading zeros, NA, None and long digits are not touched; a blank cell is missing."""
    (tmp_path / "a.csv").write_text(HEADER + "007,NA,\n008,None,09012345678901234567890\n")
    payloads = [raw.payload for raw in rows_of(read(source(tmp_path)))]
    assert payloads[0] == {"顧客ID": "007", "氏名": "NA", "メール": None}
    assert payloads[1]["メール"] == "09012345678901234567890"


def test_headers_fold_case_and_width(tmp_path: Path) -> None:
    """A setting finds its column under another width; columns without a name or named twice are kept apart."""
    (tmp_path / "a.csv").write_text("顧客ＩＤ, 氏名 ,,TEL,TEL\n1,山田,x,03,04\n")
    pages = read(source(tmp_path))
    assert rows_of(pages)[0].payload == {"顧客ＩＤ": "1", "氏名": "山田", "column_3": "x", "TEL": "03", "TEL_5": "04"}


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_another_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    """Tab, semicolon and bar need no setting."""
    (tmp_path / "a.csv").write_text((HEADER + "1,山田,a@x.jp\n").replace(",", delimiter))
    assert rows_of(read(source(tmp_path)))[0].payload["氏名"] == "山田"


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    """Files that end with .gz are read as what is in them."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((HEADER + "1,山田,a\n").encode("cp932")))
    assert rows_of(read(source(tmp_path, path="*.csv.gz")))[0].payload["氏名"] == "山田"


BROKEN = [
    ("a.txt", b"", {"path": "missing.csv"}, r"no file missing\.csv.*holds: a\.txt"),
    ("a.txt", b"", {"path": "nowhere/*.csv"}, r"There is no folder"),
    ("a.csv", b"", {}, "is empty: it has no header"),
    ("a.csv", b"id,name\n1,x\n", {}, r"no column 顧客ID, 氏名.*It has: id, name"),
    ("a.xyz", b"id\n", {"path": "a.xyz"}, "unknown suffix.*Set format"),
    ("a.parquet", b"id\n", {"path": "a.parquet"}, "not a readable Parquet file"),
]


@pytest.mark.parametrize(("name", "content", "rules", "said"), BROKEN)
def test_an_unusable_source_says_what_was_found(
    tmp_path: Path, name: str, content: bytes, rules: dict[str, Any], said: str
) -> None:
    """Each error names the source, what is there, and what to do; reading and checking agree."""
    (tmp_path / name).write_bytes(content)
    for use in (lambda: read(source(tmp_path, **rules)), lambda: source(tmp_path, **rules).check("contacts")):
        with pytest.raises(SourceError, match=said) as caught:
            use()
        assert caught.value.source == "crm"


def test_a_packed_file_that_was_cut_off_is_an_error(tmp_path: Path) -> None:
    """A half-copied archive must not count as a short list."""
    whole = gzip.compress((HEADER + "".join(f"{n},山田{n * 7919},a\n" for n in range(5_000))).encode())
    (tmp_path / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="damaged or cut off"):
        read(source(tmp_path, path="*.gz"))


@given(st.lists(st.tuples(st.text(TEXT, max_size=9), st.text(TEXT, max_size=9)), max_size=9))
def test_any_text_survives_a_csv_file(cells: list[tuple[str, str]]) -> None:
    """Quotes, line breaks, delimiters and every script come back as they were written; blank is missing."""
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "a.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("顧客ID", "氏名", "メール"))
            writer.writerows((n, *pair) for n, pair in enumerate(cells))
        rows = rows_of(read(source(Path(folder))))
    assert [(raw.payload["氏名"], raw.payload["メール"]) for raw in rows] == [(a or None, b or None) for a, b in cells]


def test_a_json_line_that_is_no_object_is_refused(tmp_path: Path) -> None:
    """Broken lines end in quarantine with their line; nested objects, big numbers and NUL are handled."""
    lines = [
        '{"顧客ID": 9007199254740993, "氏名": "山田", "a": {"b": [1, 2]}}',
        "{",
        "[1]",
        "",
        '{"顧客ID": "2", "氏名": "\\u0000"}',
    ]
    (tmp_path / "a.jsonl").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    pages = read(source(tmp_path, path="a.jsonl"))
    assert rows_of(pages)[0].source_id == "9007199254740993"
    assert [(r.row_key, r.reason) for r in rejects_of(pages)] == [
        ("a.jsonl:2", "bad_json"),
        ("a.jsonl:3", "bad_json"),
        ("a.jsonl:5", "nul_byte"),
    ]


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    """A file is skipped by size and time, or by its hash where only the time moved."""
    (tmp_path / "a.csv").write_text(HEADER + "1,山田,a\n")
    first = read(source(tmp_path))
    assert read(source(tmp_path), first[-1].cursor) == []
    os.utime(tmp_path / "a.csv", ns=(1, 1))
    touched = read(source(tmp_path), first[-1].cursor)
    assert rows_of(touched) == []
    assert read(source(tmp_path), touched[-1].cursor) == []


def test_new_and_changed_files_are_read_in_order_of_name(tmp_path: Path) -> None:
    """Of a glob only what is new is read; the later file has the last word."""
    for name, text in (("b.csv", "1,山田,b\n"), ("a.csv", "1,山田,a\n"), ("c.csv", "3,鈴木,c\n")):
        (tmp_path / name).write_text(HEADER + text)
    first = read(source(tmp_path))
    assert [raw.payload["メール"] for raw in rows_of(first)] == ["a", "b", "c"]
    (tmp_path / "b.csv").write_text(HEADER + "1,山田,b2\n")
    (tmp_path / "d.csv").write_text(HEADER + "4,佐藤,d\n")
    assert [raw.payload["メール"] for raw in rows_of(read(source(tmp_path), first[-1].cursor))] == ["b2", "d"]


def test_a_setting_that_changes_how_files_are_read_reads_them_again(tmp_path: Path) -> None:
    """After a correction of the id column every file counts as new."""
    (tmp_path / "a.csv").write_text(HEADER + "1,山田,a\n")
    cursor = read(source(tmp_path))[-1].cursor
    assert len(rows_of(read(source(tmp_path, id="メール"), cursor))) == 1


def test_a_row_that_is_gone_stays_unless_the_file_is_a_snapshot(tmp_path: Path) -> None:
    """Missing is not deleted by default; a snapshot turns missing rows into tombstones."""
    path = tmp_path / "a.csv"
    for rules, expected in ({}, []), ({"snapshot": True}, ["2"]):
        path.write_text(HEADER + "1,山田,a\n2,鈴木,b\n")
        cursor = read(source(tmp_path, **rules), known=set())[-1].cursor
        path.write_text(HEADER + "1,山田,a\n")
        pages = read(source(tmp_path, **rules), cursor, known={"1", "2"})
        assert [raw.source_id for raw in rows_of(pages) if raw.deleted] == expected
        assert read(source(tmp_path, **rules), pages[-1].cursor, known={"1"}) == []


def test_a_snapshot_may_be_spread_over_files_or_dated(tmp_path: Path) -> None:
    """All files together are one snapshot; with `latest` the last by name is the whole."""
    (tmp_path / "2026-01.csv").write_text(HEADER + "1,山田,a\n")
    (tmp_path / "2026-02.csv").write_text(HEADER + "2,鈴木,b\n")
    together = read(source(tmp_path, snapshot=True), known={"1", "2"})
    assert [raw.source_id for raw in rows_of(together) if raw.deleted] == []
    latest = read(source(tmp_path, snapshot="latest"), known={"1", "2"})
    assert [(raw.source_id, raw.deleted) for raw in rows_of(latest)] == [("2", False), ("1", True)]


def test_a_snapshot_that_lost_most_rows_is_not_believed(tmp_path: Path) -> None:
    """A cut-off export does not delete customers; the cursor stays, so that the next run tries again."""
    (tmp_path / "a.csv").write_text(HEADER + "1,山田,a\n")
    reader = source(tmp_path, snapshot=True)
    pages: list[Page] = []
    walk = reader.read("contacts", None, known_ids=lambda: {str(n) for n in range(1, 31)})
    with pytest.raises(SourceError, match=r"29 of 30 known rows are gone.*max_gone_rate"):
        pages.extend(walk)
    assert pages[-1].cursor["files"] == {}
    allowed = source(tmp_path, snapshot=True, max_gone_rate=1.0)
    assert sum(raw.deleted for raw in rows_of(read(allowed, known={str(n) for n in range(1, 31)}))) == 29


def test_a_bad_file_may_be_replaced_by_one_of_another_name(tmp_path: Path) -> None:
    """What was refused in the old one is released with the end of the reading, and nothing else is."""
    landed, opened = Landed(), source(tmp_path, page_rows=1)
    for name in ("c-01", "c-02", "c-03"):
        (tmp_path / f"{name}.csv").write_text(HEADER + f"{name},山田\n{name}b,山田,a\n")
    landed.pull(opened, run_id="1")
    assert landed.held() == ["c-01.csv:2", "c-02.csv:2", "c-03.csv:2"]
    (tmp_path / "c-02.csv").unlink()
    (tmp_path / "c-02b.csv").write_text(HEADER + "c-02,山田,a\nc-02b,山田,a\n")
    landed.pull(opened, run_id="2", pages=1)
    assert "c-02.csv:2" in landed.held()
    landed.pull(opened, run_id="3")
    assert landed.held() == ["c-01.csv:2", "c-03.csv:2"]
    assert landed.pull(opened, run_id="4").pages == 0
    window = Window(since=datetime(2026, 1, 1, tzinfo=UTC))
    os.utime(tmp_path / "c-01.csv", (1, 1))  # the window leaves it out, but it is there
    landed.again(opened.read_window("contacts", window, None))
    assert landed.held() == ["c-01.csv:2", "c-03.csv:2"]


def test_pages_do_not_depend_on_the_size_of_the_file(tmp_path: Path) -> None:
    """A large file comes in pages of the size asked for, as the iterator moves on."""
    (tmp_path / "a.csv").write_text(HEADER + "".join(f"{n},山田,a\n" for n in range(1_003)))
    pages = read(source(tmp_path, page_rows=100))
    assert [len(page.rows) for page in pages] == [100] * 10 + [3]


def test_a_file_that_changed_while_it_was_half_read_starts_over(tmp_path: Path) -> None:
    """The resume point belongs to the bytes that were read, not to the name."""
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "".join(f"{n},山田,a\n" for n in range(10)))
    cursor = read(source(tmp_path, page_rows=4))[0].cursor
    path.write_text(HEADER + "".join(f"{n},山田,b\n" for n in range(10)))
    assert len(rows_of(read(source(tmp_path, page_rows=4), cursor))) == 10


@pytest.mark.parametrize("characters", [1, 20, 1000])
def test_rows_do_not_depend_on_how_much_is_read_at_a_time(
    characters: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of several lines and refused ones, with their line numbers and their own lines."""
    monkeypatch.setattr(csv_rows, "_PART", characters)
    body = '1,"山\n田",a\n2,鈴木\n3,"佐\0\n藤",b\n\n4,林,c\n5,"森"x,d\n6,"原\nと\n続'
    (tmp_path / "a.csv").write_text(HEADER + body, "utf-8", newline="")
    (page,) = read(source(tmp_path))
    assert [raw.source_id for raw in page.rows] == ["1", "4"]
    assert [(reject.row_key, reject.reason, reject.payload["line"]) for reject in page.rejects] == [
        ("a.csv:4", "ragged_row", "2,鈴木\n"),
        ("a.csv:5", "nul_byte", '3,"佐␀\n藤",b\n'),
        ("a.csv:9", "bad_quoting", '5,"森"x,d\n'),
        ("a.csv:10", "bad_quoting", '6,"原\n'),
        ("a.csv:11", "ragged_row", "と\n"),
        ("a.csv:12", "ragged_row", "続"),
    ]


@pytest.mark.parametrize(
    ("word", "gone"),
    [
        *(
            (word, True)
            for word in ("1", "true", "TRUE", "はい", "Y", "○", "済", "削除済み", "2026-01-02", "1767312000", "２")
        ),
        *((word, False) for word in ("0", "０", "0.0", "ＦＡＬＳＥ", "いいえ", "無", "なし", "×", "off", "-", "N/A")),
        *((word, False) for word in ("0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00.000Z", "", " ")),
        *((word, None) for word in ("active", "有効", "maybe")),
    ],
)
def test_a_flag_of_deletion_is_a_yes_a_no_or_a_mistake(tmp_path: Path, word: str, gone: bool | None) -> None:
    """In any width, Japanese or English, a number or a date; of any other word nothing is made."""
    (tmp_path / "a.csv").write_text(f"顧客ID,氏名,削除\n1,山田,{word}\n", "utf-8")
    pages = read(source(tmp_path, deleted="削除"))
    assert [raw.deleted for raw in rows_of(pages)] == ([] if gone is None else [gone])
    assert [reject.reason for reject in rejects_of(pages)] == (["bad_deleted"] if gone is None else [])
