"""`meibo runs` and `meibo status`: runs listed and told, and a report page that stands alone and names nobody."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.warehouse.dialects import open_engine
from connectors.warehouse.lock import hold, is_held
from resolve.errors import GateError, WarehouseError

VOID = {"meta", "br", "rect", "line"}
Meibo = Callable[..., Any]


class Balanced(HTMLParser):
    """Fails on a tag that is closed without having been opened, or the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag, and whatever it would load."""
        self.loads += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the last tag."""
        if tag not in VOID:
            assert self.open.pop() == tag


def check_page(text: str, project: Any) -> None:
    """The page is whole, loads nothing, runs nothing, and has no value of anyone."""
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert parser.loads == []
    assert "<script" not in text
    for row in (*project.sales, *project.support):
        assert not [value for key, value in row.items() if key in ("name", "mail", "tel") and value and value in text]


def with_settings(project: Any, text: str) -> Any:
    """Add lines to the settings."""
    project.config.write_text(project.config.read_text("utf-8") + text, "utf-8")
    return project


def test_runs_are_listed_newest_first_and_one_is_told_in_detail(small: Any, inside: Meibo, json_of: Any) -> None:
    """By its ID, its beginning, or as the last one; an unknown name is told as such."""
    first, second = small.run()["run_id"], small.run()["run_id"]
    listed = json_of(inside("runs", "--json", cwd=small.folder))["runs"]
    assert [run["run_id"] for run in listed] == [second, first]
    assert [run["status"] for run in listed] == ["unchanged", "succeeded"]
    told = json_of(inside("runs", first, "--json", cwd=small.folder))
    assert told["report"]["profiles"]["created"] == 60
    assert {row["stream"] for row in told["ledger"]} == {"contacts", "calls"}
    assert set(told["report"]["seconds"]) >= {"extract", "prepare", "publish"}
    assert json_of(inside("runs", "last", "--json", cwd=small.folder))["run_id"] == second
    shown = inside("runs", first, cwd=small.folder)
    assert shown.returncode == 0
    assert "created" in shown.stdout
    wrong = inside("runs", "1999", cwd=small.folder)
    assert wrong.returncode == 2
    assert "no run begins with 1999" in wrong.stderr


def test_the_page_of_a_run_stands_alone_and_names_nobody(small: Any, inside: Meibo) -> None:
    """Counts, weights, sizes, largest profiles by golden ID; well-formed, without scripts or anything loaded."""
    small.run()
    done = inside("runs", "last", "--html", "page.html", cwd=small.folder)
    assert done.returncode == 0
    text = (small.folder / "page.html").read_text("utf-8")
    check_page(text, small)
    for words in ("Match weights", "Sizes of profiles", "Largest profiles", "From rows to customers", "<rect"):
        assert words in text
    largest = small.table("golden_profile").sort_values(["record_count", "golden_id"], ascending=[False, True])
    assert largest["golden_id"].iloc[0] in text


def test_every_run_writes_its_page_where_the_settings_say(small: Any) -> None:
    """Also a run that a gate stopped, with what tripped and how to accept it; a dry run writes none."""
    page = small.folder / "out" / "report.html"
    with_settings(small, "\npublish: {report: out/report.html}\ngates: {floor: 2}\n")
    small.run(dry_run=True)
    assert not page.exists()
    first = small.run()["run_id"]
    assert first in page.read_text("utf-8")
    for i, row in enumerate(small.support):
        row |= {"name": f"誰 か{i}", "mail": f"who{i}@example.net", "tel": ""}
    small.write()
    with pytest.raises(GateError):
        small.run()
    text = page.read_text("utf-8")
    check_page(text, small)
    assert 'class="pill bad">failed' in text
    assert "--accept-gate" in text
    assert re.search(r'class="bad">tripped', text)


def test_the_page_shows_what_the_run_warned_of(small: Any) -> None:
    """A column that is new, by name; a run without warnings shows no such section."""
    page = small.folder / "report.html"
    with_settings(small, "\npublish: {report: report.html}\n")
    small.run()
    assert "Worth a look" not in page.read_text("utf-8")
    for row in small.sales:
        row["grade<b>"] = "A"
    small.write().run()
    text = page.read_text("utf-8")
    check_page(text, small)
    assert "Worth a look" in text
    assert "new columns: grade&lt;b&gt;" in text


def test_a_page_that_cannot_be_written_does_not_undo_the_run(small: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables are published, the run says succeeded, stderr says what is wrong with the page."""
    with_settings(small, "\npublish: {report: meibo.yaml/report.html}\n")
    assert small.run()["status"] == "succeeded"
    assert "the report was not written" in capsys.readouterr().err
    assert small.statuses() == ["succeeded"]


def test_a_run_without_a_report_still_has_a_page(small: Any, inside: Meibo) -> None:
    """One that was cut off by a kill has a row and no report."""
    small.run()
    small.execute("UPDATE run_manifest SET status = 'running', ended_at = NULL")
    small.execute("DELETE FROM run_report")
    assert inside("runs", "last", "--html", "page.html", cwd=small.folder).returncode == 0
    text = (small.folder / "page.html").read_text("utf-8")
    check_page(text, small)
    assert "cut off" in text


def test_status_tells_runs_cursors_ledger_and_tables(small: Any, inside: Meibo, json_of: Any) -> None:
    """As one object; nobody is at work."""
    small.run()
    facts = json_of(inside("status", "--json", cwd=small.folder))
    assert facts["is_running"] is False
    assert facts["runs"][0]["status"] == "succeeded"
    assert facts["tables"]["golden_profile"] == 60
    assert len(facts["ledger"]) == len(facts["cursors"]) == 3
    assert json.dumps(facts).count("example.jp") == 0


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_looking_whether_a_run_is_at_work_takes_no_lock(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Seen while it is held and gone with it."""
    url = f"sqlite:///{tmp_path / 'm.db'}" if kind == "sqlite" else request.getfixturevalue("postgres")()
    engine = open_engine(url)
    assert not is_held(engine)
    with hold(engine):
        assert is_held(engine)
    assert not is_held(engine)
    engine.dispose()


def test_what_was_published_has_not_failed(small: Any) -> None:
    """A folder of Parquet that cannot be written ends the run with an error; the run, and its counts, stay as they are."""
    small.run()
    with_settings(small, "\npublish: {parquet: meibo.yaml/lake}\n")
    small.sales[0]["name"] = "改名 一郎"
    small.write()
    with pytest.raises(WarehouseError, match="The warehouse itself is published"):
        small.run()
    assert small.statuses() == ["succeeded", "succeeded"]
    assert "改名 一郎" in small.table("golden_profile")["full_name"].tolist()
    small.config.write_text(small.config.read_text("utf-8").replace("meibo.yaml/lake", "lake"), "utf-8")
    small.run()
    lake = pd.read_parquet(small.folder / "lake" / "golden_profile.parquet")
    assert lake["full_name"].tolist() == small.table("golden_profile")["full_name"].tolist()


def test_status_shows_the_newest_ledger(small: Any, inside: Meibo, json_of: Any) -> None:
    """Also that of a night in which nothing but the quarantine changed."""
    small.freeze().run()
    small.calls.append({"id": "c99", "who": "S001", "at": "soon", "subject": "?"})
    assert small.write().run(alone=True)["status"] == "unchanged"
    told = {
        (row["source"], row["stream"]): row for row in json_of(inside("status", "--json", cwd=small.folder))["ledger"]
    }
    assert told["sales", "calls"]["quarantined_count"] == 1
