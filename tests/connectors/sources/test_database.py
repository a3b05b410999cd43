"""Tables and queries: change times of every kind, late rows, missing times, and what is wrong with a database."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fakes.crm_tables import execute, ids, read

from connectors.settings.project import SourceSettings
from connectors.sources.database.database_source import DatabaseSource
from connectors.sources.database.keyset import from_cursor, move_back, sorts_by_time, to_cursor
from connectors.sources.mapping.streams import map_touchpoints
from connectors.sources.source import is_cut_off
from connectors.warehouse.canonical import payload_text
from resolve.errors import SourceError


def source(folder: Path, page_rows: int = 5_000, **rules: Any) -> DatabaseSource:
    """Return a source with one stream on the table `people` of crm.db."""
    stream = {"url": "sqlite:///crm.db", "table": "people", "id": "id", "map": {"full_name": "name"}} | rules
    if "query" in rules:
        stream.pop("table")
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})
    return DatabaseSource("crm", settings, folder, page_rows=page_rows)


TIMES = [
    ("TEXT", ["'2026-01-01 00:00:00'", "'2026-01-02 00:00:00'", "'2026-01-03 00:00:00'"]),
    ("TEXT", ["'2026-01-01T00:00:00.000Z'", "'2026-01-02T00:00:00.000Z'", "'2026-01-03T00:00:00.000Z'"]),
    ("DATE", ["'2026-01-01'", "'2026-01-02'", "'2026-01-03'"]),
    ("INTEGER", ["1767225600", "1767312000", "1767398400"]),
    ("INTEGER", ["1767225600000", "1767312000000", "1767398400000"]),
]


@pytest.mark.parametrize(("kind", "times"), TIMES)
def test_only_what_changed_is_read_again(tmp_path: Path, kind: str, times: list[str]) -> None:
    """Whatever the column's type, the next read starts a little before the last bound, not at the beginning."""
    execute(tmp_path, f"CREATE TABLE people (id INTEGER, name TEXT, at {kind})")
    execute(tmp_path, *(f"INSERT INTO people VALUES ({n}, 'n', {time})" for n, time in enumerate(times[:2])))
    first = read(source(tmp_path, updated_at="at"))
    execute(tmp_path, f"INSERT INTO people VALUES (9, 'n', {times[2]})")
    assert ids(first) == ["0", "1"]
    again = ids(read(source(tmp_path, updated_at="at"), first[-1].cursor))
    assert again == (["0", "1", "9"] if kind == "DATE" else ["1", "9"])  # days are as fine as dates go


def test_a_row_that_commits_late_is_within_the_overlap(tmp_path: Path) -> None:
    """A row stamped shortly before the last bound, but seen only now, is read."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, "INSERT INTO people VALUES ('a', 'n', '2026-01-01 10:05:00')")
    cursor = read(source(tmp_path, updated_at="at"))[-1].cursor
    execute(tmp_path, "INSERT INTO people VALUES ('late', 'n', '2026-01-01 10:01:00')")
    assert "late" in ids(read(source(tmp_path, updated_at="at"), cursor))
    assert "late" not in ids(read(source(tmp_path, updated_at="at", overlap_seconds=60), cursor))


def test_rows_without_a_change_time_come_every_night(tmp_path: Path) -> None:
    """A missing time would hide a row from every delta: such rows are always read."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, "INSERT INTO people VALUES ('x', 'n', NULL)")
    assert ids(read(source(tmp_path, updated_at="at"))) == ["x"]
    execute(tmp_path, "INSERT INTO people VALUES ('a', 'n', '2026-01-01')")
    cursor = read(source(tmp_path, updated_at="at"))[-1].cursor
    assert "x" in ids(read(source(tmp_path, updated_at="at"), cursor))


def test_equal_times_over_a_page_border_lose_no_row(tmp_path: Path) -> None:
    """A bulk update gives thousands of rows one time; pages then go on by id."""
    execute(tmp_path, "CREATE TABLE people (id INTEGER, name TEXT, at TEXT)")
    execute(tmp_path, *(f"INSERT INTO people VALUES ({n}, 'n', '2026-01-01')" for n in range(10)))
    pages = read(source(tmp_path, page_rows=4, updated_at="at"))
    rest = read(source(tmp_path, page_rows=4, updated_at="at"), pages[0].cursor)
    assert ids(pages[:1]) + ids(rest) == [str(n) for n in range(10)]


@pytest.mark.parametrize("rules", [{"updated_at": "at"}, {}])
def test_a_cursor_tells_whether_its_reading_was_cut_off(tmp_path: Path, rules: dict[str, str]) -> None:
    """A run then reads once more behind it: what changed in the rows before it, or behind its bound."""
    execute(tmp_path, "CREATE TABLE people (id INTEGER, name TEXT, at TEXT)")
    execute(tmp_path, *(f"INSERT INTO people VALUES ({n}, 'n', '2026-01-0{n}')" for n in range(1, 6)))
    pages = read(source(tmp_path, page_rows=2, **rules))
    assert [is_cut_off(page.cursor) for page in pages] == [True, True, True, False]


def test_rows_that_change_behind_the_bound_wait_for_the_next_run(tmp_path: Path) -> None:
    """The bound is fixed at the start, also for a walk that is resumed."""
    execute(tmp_path, "CREATE TABLE people (id INTEGER, name TEXT, at TEXT)")
    execute(tmp_path, *(f"INSERT INTO people VALUES ({n}, 'n', '2026-01-0{n}')" for n in range(1, 6)))
    first = read(source(tmp_path, page_rows=2, updated_at="at"))[:1]
    execute(tmp_path, "INSERT INTO people VALUES (9, 'n', '2026-02-01')")
    rest = read(source(tmp_path, page_rows=2, updated_at="at"), first[-1].cursor)
    assert ids(rest) == ["3", "4", "5"]
    assert "9" in ids(read(source(tmp_path, updated_at="at"), rest[-1].cursor))


AHEAD = [
    ("TEXT", "2099-01-01 00:00:00", "strftime('%Y-%m-%d %H:%M:%S', 'now')"),
    ("INTEGER", 4070908800, "CAST(strftime('%s', 'now') AS INTEGER)"),
    ("TEXT", "4070908800.5", "strftime('%s', 'now') || '.5'"),
    ("DATE", "2099-01-01", "date('now')"),
]


@pytest.mark.parametrize(("kind", "ahead", "now"), AHEAD)
def test_a_time_far_ahead_hides_no_later_change(tmp_path: Path, kind: str, ahead: Any, now: str) -> None:
    """One row stamped 2099 must not move the bound there: what changes tonight is read tomorrow."""
    execute(tmp_path, f"CREATE TABLE people (id TEXT, name TEXT, at {kind})")
    execute(
        tmp_path, f"INSERT INTO people VALUES ('ahead', 'n', '{ahead}')", f"INSERT INTO people VALUES ('a', 'n', {now})"
    )
    first = read(source(tmp_path, updated_at="at"))
    assert sorted(ids(first)) == ["a", "ahead"]
    execute(tmp_path, f"INSERT INTO people VALUES ('b', 'n', {now})")
    assert "b" in ids(read(source(tmp_path, updated_at="at"), first[-1].cursor))


def test_text_that_does_not_sort_by_time_is_refused(tmp_path: Path) -> None:
    """A delta over 1/2/2026 would lose rows silently; the way out is named."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, at TEXT)")
    execute(tmp_path, "INSERT INTO people VALUES ('a', 'n', '1/2/2026')")
    with pytest.raises(SourceError, match=r"does not sort by time.*Leave updated_at out"):
        read(source(tmp_path, updated_at="at"))


def test_a_snapshot_of_a_table_gives_tombstones(tmp_path: Path) -> None:
    """Ids that are known but gone come back as deleted."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT)", "INSERT INTO people VALUES ('a', 'n')")
    pages = list(source(tmp_path, snapshot=True).read("contacts", None, known_ids=lambda: {"a", "b"}))
    assert [(raw.source_id, raw.deleted) for page in pages for raw in page.rows] == [("a", False), ("b", True)]


def test_values_come_as_text(tmp_path: Path) -> None:
    """Numbers lose no digit and gain no point; bytes and NUL do no harm."""
    execute(
        tmp_path,
        "CREATE TABLE people (id INTEGER, name TEXT, a REAL, b REAL, c BLOB)",
        "INSERT INTO people VALUES (9007199254740993, '山田', 3.0, 0.5, x'00ff')",
        "INSERT INTO people VALUES (2, 'a' || char(0), NULL, NULL, NULL)",
    )
    page = read(source(tmp_path))[0]
    assert page.rows[0].payload == {"id": "9007199254740993", "name": "山田", "a": "3", "b": "0.5", "c": "00ff"}
    assert [reject.reason for reject in page.rejects] == ["nul_byte"]


def test_a_column_of_json_is_reached_into(tmp_path: Path) -> None:
    """A table where a webhook lands its bodies, as text: dotted names lead into it; what is no JSON is no value."""
    body = '{"source": {"userId": "U1"}, "timestamp": 1767225600000, "message": {"type": "text"}}'
    execute(tmp_path, "CREATE TABLE people (id TEXT, received_at TEXT, body TEXT)")
    execute(tmp_path, f"INSERT INTO people VALUES ('1', '2026-01-01', '{body}'), ('2', '2026-01-01', '{{broken')")
    fields = {"line_user_id": "body.source.userId", "occurred_at": {"any": ["body.timestamp", "received_at"]}}
    stream = {"url": "sqlite:///crm.db", "table": "people", "id": "id", "map": fields, "constant": {"channel": "line"}}
    settings = SourceSettings.model_validate(
        {"kind": "sales", "time_zone": "Asia/Tokyo", "streams": {"events": stream}}
    )
    rows = [raw for page in DatabaseSource("crm", settings, tmp_path).read("events", None) for raw in page.rows]
    frame = pd.DataFrame(
        [("crm", raw.source_id, payload_text(raw.payload), None, False, None) for raw in rows],
        columns=["source", "source_id", "payload", "updated_at", "deleted", "merged_into"],
        dtype=object,
    )
    records = map_touchpoints(frame, settings, "events").records
    assert list(records["identifier"]) == ["U1", None]
    assert list(records["occurred_at"].dt.year) == [2026, 2025]  # the second one by its time of arrival in Japan
    assert "body" not in DatabaseSource("crm", settings, tmp_path).check("events").unmapped


def test_odd_column_names_are_read(tmp_path: Path) -> None:
    """Blanks, dots, quotes, Japanese and reserved words in a header are no obstacle."""
    execute(
        tmp_path,
        'CREATE TABLE people ("select" TEXT, "Account.Name" TEXT, "氏 名" TEXT, "it\'s" TEXT, "a%b" TEXT, "x:y" TEXT)',
        "INSERT INTO people VALUES ('1', 'A', 'B', 'C', 'D', 'E')",
    )
    no_rules: dict[str, Any] = {}
    for rules in (no_rules, {"query": "SELECT * FROM people WHERE '12:30' <> ''"}):
        rows = read(source(tmp_path, id="select", map={"full_name": "氏 名"}, **rules))[0].rows
        assert list(rows[0].payload.values()) == ["1", "A", "B", "C", "D", "E"]


BROKEN = [
    ({"table": "persons"}, r"there is no table persons.*The database holds: people"),
    ({"id": "nummer"}, r"people has no column nummer.*It has: id, name"),
    ({"map": {"email": "mail"}}, "no column mail"),
    ({"query": "SELECT * FROM nowhere"}, "no such table: nowhere"),
    ({"query": "SELECT * FORM people"}, "syntax error"),
    ({"url": "sqlite:///gone.db"}, "there is no SQLite file"),
    ({"url": "mysql+nodriver://u:s3cret@h/d"}, "driver"),
    ({"url": "postgresql+psycopg://u:s3cret@127.0.0.1:9/d?connect_timeout=1"}, r"Check the url \(.*u:\*\*\*@"),
]


@pytest.mark.parametrize(("rules", "said"), BROKEN)
def test_an_unusable_database_says_what_to_do(tmp_path: Path, rules: dict[str, Any], said: str) -> None:
    """Reading and checking fail alike, without the password and without leaving an empty database behind."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT)")
    for use in (lambda: read(source(tmp_path, **rules)), lambda: source(tmp_path, **rules).check("contacts")):
        with pytest.raises(SourceError, match=said) as caught:
            use()
        assert "s3cret" not in str(caught.value)
    assert not (tmp_path / "gone.db").exists()


def test_check_counts_rows(tmp_path: Path) -> None:
    """A table's size is known before it is read."""
    execute(tmp_path, "CREATE TABLE people (id TEXT, name TEXT, x TEXT)", "INSERT INTO people VALUES ('1', 'a', 'b')")
    check = source(tmp_path).check("contacts")
    assert (check.row_count, check.unmapped) == (1, ("x",))
    assert check.notes == ("no updated_at: every run reads all rows",)


@pytest.mark.parametrize(
    ("value", "seconds", "earlier"),
    [
        ("2026-01-01 00:00:10.5", 20, "2025-12-31 23:59:50"),
        ("2026-01-01T00:00:10Z", 5, "2026-01-01T00:00:05"),
        ("2026/01/01", 86_400, "2025/12/31"),
        (1_767_225_600, 300, 1_767_225_300),
        (1_767_225_600_000, 300, 1_767_225_300_000),
    ],
)
def test_the_overlap_keeps_the_notation(value: Any, seconds: float, earlier: Any) -> None:
    """An earlier bound compares with the column's own values."""
    assert move_back(value, seconds) == earlier
    assert from_cursor(json.loads(json.dumps(to_cursor(value)))) == value


def test_only_sortable_text_counts_as_time() -> None:
    """ISO text sorts by time, other notations do not."""
    assert [sorts_by_time(value) for value in ("2026-01-01 10:00", "2026/01/01", 5, None)] == [True] * 4
    assert [sorts_by_time(value) for value in ("1/2/2026", "2026年1月", "Jan 5")] == [False] * 3
