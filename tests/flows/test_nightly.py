"""The nightly flow as people start it: Prefect and its temporary server in real processes, two at once, and again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.warehouse.lock import hold
from flows.project import open_project
from resolve.errors import MeiboError

MEIBO = str(Path(sys.executable).parent / "meibo")
Meibo = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]


def test_a_run_is_refused_at_once_while_another_holds_the_warehouse(meibo: Meibo, small: Any) -> None:
    """Exit 75 with who holds it since when, before any server is waited for."""
    small.run()
    project = open_project(small.config)
    with hold(project.engine):
        began = time.monotonic()
        done = meibo("nightly", cwd=small.folder)
    project.engine.dispose()
    assert done.returncode == 75
    assert "holds the warehouse" in done.stderr
    assert "Prefect" not in done.stderr
    assert time.monotonic() - began < 60


def test_a_server_that_does_not_answer_is_told_as_such(meibo: Meibo, small: Any) -> None:
    """Exit 1 with its address and the way without it; nothing is read."""
    nowhere = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    done = meibo("nightly", cwd=small.folder, **nowhere)
    assert done.returncode == 1
    assert "the Prefect server at http://127.0.0.1:9/api does not answer" in done.stderr
    assert "Without PREFECT_API_URL a run needs no server" in done.stderr
    assert "temporary" not in done.stderr
    assert not sa.inspect(open_project(small.config).engine).get_table_names()


class Demo:
    """A `meibo demo` in a process of its own, its output in files."""

    def __init__(self, folder: Path, name: str) -> None:
        self._out, self._err = folder / f"{name}.out", folder / f"{name}.err"
        environ = os.environ | {"PREFECT_HOME": str(folder / "prefect"), "NO_COLOR": "1", "COLUMNS": "160"}
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen([MEIBO, "demo"], cwd=folder, env=environ, stdout=out, stderr=err)

    @property
    def out(self) -> str:
        """What it has printed to stdout so far."""
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        """What it has printed to stderr so far."""
        return self._err.read_text("utf-8")


def first_to_work(demos: list[Demo]) -> Demo:
    """Wait until one of the demos reads its sources, and so holds the lock; stop it there, as a long run would be."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        for demo in demos:
            if "reading sources" in demo.err:
                demo.process.send_signal(signal.SIGSTOP)
                return demo
        time.sleep(0.02)
    raise AssertionError([demo.err for demo in demos])


@pytest.mark.slow
def test_two_demos_at_once_and_one_more(meibo: Meibo, tmp_path: Path) -> None:
    """One works and ends with a summary, the other ends with 75 and a clear line; a third says that nothing changed."""
    demos = [Demo(tmp_path, name) for name in ("a", "b")]
    worker = first_to_work(demos)
    (other,) = (demo for demo in demos if demo is not worker)
    try:
        assert other.process.wait(300) == 75
    finally:
        worker.process.send_signal(signal.SIGCONT)
    assert worker.process.wait(300) == 0, worker.err
    assert not (tmp_path / "meibo-demo" / "meibo.db-wal").exists()
    assert other.out == ""
    assert "error: locked: the nightly run" in other.err
    assert "holds the warehouse" in other.err
    assert "Traceback" not in other.err
    for words in ("Finished in", "golden profiles", "in quarantine", "review_queue", "meibo.db", "Try next"):
        assert words in worker.out
    again = meibo("demo", "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["status"] == "unchanged"


def test_a_missing_source_is_4_and_json_is_one_object(inside: Meibo, json_of: Parse, small: Any) -> None:
    """Its failure stands in the object; nothing but the object is on stdout; 4 weighs more than changes pending."""
    (small.folder / "support.csv").unlink()
    done = inside("nightly", "--dry-run", "--json", "--detailed-exitcode", cwd=small.folder)
    facts = json_of(done)
    assert done.returncode == facts["exit_code"] == 4
    assert facts["status"] == "partial"
    assert facts["profiles"]["created"] == 60
    assert "support.csv" in facts["failures"][0]
    assert done.stderr == ""
    assert not (small.folder / "meibo.db").exists()


def test_a_dry_run_with_changes_pending_is_3_and_without_is_0(inside: Meibo, small: Any) -> None:
    """--detailed-exitcode tells pending changes from none; without it both are 0."""
    assert inside("nightly", "--dry-run", "--detailed-exitcode", cwd=small.folder).returncode == 3
    small.run()
    assert inside("nightly", "--dry-run", "--detailed-exitcode", cwd=small.folder).returncode == 0
    small.sales.pop(0)
    small.sales[0]["company"] = "株式会社改名"
    small.write()
    done = inside("nightly", "--dry-run", cwd=small.folder)
    assert done.returncode == 0
    assert "values changed" in done.stdout


@pytest.mark.parametrize("command", ["nightly", "backfill"])
def test_an_exit_code_that_only_a_dry_run_has_is_refused_elsewhere(inside: Meibo, small: Any, command: str) -> None:
    """Whoever waits for a 3 that cannot come would take every run for one without changes."""
    done = inside(command, "--detailed-exitcode", cwd=small.folder)
    assert done.returncode == 2
    assert "--dry-run" in done.stderr


def test_a_service_without_its_server_is_told_as_such(meibo: Meibo, small: Any) -> None:
    """`serve` asks the server before it waits for schedules."""
    nowhere = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    done = meibo("serve", cwd=small.folder, **nowhere)
    assert done.returncode == 1
    assert "the Prefect server at http://127.0.0.1:9/api does not answer" in done.stderr
    assert "mistake in Meibo" not in done.stderr


def test_prefect_without_a_folder_to_write_to_is_told_at_once(meibo: Meibo, small: Any) -> None:
    """A temporary server would be waited for until it is given up, two minutes later."""
    (small.folder / "file").write_text("", "utf-8")
    done = meibo("nightly", "--json", cwd=small.folder, PREFECT_HOME=str(small.folder / "file" / "home"))
    assert done.returncode == 1
    assert "PREFECT_HOME" in json.loads(done.stdout)["messages"][0]


def test_a_server_that_is_lost_in_a_run_says_what_became_of_it(small: Any) -> None:
    """Exit code 1, but the tables may be published: the message says which."""
    from httpx import ConnectError

    from flows.commands.launch import outcome_of
    from flows.server import explaining_loss

    project = open_project(small.config, create=True)
    with pytest.raises(MeiboError, match="as before"), explaining_loss(lambda: outcome_of(project)):
        raise ConnectError("refused")
    small.run()
    with pytest.raises(MeiboError, match="ended well all the same"), explaining_loss(lambda: outcome_of(project)):
        raise ConnectError("refused")
    project.engine.dispose()
