"""`meibo status`: the last runs, how far each stream was read, where every row ended, and how full the tables are."""

from pathlib import Path
from typing import Any

import pandas as pd

from connectors.warehouse.diff import count
from connectors.warehouse.lock import is_held
from connectors.warehouse.runs import newest_ledger
from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES
from flows import console, exits
from flows.project import Project, open_published
from flows.reports.runs import list_runs, print_runs
from resolve.schema import OPERATIONS, PUBLISHED

ENDS = [
    name
    for name in OPERATIONS["run_ledger"].names
    if name.endswith("_count") and name not in ("row_count", "new_count", "unread_count")
]


def show_status(config: Path, runs: int, *, as_json: bool) -> int:
    """Print the state of a project's warehouse; return 0. Raises WarehouseError when no run was there yet."""
    with open_published(config) as project:
        facts = read_status(project, runs)
    if as_json:
        console.print_json(facts | {"exit_code": exits.OK})
    else:
        _print(facts)
    return exits.OK


def read_status(project: Project, runs: int) -> dict[str, Any]:
    """Return the last `runs` runs, newest first, the cursors, the last ledger, and row counts."""
    listed = list_runs(project, runs)
    with project.reading() as conn:
        cursors = load_table(conn, "sync_state")
        ledger = newest_ledger(conn)
        counts = {name: count(conn, TABLES[name]) for name in (*PUBLISHED, "quarantine", "review_queue")}
    return {
        "warehouse": project.warehouse,
        "is_running": is_held(project.engine),
        "runs": listed,
        "cursors": _records(cursors[["source", "stream", "row_count", "updated_at", "run_id"]]),
        "ledger": _records(ledger),
        "tables": counts,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain data."""
    rows = frame.to_dict("records")
    return [{str(key): None if pd.isna(value) else value for key, value in row.items()} for row in rows]


def _print(facts: dict[str, Any]) -> None:
    """Print the state as tables."""
    print_runs(facts["runs"])
    cursors = [(c["source"], c["stream"], int(c["row_count"]), _when(c["updated_at"])) for c in facts["cursors"]]
    console.print_table(("source", "stream", "rows landed", "last read (UTC)"), cursors, "How far each stream was read")
    if facts["ledger"]:
        columns = ("row_count", *ENDS, "new_count")
        rows = [(row["source"], row["stream"], *(int(row[c]) for c in columns)) for row in facts["ledger"]]
        names = ("source", "stream", "rows", *(end.removesuffix("_count") for end in ENDS), "new")
        console.print_table(names, rows, f"Where every row ended (run {facts['ledger'][0]['run_id']})")
    console.print_table(("table", "rows"), list(facts["tables"].items()), f"Tables in {facts['warehouse']}")


def _when(moment: pd.Timestamp | None) -> str:
    """Return a time to the second."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
