"""What Meibo remembers between runs: state, runs, ledger, models, judgements; and any table as a frame."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from connectors.warehouse import cells
from connectors.warehouse.asked import parts_of
from connectors.warehouse.bulk import fetch, fetch_parts, insert_rows, stored
from connectors.warehouse.judgements import newest_of
from connectors.warehouse.tables import SCHEMAS, TABLES
from connectors.warehouse.upsert import upsert_rows
from resolve.errors import WarehouseError
from resolve.schema import Column

__all__ = [
    "add_judgements",
    "end_stale_runs",
    "finish_run",
    "load_active_model",
    "load_contact_hashes",
    "load_judgements",
    "load_open_quarantine",
    "load_parts",
    "load_state",
    "load_table",
    "save_ledger",
    "save_model",
    "start_run",
]


def load_table(
    conn: sa.Connection, name: str, columns: Sequence[str] | None = None, *, where: sa.ColumnElement[bool] | None = None
) -> pd.DataFrame:
    """Return a table, or some of its columns or rows, as a frame in the order of its key."""
    if name not in TABLES:
        raise WarehouseError(f"{name} is not a table of the warehouse. There are: {', '.join(sorted(TABLES))}")
    query, kinds = _ask(name, columns)
    return fetch(conn, query if where is None else query.where(where), kinds)


def load_parts(conn: sa.Connection, name: str) -> Iterator[pd.DataFrame]:
    """Yield a table in the order of its key, some rows at a time: of a table that grows with every night."""
    return fetch_parts(conn, *_ask(name, None))


def _ask(name: str, columns: Sequence[str] | None) -> tuple[sa.Select[Any], list[Column]]:
    """Return the query for a table, or some of its columns, in the order of its key; and what the columns hold."""
    table, schema = TABLES[name], SCHEMAS[name]
    names = list(columns or schema.names)
    kinds = {c.name: c for c in schema.columns}
    query = sa.select(*(stored(table.c[n]) for n in names)).order_by(*table.primary_key.columns)
    return query, [kinds[n] for n in names]


def load_state(conn: sa.Connection) -> dict[str, pd.DataFrame]:
    """Return what a run has to know of the last one.

    links: contact_id, golden_id, previous_golden_id, linked_at. registry: golden_registry without run_id. history:
    touchpoint_id, golden_id_at_event, of attributed events. judgements: JUDGEMENTS. kept: kept_denial without run_id.
    """
    links = load_table(conn, "profile_link", ["source", "source_id", "golden_id", "previous_golden_id", "linked_at"])
    links.insert(0, "contact_id", links.pop("source") + ":" + links.pop("source_id"))
    history = TABLES["contact_history"]
    return {
        "links": links,
        "registry": load_table(conn, "golden_registry").drop(columns="run_id"),
        "history": load_table(
            conn,
            "contact_history",
            ["touchpoint_id", "golden_id_at_event"],
            where=history.c.golden_id_at_event.is_not(None),
        ),
        "judgements": load_judgements(conn),
        "kept": load_table(conn, "kept_denial").drop(columns="run_id"),
    }


def load_judgements(conn: sa.Connection) -> pd.DataFrame:
    """Return JUDGEMENTS: the newest of each pair."""
    return newest_of(load_table(conn, "judgement"))


def add_judgements(conn: sa.Connection, judgements: pd.DataFrame) -> int:
    """Append JUDGEMENTS, the smaller contact_id to the left; return how many."""
    table = TABLES["judgement"]
    last = int(conn.scalar(sa.select(sa.func.max(table.c.judgement_id))) or 0)
    swapped = judgements["contact_id_l"] > judgements["contact_id_r"]
    sides = judgements[["contact_id_l", "contact_id_r"]]
    ordered = judgements.assign(
        contact_id_l=sides["contact_id_l"].where(~swapped, sides["contact_id_r"]),
        contact_id_r=sides["contact_id_r"].where(~swapped, sides["contact_id_l"]),
        judgement_id=range(last + 1, last + 1 + len(judgements)),
    )
    _append(conn, "judgement", ordered)
    return len(ordered)


def start_run(conn: sa.Connection, run_id: str, kind: str, at: datetime, **facts: object) -> None:
    """Note a run as running; `facts` are other columns of run_manifest."""
    row = {"run_id": run_id, "kind": kind, "status": "running", "started_at": at, **facts}
    conn.execute(sa.insert(TABLES["run_manifest"]).values(row))


def finish_run(conn: sa.Connection, run_id: str, status: str, at: datetime, **facts: object) -> None:
    """Note how a run ended; `facts` are other columns of run_manifest. What was published has not failed any more."""
    table = TABLES["run_manifest"]
    here = table.c.run_id == run_id
    if status == "failed":
        here &= table.c.status == "running"
    conn.execute(sa.update(table).where(here).values(status=status, ended_at=at, **facts))


def end_stale_runs(conn: sa.Connection, at: datetime) -> int:
    """Note runs that never said how they ended as failed; call it while holding the lock, before starting a run."""
    table = TABLES["run_manifest"]
    ended = {"status": "failed", "ended_at": at, "message": "the process ended without saying why, say by a kill"}
    return int(conn.execute(sa.update(table).where(table.c.status == "running").values(ended)).rowcount)


def save_ledger(conn: sa.Connection, ledger: pd.DataFrame) -> None:
    """Append rows of run_ledger."""
    _append(conn, "run_ledger", ledger)


def load_open_quarantine(conn: sa.Connection, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the rows of quarantine that are not resolved, or some of their columns."""
    return load_table(conn, "quarantine", columns, where=TABLES["quarantine"].c.resolved_at.is_(None))


def save_model(conn: sa.Connection, version: str, body: str, at: datetime, **facts: object) -> None:
    """Store a model version; `facts` are other columns of model_version. An active one takes over from the last."""
    table = TABLES["model_version"]
    row: Mapping[str, Any] = {
        "version": version, "body": body, "created_at": at,
        "is_active": True, "trained_on": None, "report": None, "run_id": None, **facts,
    }  # fmt: skip
    if row["is_active"]:
        conn.execute(sa.update(table).where(table.c.is_active).values(is_active=False))
    upsert_rows(conn, table, [row], once={"created_at"})


def load_active_model(conn: sa.Connection) -> sa.Row[Any] | None:
    """Return the row of model_version that the next run uses; None before the first."""
    table = TABLES["model_version"]
    return conn.execute(sa.select(table).where(table.c.is_active).order_by(table.c.created_at.desc())).first()


def _append(conn: sa.Connection, name: str, frame: pd.DataFrame) -> None:
    """Append a frame's rows to a table."""
    schema = SCHEMAS[name]
    insert_rows(conn, TABLES[name], cells.rows_of(cells.encode(frame, schema, conn.dialect.name)))


def load_contact_hashes(conn: sa.Connection, contact_ids: Sequence[str]) -> dict[str, str]:
    """Return contact_id and content_hash of those of the contacts that are stored."""
    table = TABLES["contact"]
    found: dict[str, str] = {}
    for part in parts_of(contact_ids):
        query = sa.select(table.c.contact_id, table.c.content_hash).where(table.c.contact_id.in_(part))
        found.update((row[0], row[1]) for row in conn.execute(query))
    return found
