"""SIGKILL anywhere in a run, then a run: the same tables as an undisturbed one, and no lock left behind.

Two random moments of a night and of a backfill are part of every test run; `MEIBO_KILLS=50` kills nights that resolve
what changed, nights that resolve everything, backfills and rebuilds at as many each, on both databases; `MEIBO_SEED`
draws others. `pytest -rP` shows where the kills fell.
"""

import hashlib
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from connectors.warehouse.blocking_index import find_members
from connectors.warehouse.bodies import contacts_of
from connectors.warehouse.lock import is_held
from flows.models import read_model
from flows.project import open_project
from resolve.increment.entries import whole_index

DRIVER = Path(__file__).with_name("crash_driver.py")
FIRST = [
    "after:extract", "after:prepare", "after:resolve", "after:publish",
    "landing:1", "landing:3", "publish:1", "publish:6", "commit",
    "early/after:resolve", "early/publish:6", "early/commit",
]  # fmt: skip
LATER = ["after:extract", "landing:2", "publish:3", "commit"]
KILLS = int(os.environ.get("MEIBO_KILLS", "2"))
SOMETIMES = [] if KILLS > 2 else [pytest.mark.slow]
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
    projects = {place: build_on(folder / re.sub("[:/]", "-", place)) for place in FIRST}
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


@pytest.mark.xdist_group("killed first nights")  # one worker makes the projects for all
@pytest.mark.parametrize("place", FIRST)
def test_a_killed_first_night_is_made_up_for_by_the_next(killed_first: dict[str, Any], place: str) -> None:
    """Tables, landing and golden IDs equal those of a project where nothing happened."""
    project = killed_first[place]
    is_complete = place == "after:publish"
    facts = project.run()
    assert facts["status"] == ("unchanged" if is_complete else "succeeded")
    assert project.tables() == killed_first[""].tables()
    assert not list(project.folder.glob("*.staging*"))
    first = project.statuses()[0]
    assert first == ("succeeded" if is_complete else "failed")


@pytest.mark.xdist_group("killed later nights")
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


def claimed(project: Any) -> int:
    """Return how many rows of the files the cursors of nights and of windows say are read; each of them is landed."""
    files = {
        ("sales", "contacts"): ("sales.csv", project.sales),
        ("sales", "calls"): ("calls.csv", project.calls),
        ("support", "contacts"): ("support.csv", project.support),
    }
    raw = project.table("raw_record").sort_values("seq")
    keys = zip(raw["source"], raw["stream"], raw["source_id"], strict=True)
    landed = dict(zip(keys, map(json.loads, raw["payload"]), strict=True))  # the latest version of each
    count = 0
    for table in ("sync_state", "backfill_chunk"):
        read = project.table(table).dropna(subset="cursor")
        for source, stream, text in read[["source", "stream", "cursor"]].itertuples(index=False, name=None):
            name, rows = files[source, stream]
            cursor, mark = json.loads(text), hashlib.sha256((project.folder / name).read_bytes()).hexdigest()
            items = len(rows) if cursor["files"].get(name, {}).get("sha256") == mark else 0
            if cursor.get("reading", {}).get("sha256") == mark:
                items = cursor["reading"]["items"]
            count += items
            for row in rows[:items]:
                payload = {name: value or None for name, value in row.items()}
                assert landed.get((source, stream, row["id"])) == payload, f"{table}: a cursor is ahead of its data"
    return count


def where_it_fell(project: Any, read: int) -> str:
    """Return how far the killed run, the second of the project, had come; `read` rows are all."""
    runs = project.statuses()
    if len(runs) == 1:
        return "before it was noted"
    if runs[1] != "running":
        return "after its end"
    return "while it read" if claimed(project) < read else "after it had read"


def index_is_whole(project: Any) -> bool:
    """Return whether the blocking index lists, under the keys of the contacts, these contacts and no others."""
    contacts, model = contacts_of(project.table("contact")), read_model(project.folder / "model.yaml")
    parts = [np.concatenate(side) for side in zip(*whole_index(contacts, model.link), strict=True)]
    keys = np.unique(parts[0])
    opened = open_project(project.config)
    with opened.reading() as conn:
        at, member = find_members(conn, keys)
    opened.engine.dispose()
    listed = {(key, who & 0xFFFFFFFF) for key, who in zip(parts[0].tolist(), parts[1].tolist(), strict=True)}
    return set(zip(keys[at].tolist(), member.tolist(), strict=True)) == listed


def run_again(project: Any, kind: str, number: int) -> None:
    """Do once more what was killed, as a person would: every other backfill goes on where it stopped, if it can."""
    if kind in ("backfill", "rebuild"):
        ended = project.table("backfill_chunk")["ended_at"]
        is_resumed = bool(number % 2 and ended.isna().any())
        sources = () if is_resumed else ("sales", "support")
        project.backfill(alone=kind == "backfill", sources=sources, resume=is_resumed, rebuild=kind == "rebuild")
    project.run(alone=kind != "full")


@pytest.mark.parametrize(
    "kind", ["night", "backfill", *(pytest.param(kind, marks=SOMETIMES) for kind in ("rebuild", "full"))]
)
def test_a_run_killed_at_any_moment_is_made_up_for(build_on: Build, tmp_path: Path, kind: str) -> None:
    """Random moments: readers see the tables of before or of after, no cursor is ahead of its data, no lock is left.

    After the same once more, and a night, all tables equal those of a project where nothing happened, and the blocking
    index lists the contacts as they are.
    """
    seed = int(os.environ.get("MEIBO_SEED", "5"))
    # more of them early on, where pages are landed and cursors move, which takes a tenth of the time
    places = [f"{kind}/random:{random.Random(f'{seed}.{i}').random() ** 1.5:.4f}" for i in range(KILLS)]
    projects = {place: build_on(tmp_path / f"p{i}").freeze() for i, place in enumerate([f"{kind}/whole", *places])}
    for project in projects.values():
        project.run()
    whole = projects[f"{kind}/whole"]
    before = published(whole)
    for project in projects.values():
        change(project)
    kill_nights(projects)
    after, read = published(whole), claimed(whole)
    assert before != after
    assert read >= sum(map(len, (whole.sales, whole.calls, whole.support)))
    whole.run(alone=True)
    undisturbed = whole.tables()
    del projects[f"{kind}/whole"]
    fell: Counter[str] = Counter()
    for number, (place, project) in enumerate(projects.items()):
        assert lock_is_free(project), place
        assert published(project) in (before, after), place
        fell[where_it_fell(project, read)] += 1
        run_again(project, kind, number)
        assert project.tables() == undisturbed, place
        assert index_is_whole(project), place
        assert lock_is_free(project), place
    print(f"seed {seed}, {kind}, {KILLS} kills: {dict(fell)}")
    assert KILLS < 10 or fell["while it read"] + fell["after it had read"] > KILLS / 2
