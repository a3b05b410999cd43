"""Processes that standardise beside the run."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

DRIVER = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from resolve.processes import end_with_parent

pool = ProcessPoolExecutor(1, get_context("spawn"), end_with_parent)
print(pool.submit(os.getpid).result(), flush=True)
time.sleep(60)
"""


def test_a_worker_ends_when_the_run_is_killed() -> None:
    """Else every killed run would leave processes behind that hold memory and wait for ever."""
    with subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        worker = int(run.stdout.readline())
        os.kill(run.pid, signal.SIGKILL)
    for _ in range(200):
        with suppress(ProcessLookupError):
            os.kill(worker, 0)
            time.sleep(0.1)
            continue
        return
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker is still there")
