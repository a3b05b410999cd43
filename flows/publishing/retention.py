"""What the settings let a run forget: versions of raw rows that newer ones replaced long ago."""

import json
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from connectors.warehouse.retention import drop_superseded, empty_released
from connectors.warehouse.runs import ENDED_WELL, PUBLISHING
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
    ended = sa.select(_MANIFEST.c.watermark).where(
        _MANIFEST.c.status.in_(ENDED_WELL),
        _MANIFEST.c.kind.in_(PUBLISHING),
        _MANIFEST.c.watermark.is_not(None),
        _MANIFEST.c.ended_at < before,
    )
    told = conn.scalar(ended.order_by(_MANIFEST.c.started_at.desc()).limit(1))
    empty_released(conn, before)
    return drop_superseded(conn, int(json.loads(told)["seq"])) if told else 0
