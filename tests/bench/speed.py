"""Speed beside Splink: `python tests/bench/speed.py [--records N] [--rounds K]`; rounds alternate, each run is a process.

Splink is no dependency: name the Python of an environment that has it in MEIBO_SPLINK_PYTHON
(`python -m venv E; E/bin/pip install splink pyarrow`). Without it our side runs alone, and the table says so.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from counting import count_pairs
from generator.plain_file import plain_file
from speed_rules import RULES

HERE = Path(__file__).resolve().parent
Run = dict[str, float]


def time_run(python: str, script: str, arguments: list[str]) -> Run:
    """Run one side in a process of its own; return what it printed, with the wall and CPU seconds of the whole process."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([python, HERE / script, *arguments], capture_output=True, text=True, check=False, cwd=HERE)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{script} failed:\n{done.stderr[-2000:]}")
    printed: Run = json.loads(done.stdout.strip().splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return printed | {"process": wall, "cpu": cpu, "load": os.getloadavg()[0]}


def splink_versions() -> str:
    """Return what is compared with, by version; nothing where Splink is not named."""
    python = os.environ.get("MEIBO_SPLINK_PYTHON")
    if not python:
        return ""
    ask = 'from importlib.metadata import version as v; print(f\'Splink {v("splink")}, DuckDB {v("duckdb")}\')'
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def compare_sides(records: int, rounds: int, folder: Path | None = None) -> list[dict[str, object]]:
    """Return one row a side and mode: medians over the rounds of seconds, memory and F1. Sets are kept in a folder."""
    sides = {"ours": (sys.executable, "speed_ours.py")}
    splink = os.environ.get("MEIBO_SPLINK_PYTHON")
    if splink:
        sides = {"Splink": (splink, "speed_splink.py")} | sides
    runs: dict[tuple[str, str], list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        data, out = plain_file(folder or Path(name), records, seed=1), Path(name) / "clusters.parquet"
        truth = pd.read_parquet(data, columns=["unique_id", "entity"]).set_index("unique_id")["entity"]
        for _ in range(rounds):
            for mode in RULES:
                for side, (python, script) in sides.items():
                    run = time_run(python, script, [str(data), str(out), mode])
                    found = (
                        pd.read_parquet(out).set_index("unique_id")["cluster_id"].astype(object).reindex(truth.index)
                    )
                    score = count_pairs(found, truth)
                    run |= {"P": score.precision, "R": score.recall, "F1": score.f1}
                    print(mode, side, {k: round(v, 3) for k, v in run.items()}, flush=True)
                    runs.setdefault((mode, side), []).append(run)
    return [_row(mode, side, found) for (mode, side), found in runs.items()]


def _row(mode: str, side: str, runs: list[Run]) -> dict[str, object]:
    """Return the medians of one side's runs."""
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {
        "rules": mode, "engine": side, "in-process s": middle["work"], "imports s": middle["imports"],
        "process s": middle["process"], "CPU s": middle["cpu"], "peak GB": middle["peak_gb"],
        "edges": int(middle["edges"]), "P": middle["P"], "R": middle["R"], "F1": middle["F1"], "load": middle["load"],
    }  # fmt: skip


def add_ratios(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the rows of ours with how many times faster they are; other rows stay as they are."""
    other = {row["rules"]: row for row in rows if row["engine"] == "Splink"}
    for row in rows:
        base = other.get(row["rules"])
        for name, key in (("x in-process", "in-process s"), ("x process", "process s"), ("x CPU", "CPU s")):
            ratio = float(str(base[key])) / float(str(row[key])) if base and row["engine"] == "ours" else None
            row[name] = "" if ratio is None else f"{ratio:.1f}"
    return rows


def main() -> None:
    """Compare both sides and print the table."""
    from tables import as_table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(as_table(add_ratios(compare_sides(given.records, given.rounds))))


if __name__ == "__main__":
    main()
