"""JSON documents and lines: rows inside other rows, several rows of one record, and columns that differ in their signs."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.files.file_source import FileSource
from connectors.sources.plan import Header
from connectors.sources.rows import unfold
from connectors.sources.source import Page
from resolve.errors import SourceError

EVENTS = [
    {"destination": "U0", "events": [{"id": "a", "n": {"at": 1}}, {"id": "b", "destination": "own"}]},
    {"destination": "U0", "events": []},
    {"destination": "U0", "events": [{"id": "a", "again": True}]},
    {"id": "c"},
]


def read(folder: Path, *, page_rows: int = 5_000, cursor: Any = None, **rules: Any) -> list[Page]:
    """Return the pages of the files in a folder."""
    stream = {"path": "*.json*", "id": "id", "map": {"full_name": {"any": ["name"]}}} | rules
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return list(FileSource("crm", settings, folder, page_rows=page_rows).read("contacts", cursor))


def write_lines(folder: Path, rows: list[Any]) -> None:
    """Write JSON lines."""
    (folder / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")


def test_rows_inside_a_line_are_rows(tmp_path: Path) -> None:
    """Each element of the list is a row with the values around it; a line without the list is a row itself."""
    write_lines(tmp_path, EVENTS)
    page = read(tmp_path, rows_in="events", repeats="first")[0]
    assert [raw.payload for raw in page.rows] == [
        {"destination": "U0", "id": "a", "n": {"at": 1}},
        {"destination": "own", "id": "b"},
        {"id": "c"},
    ]
    assert page.rejects == []


@pytest.mark.parametrize("start", ["", " ", "  "])
@pytest.mark.parametrize("is_whole", [True, False])
def test_a_long_line_that_is_no_object_is_refused_alone(tmp_path: Path, start: str, is_whole: bool) -> None:
    """What the quarantine keeps of it may end in the middle of a letter; the file is read to its end."""
    line = json.dumps([start + "山田" * 4_000], ensure_ascii=False)
    (tmp_path / "a.jsonl").write_text((line if is_whole else line[:-1]) + '\n{"id": "1"}\n', "utf-8")
    (page,) = read(tmp_path)
    assert [raw.source_id for raw in page.rows] == ["1"]
    (reject,) = page.rejects
    assert (reject.row_key, reject.reason) == ("a.jsonl:1", "bad_json")
    assert reject.payload["line"].startswith(f'["{start}山田')


@pytest.mark.parametrize(
    ("repeats", "rows", "refused"), [("refuse", "abc", 1), ("first", "abc", 0), ("last", "abac", 0)]
)
def test_a_second_row_of_an_id_is_a_mistake_a_line_or_a_version(
    tmp_path: Path, repeats: str, rows: str, refused: int
) -> None:
    """`repeats` says which; with `last` the newer version comes later, so that landing ends with it."""
    write_lines(tmp_path, EVENTS)
    page = read(tmp_path, rows_in="events", repeats=repeats)[0]
    assert "".join(raw.source_id for raw in page.rows) == rows
    assert [reject.row_key for reject in page.rejects] == ["a.jsonl:3.1"] * refused


@pytest.mark.parametrize("stop", range(3))
def test_a_read_of_inner_rows_resumes_after_any_page(tmp_path: Path, stop: int) -> None:
    """Pages count inner rows, and further lines of a record move no row."""
    write_lines(tmp_path, EVENTS)
    rules = {"rows_in": "events", "repeats": "first", "page_rows": 1}
    before = read(tmp_path, **rules)[: stop + 1]
    after = read(tmp_path, cursor=before[-1].cursor, **rules)
    assert [raw.source_id for page in (*before, *after) for raw in page.rows] == ["a", "b", "c"]


@pytest.mark.parametrize("form", ["a.json", "a.jsonl"])
def test_half_a_surrogate_pair_costs_its_row_alone(tmp_path: Path, form: str) -> None:
    """Vendors cut texts in the middle of a character; whole pairs, and numbers beyond 64 bits, are read beside it."""
    whole = [{"id": "1", "name": "𠮷野"}, {"id": "3", "n": 2**70}]
    rows = [json.dumps(whole[0]), '{"id": "2", "name": "\\ud842"}', json.dumps(whole[1])]
    text = "\n".join(rows) if form.endswith("l") else f"[{', '.join(rows)}]"
    (tmp_path / form).write_text(text, "utf-8")
    page = read(tmp_path)[0]
    assert [raw.source_id for raw in page.rows] == ["1", "3"]
    assert page.rows[0].payload == whole[0]
    reason = "bad_json" if form.endswith("l") else "lone_surrogate"
    assert [(r.row_key, r.reason) for r in page.rejects] == [(f"{form}:2", reason)]
    assert "\\ud842" in str((page.rejects[0].payload or {})["line"])


def test_a_document_with_half_a_pair_that_is_cut_off_is_no_json(tmp_path: Path) -> None:
    """It is told where it ends, as ever; and what only Python takes for JSON is none."""
    for text in ('[{"id": "\\ud842"},', '[{"id": "\\ud842", "n": NaN}]'):
        (tmp_path / "a.json").write_text(text, "utf-8")
        with pytest.raises(SourceError, match="is no JSON at line 1"):
            read(tmp_path)


def test_a_document_is_a_list_or_holds_one(tmp_path: Path) -> None:
    """A list of objects, or an object with the list at `rows_in`, also deep inside; a BOM does no harm."""
    path = tmp_path / "a.json"
    path.write_text('\ufeff[{"id": "1", "name": "山田"}, 5, {"id": "2", "name": "\\u0000"}]', "utf-8")
    page = read(tmp_path)[0]
    assert [raw.source_id for raw in page.rows] == ["1"]
    assert [(r.row_key, r.reason) for r in page.rejects] == [("a.json:2", "bad_json"), ("a.json:3", "nul_byte")]
    path.write_text(json.dumps({"data": {"records": [{"id": "7"}]}, "total": 1}), "utf-8")
    assert [raw.payload for raw in read(tmp_path, rows_in="data.records")[0].rows] == [{"total": 1, "id": "7"}]
    path.write_text('[{"id": "1"},', "utf-8")
    with pytest.raises(SourceError, match="is no JSON at line 1"):
        read(tmp_path)


def test_an_object_that_holds_the_rows_is_no_row(tmp_path: Path) -> None:
    """Without `rows_in`, or with a wrong one, the file is refused and its lists are named: nothing is lost unsaid."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"users": [{"id": "1", "name": "山田"}], "meta": {"pages": [{"n": 1}]}}), "utf-8")
    for rules in ({}, {"rows_in": "user"}):
        with pytest.raises(SourceError, match=r"`rows_in: users` or `rows_in: meta\.pages`"):
            read(tmp_path, **rules)
    assert [raw.source_id for raw in read(tmp_path, rows_in="users")[0].rows] == ["1"]
    path.write_text(json.dumps({"id": "7", "name": "山田", "phones": [{"no": "03"}]}), "utf-8")  # a customer a file
    assert [raw.source_id for raw in read(tmp_path)[0].rows] == ["7"]


def test_json_text_in_a_column_is_unfolded_too() -> None:
    """Webhooks are landed in tables with the body as text; what cannot be parsed is a row as it is."""
    body = json.dumps({"events": [{"id": "a"}]})
    assert unfold({"received_at": "t", "payload": body}, "payload.events") == [{"received_at": "t", "id": "a"}]
    assert unfold({"payload": '{"id": "x"}', "n": "1"}, "payload") == [{"n": "1", "id": "x"}]
    assert unfold({"payload": "{broken"}, "payload.events") == [{"payload": "{broken"}]
    assert unfold({"payload": None}, "payload") == [{"payload": None}]


def test_columns_are_found_whatever_signs_part_their_words() -> None:
    """MailingCity, mailing_city and Mailing City are one name; as written goes first; objects are not guessed at."""
    assert Header(["mailing_city"]).find("MailingCity") == "mailing_city"
    assert Header(["姓（カナ）"]).find("姓カナ") == "姓（カナ）"
    assert Header(["Account.Name", "AccountName"]).find("AccountName") == "AccountName"
    assert Header(["AccountName"]).find("Account.Name") == "AccountName"
    assert Header(["AccountName", "Account"], is_open=True).find("Account.Name") is None
    assert Header(["電話"]).find("携帯電話") is None
