"""One run: its name, time and lock, its transactions, and its row in the manifest from begin to end."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from connectors.settings.project import Settings
from connectors.warehouse.dialects import sqlite_path
from connectors.warehouse.lake import run_of
from connectors.warehouse.lock import Hold, hold
from connectors.warehouse.runs import last_begin, published_runs
from connectors.warehouse.staging_file import remove_stale
from connectors.warehouse.store import end_stale_runs, finish_run, start_run
from connectors.warehouse.versions import create_tables
from flows.memory import collecting_less
from flows.progress import Progress
from flows.project import Project, Transactions, open_transactions
from resolve.errors import MeiboError

SKEW = timedelta(hours=1)  # that clocks of machines differ


@dataclass(frozen=True, slots=True)
class Run:
    """What every stage of a run is given; `accept` names the gates that may be over budget.

    `notes` is where stages leave what the report shows even of a run that failed: `gates`, `sources`, `begin`,
    `warnings`. `ending` closes what they leave open, however the run ends.
    """

    run_id: str
    at: pd.Timestamp
    settings: Settings
    transactions: Transactions
    lock: Hold
    progress: Progress
    dry_run: bool
    workers: int
    kind: str = "nightly"
    accept: frozenset[str] = frozenset()
    notes: dict[str, Any] = field(default_factory=dict)
    ending: ExitStack = field(default_factory=ExitStack)


def new_run_id(at: datetime) -> str:
    """Return a name for a run that sorts by its time and is not used twice: `20261102T030405Z-5f3a`."""
    return f"{at:%Y%m%dT%H%M%SZ}-{os.urandom(2).hex()}"


@contextmanager
def open_run(
    project: Project,
    kind: str,
    progress: Progress,
    *,
    dry_run: bool = False,
    workers: int = 1,
    accept: frozenset[str] = frozenset(),
) -> Iterator[Run]:
    """Hold the lock, note the run as running, and yield it; an error notes it as failed and goes on.

    Whoever ends the run well says so with `end_run`, in the transaction that publishes. Raises LockedError at once when
    another run holds the warehouse.
    """
    now = datetime.now(UTC)
    transacting = open_transactions(project.engine, dry_run=dry_run)
    with collecting_less(), hold(project.engine) as lock, transacting as transactions:
        remove_stale(sqlite_path(project.engine))
        with transactions.begin() as conn:
            create_tables(conn, now)
            last, is_first = last_begin(conn), not published_runs(conn, 1)
        at = _after_last(last, now)
        run_id = new_run_id(at)
        run = Run(
            run_id, pd.Timestamp(at), project.settings, transactions, lock, progress, dry_run, workers, kind, accept
        )
        run.notes["begin"] = [*_doubt_clock(last, now), *(_doubt_warehouse(run) if is_first else ())]
        with transactions.writing() as conn:
            end_stale_runs(conn, at)
            _note_begin(conn, run)
        try:
            with run.ending:
                yield run
        except BaseException as error:
            _note_failure(run, error)
            raise


def _after_last(last: datetime | None, now: datetime) -> datetime:
    """Return the time of a run: histories are in the order of the runs, whatever was done to the clock between them."""
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _doubt_clock(last: datetime | None, now: datetime) -> list[str]:
    """Return a warning where the last run began later than it is now by more than clocks differ; none otherwise."""
    if last is None or last - now <= SKEW:
        return []
    said = f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, the last run began at {last:%Y-%m-%d %H:%M}"
    after = "Until the clock has passed it, runs are dated just after that one (docs/runbook.md, Clocks)"
    return [f"{said}: was one of both wrong? {after}"]


def _doubt_warehouse(run: Run) -> list[str]:
    """Return a warning where nothing is published here yet, but as Parquet, as where a disk is not mounted."""
    folder = run.settings.publish.parquet
    known = folder and run_of(folder)
    if not known:
        return []
    said = f"nothing is published in this warehouse yet, but publish.parquet holds the tables of run {known}"
    return [f"{said}: is it the right one? Its golden IDs are minted anew, and not all are the ones there"]


def _note_begin(conn: Connection, run: Run) -> None:
    """Write that the run is at work."""
    start_run(
        conn,
        run_id=run.run_id,
        kind=run.kind,
        at=run.at.to_pydatetime(),
        config_hash=run.settings.config_hash,
        meibo_version=version("meibo"),
    )


def _note_failure(run: Run, error: BaseException) -> None:
    """Write that the run failed, and why."""
    with (  # when the warehouse is what failed, the first error is the one to show
        suppress(MeiboError),
        run.transactions.writing() as conn,
    ):
        end_run(conn, run, "failed", message=explain_end(error))


def explain_end(error: BaseException) -> str:
    """Return why a run failed; the message of an unforeseen error stays out, it may hold personal values."""
    if isinstance(error, MeiboError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "stopped from the keyboard"
    name = type(error).__name__
    return "stopped by a signal (SIGTERM)" if name in ("TerminationSignal", "SystemExit") else name


def end_run(conn: Connection, run: Run, status: str, **facts: object) -> None:
    """Write how a run ended; `facts` are columns of run_manifest (counts as a mapping)."""
    counts = facts.pop("counts", None)
    if counts is not None:
        facts["counts"] = json.dumps(counts, ensure_ascii=False, sort_keys=True, default=str)
    finish_run(conn, run.run_id, status=status, at=max(datetime.now(UTC), run.at.to_pydatetime()), **facts)
