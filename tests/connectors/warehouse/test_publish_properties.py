"""Publishing any sequence of states: tables, history and scopes agree with what was published, by either load path."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.warehouse import bulk
from connectors.warehouse.dialects import open_engine, sqlite_path
from connectors.warehouse.publish import Scope, publish_tables
from connectors.warehouse.store import load_table
from connectors.warehouse.tables import SCHEMAS, TABLES
from connectors.warehouse.versions import create_tables
from resolve.schema import DTYPES

AT = pd.Timestamp("2026-11-02", tz="UTC")
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
State = Mapping[str, str]  # golden_id -> full_name
STATES = st.lists(st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["X", "Y", "Z"])), min_size=1, max_size=5)
# Everything but what no database stores: NUL and lone surrogates.
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1)
TIMES = st.datetimes(pd.Timestamp("1700-01-01").to_pydatetime(), pd.Timestamp("2200-01-01").to_pydatetime())


@pytest.fixture(params=["rows", "bulk"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Force small loads through the bulk path as well."""
    if request.param == "bulk":
        monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    return str(request.param)


def profiles(state: State) -> pd.DataFrame:
    """Return golden_profile of a state."""
    facts: dict[str, Any] = {
        "party_type": "person",
        "record_count": 1,
        "source_count": 1,
        "sources": "crm",
        "status": "active",
    }
    frame = pd.DataFrame({"golden_id": list(state), "full_name": list(state.values())}, dtype=object)
    return frame.assign(contact_count=0, open_case_count=0, **facts)


def night(number: int) -> pd.Timestamp:
    """Return the time of the n-th night."""
    return AT + timedelta(days=number)


def start_again(engine: sa.Engine) -> None:
    """Empty the tables: hypothesis tries many examples on one warehouse."""
    with engine.begin() as conn:
        for name in ("golden_profile", "golden_profile_history", "profile_identifier"):
            conn.execute(sa.delete(TABLES[name]))


def publish(engine: sa.Engine, frame: pd.DataFrame, number: int, scope: Scope | None = None) -> Any:
    """Publish golden_profile as the run of the n-th night."""
    with engine.begin() as conn:
        changes = publish_tables(conn, {"golden_profile": frame}, run_id=f"r{number}", at=night(number), scope=scope)
    return changes["golden_profile"]


def as_of(history: pd.DataFrame, at: pd.Timestamp) -> State:
    """Return the state that the history says was current at a moment."""
    current = history[(history["valid_from"] <= at) & ~(history["valid_to"] <= at)]
    assert not current.duplicated("golden_id").any()
    return dict(zip(current["golden_id"], current["full_name"], strict=True))


@FEW
@given(STATES)
def test_history_gives_back_every_state(engine: sa.Engine, path: str, states: list[State]) -> None:
    """As of the time of each publish, the history holds the state that was published; versions count up by one."""
    start_again(engine)
    for number, state in enumerate(states):
        publish(engine, profiles(state), number)
    with engine.connect() as conn:
        history = load_table(conn, "golden_profile_history")
        current = load_table(conn, "golden_profile")
    for number, state in enumerate(states):
        assert as_of(history, night(number)) == state
    assert dict(zip(current["golden_id"], current["full_name"], strict=True)) == states[-1]
    for _, versions in history.groupby("golden_id"):
        assert versions["golden_version"].tolist() == list(range(1, len(versions) + 1))


@FEW
@given(STATES)
def test_counts_say_what_changed(engine: sa.Engine, path: str, states: list[State]) -> None:
    """Inserted, updated, deleted and unchanged are those of the two states as sets."""
    start_again(engine)
    before: State = {}
    for number, state in enumerate(states):
        found = publish(engine, profiles(state), number)
        both = before.keys() & state.keys()
        updated = sum(before[key] != state[key] for key in both)
        expected = (len(state) - len(both), updated, len(before) - len(both), len(both) - updated)
        assert (found.inserted, found.updated, found.deleted, found.unchanged) == expected
        before = state


@FEW
@given(STATES)
def test_publishing_what_was_touched_equals_publishing_all(engine: sa.Engine, path: str, states: list[State]) -> None:
    """Frames cut down to the ids that differ, with these ids as scope, give the tables that whole frames give."""
    start_again(engine)
    other = open_engine("sqlite://")
    with other.begin() as conn:
        create_tables(conn, AT)
    before: State = {}
    for number, state in enumerate(states):
        publish(other, profiles(state), number)
        touched = {key for key in before.keys() | state.keys() if before.get(key) != state.get(key)}
        cut = {key: name for key, name in state.items() if key in touched}
        publish(engine, profiles(cut), number, Scope(golden_ids=frozenset(touched)))
        before = state
    for name in ("golden_profile", "golden_profile_history"):
        with engine.connect() as one, other.connect() as two:
            pd.testing.assert_frame_equal(load_table(one, name), load_table(two, name))
    other.dispose()


@FEW
@given(
    st.lists(
        st.tuples(st.none() | TEXT, st.none() | st.floats(allow_nan=False, allow_infinity=False), st.none() | TIMES),
        max_size=8,
    )
)
def test_every_value_comes_back_as_it_was(engine: sa.Engine, path: str, rows: list[tuple[Any, Any, Any]]) -> None:
    """Text with quotes, commas, line ends and any script, numbers and times survive the way in and out."""
    start_again(engine)
    texts, numbers, times = zip(*rows, strict=True) if rows else ((), (), ())
    frame = profiles({f"g{i}": "" for i in range(len(rows))})
    frame["full_name"] = pd.Series(texts, dtype=object)
    frame["latest_csat"] = pd.Series(numbers, dtype="float64")
    frame["first_seen_at"] = pd.to_datetime(pd.Series(times, dtype=object), utc=True)
    publish(engine, frame, 0)
    assert publish(engine, frame, 1).written == 0
    with engine.connect() as conn:
        found = load_table(conn, "golden_profile")
    assert found["full_name"].tolist() == list(texts)
    assert found["latest_csat"].tolist() == pytest.approx(frame["latest_csat"].tolist(), rel=0, abs=0, nan_ok=True)
    expected = pd.Series(frame["first_seen_at"], dtype=DTYPES["time"])
    pd.testing.assert_series_equal(found["first_seen_at"], expected, check_index=False)


def test_a_loaded_table_has_the_types_of_its_schema(engine: sa.Engine, path: str) -> None:
    """Text is object with None, the rest has the house's types, also where every value is missing."""
    publish(engine, profiles({"a": "X"}), 0)
    for name in ("golden_profile", "profile_link", "golden_registry"):
        with engine.connect() as conn:
            frame = load_table(conn, name)
        assert frame.dtypes.astype(str).to_dict() == {c.name: DTYPES[c.kind] for c in SCHEMAS[name].columns}
        texts = frame.select_dtypes(object).to_numpy().ravel()
        assert all(value is None or isinstance(value, str) for value in texts)


def test_characters_that_no_database_stores_are_replaced(engine: sa.Engine, path: str) -> None:
    """NUL and lone surrogates become replacement characters, and the next publish finds no change."""
    frame = profiles({"a": "x\x00y", "b": "x\ud800y"})
    publish(engine, frame, 0)
    assert publish(engine, frame, 1).written == 0
    with engine.connect() as conn:
        assert load_table(conn, "golden_profile")["full_name"].tolist() == ["x\ufffdy", "x?y"]


def test_no_staging_file_is_left_and_a_stale_one_is_overwritten(
    engine: sa.Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a publish is committed, rolled back or refused, and whatever a killed one left behind."""
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    database = sqlite_path(engine)
    if database is None:
        pytest.skip("SQLite alone has staging files")
    stale = Path(f"{database}.staging_0.staging")
    stale.write_text("not a database")
    publish(engine, profiles({"a": "X"}), 0)
    assert not list(database.parent.glob("*.staging"))
    with engine.connect() as conn:
        publish_tables(conn, {"golden_profile": profiles({"a": "Y"})}, run_id="r", at=night(1))
        publish_tables(conn, {"golden_profile": profiles({"a": "Z"})}, run_id="r", at=night(2))
        conn.rollback()
    publish(engine, profiles({"a": "V"}), 3)
    assert not list(database.parent.glob("*.staging"))
    with engine.connect() as conn:
        assert load_table(conn, "golden_profile")["full_name"].tolist() == ["V"]


def test_a_scoped_publish_scans_no_published_table(engine: sa.Engine) -> None:
    """On SQLite every statement of a small publish finds its rows by an index: cost follows the change."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan of SQLite is read")
    publish(engine, profiles({"a": "X", "b": "Y", "c": "Z"}), 0)
    plans: list[str] = []

    def explain(conn: sa.Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE", "SELECT")) and "LIMIT" not in statement:
            raw: Any = conn.connection.driver_connection
            one = parameters[0] if isinstance(parameters, list) else parameters
            plans.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", one))

    watch: Callable[..., None] = explain
    sa.event.listen(engine, "before_cursor_execute", watch)
    publish(engine, profiles({"a": "XX"}), 1, Scope(golden_ids=frozenset("ab")))
    sa.event.remove(engine, "before_cursor_execute", watch)
    scans = {line.split()[1] for line in plans if line.startswith("SCAN") and "USING COVERING INDEX" not in line}
    assert plans
    assert scans.isdisjoint({"golden_profile", "golden_profile_history"})
