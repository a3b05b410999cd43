"""Tables followed by their time of change: blank-padded ids, settings that change, and mixed notations of the time."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fakes.crm_tables import execute, ids, read

from connectors.settings.project import SourceSettings
from connectors.sources.database.database_source import DatabaseSource
from connectors.sources.database.reading import fingerprint
from connectors.sources.mapping.streams import map_contacts, map_touchpoints
from connectors.sources.plan import plan_stream
from connectors.sources.source import Page, Raw, Window
from connectors.warehouse.canonical import payload_text
from resolve.errors import SourceError


def settings_of(**rules: Any) -> SourceSettings:
    """Return settings with one stream on the table `people` of crm.db, followed by `at`."""
    stream = {
        "url": "sqlite:///crm.db",
        "table": "people",
        "id": "id",
        "updated_at": "at",
        "map": {"full_name": "name"},
    }
    stream |= rules
    if "query" in rules:
        stream.pop("table")
    return SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})


def followed(folder: Path, page_rows: int = 5_000, **rules: Any) -> DatabaseSource:
    """Return a source with the stream of `settings_of`."""
    return DatabaseSource("crm", settings_of(**rules), folder, page_rows=page_rows)


def landed(pages: list[Page]) -> pd.DataFrame:
    """Return the rows as the landing gives them."""
    rows: list[Raw] = [raw for page in pages for raw in page.rows]
    frame = pd.DataFrame(rows, columns=list(Raw._fields)).assign(source="crm")
    return frame.assign(payload=frame["payload"].map(payload_text)).astype(object)


def test_ids_that_the_column_pads_with_blanks_still_tell_merges(tmp_path: Path) -> None:
    """CHAR(8): the id of the winner loses its blanks as every other id does, told by the loser or listed."""
    execute(
        tmp_path,
        "CREATE TABLE people (id TEXT, name TEXT, at TEXT, into_id TEXT, others TEXT)",
        "INSERT INTO people VALUES ('A1      ', 'n', '2026-01-01', '        ', 'C3      ')",
        "INSERT INTO people VALUES ('B2      ', 'n', '2026-01-01', 'A1      ', NULL)",
        "INSERT INTO people VALUES ('C3      ', 'n', '2026-01-01', 'C3      ', NULL)",
    )
    rules = {"merged_into": "into_id", "merged_ids": "others"}
    pages = read(followed(tmp_path, **rules))
    assert [raw.merged_into for page in pages for raw in page.rows] == [None, "A1", "C3"]
    frame = landed(pages)
    before = frame.assign(merged_into=[None, "A1      ", "C3      "])  # as earlier versions landed them
    for rows in (frame, before):
        mapped = map_contacts(rows, settings_of(**rules), "contacts")
        assert sorted(map(tuple, mapped.aliases.to_numpy())) == [("crm:B2", "crm:A1"), ("crm:C3", "crm:A1")]


def test_an_event_names_the_source_of_its_contact_with_blanks_around(tmp_path: Path) -> None:
    """CHAR(8) again: the name of the source loses its blanks, as the contact's id beside it does."""
    execute(
        tmp_path,
        "CREATE TABLE people (id TEXT, who TEXT, src TEXT, at TEXT)",
        "INSERT INTO people VALUES ('1', 'A1      ', 'shop    ', '2026-01-01')",
    )
    names = {"contact_id": "who", "contact_source": "src", "occurred_at": "at"}
    rules = {"role": "touchpoints", "map": names, "constant": {"channel": "phone"}}
    mapped = map_touchpoints(landed(read(followed(tmp_path, **rules))), settings_of(**rules), "contacts")
    assert mapped.records["contact_id"].tolist() == ["shop:A1"]


CHANGED: list[dict[str, Any]] = [
    {"deleted": "gone"},
    {"merged_into": "into_id"},
    {"merged_ids": "others"},
    {"table": "person2"},
    {"query": "SELECT id, name, at, others FROM people"},
    {"url": "sqlite:///other.db"},
]


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: next(iter(change)))
def test_rows_are_read_again_when_the_settings_of_their_stream_change(tmp_path: Path, change: dict[str, Any]) -> None:
    """A row that nobody touches would otherwise never tell what the new settings ask; once is enough."""
    for file in ("crm.db", "other.db"):
        for table in ("people", "person2"):
            made = f"CREATE TABLE {table} (id TEXT, name TEXT, at TEXT, gone TEXT, into_id TEXT, others TEXT)"
            rows = f"INSERT INTO {table} (id, name, at) VALUES ('old', 'n', '2026-01-01'), ('new', 'n', '2026-03-01')"
            execute(tmp_path, made, rows, file=file)
    query = {"query": "SELECT id, name, at FROM people"} if "query" in change else {}
    cursor = read(followed(tmp_path, **query))[-1].cursor
    assert ids(read(followed(tmp_path, **query), cursor)) == ["new"]
    again = read(followed(tmp_path, **query | change), cursor)
    assert ids(again) == ["old", "new"]
    assert ids(read(followed(tmp_path, **query | change), again[-1].cursor)) == ["new"]


def test_a_walk_that_was_cut_off_starts_again_when_the_settings_change(tmp_path: Path) -> None:
    """Its first pages were read by the old settings."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT, gone TEXT)")
    execute(tmp_path, *(f"INSERT INTO people VALUES ('{n}', 'n', '2026-01-0{n}', NULL)" for n in range(1, 5)))
    cursor = read(followed(tmp_path, page_rows=2))[0].cursor
    assert ids(read(followed(tmp_path, page_rows=2), cursor)) == ["3", "4"]
    assert ids(read(followed(tmp_path, page_rows=2, deleted="gone"), cursor)) == ["1", "2", "3", "4"]


def test_a_cursor_of_an_earlier_version_stays_good(tmp_path: Path) -> None:
    """It does not tell its settings; reading everything again at every upgrade would be the price of doubting it."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT, gone TEXT)")
    execute(tmp_path, "INSERT INTO people VALUES ('old', 'n', '2026-01-01', NULL), ('new', 'n', '2026-03-01', NULL)")
    cursor = {"reader": "id at", "since": "2026-03-01"}
    pages = read(followed(tmp_path), cursor)
    assert ids(pages) == ["new"]
    assert ids(read(followed(tmp_path, deleted="gone"), pages[-1].cursor)) == ["old", "new"]


def test_a_cursor_tells_nothing_of_the_login_and_stays_good_when_it_changes(tmp_path: Path) -> None:
    """The cursor is stored in the warehouse, in clear; and passwords change without the rows being others."""
    plan = plan_stream("crm", settings_of(), "contacts")
    stream = settings_of().streams["contacts"]
    urls = ("postgresql://eve:hush@db/crm", "postgresql://eve:other@db/crm", "postgresql://eve:hush@db2/crm")
    first, second, third = (fingerprint(plan, stream, url) for url in urls)
    assert first == second != third
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, "INSERT INTO people VALUES ('a', 'n', '2026-01-01')")
    assert "crm.db" not in json.dumps([page.cursor for page in read(followed(tmp_path))])


USUAL = "2026-03-01T03:00:00"
MIXED = [
    (USUAL, "2026-03-01 15:00:00"),
    (USUAL, "2026-03-01"),
    (USUAL, "2026-03-01T15:00:00Z"),
    (USUAL, "2026-03-01T15:00:00.5+09:00"),
    ("2026-03-01T03:00:00+09:00", "2026-03-01T15:00:00Z"),
    ("2026-03-01T03:00:00Z", "2026-03-01T02:00:00"),
    ("2026/03/01", "2026-03-01"),
    ("1772323200", "1/3/2026"),
]


@pytest.mark.parametrize(("usual", "other"), MIXED)
def test_times_that_are_written_in_two_ways_are_refused(tmp_path: Path, usual: str, other: str) -> None:
    """A blank sorts before T: a change that is written with one would lie behind the bound, and be read never."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, f"INSERT INTO people VALUES ('a', 'n', '{usual}'), ('b', 'n', '{usual}')")
    cursor = read(followed(tmp_path))[-1].cursor
    execute(tmp_path, f"UPDATE people SET name = 'changed', at = '{other}' WHERE id = 'b'")
    with pytest.raises(
        SourceError, match=r"does not sort by time: it is written in several ways.*Leave updated_at out"
    ):
        read(followed(tmp_path), cursor)
    with pytest.raises(SourceError, match="does not sort by time"):
        list(followed(tmp_path).read_window("contacts", Window(), None))


ALIKE = [
    (USUAL, "2026-03-01T03:00:00.25"),
    (USUAL, "2026-03-01T03:00"),
    ("2026-03-01T03:00:00.123Z", "2026-03-01T03:00:01Z"),
    ("2026-03-01T03:00:00+09:00", "2026-03-01T03:00:01.5-05:00"),
    ("2026-03-01 03:00:00    ", "2026-03-01 03:00:01"),
    ("2026-03-01", "2026-03-02"),
    ("1772323200", "1772323201.5"),
]


@pytest.mark.parametrize(("usual", "other"), ALIKE)
def test_times_that_sort_beside_each_other_are_read(tmp_path: Path, usual: str, other: str) -> None:
    """Fractions and seconds that some rows have, blanks that pad them, and offsets are one way of writing."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, f"INSERT INTO people VALUES ('a', 'n', '{usual}'), ('b', 'n', '{other}')")
    assert sorted(ids(read(followed(tmp_path)))) == ["a", "b"]


def test_a_blank_is_no_time_and_its_row_comes_every_night(tmp_path: Path) -> None:
    """As a row whose time is NULL does; nothing else tells when it changes."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, "INSERT INTO people VALUES ('a', 'n', '2026-01-01'), ('b', 'n', '2026-03-01'), ('x', 'n', ' ')")
    first = read(followed(tmp_path))
    assert sorted(ids(first)) == ["a", "b", "x"]
    assert ids(read(followed(tmp_path), first[-1].cursor)) == ["x", "b"]
    windows = list(followed(tmp_path).read_window("contacts", Window(), None))
    assert sorted(ids(windows)) == ["a", "b", "x"]
