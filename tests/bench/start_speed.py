"""How long `meibo` takes to say something: `python tests/bench/start_speed.py`, a process each, in turn."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tables import as_table

MEIBO = str(Path(sys.executable).with_name("meibo"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "meibo --help": [MEIBO, "--help"],
    "meibo nightly --help": [MEIBO, "nightly", "--help"],
    "meibo nightly, without a project": [MEIBO, "nightly"],
}


def measure_start(rounds: int = 11) -> list[dict[str, object]]:
    """Return one row a command: medians of the seconds by the clock and of the processor."""
    wall: dict[str, list[float]] = {name: [] for name in COMMANDS}
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                before, began = _children(), time.perf_counter()
                subprocess.run(command, cwd=folder, capture_output=True, check=False)
                wall[name].append(time.perf_counter() - began)
                spent[name].append(_children() - before)
    return [
        {"command": name, "answers in s": statistics.median(wall[name]), "CPU s": statistics.median(spent[name])}
        for name in COMMANDS
    ]


def _children() -> float:
    """Return the CPU seconds of the processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(as_table(measure_start()))
