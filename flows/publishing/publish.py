"""Fourth stage: gates, then every table, the ledger, the model and the run's row in one transaction."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.blocking_index import write_index
from connectors.warehouse.diff import Changes
from connectors.warehouse.lake import export_parquet
from connectors.warehouse.publish import publish_begun, publish_tables
from connectors.warehouse.staged_rows import Content, Later
from connectors.warehouse.touchpoints import touchpoint_rows
from flows.intake.extract import Extraction
from flows.intake.incremental import contact_parts, index_everything, publish_difference
from flows.intake.prepared import Prepared
from flows.memory import give_back
from flows.models import TRAIN_FROM, store_model
from flows.publishing.begin import begin_index, judging, publishing
from flows.publishing.books import close_books, close_unchanged, count_rows
from flows.publishing.gates import Night, check_gates
from flows.publishing.ledger_changes import check_growth
from flows.publishing.retention import forget_versions
from flows.run import Run, end_run
from flows.unify import Decided, Unified
from resolve.increment.resolve_change import PartialResolution
from resolve.schema import OPERATIONS, PUBLISHED, check_key, empty


@dataclass(frozen=True, slots=True)
class Published:
    """How the run ended, and what changed in each table; without changes nothing was written but the run's row."""

    status: str
    changes: dict[str, Changes]
    ledger: pd.DataFrame = field(default_factory=lambda: empty(OPERATIONS["run_ledger"]))


def publish_run(run: Run, extraction: Extraction, prepared: Prepared, unified: Unified) -> Published:
    """Publish the resolution, or note that nothing changed; readers see all of it or nothing.

    Raises GateError when the ledger does not add up or more would change than `gates` allow, WarehouseError when the
    lock was lost; the tables stay as before.
    """
    run.progress.stage("publish")
    give_back()
    run.lock.check()
    failures = extraction.failures
    message = "\n".join(failures) or None
    if unified.resolution is None:
        status = "partial" if failures else "unchanged"
        with run.transactions.writing() as conn:
            watermark = close_unchanged(conn, run, prepared, extraction.readings)
            forget_versions(conn, run)
            _end(conn, run, status, unified, message=message, watermark=watermark)
            run.lock.check()
        _export(run)
        return Published(status, {})
    status = "partial" if failures else "succeeded"
    with publishing(run, unified.begun) as conn:
        changes, ledger = _write(conn, run, (extraction, prepared, unified, unified.resolution))
        # a model fitted to a part of the sources, or to next to nothing, is not kept for the nights to come
        keep = not failures and len(prepared.contacts) >= TRAIN_FROM
        store_model(conn, run, unified.chosen, active=keep)
        watermark = close_books(conn, run, prepared, ledger)
        forget_versions(conn, run)
        _end(conn, run, status, unified, counts=unified.counts, message=message, watermark=watermark)
        run.lock.check()  # writing takes minutes: whoever lost the lock meanwhile may not be alone
    _export(run)
    return Published(status, changes, ledger)


def _export(run: Run) -> None:
    """Write the published tables as Parquet where the settings ask for it; the next run makes up for a kill here."""
    folder = run.settings.publish.parquet
    if folder is not None and not run.dry_run:
        with run.transactions.begin() as conn:
            export_parquet(conn, folder)


Result = tuple[Extraction, Prepared, Unified, Decided]


def _write(conn: Connection, run: Run, result: Result) -> tuple[dict[str, Changes], pd.DataFrame]:
    """Write tables and events; return what changed in each table, and the ledger, which is still to be stored.

    Raises GateError when the ledger does not add up or too much would change.
    """
    _, prepared, unified, resolution = result
    if unified.begun is not None and unified.encoded is not None:
        with judging(run, unified.begun, conn) as free:
            ledger = _check(free, run, result)
        begin_index(unified.begun, unified.encoded, unified.chosen.model)
        for name in unified.begun.names:  # held no longer than until they are taken
            resolution.tables.pop(name, None)
        return publish_begun(conn, unified.begun, resolution.tables, resolution.events), ledger
    ledger = _check(conn, run, result)
    if isinstance(resolution, PartialResolution):
        changes = publish_difference(conn, resolution, prepared.delta, run_id=run.run_id, at=run.at)
        check_growth(prepared, changes)
        return changes, ledger
    tables = _each_once(resolution.tables)
    tables["touchpoint"] = Later(len(prepared.touchpoints), lambda: [touchpoint_rows(prepared.touchpoints)])
    tables["contact"] = Later(len(prepared.contacts), partial(contact_parts, prepared.contacts))
    contacts = prepared.contacts if unified.encoded is None else unified.encoded
    with ThreadPoolExecutor(1) as pool:  # the index is computed while the database writes the tables
        index = pool.submit(index_everything, contacts, unified.chosen.model)
        changes = publish_tables(conn, tables, run_id=run.run_id, at=run.at, events=resolution.events)
        if (slices := index.result()) is not None:
            write_index(conn, slices)
    return changes, ledger


def _check(conn: Connection, run: Run, result: Result) -> pd.DataFrame:
    """Return the ledger; raise GateError when it does not add up or too much would change."""
    extraction, prepared, _, resolution = result
    ledger = count_rows(conn, run, prepared, extraction.readings, resolution.tables)
    check_gates(conn, run, Night(resolution.events, resolution.tables["golden_profile"], ledger))
    return ledger


def _each_once(tables: dict[str, pd.DataFrame]) -> dict[str, Content]:
    """Return the tables, checked, to be taken one by one: what is staged is held no longer."""
    for name, frame in tables.items():
        check_key(frame, (PUBLISHED | OPERATIONS)[name])
    return {name: Later(len(frame), partial(_taken, tables, name)) for name, frame in tables.items()}


def _taken(tables: dict[str, pd.DataFrame], name: str) -> Iterator[pd.DataFrame]:
    """Yield a table, which is held no longer."""
    yield tables.pop(name)


def _end(conn: Connection, run: Run, status: str, unified: Unified, **facts: object) -> None:
    """Write the run's row."""
    version = unified.chosen.version
    end_run(conn, run, status, input_hash=unified.input_hash, model_version=version, **facts)
