"""`meibo status`: the last runs, how far each stream was read, where every row ended, and how full the tables are."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.warehouse.diff import count
from connectors.warehouse.lock import hold
from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES
from connectors.warehouse.versions import has_tables
from flows import console
from flows.project import Project, open_project
from resolve.errors import LockedError, WarehouseError
from resolve.schema import OPERATIONS, PUBLISHED

ENDS = [
    name
    for name in OPERATIONS["run_ledger"].names
    if name.endswith("_count") and name not in ("row_count", "new_count", "unread_count")
]


def show_status(config: Path, runs: int, *, as_json: bool) -> int:
    """Print the state of a project's warehouse; return 0. Raises WarehouseError when no run was there yet."""
    project = open_project(config)
    facts = read_status(project, runs)
    if as_json:
        console.print_json(facts)
    else:
        _print(facts)
    return 0


def read_status(project: Project, runs: int) -> dict[str, Any]:
    """Return the last `runs` runs, newest first, the cursors, the last ledger, and row counts."""
    with project.reading() as conn:
        if not has_tables(conn):
            raise WarehouseError("the warehouse holds no tables of Meibo yet. Run `meibo nightly` first")
        manifest = load_table(conn, "run_manifest").sort_values(["started_at", "run_id"], ascending=False)
        ledger = load_table(conn, "run_ledger")
        cursors = load_table(conn, "sync_state")
        counts = {name: count(conn, TABLES[name]) for name in (*PUBLISHED, "quarantine", "review_queue")}
    return {
        "warehouse": project.warehouse,
        "is_running": is_held(project),
        "runs": [_run(row) for row in _records(manifest.head(runs))],
        "cursors": _records(cursors[["source", "stream", "row_count", "updated_at", "run_id"]]),
        "ledger": _records(_last_ledger(ledger, manifest)),
        "tables": counts,
    }


def is_held(project: Project) -> bool:
    """Return whether a run holds the warehouse right now."""
    try:
        with hold(project.engine):
            return False
    except LockedError:
        return True


def _run(row: dict[str, Any]) -> dict[str, Any]:
    """Return one run with its counts as data and its length in seconds."""
    counts = json.loads(row["counts"]) if row["counts"] else {}
    ended = row["ended_at"]
    seconds = None if ended is None else round((ended - row["started_at"]).total_seconds(), 1)
    return row | {"counts": counts, "seconds": seconds}


def _last_ledger(ledger: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger of the newest run that has one."""
    having = manifest.loc[manifest["run_id"].isin(ledger["run_id"]), "run_id"]
    return ledger[ledger["run_id"] == having.iloc[0]] if len(having) else ledger.head(0)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain data."""
    rows = frame.to_dict("records")
    return [{str(key): None if pd.isna(value) else value for key, value in row.items()} for row in rows]


def _print(facts: dict[str, Any]) -> None:
    """Print the state as tables."""
    runs = [
        (
            r["run_id"],
            _state(r, facts["is_running"]),
            _when(r["started_at"]),
            r["seconds"],
            r["model_version"],
            r["message"],
        )
        for r in facts["runs"]
    ]
    console.print_table(("run", "status", "started (UTC)", "seconds", "model", "message"), runs, "Last runs")
    cursors = [(c["source"], c["stream"], int(c["row_count"]), _when(c["updated_at"])) for c in facts["cursors"]]
    console.print_table(("source", "stream", "rows landed", "last read (UTC)"), cursors, "How far each stream was read")
    if facts["ledger"]:
        columns = ("row_count", *ENDS, "new_count")
        rows = [(row["source"], row["stream"], *(int(row[c]) for c in columns)) for row in facts["ledger"]]
        names = ("source", "stream", "rows", *(end.removesuffix("_count") for end in ENDS), "new")
        console.print_table(names, rows, f"Where every row ended (run {facts['ledger'][0]['run_id']})")
    console.print_table(("table", "rows"), list(facts["tables"].items()), f"Tables in {facts['warehouse']}")


def _state(run: dict[str, Any], is_running: bool) -> str:
    """Return a run's status; one that says running while nobody holds the lock was cut off."""
    return "cut off" if run["status"] == "running" and not is_running else str(run["status"])


def _when(moment: pd.Timestamp | None) -> str:
    """Return a time to the second."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
