"""The tables of the warehouse are those of the schema, and know their version."""

from datetime import UTC, datetime

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import explained, open_engine
from connectors.warehouse.plans import PLANS
from connectors.warehouse.publish import publish_tables
from connectors.warehouse.tables import SCHEMAS, TABLES, VERSION_TABLE
from connectors.warehouse.versions import create_tables, has_tables
from resolve.errors import WarehouseError
from resolve.schema import PUBLISHED, empty
from resolve.schema.views import VIEWS

AT = pd.Timestamp("2026-11-02", tz="UTC")


def test_every_table_has_the_columns_and_key_of_its_schema(engine: sa.Engine) -> None:
    """As the database itself tells: names in order, key, and which may be missing."""
    found = sa.inspect(engine)
    for name, schema in SCHEMAS.items():
        columns = found.get_columns(name)
        assert [c["name"] for c in columns] == schema.names
        assert set(found.get_pk_constraint(name)["constrained_columns"]) == set(schema.key)
        required = {c.name for c in schema.columns if c.required}
        assert {c["name"] for c in columns if not c["nullable"]} >= required - set(schema.key)


def test_creating_twice_is_checking(engine: sa.Engine) -> None:
    """The second call changes nothing and says so."""
    with engine.begin() as conn:
        assert create_tables(conn, AT) is False
        assert has_tables(conn)


def test_an_empty_database_has_no_tables(url: str) -> None:
    """Before the first run."""
    engine = open_engine(url)
    with engine.begin() as conn:
        assert not has_tables(conn)
        assert create_tables(conn, AT) is True
    engine.dispose()


@pytest.mark.parametrize(("version", "why"), [(99, "newer Meibo wrote it"), (0, "knows no way")])
def test_tables_of_another_version_are_refused(engine: sa.Engine, version: int, why: str) -> None:
    """A newer warehouse asks for a newer Meibo; nothing is touched."""
    with engine.begin() as conn:
        conn.execute(sa.update(VERSION_TABLE).values(version=version))
    with engine.connect() as conn:
        with pytest.raises(WarehouseError, match=why):
            create_tables(conn, AT)
        with pytest.raises(WarehouseError, match=why):
            has_tables(conn)


def test_tables_that_meibo_did_not_make_are_not_overwritten(url: str) -> None:
    """A `contact` table of someone else: the message names it."""
    engine = open_engine(url)
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE contact (a INTEGER)"))
    with engine.begin() as conn, pytest.raises(WarehouseError, match="did not make: contact"):
        create_tables(conn, AT)
    engine.dispose()


def test_every_published_table_is_published_by_a_plan() -> None:
    """But the history, which follows golden_profile, and the events, which are appended."""
    assert set(PUBLISHED) - set(PLANS) == {"golden_profile_history", "identity_event"}


def test_the_indexes_are_there_after_the_first_publish(engine: sa.Engine) -> None:
    """Even of tables that were published without a row."""
    frames = {name: empty(SCHEMAS[name]).drop(columns="run_id") for name in PLANS}
    with engine.begin() as conn:
        publish_tables(conn, frames, run_id="r", at=AT)
    found = sa.inspect(engine)
    for name in PLANS:
        assert {i["name"] for i in found.get_indexes(name)} == {i.name for i in TABLES[name].indexes}


def test_times_are_utc_and_a_time_without_zone_is_refused(engine: sa.Engine) -> None:
    """SQLite holds text that sorts as time; both databases give back the moment."""
    with engine.begin() as conn:
        assert conn.scalar(sa.select(VERSION_TABLE.c.created_at)) == datetime(2026, 11, 2, 3, 4, 5, 678901, tzinfo=UTC)
        if engine.dialect.name == "sqlite":
            assert conn.scalar(sa.text("SELECT created_at FROM meibo_schema")) == "2026-11-02 03:04:05.678901Z"
            assert conn.scalar(sa.text("SELECT date(created_at) FROM meibo_schema")) == "2026-11-02"
        with pytest.raises(sa.exc.StatementError, match="without a zone"):
            conn.execute(sa.update(VERSION_TABLE).values(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_tables_behind_the_first_schema_of_the_search_path_are_left_alone(url: str) -> None:
    """With `staging,public` a run on an empty staging would write the tables in public, under another lock."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite has no schemas")
    engine = open_engine(url)
    with engine.begin() as conn:
        create_tables(conn, AT)
        conn.execute(sa.text('CREATE SCHEMA "Staging"'))
    engine.dispose()
    behind = sa.make_url(url).update_query_dict({"options": '-csearch_path="Staging",public'})
    staging = open_engine(behind.render_as_string(hide_password=False))
    for ask in (has_tables, lambda conn: create_tables(conn, AT)):
        with staging.connect() as conn, pytest.raises(WarehouseError, match="begins with the schema Staging"):
            ask(conn)
    alone = sa.make_url(url).update_query_dict({"options": '-csearch_path="Staging"'})
    own = open_engine(alone.render_as_string(hide_password=False))
    with own.begin() as conn:
        assert create_tables(conn, AT)
    with staging.connect() as conn:
        assert has_tables(conn)
    staging.dispose()
    own.dispose()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP TABLE contact", "table contact"),
        ("DROP TABLE blocking_index", "table blocking_index"),
        ("ALTER TABLE quarantine DROP COLUMN place", r"column quarantine\.place"),
        ("ALTER TABLE judgement RENAME COLUMN note TO remark", r"column judgement\.note"),
    ],
)
def test_what_was_dropped_is_named(engine: sa.Engine, statement: str, named: str) -> None:
    """A table or a column, to the run as to those who only read, before any statement fails for want of it."""
    with engine.begin() as conn:
        conn.execute(sa.text(statement))
    for ask in (has_tables, lambda conn: create_tables(conn, AT)):
        with engine.connect() as conn, pytest.raises(WarehouseError, match=f"lacks .*: {named}. .*restore a backup"):
            ask(conn)


def test_views_that_were_dropped_are_made_anew(engine: sa.Engine) -> None:
    """By the next run; what somebody put in the place of one stays."""
    with engine.begin() as conn:
        conn.execute(sa.text("DROP VIEW customer_timeline"))
        conn.execute(sa.text("DROP VIEW id_graph"))
        conn.execute(sa.text("CREATE TABLE id_graph (mine INTEGER)"))
    with engine.begin() as conn:
        create_tables(conn, AT)
    found = sa.inspect(engine)
    assert set(VIEWS) - set(found.get_view_names()) == {"id_graph"}
    assert [c["name"] for c in found.get_columns("id_graph")] == ["mine"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [("DROP TABLE meibo_schema", "lacks the table meibo_schema"), ("DELETE FROM meibo_schema", "has no rows any more")],
)
def test_a_lost_version_is_told_as_such(engine: sa.Engine, statement: str, said: str) -> None:
    """Not as tables that Meibo did not make, nor as ones of version None."""
    with engine.begin() as conn:
        conn.execute(sa.text(statement))
    with engine.connect() as conn, pytest.raises(WarehouseError, match=f"{said}.*Restore it from a backup"):
        create_tables(conn, AT)


@pytest.mark.parametrize(
    ("dropped", "asked", "named"),
    [
        ("DROP TABLE match_edge", "SELECT * FROM match_edge", "the table match_edge is not there"),
        ("ALTER TABLE judgement DROP COLUMN note", "SELECT note FROM judgement", "the column note is not there"),
        (
            "ALTER TABLE judgement DROP COLUMN note",
            "INSERT INTO judgement (judgement_id, note) VALUES (1, '')",
            r"the column judgement\.note is not there",
        ),
    ],
)
def test_a_statement_that_misses_something_says_what(engine: sa.Engine, dropped: str, asked: str, named: str) -> None:
    """By its name, and with what to run; not in the words of the database."""
    with engine.begin() as conn:
        conn.execute(sa.text(dropped))
    with pytest.raises(WarehouseError, match=f"{named}.*Run `meibo nightly` first"):  # noqa: SIM117 - one after the other
        with explained(engine), engine.connect() as conn:
            conn.execute(sa.text(asked))
