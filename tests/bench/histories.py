"""Random histories by the thousand, resolved night by night both ways: `python tests/bench/histories.py --histories N`.

The worlds are those of tests/resolve/increment: after every night each table of what resolved the change alone is held
against that of what resolved everything. The seeds are others than those of the tests. Exits with 1 at a difference.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tables import as_table

WORLDS = Path(__file__).resolve().parents[1] / "resolve" / "increment" / "conftest.py"
NIGHTS = 3
TOGETHER = 20
FIRST_SEED = 1_000
ALONE = 10  # one history in ten has a warehouse to itself, where all contacts have to do with each other
Rows = list[dict[str, object]]


@dataclass
class Lived:
    """What became of one warehouse: nights, contacts resolved and rows compared in them, and what differed."""

    seed: int
    histories: int
    nights: int = 0
    contacts: int = 0
    rows: int = 0
    differences: list[str] = field(default_factory=list)
    cpu: float = 0.0


@cache
def worlds() -> Any:
    """Return the module of random histories."""
    spec = importlib.util.spec_from_file_location("increment_worlds", WORLDS)
    assert spec is not None
    assert spec.loader is not None
    sys.modules["increment_worlds"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def live(given: tuple[int, int]) -> Lived:
    """Live through the histories (seed, how many) of one warehouse, night by night, up to the first difference."""
    seed, together = given
    began = time.process_time()
    people = 5 + seed % 9 if together > 1 else 6 + seed % 17
    world = worlds().World(seed, cap=1 + seed % 3, people=people, parts=together)
    lived = Lived(seed, together)
    for number in range(1, NIGHTS + 1):
        try:
            worlds().check_night(world)
        except Exception as error:  # noqa: BLE001 - an error is a difference, too
            lived.differences.append(f"seed {seed}, {together} together, night {number}: {error!r}"[:400])
            break
        lived.nights += 1
        lived.contacts += len(world.memory.bodies)
        lived.rows += sum(map(len, world.memory.tables.values())) if number > 1 else 0
    lived.cpu = time.process_time() - began
    return lived


def plan(histories: int) -> list[tuple[int, int]]:
    """Return the warehouses, (seed, histories in it), of at least so many histories."""
    alone = histories // ALONE
    shared = -(-(histories - alone) // TOGETHER)
    return [(FIRST_SEED + n, TOGETHER) for n in range(shared)] + [(FIRST_SEED + n, 1) for n in range(alone)]


def run_histories(histories: int, workers: int, tell: Callable[[str], None] = print) -> tuple[Rows, list[str]]:
    """Return one row for shared and one for separate warehouses, and what differed, as texts with the seeds."""
    todo = plan(histories)
    found: list[Lived] = []
    with get_context("spawn").Pool(workers) as pool:
        for number, lived in enumerate(pool.imap_unordered(live, todo), start=1):
            found.append(lived)
            for line in lived.differences:
                tell(line)
            if not number % 25:
                tell(f"{number:,} of {len(todo):,} warehouses")
    rows: Rows = []
    for together in (TOGETHER, 1):
        mine = [one for one in found if one.histories == together]
        words = f"{together} histories in each warehouse" if together > 1 else "a warehouse each"
        rows.append(
            {
                "set": words,
                "histories": sum(one.histories for one in mine),
                "nights": sum(one.nights * one.histories for one in mine),
                "contacts resolved": sum(one.contacts for one in mine),
                "rows compared": sum(one.rows for one in mine),
                "differences": sum(len(one.differences) for one in mine),
                "CPU s": sum(one.cpu for one in mine),
            }
        )
    return rows, [line for one in found for line in one.differences]


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    rows, differences = run_histories(given.histories, given.workers, lambda line: print(line, flush=True))
    print(as_table(rows))
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
