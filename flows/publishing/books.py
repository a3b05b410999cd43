"""What a publish notes besides the tables: the ledger, the merges that sources tell, and how far it went."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.emptied import filled_tables
from connectors.warehouse.merges import replace_merges
from connectors.warehouse.runs import newest_ledger
from connectors.warehouse.store import load_table, save_ledger
from flows.intake.extract import StreamReading
from flows.intake.prepared import Prepared
from flows.publishing.ledger import build_ledger, check_ledger
from flows.publishing.ledger_changes import extend_ledger, is_news
from flows.run import Run


def count_rows(
    conn: Connection, run: Run, prepared: Prepared, readings: list[StreamReading], tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the ledger of a run that is about to publish `tables`; raise GateError when it does not add up."""
    if prepared.delta.full:
        ledger = build_ledger(run.run_id, prepared, readings, dict(tables))
    else:
        ledger = extend_ledger(conn, run, prepared, readings, tables)
    check_ledger(ledger)
    return ledger


def close_books(conn: Connection, run: Run, prepared: Prepared, ledger: pd.DataFrame) -> str:
    """Store the ledger and the merges, in the transaction that publishes; return the watermark for the run's row."""
    save_ledger(conn, ledger)
    replace_merges(conn, prepared.books.merges, run.run_id)
    return _watermark(conn, prepared)


def close_unchanged(conn: Connection, run: Run, prepared: Prepared, readings: list[StreamReading]) -> str:
    """Do the same when no table changed; return the watermark for the run's row.

    The ledger is stored only where a count changed, say that of the quarantine. When everything was prepared, the
    published tables are those of this input, and are counted themselves.
    """
    full = prepared.delta.full
    ledger = count_rows(conn, run, prepared, readings, _published(conn) if full else {})
    if is_news(newest_ledger(conn) if full else prepared.books.before, ledger):
        save_ledger(conn, ledger)
    replace_merges(conn, prepared.books.merges, run.run_id)
    return _watermark(conn, prepared)


def _watermark(conn: Connection, prepared: Prepared) -> str:
    """Return how far the tables reflect what there is, with the tables that have rows now."""
    return replace(prepared.books.watermark, filled=filled_tables(conn)).to_json()


def _published(conn: Connection) -> dict[str, pd.DataFrame]:
    """Return of the published tables what a ledger counts."""
    row = ["source", "source_id", "golden_id"]
    links, history = load_table(conn, "profile_link", row), load_table(conn, "contact_history", ["touchpoint_id", *row])
    return {"profile_link": links, "contact_history": history}
