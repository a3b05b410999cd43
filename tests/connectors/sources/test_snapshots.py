"""Snapshots: what is missing was deleted, unless it may be one of the rows that could not be read."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fakes.landing import Landed

from connectors.settings.project import SourceSettings, parse_settings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.source import Page, Reject

HEADER = "id,name,mail\n"
ROWS = [f"{n},name {n},m{n}@x.jp\n" for n in range(1, 6)]


def source(folder: Path, page_rows: int = 5_000, **rules: Any) -> OpenSource:
    """Return a source with one stream `contacts`, which is a snapshot."""
    stream = {"path": "*.csv", "id": "id", "snapshot": True, "map": {"full_name": "name"}} | rules
    stream = {name: value for name, value in stream.items() if value is not None}
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return open_source("crm", settings, folder, page_rows=page_rows)


def pages_of(opened: OpenSource, landed: Landed) -> list[Page]:
    """Return the pages of the next reading, which are not landed."""
    return list(opened.read("contacts", landed.cursor(), known_ids=landed.living))


def told(pages: list[Page]) -> tuple[list[Reject], str]:
    """Return the rejects of all pages, and the note of the last one."""
    return [reject for page in pages for reject in page.rejects], pages[-1].note


DAMAGED = {
    "ragged_row": b"2,name 2\n",
    "nul_byte": b"2,name\0,m2@x.jp\n",
    "bad_encoding": b"2,\xff\xfe,m2@x.jp\n",
    "bad_quoting": b'2,"name" 2,m2@x.jp\n',
    "bad_id": b'"2\n2",name 2,m2@x.jp\n',
}


@pytest.mark.parametrize("reason", DAMAGED)
@pytest.mark.parametrize("page_rows", [2, 5_000])
def test_the_row_of_a_file_that_cannot_be_read_is_not_deleted(tmp_path: Path, reason: str, page_rows: int) -> None:
    """Neither is another one that is missing beside it; both go when the row can be read, or is gone."""
    path, opened, landed = tmp_path / "a.csv", source(tmp_path, page_rows, encoding="utf-8"), Landed()
    others = "".join(f"x{n},name,mé@x.jp\n" for n in range(300))
    path.write_text(HEADER + "".join(ROWS) + others, "utf-8")
    landed.pull(opened)
    whole = [HEADER.encode(), ROWS[0].encode(), DAMAGED[reason], *(row.encode() for row in ROWS[3:]), others.encode()]
    path.write_bytes(b"".join(whole))
    rejects, note = told(pages_of(opened, landed))
    assert [reject.reason for reject in rejects] == [reason]
    assert note == "rows without a readable id: 1; 2 that are missing are not taken as deleted"
    landed.pull(opened)
    assert {"1", "2", "3", "4", "5"} < landed.living()
    path.write_text(HEADER + "".join(ROWS[:2] + ROWS[3:]) + others, "utf-8")
    assert told(pages_of(opened, landed)) == ([], "")
    landed.pull(opened)
    assert landed.living() & {"1", "2", "3", "4", "5"} == {"1", "2", "4", "5"}


@pytest.mark.parametrize("line", [",total,5\n", "1,name,again\n"])
def test_a_refused_row_whose_id_is_known_hides_nothing(tmp_path: Path, line: str) -> None:
    """A line of totals without an id, and a second row of an id, were read whole: what is missing is gone."""
    opened, landed = source(tmp_path), Landed()
    (tmp_path / "a.csv").write_text(HEADER + "".join(ROWS) + line)
    landed.pull(opened)
    (tmp_path / "a.csv").write_text(HEADER + "".join(ROWS[:4]) + line)
    assert told(pages_of(opened, landed))[1] == ""
    landed.pull(opened)
    assert landed.living() == {"1", "2", "3", "4"}


def write_table(folder: Path, names: dict[str, str]) -> None:
    """Write a table of names by id."""
    connection = sqlite3.connect(folder / "crm.db")
    with connection:
        connection.execute("DROP TABLE IF EXISTS people")
        connection.execute("CREATE TABLE people (id TEXT, name TEXT)")
        connection.executemany("INSERT INTO people VALUES (?, ?)", names.items())
    connection.close()


@pytest.mark.parametrize(("damaged", "living", "noted"), [("2", {"1", "2"}, False), ("2\0", {"1", "2", "3"}, True)])
def test_the_row_of_a_table_that_cannot_be_used_is_not_deleted(
    tmp_path: Path, damaged: str, living: set[str], *, noted: bool
) -> None:
    """A NUL in another cell leaves the id readable: the row counts as seen, and others may go. One in the id does not."""
    opened, landed = source(tmp_path, path=None, url="sqlite:///crm.db", table="people"), Landed()
    write_table(tmp_path, {"1": "a", "2": "b", "3": "c"})
    landed.pull(opened)
    write_table(tmp_path, {"1": "a", damaged: "b\0"})
    rejects, note = told(pages_of(opened, landed))
    assert ([reject.reason for reject in rejects], bool(note)) == (["nul_byte"], noted)
    landed.pull(opened)
    assert landed.living() == living


CODE = """
import json
from pathlib import Path

import dlt


@dlt.resource
def everyone():
    yield from json.loads(Path(__file__).with_name("rows.json").read_text("utf-8"))
"""


def test_the_row_of_a_resource_that_cannot_be_used_is_not_deleted(tmp_path: Path) -> None:
    """An id with a line break may be that of any row."""
    pytest.importorskip("dlt", reason="the extra for dlt is not installed")
    (tmp_path / "members.py").write_text(CODE, "utf-8")
    stream = "{resource: 'members.py:everyone', id: id, snapshot: true, map: {full_name: name}}"
    text = f"sources:\n  crm:\n    kind: sales\n    streams:\n      contacts: {stream}\n"
    settings = parse_settings(text, "meibo.yaml", tmp_path, {}).sources["crm"]
    opened, landed = open_source("crm", settings, tmp_path, page_rows=1), Landed()
    for ids in (["1", "2", "3"], ["1", "2\n2"]):
        (tmp_path / "rows.json").write_text(json.dumps([{"id": i, "name": "n"} for i in ids]))
        _, note = told(pages_of(opened, landed))
        landed.pull(opened)
    assert note == "rows without a readable id: 1; 2 that are missing are not taken as deleted"
    assert landed.living() == {"1", "2", "3"}


def test_the_row_of_a_resource_that_does_not_say_whether_it_is_deleted_stays(tmp_path: Path) -> None:
    """Its id is known: it is there, and others may go."""
    pytest.importorskip("dlt", reason="the extra for dlt is not installed")
    (tmp_path / "members.py").write_text(CODE, "utf-8")
    stream = "{resource: 'members.py:everyone', id: id, deleted: gone, snapshot: true, map: {full_name: name}}"
    text = f"sources:\n  crm:\n    kind: sales\n    streams:\n      contacts: {stream}\n"
    opened = open_source("crm", parse_settings(text, "meibo.yaml", tmp_path, {}).sources["crm"], tmp_path)
    landed = Landed()
    for flags in ({"1": "no", "2": "no", "3": "no"}, {"1": "no", "2": "active"}):
        (tmp_path / "rows.json").write_text(json.dumps([{"id": i, "gone": flag} for i, flag in flags.items()]))
        rejects, note = told(pages_of(opened, landed))
        landed.pull(opened)
    assert ([reject.reason for reject in rejects], note) == (["bad_deleted"], "")
    assert landed.living() == {"1", "2"}


def test_a_file_that_is_gone_takes_its_rows_with_it(tmp_path: Path) -> None:
    """Also where no other file changed, and where the reading that noticed it was cut off."""
    opened, landed = source(tmp_path, page_rows=2), Landed()
    (tmp_path / "c1.csv").write_text(HEADER + "".join(ROWS[:3]))
    (tmp_path / "c2.csv").write_text(HEADER + "".join(ROWS[3:]))
    landed.pull(opened)
    (tmp_path / "c2.csv").unlink()
    landed.pull(opened, pages=1)
    assert landed.living() == {"1", "2", "3", "4", "5"}
    landed.pull(opened)
    assert landed.living() == {"1", "2", "3"}
    assert landed.pull(opened).pages == 0


def test_of_dated_files_an_older_one_may_go(tmp_path: Path) -> None:
    """The newest is the whole snapshot: nothing is read again because the folder was tidied up."""
    opened, landed = source(tmp_path, snapshot="latest"), Landed()
    (tmp_path / "2026-01.csv").write_text(HEADER + "".join(ROWS[:3]))
    landed.pull(opened)
    (tmp_path / "2026-02.csv").write_text(HEADER + "".join(ROWS[1:]))
    landed.pull(opened)
    (tmp_path / "2026-01.csv").unlink()
    assert landed.pull(opened).pages == 0
    assert landed.living() == {"2", "3", "4", "5"}
