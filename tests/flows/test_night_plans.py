"""A night's statements go by an index: none walks through a table that grows with the register."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from connectors.warehouse import bulk
from connectors.warehouse.landed import RAW

GROWING = {
    "raw_record", "contact", "touchpoint", "match_edge", "review_queue", "blocking_index", "source_merge",
    "golden_profile", "golden_profile_history", "profile_link", "profile_identifier", "contact_history",
    "golden_lineage", "golden_registry", "golden_id_redirect", "former_member", "kept_denial", "identity_event",
}  # fmt: skip
NO_WALK = (" LIMIT ", "0 = 1")  # the first row alone, or none


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Collect the statements on SQLite that walk through a table that grows, with what SQLite says of them."""
    monkeypatch.setattr(bulk, "FILE_ROWS", 10**9)  # tables staged in files are not there when a plan is asked for
    found: set[str] = set()

    def explain(conn: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        verb = statement.split(maxsplit=1)[0].upper()
        if many or verb not in ("SELECT", "INSERT", "UPDATE", "DELETE") or any(one in statement for one in NO_WALK):
            return
        raw = conn.connection.dbapi_connection
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        walked = [line for line in plan if line.startswith("SCAN") and line.split()[1] in GROWING]
        found.update(f"{line}: {statement}" for line in walked)

    sa.event.listen(Engine, "before_cursor_execute", explain)
    yield found
    sa.event.remove(Engine, "before_cursor_execute", explain)


def test_a_night_of_differences_walks_through_no_table(small: Any, walks: set[str]) -> None:
    """Contacts and events are edited, new and gone; every statement of the night is explained before it runs."""
    small.freeze().run()
    walks.clear()  # the first run reads what it has just written
    small.sales[0]["mail"] = "else@example.jp"
    small.sales.append(small.sales[1] | {"id": "S999", "tel": ""})
    del small.sales[5], small.calls[0]
    small.write()
    assert small.run(alone=True)["status"] == "succeeded"
    assert not walks


def test_a_statement_that_walks_is_seen(small: Any, walks: set[str]) -> None:
    """Counting what was landed by the columns of an index, as nights once did."""
    small.freeze().run()
    walks.clear()
    query = sa.select(RAW.c.source, RAW.c.stream, sa.func.count()).where(RAW.c.seq > 1)
    engine = sa.create_engine(f"sqlite:///{small.folder / 'meibo.db'}")
    with engine.connect() as conn:
        conn.execute(query.group_by(RAW.c.source, RAW.c.stream))
    engine.dispose()
    assert [walk.split(":")[0] for walk in walks] == [
        "SCAN raw_record USING COVERING INDEX ix_raw_record_source_stream_source_id_seq_payload_hash"
    ]
