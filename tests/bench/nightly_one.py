"""One night in a process of its own, as `nightly_cost.py` starts it: `python nightly_one.py meibo.yaml WORKERS`.

Prints one JSON object: seconds of the run and of each stage by the clock and of the processor (children included),
what they took before the run began (`start`), the peak of memory, and what the run says of itself.
"""

import json
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

BEGAN = time.perf_counter()
INHERITED = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def spent() -> float:
    """Return the CPU seconds of this process and of its children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def resident() -> int:
    """Return the peak of this process's own memory so far, KiB; that of `getrusage` begins at its parent's."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])


def children() -> int:
    """Return the peak of memory of the largest child that ended, KiB; 0 where it is no more than what all begin at."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak if peak > INHERITED else 0


def main() -> None:
    """Run the night and print the figures."""
    from flows.night import run_night
    from flows.progress import Progress
    from flows.project import open_project

    class Measured(Progress):
        """Keeps when each stage began."""

        def __init__(self) -> None:
            super().__init__(quiet=True)
            self.marks: list[tuple[str, float, float, int]] = []

        def stage(self, name: str, done: int = 0, total: int = 1) -> None:
            """Note where a stage begins."""
            if not self.marks or self.marks[-1][0] != name:
                self.marks.append((name, time.perf_counter(), spent(), resident()))

    with open_project(Path(sys.argv[1]), create=True) as project:
        start, start_cpu = time.perf_counter(), spent()
        progress = Measured()
        facts = run_night(project, progress, workers=int(sys.argv[2]), accept=frozenset({"all"}))
    # closing counts: SQLite copies there what the run wrote from its log into the file
    marks = [*progress.marks, ("", time.perf_counter(), spent(), resident())]
    wall: dict[str, float] = {}
    cpu: dict[str, float] = {}
    peaks: dict[str, float] = {}
    for (name, at, used, _), (_, until, used_until, peak) in pairwise(marks):
        wall[name] = wall.get(name, 0.0) + until - at
        cpu[name] = cpu.get(name, 0.0) + used_until - used
        peaks[name] = peak / 2**20
    highest = max(resident(), children())
    print(json.dumps({
        "start": start - BEGAN, "run": marks[-1][1] - start, "cpu": marks[-1][2] - start_cpu, "peak_gb": highest / 2**20,
        "wall": wall, "stage_cpu": cpu, "stage_peak_gb": peaks, "counts": facts["counts"], "tables": facts["tables"],
        "new": sum(source["new"] for source in facts["sources"]), "status": facts["status"],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
