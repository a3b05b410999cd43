"""A first night whose tables are taken while it is still resolved publishes what any other first night does."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse import bulk, copying, early_copies
from flows.publishing import publish
from resolve.errors import GateError
from resolve.schema import PUBLISHED

OWN = ["run_id", "at", "updated_at", "linked_at", "since", "valid_from", "first_seen_at", "created_at", "started_at"]
NAMES = [*PUBLISHED, "contact", "touchpoint", "match_edge", "review_queue", "golden_registry"]
Build = Callable[[Path], Any]


def content(project: Any) -> dict[str, pd.DataFrame]:
    """Return the tables without what names the run and its time."""
    tables = {name: project.table(name).drop(columns=OWN, errors="ignore") for name in NAMES}
    return {name: table.sort_values(list(table.columns[:3]), ignore_index=True) for name, table in tables.items()}


def refuse(*_: Any) -> None:
    """Stop a run."""
    raise GateError(["no"])


def stop_and_go_on(project: Any, patches: dict[tuple[Any, str], Any]) -> list[str]:
    """Run a night that a GateError stops, and look that nothing of it stays; then one that publishes.

    `patches`: what stands in for names of modules in the first. Returns the states of the runs after it.
    """
    with pytest.MonkeyPatch.context() as small:
        small.setattr(bulk, "FILE_ROWS", 0)
        with pytest.MonkeyPatch.context() as patched:
            for (module, name), value in patches.items():
                patched.setattr(module, name, value)
            with pytest.raises(GateError):
                project.run()
        assert all(project.table(name).empty for name in NAMES)
        assert not list(project.folder.glob("*.staging"))
        ended: list[str] = project.statuses()
        assert project.run()["status"] == "succeeded"
    return ended


def test_a_night_begun_early_publishes_the_same(
    build_on: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Table by table; the next night is a difference, and finds nothing to do."""
    other, project = build_on(tmp_path / "other"), build_on(tmp_path / "project")
    other.run()
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    facts = project.run()
    assert facts["status"] == "succeeded"
    plain, begun = content(other), content(project)
    for name, frame in plain.items():
        pd.testing.assert_frame_equal(frame, begun[name])
    assert project.run()["status"] == "unchanged"
    assert not list(project.folder.glob("*.staging"))


def test_a_night_that_is_stopped_before_publishing_leaves_nothing(build_on: Build, tmp_path: Path) -> None:
    """No rows, no files; the night after it publishes."""
    stop_and_go_on(build_on(tmp_path / "project"), {(publish, "check_gates"): refuse})


@pytest.mark.postgres
def test_what_goes_wrong_while_tables_are_copied_stops_the_night(
    postgres: Callable[[], str], build: Callable[..., Any], tmp_path: Path
) -> None:
    """The run fails with the error, and nothing is published."""
    project = build(tmp_path / "project", postgres())
    assert stop_and_go_on(project, {(early_copies, "complete"): refuse}) == ["failed"]


@pytest.mark.postgres
def test_a_night_that_is_stopped_while_tables_are_copied_says_why(
    postgres: Callable[[], str], build: Callable[..., Any], tmp_path: Path
) -> None:
    """A gate trips in the middle of a COPY: its error is told, the COPY is over when its transaction is rolled back."""
    is_open, copy_rows = threading.Event(), early_copies.copy_rows
    copied_on: list[sa.Connection] = []
    open_at_rollback: list[bool] = []

    def copy_slowly(conn: sa.Connection, table: Any, data: Any) -> None:
        """Keep a COPY open for a while."""
        copied_on.append(conn)
        with copying.copying_into(conn, table, data.column_names) as copy:
            is_open.set()
            time.sleep(1)
            copy.write(copying._HEAD + copying._END)
        is_open.clear()
        copy_rows(conn, table, data)

    def refuse_meanwhile(*_: Any) -> None:
        """Stop the run while a COPY is open."""
        assert is_open.wait(60)
        raise GateError(["no"])

    def note_rollback(conn: sa.Connection) -> None:
        """Note whether a COPY is open when the transaction of the copies is rolled back."""
        if conn in copied_on:
            open_at_rollback.append(is_open.is_set())

    project = build(tmp_path / "project", postgres())
    sa.event.listen(sa.Engine, "rollback", note_rollback)
    try:
        stop_and_go_on(project, {(publish, "check_gates"): refuse_meanwhile, (early_copies, "copy_rows"): copy_slowly})
    finally:
        sa.event.remove(sa.Engine, "rollback", note_rollback)
    assert open_at_rollback == [False]
