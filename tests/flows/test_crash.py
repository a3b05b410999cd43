"""SIGKILL anywhere in a night, then a night: the same tables as an undisturbed one, and no lock left behind.

`MEIBO_KILLS=50` kills at as many random moments; a handful are part of every test run.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.lock import is_held
from flows.project import open_project

DRIVER = Path(__file__).with_name("crash_driver.py")
FIRST = [
    "after:extract", "after:prepare", "after:resolve", "after:publish",
    "landing:1", "landing:3", "publish:1", "publish:6", "commit",
]  # fmt: skip
LATER = ["after:extract", "landing:2", "publish:3", "commit"]
KILLS = int(os.environ.get("MEIBO_KILLS", "4"))
READ_TABLES = ("raw_record", "sync_state", "quarantine")  # what is read is kept, whatever becomes of the run
Build = Callable[[Path], Any]


def kill_nights(projects: dict[str, Any]) -> None:
    """Run a night in each project that is killed at its place; "whole" first, which is not."""
    arguments = [text for place, project in projects.items() for text in (str(project.config), place)]
    subprocess.run([sys.executable, "-W", "ignore", str(DRIVER), *arguments], check=True, timeout=240 + 20 * KILLS)


def change(project: Any) -> Any:
    """Change, remove and add a record."""
    project.sales[3] |= {"name": "改名 三郎", "company": "株式会社新社名"}
    project.support.pop()
    project.sales.append(project.sales[0] | {"id": "S777"})
    return project.write()


def published(project: Any) -> dict[str, str]:
    """Return the tables that readers see, and those that a run keeps for the next."""
    return {name: text for name, text in project.tables().items() if name not in READ_TABLES}


@pytest.fixture(scope="module")
def killed_first(build_on: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Projects whose first night was killed, by place; "" is one that nothing happened to."""
    folder = tmp_path_factory.mktemp("first")
    projects = {place: build_on(folder / place.replace(":", "-")) for place in FIRST}
    kill_nights(projects)
    whole = build_on(folder / "whole")
    whole.run()
    return projects | {"": whole}


@pytest.fixture(scope="module")
def killed_later(build_on: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Projects whose second night was killed, by place, with the tables of the first under "before"."""
    folder = tmp_path_factory.mktemp("later")
    projects = {place: build_on(folder / place.replace(":", "-")) for place in (*LATER, "whole")}
    for project in projects.values():
        project.run()
    before = published(projects["whole"])
    for project in projects.values():
        change(project)
    whole = projects.pop("whole")
    kill_nights(projects)
    whole.run()
    return projects | {"": whole, "before": before}


@pytest.mark.parametrize("place", FIRST)
def test_a_killed_first_night_is_made_up_for_by_the_next(killed_first: dict[str, Any], place: str) -> None:
    """Tables, landing and golden IDs equal those of a project where nothing happened."""
    project = killed_first[place]
    is_complete = place == "after:publish"
    facts = project.run()
    assert facts["status"] == ("unchanged" if is_complete else "succeeded")
    assert project.tables() == killed_first[""].tables()
    first = project.table("run_manifest").sort_values("started_at")["status"].iloc[0]
    assert first == ("succeeded" if is_complete else "failed")


@pytest.mark.parametrize("place", LATER)
def test_a_killed_later_night_leaves_the_tables_of_the_night_before(killed_later: dict[str, Any], place: str) -> None:
    """Readers see the old tables until a night ends well; then the new ones, as if nothing had happened."""
    project = killed_later[place]
    assert published(project) == killed_later["before"]
    project.run()
    assert project.tables() == killed_later[""].tables()


def lock_is_free(project: Any) -> bool:
    """Return whether the lock of a killed run is gone; PostgreSQL needs a moment to see that its client is."""
    opened = open_project(project.config)
    try:
        until = time.monotonic() + 20
        while is_held(opened.engine) and time.monotonic() < until:
            time.sleep(0.05)
        return not is_held(opened.engine)
    finally:
        opened.engine.dispose()


@pytest.mark.parametrize("kind", ["", "backfill/"], ids=["night", "backfill"])
def test_a_run_killed_at_any_moment_is_made_up_for(build_on: Build, tmp_path: Path, kind: str) -> None:
    """Random moments: readers see the tables of before or of after, cursors agree with what is landed, no lock is left.

    After the same once more, and a night, every table equals those of a project where nothing happened.
    """
    seed = int(os.environ.get("MEIBO_SEED", "5"))
    places = [f"{kind}random:{random.Random(f'{seed}.{i}').random():.4f}" for i in range(KILLS)]
    projects = {place: build_on(tmp_path / f"p{i}") for i, place in enumerate([f"{kind}whole", *places])}
    for project in projects.values():
        project.run()
    whole = projects[f"{kind}whole"]
    before = published(whole)
    for project in projects.values():
        change(project)
    kill_nights(projects)
    after = published(whole)
    assert before != after
    whole.run()
    undisturbed = whole.tables()
    del projects[f"{kind}whole"]
    for place, project in projects.items():
        assert lock_is_free(project), place
        assert published(project) in (before, after), place
        state = project.table("sync_state").set_index(["source", "stream"])["row_count"].to_dict()
        landed = project.table("raw_record").groupby(["source", "stream"]).size().to_dict()
        assert all(count <= landed[stream] for stream, count in state.items()), place
        assert kind or state == landed, place
        if kind:
            project.backfill()
        project.run()
        assert project.tables() == undisturbed, place
