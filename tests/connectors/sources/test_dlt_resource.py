"""dlt resources as sources: with real resources of dlt, iterated without a pipeline."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes.landing import Landed

from connectors.settings.project import SourceSettings, parse_settings
from connectors.sources.catalog import OpenSource, open_source
from resolve.errors import ConfigError, SourceError

pytest.importorskip("dlt", reason="the extra for dlt is not installed")

CODE = """
import json
from datetime import datetime, timezone
from pathlib import Path

import dlt
import pandas as pd
import pyarrow as pa

ROWS = Path(__file__).with_name("rows.json")


def rows():
    return json.loads(ROWS.read_text("utf-8"))


@dlt.resource(name="people", primary_key="id")
def people(updated=dlt.sources.incremental("updated_at", initial_value="2020-01-01")):
    yield [row for row in rows() if row["updated_at"] >= updated.last_value]


@dlt.resource
def everyone():
    yield from rows()


@dlt.resource
def tables():
    frame = pd.DataFrame(rows(), dtype=object)
    yield pa.Table.from_pandas(frame.head(2))
    yield frame.tail(1)


@dlt.resource
def broken():
    yield {"id": 1}
    raise ValueError("taro@example.jp is secret")


@dlt.source
def crm():
    return [people, everyone]
"""  # fmt: skip
PEOPLE = [
    {"id": n, "name": f"髙橋 {n}", "updated_at": f"2026-01-{n:02}", "extra": {"tags": ["a"], "n": 1.0}, "gone": n == 2}
    for n in range(1, 4)
]


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Write the file with resources, and what they give."""
    (folder / "members.py").write_text(CODE, "utf-8")
    (folder / "rows.json").write_text(json.dumps(rows), "utf-8")


def source(folder: Path, resource: str, *, page_rows: int = 5_000, rules: str = "") -> OpenSource:
    """Return a source with one stream `contacts`."""
    return open_source("crm", settings(folder, resource, rules), folder, page_rows=page_rows)


def settings(folder: Path, resource: str, rules: str = "") -> SourceSettings:
    """Return the settings that a user writes."""
    stream = f"{{resource: '{resource}', id: id, updated_at: updated_at, map: {{full_name: name}}{rules}}}"
    text = f"sources:\n  crm:\n    kind: sales\n    streams:\n      contacts: {stream}\n"
    return parse_settings(text, "meibo.yaml", folder, {}).sources["crm"]


@pytest.mark.parametrize("resource", ["members.py:people", "members.py:crm:people", "members.py:crm:everyone"])
def test_the_rows_of_a_resource_are_landed(tmp_path: Path, resource: str) -> None:
    """Values as text, objects kept; a second reading lands nothing, a change one version."""
    write(tmp_path, PEOPLE)
    landed = Landed()
    rules = ", deleted: gone"
    assert landed.pull(source(tmp_path, resource, page_rows=2, rules=rules)).new == 3
    assert landed.living() == {"1", "3"}
    kept = json.loads(landed.rows()["1"]["payload"])
    assert kept == {
        "id": "1",
        "name": "髙橋 1",
        "updated_at": "2026-01-01",
        "extra": {"tags": ["a"], "n": "1"},
        "gone": "false",
    }
    assert landed.pull(source(tmp_path, resource, rules=rules)).new == 0
    write(tmp_path, [*PEOPLE[:2], PEOPLE[2] | {"name": "鈴木", "updated_at": "2026-02-01"}])
    assert landed.pull(source(tmp_path, resource, rules=rules)).new == 1


def test_the_state_of_dlt_makes_a_delta(tmp_path: Path) -> None:
    """An incremental resource is asked for what is new since the last run only."""
    write(tmp_path, PEOPLE)
    landed = Landed()
    landed.pull(source(tmp_path, "members.py:people"))
    write(tmp_path, [*PEOPLE, {"id": 9, "name": "佐藤", "updated_at": "2026-03-01"}])
    pulled = landed.pull(source(tmp_path, "members.py:people"))
    assert (pulled.read, pulled.new) == (1, 1)


def test_a_read_that_was_cut_off_begins_again_without_loss(tmp_path: Path) -> None:
    """The state moves with the last page alone: rows before it come again, and land nothing."""
    write(tmp_path, PEOPLE)
    landed = Landed()
    landed.pull(source(tmp_path, "members.py:people", page_rows=1), pages=2)
    assert len(landed.rows()) == 2
    again = landed.pull(source(tmp_path, "members.py:people", page_rows=1))
    assert (again.read, again.new) == (3, 1)


def test_tables_of_arrow_and_pandas_are_rows_too(tmp_path: Path) -> None:
    """Whatever a resource yields."""
    write(tmp_path, PEOPLE)
    landed = Landed()
    landed.pull(source(tmp_path, "members.py:tables"))
    assert landed.living() == {"1", "2", "3"}


def test_a_snapshot_gives_tombstones(tmp_path: Path) -> None:
    """A resource that gives everything, marked so."""
    write(tmp_path, PEOPLE)
    landed = Landed()
    landed.pull(source(tmp_path, "members.py:everyone", rules=", snapshot: true"))
    write(tmp_path, PEOPLE[1:])
    landed.pull(source(tmp_path, "members.py:everyone", rules=", snapshot: true"))
    assert landed.living() == {"2", "3"}


@pytest.mark.parametrize("resource", ["everyone", "people"])
def test_rows_that_were_mended_are_released(tmp_path: Path, resource: str) -> None:
    """By a reading of everything; one of what is new alone does not tell whether they were."""
    write(tmp_path, [PEOPLE[0], PEOPLE[1] | {"id": None}, PEOPLE[2] | {"id": " "}])
    landed, opened = Landed(), source(tmp_path, f"members.py:{resource}", page_rows=1)
    landed.pull(opened, run_id="1")
    assert landed.held() == ["contacts#2", "contacts#3"]
    write(tmp_path, [PEOPLE[0], PEOPLE[1], PEOPLE[2] | {"id": " "}])
    landed.pull(opened, run_id="2", pages=1)
    assert landed.held() == ["contacts#2", "contacts#3"]
    landed.pull(opened, run_id="3")
    assert landed.held() == (["contacts#3"] if resource == "everyone" else ["contacts#2", "contacts#3"])
    write(tmp_path, PEOPLE)
    landed.pull(opened, run_id="4")
    assert landed.held() == ([] if resource == "everyone" else ["contacts#2", "contacts#3"])


def test_check_names_columns(tmp_path: Path) -> None:
    """Of the first rows."""
    write(tmp_path, PEOPLE)
    check = source(tmp_path, "members.py:everyone").check("contacts")
    assert check.columns == ("id", "name", "updated_at", "extra.tags", "extra.n", "gone")
    assert check.unmapped == ("extra.tags", "extra.n", "gone")


BROKEN = [
    ("members.py:nobody", "has no dlt resource nobody"),
    ("members.py:crm:nobody", "found people, everyone"),
    ("members.py:rows", "has no dlt resource rows"),
    ("nowhere.py:people", "there is no file nowhere.py"),
    ("no_such_module:people", "raised ModuleNotFoundError"),
    ("members.py:broken", "raised ValueError"),
]


@pytest.mark.parametrize(("resource", "said"), BROKEN)
def test_a_resource_that_cannot_be_read_says_why(tmp_path: Path, resource: str, said: str) -> None:
    """Without the text of an error of foreign code, which may hold values."""
    write(tmp_path, PEOPLE)
    with pytest.raises(SourceError, match=said) as caught:
        Landed().pull(source(tmp_path, resource))
    assert "taro@" not in str(caught.value)


def test_without_dlt_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter imports dlt when a stream needs it, not before."""
    write(tmp_path, PEOPLE)
    monkeypatch.setitem(sys.modules, "dlt", None)
    with pytest.raises(SourceError, match=r"Install Meibo with its extra for dlt: meibo\[dlt\]"):
        Landed().pull(source(tmp_path, "members.py:people"))


def test_a_resource_is_named_by_file_and_name(tmp_path: Path) -> None:
    """Other texts are refused with the settings."""
    with pytest.raises(ConfigError, match=r"should be file\.py:resource"):
        settings(tmp_path, "members.py")
