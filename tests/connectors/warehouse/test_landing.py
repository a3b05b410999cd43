"""Landing: versions of raw rows, tombstones, cursors and the quarantine, on both databases."""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sources.source import Page, Raw, Reject
from connectors.warehouse import landed
from connectors.warehouse.landed import living_ids, load_changed, load_latest
from connectors.warehouse.landing import LandingCounts, land_again, land_page, load_cursor
from connectors.warehouse.quarantine import Place, quarantine_rows, quarantine_some
from connectors.warehouse.store import load_open_quarantine, load_table

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")
LATER = AT + timedelta(days=1)


def land(
    engine: sa.Engine,
    rows: Sequence[Raw],
    rejects: Sequence[Reject] = (),
    *,
    run_id: str = "r1",
    at: pd.Timestamp = AT,
    cursor: dict[str, Any] | None = None,
) -> LandingCounts:
    """Land one page of the stream crm.contacts in a transaction of its own."""
    with engine.begin() as conn:
        return land_page(conn, "crm", "contacts", Page(list(rows), list(rejects), cursor or {}), run_id, at)


def latest(engine: sa.Engine) -> dict[str, str]:
    """Return the payload of the latest version of each row."""
    with engine.connect() as conn:
        frame = load_latest(conn, "crm", "contacts")
    return dict(zip(frame["source_id"], frame["payload"], strict=True))


def version_count(engine: sa.Engine) -> int:
    """Return how many versions are stored."""
    with engine.connect() as conn:
        return len(load_table(conn, "raw_record"))


def named(name: str, source_id: str = "1", **marks: Any) -> Raw:
    """Return a raw row with one column."""
    return Raw(source_id, {"name": name}, **marks)


def test_only_the_commit_of_a_landed_page_need_not_wait_for_the_disk(engine: sa.Engine) -> None:
    """PostgreSQL: the page's transaction alone; what can be read once more is all that a crash of the server may take."""
    if engine.dialect.name == "sqlite":
        pytest.skip("its files are in WAL mode, where no commit waits")
    asked = sa.text("SHOW synchronous_commit")
    with engine.connect() as conn:
        before = conn.scalar(asked)
        conn.rollback()
        land_page(conn, "crm", "contacts", Page([named("a")], [], {}), "r1", AT)
        assert conn.scalar(asked) == "off"
        conn.commit()
        assert conn.scalar(asked) == before == "on"


def test_a_row_read_again_is_not_landed_again(engine: sa.Engine) -> None:
    """The same page twice gives one version, counted as new and then as unchanged."""
    assert land(engine, [named("A")]) == LandingCounts(read=1, new=1, unchanged=0, quarantined=0, fresh=1)
    assert land(engine, [named("A")], run_id="r2") == LandingCounts(read=1, new=0, unchanged=1, quarantined=0)
    assert version_count(engine) == 1


def test_a_row_that_goes_back_to_what_it_was_has_that_as_its_latest_version(engine: sa.Engine) -> None:
    """A, then B, then A again are three versions, and A is the latest."""
    for name in ("A", "B", "A"):
        land(engine, [named(name)])
    assert latest(engine) == {"1": '{"name":"A"}'}
    assert version_count(engine) == 3


def test_versions_of_one_row_inside_a_page_follow_each_other(engine: sa.Engine) -> None:
    """A page with A, A, B, A of one row adds three versions in that order."""
    counts = land(engine, [named("A"), named("A"), named("B"), named("A")])
    assert counts == LandingCounts(read=4, new=3, unchanged=1, quarantined=0, fresh=1)
    assert latest(engine) == {"1": '{"name":"A"}'}


def test_the_order_of_columns_and_the_unicode_form_are_no_change(engine: sa.Engine) -> None:
    """Columns in another order, and decomposed text for composed, hash alike; the text is stored as received."""
    land(engine, [Raw("1", {"a": "が", "b": "1"})])
    decomposed = unicodedata.normalize("NFD", "が")
    assert land(engine, [Raw("1", {"b": "1", "a": decomposed})]).unchanged == 1
    assert latest(engine) == {"1": '{"a":"が","b":"1"}'}


def test_a_tombstone_is_a_version_and_a_row_can_come_back(engine: sa.Engine) -> None:
    """A deleted row is not living, stays in the latest versions with its mark, and lives again when it returns."""
    land(engine, [named("A"), named("B", "2")])
    assert land(engine, [named("A", deleted=True)]).new == 1
    with engine.connect() as conn:
        assert living_ids(conn, "crm", "contacts") == {"2"}
        assert load_latest(conn, "crm", "contacts")["deleted"].tolist() == [True, False]
    land(engine, [named("A")])
    with engine.connect() as conn:
        assert living_ids(conn, "crm", "contacts") == {"1", "2"}


def test_a_merge_in_the_source_is_a_version(engine: sa.Engine) -> None:
    """The same payload with merged_into is landed again, and says into what."""
    land(engine, [named("A")])
    assert land(engine, [named("A", merged_into="2")]).new == 1
    with engine.connect() as conn:
        assert load_latest(conn, "crm", "contacts")["merged_into"].tolist() == ["2"]


def test_only_versions_after_a_sequence_number_can_be_asked_for(engine: sa.Engine) -> None:
    """`after` gives the rows that changed since, by their latest version."""
    land(engine, [named("A"), named("B", "2"), named("C", "3")])
    with engine.connect() as conn:
        before = int(load_latest(conn, "crm", "contacts")["seq"].max())
    land(engine, [named("A"), named("D", "2")])
    with engine.connect() as conn:
        assert load_changed(conn, before)["source_id"].tolist() == ["2"]


def test_streams_do_not_see_each_other(engine: sa.Engine) -> None:
    """The same id in two streams and two sources are four rows."""
    for source in ("crm", "web"):
        for stream in ("contacts", "tasks"):
            with engine.begin() as conn:
                counts = land_page(conn, source, stream, Page([named("A")], [], {"at": stream}), "r1", AT)
            assert counts.new == 1
    with engine.connect() as conn:
        assert load_cursor(conn, "web", "tasks") == {"at": "tasks"}
        assert load_cursor(conn, "web", "orders") is None
        assert load_table(conn, "sync_state")["row_count"].tolist() == [1, 1, 1, 1]


def test_rows_and_cursor_are_committed_together(engine: sa.Engine) -> None:
    """A transaction that fails after a page leaves neither the rows nor the cursor."""
    land(engine, [named("A")], cursor={"page": 1})
    conn = engine.connect()
    transaction = conn.begin()
    land_page(conn, "crm", "contacts", Page([named("B")], [], {"page": 2}), "r2", LATER)
    transaction.rollback()
    conn.close()
    with engine.connect() as conn:
        assert load_cursor(conn, "crm", "contacts") == {"page": 1}
    assert latest(engine) == {"1": '{"name":"A"}'}


def test_text_that_no_database_stores_is_landed_all_the_same(engine: sa.Engine) -> None:
    """NUL, lone surrogates, numbers beyond 64 bits and emoji pass; NUL stays an escape."""
    odd = {"nul": "a\x00b", "half": "\ud83d", "big": 2**70, "emoji": "👨‍👩‍👧", "nested": {"b": [1, None], "a": True}}
    land(engine, [Raw("1\x00", odd), Raw("2", {"nul": "\x00"})])
    assert land(engine, [Raw("1\x00", odd), Raw("2", {"nul": "\x00"})]).new == 0
    assert latest(engine)["2"] == '{"nul":"\\u0000"}'


def test_a_rejected_row_stays_open_until_its_row_is_accepted(engine: sa.Engine) -> None:
    """First seen stays, last seen moves, and the accepted row resolves it; refused again, it is open again."""
    bad = Reject("7", "ragged_row", "3 fields instead of 4", {"line": "x"})
    land(engine, [], [bad])
    land(engine, [], [bad], run_id="r2", at=LATER)
    with engine.connect() as conn:
        (row,) = load_open_quarantine(conn).to_dict("records")
    assert (row["first_seen_at"], row["last_seen_at"], row["run_id"]) == (AT, LATER, "r2")
    land(engine, [named("A", "7")], run_id="r3", at=LATER)
    with engine.connect() as conn:
        assert load_open_quarantine(conn).empty
        assert load_table(conn, "quarantine")["resolved_at"].tolist() == [LATER]
    land(engine, [], [bad], run_id="r4", at=LATER)
    with engine.connect() as conn:
        assert load_open_quarantine(conn)["first_seen_at"].tolist() == [AT]


def test_what_mapping_refused_is_released_by_a_new_version_or_by_mapping(engine: sa.Engine) -> None:
    """The same version read again keeps it open; a new version, or a mapping that takes the row, releases it."""
    refused = pd.DataFrame({"row_key": ["1"], "reason": ["bad_time"], "detail": ["x"], "payload": [None]})
    nothing = refused.iloc[:0]

    def map_stream(rejects: pd.DataFrame) -> int:
        with engine.begin() as conn:
            quarantine_rows(conn, "crm", "contacts", rejects, "r1", AT)
            return len(load_open_quarantine(conn))

    land(engine, [named("A")])
    assert map_stream(refused) == 1
    land(engine, [named("A")])
    with engine.connect() as conn:
        assert len(load_open_quarantine(conn)) == 1
    assert map_stream(nothing) == 0
    assert map_stream(refused) == 1
    land(engine, [named("B")])
    with engine.connect() as conn:
        assert load_open_quarantine(conn).empty


def test_mapping_does_not_release_what_reading_refused(engine: sa.Engine) -> None:
    """A second row of an id that was read stays in quarantine although the first one maps."""
    land(engine, [named("A")], [Reject("1", "duplicate_id", "second row of this id")])
    with engine.begin() as conn:
        quarantine_rows(
            conn, "crm", "contacts", pd.DataFrame(columns=["row_key", "reason", "detail", "payload"]), "r1", AT
        )
        assert load_open_quarantine(conn)["reason"].tolist() == ["duplicate_id"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("AB"), st.booleans()), max_size=4), max_size=5)
)
def test_the_latest_version_is_always_the_last_row_read(
    engine: sa.Engine, pages: list[list[tuple[str, str, bool]]]
) -> None:
    """Whatever comes in whatever pages: the latest version of a row is the last one that was read of it."""
    stream = repr(pages)
    last: dict[str, tuple[str, bool]] = {}
    for page in pages:
        with engine.begin() as conn:
            rows = [named(name, row, deleted=gone) for row, name, gone in page]
            land_page(conn, "crm", stream, Page(rows, [], {}), "r1", AT)
        last |= {row: (f'{{"name":"{name}"}}', gone) for row, name, gone in page}
    with engine.connect() as conn:
        frame = load_latest(conn, "crm", stream)
    found = dict(zip(frame["source_id"], zip(frame["payload"], frame["deleted"], strict=True), strict=True))
    assert found == last


def test_a_reject_that_is_not_met_again_is_released_when_its_file_was_read_to_the_end(engine: sa.Engine) -> None:
    """Rows known by file and line alone: mended ones are released, those met again and other files' ones stay."""
    bad = [Reject(key, "missing_id", "no id") for key in ("a.csv:2", "a.csv:3", "b.csv:2")]
    land(engine, [], bad)
    with engine.begin() as conn:
        page = Page([], [bad[1]], {}, reread=("a.csv:",))
        land_page(conn, "crm", "contacts", page, "r2", LATER)
    with engine.connect() as conn:
        assert sorted(load_open_quarantine(conn)["row_key"]) == ["a.csv:3", "b.csv:2"]


def test_a_refused_row_with_an_id_is_released_by_its_own_file(engine: sa.Engine) -> None:
    """Its place tells which that is, its key does not."""
    bad = [Reject(f"{file}.csv:2", "bad_deleted", "", {}, f"P-{file}") for file in "ab"]
    land(engine, [], bad)
    with engine.begin() as conn:
        land_page(conn, "crm", "contacts", Page([], [], {}, reread=("a.csv:",)), "r2", LATER)
    with engine.connect() as conn:
        assert load_open_quarantine(conn)["row_key"].tolist() == ["P-b"]


def test_a_window_read_again_lands_what_differs_and_leaves_the_cursor(engine: sa.Engine) -> None:
    """Before the first night too: that one then reads everything, and finds nothing new."""
    place = Place("crm", "contacts", "b1", AT)
    with engine.begin() as conn:
        assert land_again(conn, place, Page([named("A")], [], {"at": 1})).new == 1
        assert load_cursor(conn, "crm", "contacts") is None
    assert land(engine, [named("A")], cursor={"at": 5}).new == 0
    with engine.begin() as conn:
        counts = land_again(conn, place, Page([named("A"), named("B", "2")], [], {"at": 1}))
        assert (counts.new, counts.unchanged) == (1, 1)
        assert load_cursor(conn, "crm", "contacts") == {"at": 5}


def test_a_part_of_a_stream_releases_its_own_rows_only(engine: sa.Engine) -> None:
    """Rows that were not mapped now keep their place in the quarantine."""
    refused = pd.DataFrame(
        [{"row_key": key, "reason": "bad_time", "detail": "", "payload": "{}"} for key in ("1", "2:opened", "3")]
    )
    place = Place("crm", "calls", "r1", AT)
    with engine.begin() as conn:
        quarantine_some(conn, place, refused)
        quarantine_some(conn, place, refused.head(1), mapped={"1", "2"}, parts=("", "opened"))
        assert sorted(load_open_quarantine(conn)["row_key"]) == ["1", "3"]


@pytest.mark.parametrize(
    ("page", "new"),
    [("fgh", 3), ("abc", 3), ("cdef", 2), ("efg", 2), ("cfg", 3), ("éf", 2), ("dee", 0), ("", 0)],
    ids=["above", "below", "around", "at the end", "beside", "beyond ASCII", "the same", "nothing"],
)
def test_a_page_beside_the_ids_that_are_known_is_new(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, page: str, new: int
) -> None:
    """However its ids lie to d and e, which are known: only versions that differ are stored."""
    monkeypatch.setattr(landed, "MANY_IDS", 1)
    land(engine, [named("x", "d"), named("x", "e")])
    assert land(engine, [named("x", one) for one in page]).new == new
