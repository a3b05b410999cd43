"""Replaced versions of raw rows removed, on both databases."""

from datetime import timedelta

import pandas as pd
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sources.source import Page, Raw, Reject
from connectors.warehouse.landed import last_seq, load_latest, load_marks
from connectors.warehouse.landing import land_page
from connectors.warehouse.retention import drop_superseded, empty_released
from connectors.warehouse.store import load_table

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")


def land(conn: sa.Connection, stream: str, rows: list[Raw], rejects: tuple[Reject, ...] = (), days: int = 0) -> int:
    """Land a page and return the number of the last row."""
    land_page(conn, "crm", stream, Page(rows, list(rejects), {}), "r", AT + timedelta(days=days))
    return last_seq(conn)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=20),
    marks=st.lists(st.integers(0, 20), max_size=3),
)
def test_only_replaced_versions_go(engine: sa.Engine, changes: list[tuple[str, int, bool]], marks: list[int]) -> None:
    """The newest versions stay as they are, now and as they were at the mark and behind it; a second time nothing goes."""
    with engine.connect() as conn:
        for name, value, is_deleted in changes:
            land(conn, "contacts", [Raw(name, {"value": str(value)}, deleted=is_deleted)])
        first = load_latest(conn, "crm", "contacts")
        ids = list("abc")
        for mark in marks:
            before = [load_marks(conn, "crm", "contacts", ids, upto=upto) for upto in range(mark, last_seq(conn) + 1)]
            drop_superseded(conn, mark)
            assert drop_superseded(conn, mark) == 0
            after = [load_marks(conn, "crm", "contacts", ids, upto=upto) for upto in range(mark, last_seq(conn) + 1)]
            assert after == before
        pd.testing.assert_frame_equal(load_latest(conn, "crm", "contacts"), first)
        kept = load_table(conn, "raw_record")
        old = kept[kept["seq"] <= max(marks, default=0)]
        assert not old.duplicated("source_id").any()
        conn.rollback()


def test_a_stream_that_came_later_is_looked_through_once(engine: sa.Engine) -> None:
    """What was removed is noted by stream; reading on keeps the note."""
    with engine.begin() as conn:
        land(conn, "contacts", [Raw("1", {"a": "1"})])
        assert drop_superseded(conn, land(conn, "contacts", [Raw("1", {"a": "2"})])) == 1
        land(conn, "calls", [Raw("1", {"a": "1"})])
        assert drop_superseded(conn, land(conn, "calls", [Raw("1", {"a": "2"})])) == 1
        land(conn, "calls", [Raw("2", {"a": "2"})])
        state = load_table(conn, "sync_state").set_index("stream")["dropped_to"]
        assert state.to_dict() == {"contacts": 4, "calls": 4}


def test_payloads_of_rows_that_were_accepted_long_ago_are_emptied(engine: sa.Engine) -> None:
    """Reason and times stay; open rows keep what they hold."""
    with engine.begin() as conn:
        bad = tuple(Reject(key, "missing_id", "", {"mail": "a@example.jp"}) for key in ("1", "2"))
        land(conn, "contacts", [], bad)
        land(conn, "contacts", [Raw("1", {"mail": "b@example.jp"})], days=1)
        assert empty_released(conn, AT + timedelta(days=1)) == 0
        assert empty_released(conn, AT + timedelta(days=2)) == 1
        held = load_table(conn, "quarantine").set_index("row_key")["payload"]
        assert held["1"] is None
        assert "a@example.jp" in held["2"]
