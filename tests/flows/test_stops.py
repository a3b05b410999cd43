"""Commands that are stopped: SIGTERM ends them as Ctrl-C does, with an exit code, one JSON object and a noted run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.reports import keeping
from resolve.errors import WarehouseError

WAITING = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background of a shell ignore it
import flows.publishing.publish as stage
close = stage.close_books
def wait(*rest):
    sys.stderr.write("at work\\n")
    sys.stderr.flush()
    time.sleep(600)
stage.close_books = wait
from flows.cli import main
main()
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_backfill_is_noted_and_says_so(small: Any, sent: signal.Signals, code: int) -> None:
    """In the middle of publishing: the tables stay, the run is failed at once, stdout is one JSON object."""
    command = [sys.executable, "-W", "ignore", "-c", WAITING, "backfill", "--json"]
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        command, cwd=small.folder, env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        while "at work" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(sent)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == code
    assert json.loads(out)["exit_code"] == code
    assert small.statuses() == ["failed"]
    assert small.table("golden_profile").empty


def test_a_report_that_cannot_be_kept_is_no_failure_of_the_run(
    small: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tables are published by then: the run ends well, and says what is missing."""

    def full(conn: sa.Connection, *_: object) -> None:
        raise WarehouseError("the disk is full")

    monkeypatch.setattr(keeping, "save_report", full)
    assert small.run()["status"] == "succeeded"
    assert small.statuses() == ["succeeded"]
    assert "its report could not be kept: the disk is full" in capsys.readouterr().err
