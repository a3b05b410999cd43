"""One run at a time: real processes hold, refuse and lose the lock, on both databases."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import open_engine, sqlite_path
from connectors.warehouse.lock import hold, is_held
from connectors.warehouse.store import start_run
from resolve.errors import LockedError, WarehouseError

ROOT = Path(__file__).resolve().parents[3]
AT = pd.Timestamp("2026-11-02 03:04:05", tz="UTC")
NOBODY = 65_534
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


def test_a_lock_file_that_something_else_wrote_is_told(tmp_path: Path) -> None:
    """A WarehouseError that says what to do, from whoever takes the lock and whoever asks for it."""
    engine = open_engine(f"sqlite:///{tmp_path / 'meibo.db'}")
    (tmp_path / "meibo.db.lock").write_text("process 1234 on this host\n" * 50, "utf-8")
    with pytest.raises(WarehouseError, match=r"meibo\.db\.lock cannot be used: .*delete it"), hold(engine):
        pytest.fail("held")
    with pytest.raises(WarehouseError, match=r"meibo\.db\.lock cannot be used: .*delete it"):
        is_held(engine)
    engine.dispose()


def test_a_linked_file_has_one_lock(tmp_path: Path) -> None:
    """A project that reaches the warehouse by a symbolic link is refused while one that names the file is at work."""
    engine = open_engine(f"sqlite:///{tmp_path / 'meibo.db'}")
    (tmp_path / "link.db").symlink_to("meibo.db")
    linked = open_engine(f"sqlite:///{tmp_path / 'link.db'}")
    with hold(engine):
        assert is_held(linked)
        with pytest.raises(LockedError), hold(linked):
            pytest.fail("held twice")
    engine.dispose()
    linked.dispose()


@contextmanager
def any_user() -> Iterator[None]:
    """Have the rights of a user like any other inside the block: nothing is write-protected for root."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that every user may write, outside of pytest's own, which one may."""
    folder = Path(tempfile.mkdtemp(prefix="meibo-lock-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_a_lock_file_that_may_not_be_written_is_no_lock(shared_folder: Path) -> None:
    """SQLite would give two runs a reader's lock each; the first is refused already."""
    lock = shared_folder / "meibo.db.lock"
    lock.touch()
    lock.chmod(0o444)
    with any_user():
        engine = open_engine(f"sqlite:///{shared_folder / 'meibo.db'}")
        with pytest.raises(WarehouseError, match=r"lock cannot be used: it is not writable"), hold(engine):
            pytest.fail("held")
        engine.dispose()


def test_the_lock_file_has_the_rights_of_the_warehouse(shared_folder: Path) -> None:
    """Whoever may write the one may take the other, also after root, or another of the group, ran once."""
    with any_user():
        engine = open_engine(f"sqlite:///{shared_folder / 'meibo.db'}")
    warehouse, lock = shared_folder / "meibo.db", shared_folder / "meibo.db.lock"
    warehouse.chmod(0o660)
    with hold(engine):
        pass
    engine.dispose()
    assert (lock.stat().st_uid, lock.stat().st_mode & 0o777) == (warehouse.stat().st_uid, 0o660)


def test_a_quiet_session_keeps_the_lock(engine: sa.Engine, server_default: Callable[[str, str], None]) -> None:
    """A server that ends idle sessions leaves the one alone that holds the lock for as long as a run takes."""
    server_default("idle_session_timeout", "50ms")
    engine.dispose()
    with hold(engine) as held:
        time.sleep(0.5)
        held.check()
