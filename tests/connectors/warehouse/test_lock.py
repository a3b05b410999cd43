"""One run at a time: real processes hold, refuse and lose the lock, on both databases."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import open_engine, sqlite_path
from connectors.warehouse.lock import hold
from connectors.warehouse.store import start_run
from resolve.errors import LockedError, WarehouseError

ROOT = Path(__file__).resolve().parents[3]
AT = pd.Timestamp("2026-11-02 03:04:05", tz="UTC")
HOLDER = """
import sys, time
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.lock import hold
with hold(open_engine(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def start_holder(url: str) -> subprocess.Popen[str]:
    """Start a process that holds the lock, and wait until it does."""
    command = [sys.executable, "-W", "ignore", "-c", HOLDER, url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def take_within(engine: sa.Engine, seconds: float) -> None:
    """Take and release the lock, waiting for a server that has to notice the end of the holder first."""
    until = time.monotonic() + seconds
    while True:
        try:
            with hold(engine) as held:
                held.check()
        except LockedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def test_a_second_process_is_refused_and_told_who_holds_the_warehouse(engine: sa.Engine, url: str) -> None:
    """LockedError at once, with the run, its start and what to do; a killed holder frees the lock."""
    with engine.begin() as conn:
        start_run(conn, "run-7", "nightly", AT)
    holder = start_holder(url)
    try:
        with pytest.raises(LockedError, match="run-7, started 2026-11-02 03:04:05 UTC"), hold(engine):
            pytest.fail("two runs hold the warehouse")
        with engine.connect() as conn:  # readers are not concerned
            assert conn.scalar(sa.text("SELECT count(*) FROM run_manifest")) == 1
    finally:
        holder.kill()  # SIGKILL: nothing in the process can clean up
        holder.wait()
        if holder.stdout:
            holder.stdout.close()
    take_within(engine, 20)


def test_the_lock_is_free_again_after_the_block_and_after_an_error(engine: sa.Engine) -> None:
    """Held one after the other, also when the first ends with an error; never two inside one process."""
    with hold(engine), pytest.raises(LockedError), hold(engine):
        pytest.fail("held twice")
    with pytest.raises(ZeroDivisionError), hold(engine):
        _ = 1 / 0
    take_within(engine, 20)


def test_a_lost_session_is_noticed_before_publishing(engine: sa.Engine) -> None:
    """When the server ends the session that holds the lock, `check` raises WarehouseError."""
    if engine.dialect.name == "sqlite":
        pytest.skip("a file lock is not lost")
    with hold(engine) as held:
        held.check()
        with engine.begin() as conn:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            conn.execute(sa.text(f"SELECT pg_terminate_backend(pid) {others}"))
        with pytest.raises(WarehouseError, match="lock was lost"):
            held.check()


def test_two_schemas_of_one_database_are_two_warehouses(engine: sa.Engine, url: str) -> None:
    """The advisory lock is that of the schema, not of the whole database."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no schemas")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE SCHEMA other"))
    other = open_engine(sa.make_url(url).update_query_dict({"options": "-csearch_path=other"}).render_as_string(False))
    with hold(engine), hold(other):
        pass
    other.dispose()


def test_a_lock_file_that_cannot_be_made_is_no_running_run(engine: sa.Engine) -> None:
    """A folder in the place of the lock file is a WarehouseError, not a LockedError."""
    path = sqlite_path(engine)
    if path is None:
        pytest.skip("SQLite alone has a lock file")
    Path(f"{path}.lock").mkdir()
    with pytest.raises(WarehouseError, match="cannot be used"), hold(engine):
        pytest.fail("held")


def test_a_quiet_session_keeps_the_lock(engine: sa.Engine, server_default: Callable[[str, str], None]) -> None:
    """A server that ends idle sessions leaves the one alone that holds the lock for as long as a run takes."""
    server_default("idle_session_timeout", "50ms")
    engine.dispose()
    with hold(engine) as held:
        time.sleep(0.5)
        held.check()
