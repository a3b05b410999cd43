"""A process that is killed in the middle: real processes, SIGKILL, both databases."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.sources.source import Page, Raw
from connectors.warehouse import bulk
from connectors.warehouse.landed import load_latest
from connectors.warehouse.landing import land_page, load_cursor
from connectors.warehouse.publish import publish_tables

ROOT = Path(__file__).resolve().parents[3]
AT = pd.Timestamp("2026-11-02", tz="UTC")
Dump = Callable[[], dict[str, list[tuple[Any, ...]]]]

# A process of its own that kills itself after so many statements (0: just before the commit).
DRIVER = """
import os, signal, sys
import pandas as pd, sqlalchemy as sa
from connectors.sources.source import Page, Raw
from connectors.warehouse import bulk
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.landing import land_page
from connectors.warehouse.publish import publish_tables

url, job, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
AT = pd.Timestamp("2026-11-03", tz="UTC")
bulk.FILE_ROWS = 0
engine = open_engine(url)
seen = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

@sa.event.listens_for(engine, "after_cursor_execute")
def count(*_):
    global seen
    seen += 1
    if seen == limit:
        die()

with engine.begin() as conn:
    seen = 0
    if job == "land":
        land_page(conn, "crm", "contacts", Page([Raw("1", {"n": "B"})], [], {"page": 2}), "r2", AT)
    else:
        frames = {name: pd.read_json(text, orient="table") for name, text in eval(sys.stdin.read()).items()}
        publish_tables(conn, frames, run_id="r2", at=AT)
    if limit == 0:
        die()
print("finished", seen)
"""


def run_and_kill(url: str, job: str, limit: int, frames: dict[str, pd.DataFrame] | None = None) -> int:
    """Run a job in a process that kills itself after `limit` statements; return its exit code."""
    texts = {n: f.to_json(orient="table", index=False) for n, f in (frames or {}).items()}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, url, job, str(limit)],
        input=repr(texts), text=True, cwd=ROOT, check=False, capture_output=True,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def tables(names: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Return profiles with a name each, and a link to each."""
    facts: dict[str, Any] = {
        "party_type": "person",
        "record_count": 1,
        "source_count": 1,
        "sources": "crm",
        "status": "active",
    }
    profiles = pd.DataFrame({"golden_id": list(names), "full_name": list(names.values())}, dtype=object)
    links = pd.DataFrame({"source": "crm", "source_id": list(names), "golden_id": list(names), "link_type": "auto"})
    return {"golden_profile": profiles.assign(contact_count=0, open_case_count=0, **facts), "profile_link": links}


@pytest.mark.parametrize("limit", [0, 1, 4, 8, 12, 16])
def test_a_publish_that_is_killed_leaves_the_old_tables(
    engine: sa.Engine, url: str, dump: Dump, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Wherever the kill falls, nothing has changed; running again gives what an undisturbed run gives."""
    old, new = tables({"a": "X", "b": "Y", "c": "Z"}), tables({"a": "XX", "c": "Z", "d": "W"})
    with engine.begin() as conn:
        publish_tables(conn, old, run_id="r1", at=AT)
    before = dump()
    assert run_and_kill(url, "publish", limit, new) == -signal.SIGKILL
    assert dump() == before
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)  # the staging file of the killed run is in the way
    with engine.begin() as conn:
        changes = publish_tables(conn, new, run_id="r2", at=AT + pd.Timedelta(days=1))
    assert [changes["golden_profile"].inserted, changes["golden_profile"].updated] == [1, 1]
    if engine.dialect.name == "sqlite":
        assert not list(Path(str(engine.url.database)).parent.glob("*.staging"))


@pytest.mark.parametrize("limit", [0, 3])
def test_a_landing_that_is_killed_keeps_cursor_and_rows_together(engine: sa.Engine, url: str, limit: int) -> None:
    """The cursor is never ahead of the rows."""
    with engine.begin() as conn:
        land_page(conn, "crm", "contacts", Page([Raw("1", {"n": "A"})], [], {"page": 1}), "r1", AT)
    assert run_and_kill(url, "land", limit) == -signal.SIGKILL
    with engine.connect() as conn:
        assert load_cursor(conn, "crm", "contacts") == {"page": 1}
        assert load_latest(conn, "crm", "contacts")["payload"].tolist() == ['{"n":"A"}']
    assert run_and_kill(url, "land", 999) == 0
    with engine.connect() as conn:
        assert load_cursor(conn, "crm", "contacts") == {"page": 2}
        assert load_latest(conn, "crm", "contacts")["payload"].tolist() == ['{"n":"B"}']
