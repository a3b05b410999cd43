"""The nightly flow as people start it: Prefect and its temporary server in real processes, two at once, and again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.lock import hold
from flows.project import open_project

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


@pytest.mark.slow
def test_two_demos_at_once_and_one_more(meibo: Meibo, tmp_path: Path) -> None:
    """One works and ends with a summary, the other ends with 75 and a clear line; a third says that nothing changed."""
    environ = os.environ | {"PREFECT_HOME": str(tmp_path / "prefect"), "NO_COLOR": "1", "COLUMNS": "160"}
    started = [
        subprocess.Popen(
            [MEIBO, "demo"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ended = [(*process.communicate(timeout=300), process.returncode) for process in started]
    by_code = {code: (out, err) for out, err, code in ended}
    assert sorted(by_code) == [0, 75], ended
    out, err = by_code[75]
    assert out == ""
    assert "error: locked:" in err
    assert "holds the warehouse" in err
    assert "Traceback" not in err
    out, err = by_code[0]
    for words in ("Finished in", "golden profiles", "in quarantine", "review_queue", "meibo.db", "Try next"):
        assert words in out
    again = meibo("demo")
    assert again.returncode == 0
    assert "Nothing changed in" in again.stdout


@pytest.mark.slow
def test_a_night_as_json_is_one_object_and_partial_is_4(meibo: Meibo, json_of: Parse, small: Any) -> None:
    """A missing source: exit 4, its failure in the object, nothing but the object on stdout; the dry run said so too."""
    (small.folder / "support.csv").unlink()
    dry = meibo("nightly", "--dry-run", "--json", "--detailed-exitcode", cwd=small.folder)
    assert dry.returncode == 4
    assert not (small.folder / "meibo.db").exists()
    done = meibo("nightly", "--json", cwd=small.folder)
    facts = json_of(done)
    assert done.returncode == facts["exit_code"] == 4
    assert facts["status"] == "partial"
    assert facts["profiles"] == json.loads(dry.stdout)["profiles"]
    assert "support.csv" in facts["failures"][0]


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
