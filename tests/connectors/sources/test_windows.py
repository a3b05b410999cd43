"""Windows of time: tables and files give again what changed in them, and nothing is lost when the reading is cut off."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.settings.project import parse_settings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.source import Window

OCTOBER = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
DAYS = {"1": "2026-09-30", "2": "2026-10-01", "3": "2026-10-31", "4": "2026-11-01", "5": None}


def opened(folder: Path, stream: str, page_rows: int = 2) -> OpenSource:
    """Return a source of one stream of contacts."""
    text = f"sources:\n  crm:\n    kind: sales\n    time_zone: UTC\n    streams:\n      contacts: {stream}\n"
    settings = parse_settings(text, "meibo.yaml", folder, {})
    return open_source("crm", settings.sources["crm"], folder, page_rows=page_rows)


def read(source: OpenSource, window: Window, cursor: dict[str, Any] | None = None) -> list[str]:
    """Return the ids of a window, in order."""
    pages = source.read_window("contacts", window, cursor, known_ids=set)
    return [row.source_id for page in pages for row in page.rows]


@pytest.fixture
def table(tmp_path: Path) -> OpenSource:
    """A table of people with the day of their last change, one of them without."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE people (id TEXT, changed TEXT)"))
        rows = [{"i": i, "c": day and f"{day}T12:00:00Z"} for i, day in DAYS.items()]
        conn.execute(sa.text("INSERT INTO people VALUES (:i, :c)"), rows)
    engine.dispose()
    return opened(
        tmp_path, "{url: 'sqlite:///crm.db', table: people, id: id, updated_at: changed, map: {full_name: id}}"
    )


def test_a_table_gives_the_rows_of_a_window(table: OpenSource) -> None:
    """ISO text is compared by day, a day or two wide; without bounds every row comes, those without a time first."""
    assert table.splits("contacts")
    assert {"2", "3"} <= set(read(table, OCTOBER)) <= {"1", "2", "3", "4"}
    assert read(table, Window(datetime(2026, 11, 20, tzinfo=UTC))) == []
    assert read(table, Window()) == ["5", "1", "2", "3", "4"]


def test_a_window_of_a_table_goes_on_behind_any_of_its_pages(table: OpenSource) -> None:
    """The cursor of a page leaves out that page and those before it."""
    pages = list(table.read_window("contacts", Window(), None, known_ids=set))
    ids = [[row.source_id for row in page.rows] for page in pages]
    for number, page in enumerate(pages[1:], start=1):
        assert read(table, Window(), page.cursor) == [i for later in ids[number + 1 :] for i in later]


def test_a_table_without_the_time_of_its_preset_is_one_window(tmp_path: Path) -> None:
    """It would be read once for each of them; a table that cannot be asked is told when it is read."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE bare (Id TEXT, Email TEXT)"))
        conn.execute(sa.text("CREATE TABLE timed (Id TEXT, Email TEXT, SystemModstamp TEXT)"))
    engine.dispose()
    splits = {
        name: opened(tmp_path, f"{{url: 'sqlite:///crm.db', table: {name}, preset: salesforce_contact}}").splits(
            "contacts"
        )
        for name in ("bare", "timed", "missing")
    }
    assert splits == {"bare": False, "timed": True, "missing": True}


def test_a_file_gives_the_rows_of_a_window_by_their_own_time(tmp_path: Path) -> None:
    """Rows without a time come as well; a file that was written before the window holds none of it."""
    path = tmp_path / "people.csv"
    path.write_text("id,changed\n" + "".join(f"{i},{day or ''}\n" for i, day in DAYS.items()), "utf-8")
    source = opened(tmp_path, "{path: people.csv, id: id, updated_at: changed, map: {full_name: id}}", page_rows=3)
    assert not source.splits("contacts")
    assert read(source, OCTOBER) == ["2", "3", "5"]
    old = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
    os.utime(path, (old, old))
    assert read(source, OCTOBER) == []


def test_a_file_without_times_counts_by_the_time_it_was_written(tmp_path: Path) -> None:
    """Inside the window all of its rows, outside none."""
    path = tmp_path / "people.csv"
    path.write_text("id,name\n1,A\n2,B\n", "utf-8")
    source = opened(tmp_path, "{path: people.csv, id: id, map: {full_name: name}}")
    for moment, ids in ((datetime(2026, 10, 5, tzinfo=UTC), ["1", "2"]), (datetime(2026, 11, 5, tzinfo=UTC), [])):
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        assert read(source, OCTOBER) == ids
    assert read(source, Window()) == ["1", "2"]
