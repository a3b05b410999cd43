"""Landing by the times that sources give their rows: another time of the same row, and rows older than what is landed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from connectors.sources.source import Page, Raw
from connectors.warehouse.landing import LandingCounts, land_page, load_latest

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")


def land(engine: sa.Engine, rows: Sequence[Raw]) -> LandingCounts:
    """Land one page of the stream crm.contacts in a transaction of its own."""
    with engine.begin() as conn:
        return land_page(conn, "crm", "contacts", Page(list(rows), [], {}), "r1", AT)


def row(name: str, at: str | None, source_id: str = "1", **marks: Any) -> Raw:
    """Return a raw row whose payload holds its time."""
    return Raw(source_id, {"name": name, "at": at}, at, **marks)


def latest(engine: sa.Engine, column: str) -> list[Any]:
    """Return a column of the latest versions, ordered by id."""
    with engine.connect() as conn:
        values: list[Any] = load_latest(conn, "crm", "contacts")[column].tolist()
    return values


def test_a_time_that_the_settings_name_later_reaches_rows_that_are_landed(engine: sa.Engine) -> None:
    """The payload is the same; what tells the newer of two records of a customer is not."""
    payload = {"name": "A", "made": "2026-01-01", "changed": "2026-03-01"}
    for time, new in ((None, 1), ("2026-01-01", 1), ("2026-03-01", 1), ("2026-03-01", 0), ("2026-01-01", 1)):
        assert land(engine, [Raw("1", payload, time)]).new == new
        assert latest(engine, "updated_at") == [time]


def test_when_a_loader_wrote_a_row_is_no_change_of_it(engine: sa.Engine) -> None:
    """Such a time is in no payload: every load would land every row anew."""
    assert land(engine, [Raw("1", {"name": "A"}, None)]).new == 1
    assert land(engine, [Raw("1", {"name": "A"}, "2026-03-01")]).new == 1
    assert land(engine, [Raw("1", {"name": "A"}, "2026-03-02")]) == LandingCounts(1, 0, 1, 0)
    assert land(engine, [Raw("1", {"name": "A"}, None)]).new == 0
