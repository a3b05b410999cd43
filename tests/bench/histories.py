"""Random histories by the thousand, resolved night by night both ways: `python tests/bench/histories.py --histories N`.

The worlds are those of tests/resolve/increment: after every night each table of what resolved the change alone is held
against that of what resolved everything. The seeds are others than those of the tests. Exits with 1 at a difference.
"""

import argparse
import importlib.util
import math
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
FIRST_SEED = 1_000
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Kind:
    """One kind of warehouse: the class of its world, how many histories are in it, and its share of all histories.

    In a warehouse of one history all contacts have to do with each other.
    """

    words: str
    world: str
    together: int
    share: float


KINDS = (
    Kind("20 histories in each warehouse", "World", 20, 0.5),
    Kind("the same, many records merged by their source", "RuledWorld", 20, 0.3),
    Kind("a warehouse each", "World", 1, 0.1),
    Kind("the same, mailboxes handed on", "MovingWorld", 1, 0.1),
)


@dataclass
class Lived:
    """What became of one warehouse: nights, contacts resolved and rows compared in them, and what differed."""

    kind: Kind
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


def live(given: tuple[int, Kind]) -> Lived:
    """Live through the histories of one warehouse (seed, kind), night by night, up to the first difference."""
    seed, kind = given
    began = time.process_time()
    world = _make_world(seed, kind)
    lived = Lived(kind)
    for number in range(1, NIGHTS + 1):
        try:
            worlds().check_night(world)
        except Exception as error:  # noqa: BLE001 - an error is a difference, too
            lived.differences.append(f"seed {seed}, {kind.words}, night {number}: {error!r}"[:400])
            break
        lived.nights += 1
        lived.contacts += len(world.memory.bodies)
        lived.rows += sum(map(len, world.memory.tables.values())) if number > 1 else 0
    lived.cpu = time.process_time() - began
    return lived


def _make_world(seed: int, kind: Kind) -> Any:
    """Return the world of one warehouse."""
    make = getattr(worlds(), kind.world)
    if kind.world == "MovingWorld":
        return make(seed, people=18 + seed % 20)
    people = 5 + seed % 9 if kind.together > 1 else 6 + seed % 17
    return make(seed, cap=1 + seed % 3, people=people, parts=kind.together)


def plan(histories: int) -> list[tuple[int, Kind]]:
    """Return the warehouses, (seed, kind), of at least so many histories."""
    return [
        (FIRST_SEED + number, kind)
        for kind in KINDS
        for number in range(math.ceil(round(histories * kind.share, 6) / kind.together))
    ]


def run_histories(histories: int, workers: int, tell: Callable[[str], None] = print) -> tuple[Rows, list[str]]:
    """Return one row for each kind of warehouse, and what differed, as texts with the seeds."""
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
    for kind in KINDS:
        mine = [one for one in found if one.kind == kind]
        rows.append(
            {
                "set": kind.words,
                "histories": len(mine) * kind.together,
                "nights": sum(one.nights for one in mine) * kind.together,
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
