"""Backfills: what they find that a night cannot see, how they go on after a failure, and that they change nothing else."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sources.source import Window
from flows.backfill import Backfill, check_backfill, run_backfill, split_window
from flows.commands.demo import write_sample
from flows.commands.launch_backfill import describe_backfill, read_length, read_time
from flows.intake.basis import Bounds
from flows.intake.prepare import prepare_frames
from flows.night import PLAIN, run_night
from flows.progress import Progress
from flows.project import open_dry, open_project
from resolve.errors import ConfigError

TABLE = """      extra:
        url: sqlite:///crm.db
        table: people
        role: contacts
        id: id
        updated_at: changed
        map: {full_name: name, email: mail}
"""


def backfill(small: Any, **todo: Any) -> dict[str, Any]:
    """Run a backfill of the project and return its facts."""
    project = (open_dry if todo.get("dry_run") else open_project)(small.config)
    try:
        return run_backfill(project, Progress(quiet=True), Backfill(**todo))
    finally:
        project.engine.dispose()


def add_table(small: Any) -> None:
    """Give the source sales a second stream: a table with a time of change."""
    change(small, "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT, mail TEXT, changed TEXT)")
    change(small, "INSERT INTO people VALUES ('X1', '新井 亨', 'arai@example.net', '2026-10-05T00:00:00Z'), "
                  "('X2', '村上 梓', 'azusa@example.net', '2026-10-25T00:00:00Z')")  # fmt: skip
    text = small.config.read_text("utf-8").replace("  support:\n", TABLE + "  support:\n")
    small.config.write_text(text, "utf-8")


def change(small: Any, statement: str) -> None:
    """Run a statement on the table's database."""
    engine = sa.create_engine(f"sqlite:///{small.folder / 'crm.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text(statement))
    engine.dispose()


def test_a_backfill_finds_what_a_night_cannot_see(small: Any) -> None:
    """A row that changed without its time of change; the nights' cursors stay, and a second time nothing changes."""
    add_table(small)
    small.run()
    cursors = small.table("sync_state")["cursor"].tolist()
    change(small, "UPDATE people SET mail = 'arai.t@example.net' WHERE id = 'X1'")
    assert small.run()["status"] == "unchanged"
    window = {"sources": ("sales",), "since": datetime(2026, 10, 1, tzinfo=UTC)}
    before = small.tables()
    facts = backfill(small, **window, dry_run=True)
    assert (facts["profiles"]["values_changed"], facts["pending"]) == (1, True)
    assert small.tables() == before
    facts = backfill(small, **window)
    assert facts["profiles"]["values_changed"] == 1
    assert facts["backfill"]["windows"] > 2
    assert facts["backfill"]["open"] == 0
    assert backfill(small, **window)["status"] == "unchanged"
    assert small.table("sync_state")["cursor"].tolist() == cursors
    assert set(small.table("run_manifest")["kind"]) == {"nightly", "backfill"}


def test_a_backfill_goes_on_with_the_windows_that_are_left(small: Any) -> None:
    """A source that failed is read when it is back; then there is nothing left to resume."""
    small.run()
    (small.folder / "support.csv").unlink()
    facts = backfill(small)
    assert facts["status"] == "partial"
    assert (facts["backfill"]["windows"], facts["backfill"]["open"]) == (3, 1)
    assert "--resume" in describe_backfill(facts)
    small.support[0]["tel"] = "03-1234-5678"
    small.write()
    facts = backfill(small, resume=True)
    assert [r["read"] for r in facts["sources"]] == [0, 0, 20]
    assert facts["profiles"]["values_changed"] == 1
    with pytest.raises(ConfigError, match="every window"):
        backfill(small, resume=True)


def test_windows_of_a_stream_that_left_the_settings_are_told(small: Any) -> None:
    """They stay open beside others that are read; alone there is nothing to read, and the message names the stream."""
    small.run()
    moved = [small.folder / name for name in ("sales.csv", "support.csv")]
    for path in moved:
        path.rename(path.with_suffix(".away"))
    assert backfill(small)["backfill"]["open"] == 2
    for path in moved:
        path.with_suffix(".away").rename(path)
    settings = small.config.read_text("utf-8")
    small.config.write_text(settings.replace("  support:", "  helpdesk:"), "utf-8")
    facts = backfill(small, resume=True, accept=frozenset({"all"}))
    assert (facts["backfill"]["open"], facts["backfill"]["gone"]) == (1, ["support.contacts"])
    assert "support.contacts only when" in describe_backfill(facts)
    with pytest.raises(ConfigError, match=r"support\.contacts, no longer in the settings"):
        backfill(small, resume=True)
    small.config.write_text(settings, "utf-8")
    assert backfill(small, resume=True)["backfill"]["open"] == 0


def test_a_rebuild_of_what_nights_have_kept_changes_nothing(small: Any) -> None:
    """Everything is resolved anew, nothing is read, no table differs; golden IDs are the same."""
    small.run()
    small.sales[0]["company"] = "株式会社改名"
    small.write().run()
    before = small.tables()
    facts = backfill(small, rebuild=True, dry_run=True)
    assert not facts["pending"]
    assert "windows" not in facts["backfill"]
    assert describe_backfill(facts) == "nothing was read again. Rows that would change: none"
    backfill(small, rebuild=True)
    assert small.tables() == before


def test_a_window_is_split_from_its_beginning() -> None:
    """The last part ends where the window does, open where that is open; one without a beginning stays whole."""
    since, now = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC)
    days = [
        (w.since.day, w.until and w.until.day) for w in split_window(Window(since), timedelta(days=7), now) if w.since
    ]
    assert days == [(1, 8), (8, 15), (15, None)]
    assert list(split_window(Window(None, now), timedelta(days=7), now)) == [Window(None, now)]


def test_wrong_options_are_told_before_anything_is_read(small: Any) -> None:
    """An unknown source, a window without length or still to come, options that --resume does not go with."""
    small.run()
    at = datetime(2026, 10, 1, tzinfo=UTC)
    with pytest.raises(ConfigError) as caught:
        backfill(small, sources=("crm",), since=at, until=at, resume=True)
    assert len(caught.value.mistakes) == 3
    with pytest.raises(ConfigError, match="still to come"):
        backfill(small, since=datetime(2200, 1, 1, tzinfo=UTC))
    for text in ("7", "d", "7 days"):
        with pytest.raises(ConfigError, match="--chunk"):
            read_length(text)
    assert read_length("12h") == timedelta(hours=12)
    with pytest.raises(ConfigError, match="--since"):
        read_time("yesterday", "--since", "UTC")
    assert read_time("2026-10-01", "--since", "Asia/Tokyo") == datetime(2026, 9, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "chunk", "parts", "enough"),
    [(100, timedelta(hours=1), "2,400", "2h"), (365, timedelta(minutes=1), "525,600", "5h"),
     (50_000, timedelta(days=7), "7,143", "25d")],
)  # fmt: skip
def test_more_windows_than_anybody_means_are_refused(
    small: Any, days: int, chunk: timedelta, parts: str, enough: str
) -> None:
    """Before one of them is noted; with the length that does, which is taken."""
    small.run()
    until = datetime(2026, 10, 1, tzinfo=UTC)
    with pytest.raises(ConfigError, match=f"{parts} parts.*--chunk {enough} or longer"):
        small.backfill(since=until - timedelta(days=days), until=until, chunk=chunk)
    assert small.table("backfill_chunk").empty
    with open_project(small.config) as project:
        check_backfill(project, Backfill(since=until - timedelta(days=days), until=until, chunk=read_length(enough)))


def test_lengths_and_times_beyond_the_calendar_are_mistakes_of_whoever_wrote_them() -> None:
    """And none of Meibo; a part that is longer than the window is all of it."""
    with pytest.raises(ConfigError, match="longer than time is counted"):
        read_length("999999999999d")
    with pytest.raises(ConfigError, match="--since"):
        read_time("0001-01-01", "--since", "Asia/Tokyo")
    whole = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC))
    assert list(split_window(whole, read_length("99999999w"), datetime(2026, 10, 3, tzinfo=UTC))) == [whole]


def test_a_rebuild_of_the_sample_after_a_night_of_differences_shows_none(tmp_path: Path) -> None:
    """Rows are edited and deleted, the night resolves the difference alone; resolving everything finds nothing else."""
    write_sample(tmp_path / "demo")
    kinds: list[bool] = []

    def prepare(run: Any, extraction: Any) -> Any:
        prepared = prepare_frames(run, extraction, bounds=Bounds(contacts=0, changed=1.0))
        kinds.append(prepared.delta.full)
        return prepared

    def run(work: Any, **options: Any) -> dict[str, Any]:
        project = open_project(tmp_path / "demo" / "meibo.yaml", create=True)
        try:
            return work(project, Progress(quiet=True), stages=replace(PLAIN, prepare=prepare), **options)
        finally:
            project.engine.dispose()

    run(run_night)
    sales = tmp_path / "demo" / "sales.csv"
    lines = sales.read_bytes().split(b"\n")
    lines[20:41:10] = [lines[20].replace(b"1", b"2"), lines[30].replace(b"-", b"1"), lines[40].replace(b"3", b"4")]
    sales.write_bytes(b"\n".join(lines))
    assert run(run_night)["status"] == "succeeded"
    assert kinds == [True, False]
    facts = run(run_backfill, todo=Backfill(rebuild=True, dry_run=True))
    assert facts["profiles"]["unchanged"] == facts["profiles"]["total"]
    assert not facts["pending"]


def test_the_runbook_starts_a_deployed_backfill_as_prefect_takes_it() -> None:
    """The flow has one parameter, whose keys are the settings; a deployment's own value of it is replaced as a whole."""
    from flows.backfill_flow import backfill  # late: it loads Prefect

    text = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text("utf-8")
    found = re.search(r"deployment run backfill/meibo --param (\w+)='(\{[^']*\})'", text)
    assert found is not None
    given = backfill.validate_parameters({found[1]: json.loads(found[2])})["parameters"]
    assert (given.config.name, given.dry_run) == ("meibo.yaml", True)
    assert given.config.is_absolute()
