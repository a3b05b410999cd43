"""`meibo runs`: the runs of a warehouse, one of them in detail, and its report as a page."""

from typing import Any

from sqlalchemy import Connection

from connectors.warehouse.lock import is_held
from connectors.warehouse.runs import load_ledgers, load_report, load_runs
from connectors.warehouse.versions import has_tables
from flows import console, exits
from flows.options import RunsOptions
from flows.project import Project, open_published
from flows.reports.summary import print_gates, print_profiles, print_warnings, quarantined, why_everything
from resolve.errors import ConfigError, WarehouseError, counted

LAST = "last"


def show_runs(options: RunsOptions) -> int:
    """List the last runs, or show one, or write its page; return the exit code.

    Raises ConfigError when no run has such a name, WarehouseError when no run was there yet.
    """
    with open_published(options.config) as project:
        return _show(project, options)


def _show(project: Project, options: RunsOptions) -> int:
    """Do it with the project that is open."""
    if options.run_id is None and options.html is None:
        runs = list_runs(project, options.limit)
        if options.json:
            console.print_json({"runs": runs, "exit_code": exits.OK})
        else:
            print_runs(runs)
        return exits.OK
    run = find_run(project, options.run_id or LAST)
    if options.html is not None:
        from flows.reports.page import write_page

        with project.reading() as conn:
            write_page(conn, run, options.html)
        console.say(f"wrote {options.html}")
    if options.json:
        console.print_json(run | {"exit_code": exits.OK})
    elif options.html is None:
        _print_run(run)
    return exits.OK


def list_runs(project: Project, limit: int) -> list[dict[str, Any]]:
    """Return the last runs, newest first; one that was cut off says so."""
    held = is_held(project.engine)
    with project.reading() as conn:
        _need_tables(conn)
        return [run | {"status": _state(run, held)} for run in load_runs(conn, limit)]


def _need_tables(conn: Connection) -> None:
    """Raise WarehouseError, which says what to run, where no run has made the tables yet."""
    if not has_tables(conn):
        raise WarehouseError("the warehouse holds no tables of Meibo yet. Run `meibo nightly` first")


def find_run(project: Project, name: str) -> dict[str, Any]:
    """Return a run by its ID, the start of it, or `last`, with its ledger and the report that it left."""
    held = is_held(project.engine)
    with project.reading() as conn:
        _need_tables(conn)
        found = load_runs(conn, 2, None if name == LAST else name)
        if not found or (len(found) > 1 and name not in (LAST, found[0]["run_id"], found[1]["run_id"])):
            few = "no run" if not found else "more than one run"
            raise ConfigError(f"{few} begins with {name}; `meibo runs` lists them")
        run = next((row for row in found if row["run_id"] == name), found[0])
        return read_run(conn, run) | {"status": _state(run, held)}


def read_run(conn: Connection, run: dict[str, Any]) -> dict[str, Any]:
    """Return a run with its `ledger` (rows of run_ledger) and its `report` (None when it was cut off)."""
    ledger = load_ledgers(conn, [run["run_id"]]).to_dict("records")
    return run | {"ledger": ledger, "report": load_report(conn, run["run_id"])}


def _state(run: dict[str, Any], is_running: bool) -> str:
    """Return a run's status; one that says running while nobody holds the lock was cut off."""
    return "cut off" if run["status"] == "running" and not is_running else str(run["status"])


def print_runs(runs: list[dict[str, Any]]) -> None:
    """Print runs as a table."""
    columns = ("run", "kind", "status", "started (UTC)", "seconds", "records", "profiles", "message")
    rows = [
        (
            run["run_id"],
            run["kind"],
            run["status"],
            f"{run['started_at']:%Y-%m-%d %H:%M:%S}",
            run["seconds"],
            run["counts"].get("contacts"),
            run["counts"].get("profiles"),
            (run["message"] or "").partition("\n")[0],
        )
        for run in runs
    ]
    console.print_table(columns, rows, "Last runs")


def _print_run(run: dict[str, Any]) -> None:
    """Print one run: how it ended, sources, gates, profiles, times."""
    out = console.out()
    took = "" if run["seconds"] is None else f" in {run['seconds']} s"
    out.print(f"[bold]{run['kind']} run {run['run_id']}[/bold]: {run['status']}{took}")
    if run["message"]:
        out.print(run["message"], markup=False, style="red")
    report = run["report"] or {}
    rows = [(r["source"], r["stream"], r["read"], r["new"], quarantined(r)) for r in report.get("sources", ())]
    if rows:
        console.print_table(("source", "stream", "rows read", "new or changed", "in quarantine"), rows)
    print_warnings(report)
    print_gates(report.get("gates", []))
    print_profiles(report)
    for sample in report.get("samples", ()):
        others = f" ({', '.join(sample['others'])})" if sample["others"] else ""
        records = counted(sample["records"], "record")
        out.print(f"{sample['type']}: {sample['golden_id']}{others}, {records}", markup=False)
    for text in why_everything(report):
        out.print(text)
    if report.get("seconds"):
        out.print("seconds: " + ", ".join(f"{name} {spent:.1f}" for name, spent in report["seconds"].items()))
    if run["model_version"]:
        out.print(f"model {run['model_version']}, Meibo {run['meibo_version']}")
