"""`meibo check` tells whether a run could write, and leaves the warehouse as it was."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import open_engine
from connectors.warehouse.lock import hold
from flows.project import load_project_settings, open_project

Inside = Callable[..., Any]
Build = Callable[[Path], Any]


def test_a_warehouse_that_can_be_written_is_as_it_was(
    build_on: Build, tmp_path: Path, inside: Inside, json_of: Callable[[Any], Any]
) -> None:
    """Before the first run and after it."""
    project = build_on(tmp_path / "project")
    url = load_project_settings(project.config).warehouse
    for state in ("new: the first nightly run makes its tables", "ready"):
        done = inside("check", "--json", cwd=project.folder)
        assert (done.returncode, json_of(done)["warehouse"]["state"]) == (0, state)
        if not url.startswith("sqlite") or state == "ready":
            engine = open_engine(url)
            assert "meibo_trial" not in sa.inspect(engine).get_table_names()
            engine.dispose()
        project.run()


def test_a_file_that_sqlite_may_not_write_is_told(small: Any, inside: Inside) -> None:
    """The file says itself that a newer SQLite wrote it: it may be read, and not written."""
    small.run()
    open_project(small.config).close()
    with (small.folder / "meibo.db").open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")  # the write version of the header
    assert sqlite3.connect(small.folder / "meibo.db").execute("SELECT 1").fetchone() == (1,)
    done = inside("check", cwd=small.folder)
    assert done.returncode == 1
    assert "not writable" in done.stdout


@pytest.mark.postgres
@pytest.mark.parametrize("made", [False, True], ids=["new", "ready"])
def test_a_role_that_may_only_read_is_told(
    postgres: Callable[[], str], build: Callable[..., Any], tmp_path: Path, inside: Inside, made: bool
) -> None:
    """Whether the tables are there already or not."""
    url = sa.make_url(postgres())
    project = build(tmp_path / "project", url.render_as_string(hide_password=False))
    if made:
        project.run()
    role = f"reader_{url.database}"
    project.execute(f"CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    text = project.config.read_text("utf-8")
    project.config.write_text(text.replace(f"://{url.username}", f"://{role}"), "utf-8")
    done = inside("check", cwd=project.folder)
    assert done.returncode == 1
    assert ("this user may not write" if made else "Grant it CREATE") in done.stdout.replace("\n", " ")


def test_a_run_that_is_at_work_is_not_waited_for(small: Any, inside: Inside) -> None:
    """It holds the lock, and so it may write."""
    small.run()
    project = open_project(small.config)
    with hold(project.engine):
        done = inside("check", cwd=small.folder)
    project.close()
    assert done.returncode == 0
    assert "a run is at work" in done.stdout
