"""The memory of a run: what was freed goes back to the system, and cycles are looked for as before in the end."""

import gc
import sys
from pathlib import Path

import pytest

from flows.memory import COLLECT_AFTER, collecting_less, give_back


def resident() -> int:
    """Return the memory that this process holds, KiB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(sys.platform != "linux", reason="only the GNU C library can be asked")
def test_what_was_freed_is_held_no_longer() -> None:
    """Texts of many sizes leave holes that the C library keeps, unless it is told."""
    held = [f"{number}" * 200 for number in range(200_000)]
    kept = held[::1000]
    del held
    before = resident()
    give_back()
    assert resident() < before - 100_000
    assert len(kept) == 200


def test_python_collects_as_before_once_a_run_is_over() -> None:
    """Less often while it goes on, as usual after it."""
    usual = gc.get_threshold()
    with collecting_less():
        assert gc.get_threshold() == (COLLECT_AFTER, *usual[1:])
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
