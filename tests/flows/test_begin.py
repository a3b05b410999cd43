"""A first night whose tables are taken while it is still resolved publishes what any other first night does."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

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


def test_a_night_that_is_stopped_before_publishing_leaves_nothing(
    build_on: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rows, no files; the night after it publishes."""
    project = build_on(tmp_path / "project")
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    with monkeypatch.context() as patched:
        patched.setattr(publish, "check_gates", refuse)
        with pytest.raises(GateError):
            project.run()
    assert all(project.table(name).empty for name in NAMES)
    assert not list(project.folder.glob("*.staging"))
    assert project.run()["status"] == "succeeded"


@pytest.mark.postgres
def test_what_goes_wrong_while_tables_are_copied_stops_the_night(
    postgres: Callable[[], str], build: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails with the error, and nothing is published."""
    project = build(tmp_path / "project", postgres())
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    with monkeypatch.context() as patched:
        patched.setattr(early_copies, "complete", refuse)
        with pytest.raises(GateError):
            project.run()
    assert all(project.table(name).empty for name in NAMES)
    assert project.table("run_manifest")["status"].tolist() == ["failed"]
    assert project.run()["status"] == "succeeded"


@pytest.mark.postgres
def test_a_night_that_is_stopped_while_tables_are_copied_says_why(
    postgres: Callable[[], str], build: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate trips in the middle of a COPY: its error is told, the connection is free before it is rolled back."""
    project = build(tmp_path / "project", postgres())
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    is_copying, copy_rows = threading.Event(), early_copies.copy_rows

    def copy_slowly(conn: Any, table: Any, data: Any) -> None:
        """Keep a COPY open for a while."""
        with copying.copying_into(conn, table, data.column_names):
            is_copying.set()
            time.sleep(2)
        copy_rows(conn, table, data)

    def refuse_meanwhile(*_: Any) -> None:
        """Stop the run while a COPY is open."""
        is_copying.clear()
        assert is_copying.wait(60)
        raise GateError(["no"])

    with monkeypatch.context() as patched:
        patched.setattr(publish, "check_gates", refuse_meanwhile)
        patched.setattr(early_copies, "copy_rows", copy_slowly)
        with pytest.raises(GateError):
            project.run()
    assert all(project.table(name).empty for name in NAMES)
    assert project.run()["status"] == "succeeded"
