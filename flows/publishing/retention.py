"""What the settings let a run forget: versions of raw rows that newer ones replaced long ago."""

import json
from datetime import timedelta

from sqlalchemy import Connection

from connectors.warehouse.retention import drop_superseded, empty_released
from connectors.warehouse.runs import last_ended_well
from connectors.warehouse.tables import TABLES
from flows.run import Run

_MANIFEST = TABLES["run_manifest"]


def forget_versions(conn: Connection, run: Run) -> int:
    """Remove what `retention.raw_days` lets go, in the transaction that publishes; return how many versions went.

    A version goes when a run that published that long ago had seen its successor already: no later difference can ask
    for it. The newest version of a row always stays, and so do all that no published run has seen.
    """
    days = run.settings.retention.raw_days
    if days is None:
        return 0
    before = run.at.to_pydatetime() - timedelta(days=days)
    saw = last_ended_well(conn, _MANIFEST.c.watermark.is_not(None), _MANIFEST.c.ended_at < before)
    empty_released(conn, before)
    return 0 if saw is None else drop_superseded(conn, int(json.loads(saw.watermark)["seq"]))
