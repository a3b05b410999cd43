"""What a publish notes besides the tables: the ledger, the merges that sources tell, and how far it went."""

from collections.abc import Mapping

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.merges import replace_merges
from connectors.warehouse.store import save_ledger
from flows.intake.basis import find_basis
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
    return prepared.books.watermark.to_json()


def close_unchanged(conn: Connection, run: Run, prepared: Prepared, readings: list[StreamReading]) -> str:
    """Do the same when no table changed; return the watermark for the run's row.

    The ledger is stored only where a count changed, say that of the quarantine. When everything was prepared, there is
    nothing to count from: then the watermark stays, and the next difference finds what was landed since.
    """
    if prepared.delta.full:
        basis = find_basis(conn)
        return (prepared.books.watermark if basis is None else basis.watermark).to_json()
    ledger = count_rows(conn, run, prepared, readings, {})
    if is_news(prepared, ledger):
        save_ledger(conn, ledger)
    replace_merges(conn, prepared.books.merges, run.run_id)
    return prepared.books.watermark.to_json()
