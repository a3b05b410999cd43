"""Landing by the times that sources give their rows: another time of the same row, and rows older than what is landed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.sources.source import Page, Raw
from connectors.warehouse.landed import load_latest
from connectors.warehouse.landing import LandingCounts, land_page

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


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2026-01-31", "2026-03-01"),
        ("2026-01-31T10:00:00", "2026-03-01T09:00:00.5"),
        ("2026-03-01T18:00:00+09:00", "2026-03-01T09:30:00Z"),
        ("2026/2/28 9:05", "2026/3/1 10:05"),
        ("2026年1月5日", "2026年11月1日"),
        ("13/01/2026", "25/01/2026"),
        ("1767225600", "1772323200"),
        ("1767225600000", "1772323200000"),
    ],
)
def test_a_row_older_than_its_latest_version_is_not_landed(engine: sa.Engine, older: str, newer: str) -> None:
    """A file of January that is sent again puts nobody back to January; the row counts as read."""
    assert land(engine, [row("March", newer)]).new == 1
    assert land(engine, [row("January", older)]) == LandingCounts(read=1, new=0, unchanged=1, quarantined=0)
    assert latest(engine, "updated_at") == [newer]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01", None),
        (None, "2026-03-01"),
        ("2026-03-01T00:00:00", "2026-02-01 00:00:00"),
        ("2026-03-01T09:00:00", "2026-03-01T01:00:00Z"),
        ("2026-03-01 10:00:00", "2026-03-01"),
        ("05/02/2026", "04/03/2026"),
        ("soon", "2026-02-01"),
        ("20260301", "1767225600"),
        ("2099-01-01", "2026-03-01"),
    ],
)
def test_a_row_that_is_not_known_to_be_older_is_landed(engine: sa.Engine, before: Any, after: Any) -> None:
    """Equal times, none, two notations, either order of day and month, and a time that nobody has reached yet."""
    land(engine, [row("before", before)])
    assert land(engine, [row("after", after)]).new == 1


def test_a_tombstone_without_a_time_still_applies_and_an_older_row_does_not_undo_a_newer_one(engine: sa.Engine) -> None:
    """What a snapshot misses is gone, whenever it was changed; a deletion that is told with a time has its order."""
    land(engine, [row("A", "2026-03-01"), row("B", "2026-03-01", "2")])
    counts = land(engine, [Raw("1", {}, None, deleted=True), row("B", "2026-04-01", "2", deleted=True)])
    assert (counts.new, latest(engine, "deleted")) == (2, [True, True])
    assert land(engine, [row("B", "2026-03-01", "2")]).new == 0
    assert land(engine, [row("A", "2026-01-01")]).new == 1  # it came back, with the time that it has


def test_versions_of_one_row_in_a_page_go_by_their_times_too(engine: sa.Engine) -> None:
    """Each is compared with the newest one before it, landed or of the same page."""
    rows = [row(at, at) for at in ("2026-02-01", "2026-01-01", "2026-01-15", "2026-03-01", "2026-02-15")]
    assert land(engine, rows).new == 2
    assert latest(engine, "updated_at") == ["2026-03-01"]
    assert land(engine, rows).new == 0


def test_times_of_another_column_tell_no_order(engine: sa.Engine) -> None:
    """The settings named the last login, and name the last change now, which was earlier: the row is still the newer."""
    land(engine, [Raw("1", {"name": "A", "login": "2026-03-01", "changed": "2026-01-01"}, "2026-03-01")])
    now = Raw("1", {"name": "B", "login": "2026-03-01", "changed": "2026-02-01"}, "2026-02-01")
    assert land(engine, [now]).new == 1
    assert land(engine, [now]).new == 0
