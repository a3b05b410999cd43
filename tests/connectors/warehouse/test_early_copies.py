"""The first publish of a PostgreSQL warehouse, copied while the run computes: the same rows, seen at its end alone."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.blocking_index import find_members, packed_parts, slice_entries
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.early import is_first
from connectors.warehouse.early_copies import begin_copying
from connectors.warehouse.plans import Stamps
from connectors.warehouse.publish import publish_begun, publish_tables
from connectors.warehouse.staged_rows import Later
from connectors.warehouse.versions import create_tables
from resolve.errors import SchemaError

pytestmark = pytest.mark.postgres

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")
STAMPS = Stamps("run0", AT)
KEYS = np.sort(np.random.default_rng(5).integers(0, 2**63, 4_000).astype(np.uint64))
GOLDEN = [f"G{number:04}" for number in range(300)]


def tables() -> dict[str, pd.DataFrame]:
    """Return some tables of a first run, with gaps that the warehouse fills."""
    facts: dict[str, Any] = {"party_type": "person", "record_count": 1, "source_count": 1, "sources": "crm"}
    facts |= {"status": "active", "contact_count": 0, "open_case_count": 0, "match_confidence": 0.75}
    profile = pd.DataFrame({"golden_id": GOLDEN, "full_name": [None, "山田"] * 150}, dtype=object)
    link = pd.DataFrame({"source_id": GOLDEN, "golden_id": GOLDEN}, dtype=object)
    return {
        "golden_profile": profile.assign(**facts),
        "profile_link": link.assign(source="crm", link_type="auto", match_probability=0.5),
        "golden_id_redirect": pd.DataFrame({"golden_id": GOLDEN, "current_golden_id": GOLDEN}, dtype=object),
    }


def events() -> pd.DataFrame:
    """Return an event for each profile."""
    return pd.DataFrame({"golden_id": GOLDEN, "type": "created", "records": "+crm:1", "at": AT})


@pytest.fixture
def opened(postgres: Callable[[], str]) -> Iterator[Callable[[], sa.Engine]]:
    """Yield a function that opens new warehouses."""
    engines: list[sa.Engine] = []

    def open_new() -> sa.Engine:
        engines.append(open_engine(postgres()))
        with engines[-1].begin() as conn:
            create_tables(conn, AT)
        return engines[-1]

    yield open_new
    for engine in engines:
        engine.dispose()


def dump(engine: sa.Engine) -> dict[str, Any]:
    """Return the rows and the indexes of every table."""
    with engine.connect() as conn:
        names = sorted(sa.inspect(conn).get_table_names())
        rows = {name: sorted(map(tuple, conn.exec_driver_sql(f'SELECT * FROM "{name}"')), key=repr) for name in names}
        return rows | {"indexes": sorted(conn.scalars(sa.text("SELECT indexname FROM pg_indexes")))}


def test_what_was_copied_before_is_published_as_it_would_be_in_one_go(opened: Callable[[], sa.Engine]) -> None:
    """Tables begun early, tables given at the end: the same rows and indexes; readers see none before the commit."""
    plain, begun = opened(), opened()
    with plain.begin() as conn:
        publish_tables(conn, tables(), run_id="run0", at=AT, events=events())
    empty = dump(begun)
    with begun.begin() as conn:
        early = begin_copying(conn, STAMPS)
        early.add("profile_link", Later(300, lambda: [tables()["profile_link"][:9], tables()["profile_link"][9:]]))
        early.add_index(lambda: packed_parts(slice_entries([(KEYS, np.arange(len(KEYS)))])))
        changes = publish_begun(conn, early, tables(), events())
        place, member = find_members(conn, KEYS)
        assert {name: rows for name, rows in dump(begun).items() if name != "indexes"} == {
            name: rows for name, rows in empty.items() if name != "indexes"
        }
    assert {name: change.inserted for name, change in changes.items()} == dict.fromkeys(
        [*tables(), "identity_event"], 300
    )
    assert sorted(zip(place.tolist(), member.tolist(), strict=True)) == [(n, n) for n in range(len(KEYS))]
    with begun.connect() as conn:
        assert not is_first(conn)
    assert {**dump(begun), "blocking_index": []} == dump(plain)


def test_a_table_that_cannot_be_copied_stops_the_publish(opened: Callable[[], sa.Engine]) -> None:
    """The error is that of the table, and the warehouse stays empty."""
    engine = opened()
    before = dump(engine)
    with engine.connect() as conn:
        conn.begin()
        early = begin_copying(conn, STAMPS)
        early.add("profile_link", tables()["profile_link"].drop(columns="source"))
        with pytest.raises(SchemaError, match="source"):
            publish_begun(conn, early, tables(), events())
        early.discard()
    assert dump(engine) == before


def test_a_run_that_ends_early_copies_no_more(opened: Callable[[], sa.Engine]) -> None:
    """What was not copied yet is left alone; what was goes with the transaction."""
    engine = opened()
    before, is_asked, is_left = dump(engine), threading.Event(), threading.Event()

    def parts() -> Iterator[pd.DataFrame]:
        yield tables()["profile_link"]
        is_asked.set()
        is_left.wait(20)
        yield tables()["profile_link"]

    with engine.connect() as conn:
        conn.begin()
        early = begin_copying(conn, STAMPS)
        early.add("profile_link", Later(600, parts))
        early.add("golden_profile", tables()["golden_profile"])
        assert is_asked.wait(20)
        threading.Timer(0.2, is_left.set).start()
        early.discard()
        early.discard()
    assert dump(engine) == before
