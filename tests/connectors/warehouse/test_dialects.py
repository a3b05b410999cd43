"""Opening a warehouse: what is refused, with which words, and how the engines behave."""

import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import explained, masked, open_engine, sqlite_path
from resolve.errors import ConfigError, WarehouseError


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("not a url", "no database URL"),
        ("mysql://root@localhost/x", "mysql is not supported"),
        ("duckdb:///x.db", "not supported|no database URL"),
    ],
)
def test_a_url_of_no_known_database_is_a_mistake_of_the_settings(url: str, why: str) -> None:
    """ConfigError says what to write instead."""
    with pytest.raises(ConfigError, match=why):
        open_engine(url)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The folder that has to be created is in the message."""
    with pytest.raises(WarehouseError, match=r"nowhere does not exist\. Create it"):
        open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'meibo.db'}")


def test_a_folder_is_no_warehouse(tmp_path: Path) -> None:
    """A folder in the place of the file: the message proposes a file in it."""
    with pytest.raises(WarehouseError, match="is a folder"):
        open_engine(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Another kind of file is left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database; " * 100)
    with pytest.raises(WarehouseError, match="not a SQLite database"):
        open_engine(f"sqlite:///{path}")
    assert path.read_text().startswith("these are notes")


def test_a_warehouse_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the folder nor the file may be read-only; asked of the system, because root may write anywhere."""
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != tmp_path)
    with pytest.raises(WarehouseError, match="is not writable"):
        open_engine(f"sqlite:///{tmp_path / 'meibo.db'}")


def test_without_create_a_missing_warehouse_says_what_to_run(tmp_path: Path) -> None:
    """No file appears."""
    with pytest.raises(WarehouseError, match="Run `meibo nightly` first"):
        open_engine(f"sqlite:///{tmp_path / 'meibo.db'}", create=False)
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there_is_explained_without_the_password() -> None:
    """Nothing listens on the port: the message says so and masks the password."""
    with pytest.raises(WarehouseError, match="nothing listens") as caught:
        open_engine("postgresql://meibo:s3cret@127.0.0.1:9/x")
    assert "s3cret" not in str(caught.value)
    assert "***" in str(caught.value)


def test_an_unknown_database_is_explained(engine: sa.Engine) -> None:
    """PostgreSQL's refusal becomes what to do."""
    if engine.dialect.name == "sqlite":
        pytest.skip("a SQLite file is made")
    with pytest.raises(WarehouseError, match="does not exist"):
        open_engine(engine.url.set(database="nowhere").render_as_string(hide_password=False))


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_a_database_in_another_encoding_is_refused(engine: sa.Engine, encoding: str) -> None:
    """Before any row is read, with the statement that makes one which holds every script."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite files are in UTF-8")
    name = f"in_{encoding.lower()}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        made = f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        conn.exec_driver_sql(made)
    with pytest.raises(WarehouseError, match=f"{name} is encoded in {encoding}.* ENCODING 'UTF8' TEMPLATE template0"):
        open_engine(engine.url.set(database=name).render_as_string(hide_password=False))


def test_an_error_of_the_database_shows_no_values(engine: sa.Engine) -> None:
    """The values of the statement and the detail of the server stay out of the message."""
    insert = sa.text("INSERT INTO golden_id_redirect (golden_id, since, run_id) VALUES (:id, NULL, :run)")
    values = {"id": "g1", "run": "山田太郎"}
    with pytest.raises(WarehouseError) as caught, explained(engine), engine.begin() as conn:
        conn.execute(insert, values)
    assert "山田" not in "".join(traceback.format_exception(caught.value))  # as a log has it
    assert masked(engine) in str(caught.value)


def test_a_value_that_a_column_cannot_take_is_not_shown(engine: sa.Engine) -> None:
    """PostgreSQL has it in the first line of its message."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite takes any value")
    with pytest.raises(WarehouseError, match="invalid input syntax") as caught, explained(engine), engine.begin() as c:
        c.execute(sa.text("SELECT CAST(:value AS TIMESTAMP)"), {"value": "山田太郎"})
    assert "山田" not in str(caught.value)


def test_tables_made_in_a_transaction_go_with_it(engine: sa.Engine) -> None:
    """DDL is rolled back like everything else, on SQLite too."""
    with engine.connect() as conn:
        conn.execute(sa.text("CREATE TABLE passing (a INTEGER)"))
        conn.rollback()
        assert not sa.inspect(conn).has_table("passing")


def test_sqlite_is_in_wal_mode(tmp_path: Path) -> None:
    """Another program that opens the file finds it in WAL mode."""
    engine = open_engine(f"sqlite:///{tmp_path / 'meibo.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE t (a INTEGER)"))
    engine.dispose()
    other = sqlite3.connect(tmp_path / "meibo.db")
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    assert sqlite_path(engine) == tmp_path / "meibo.db"


def test_a_warehouse_in_memory_keeps_its_tables_between_connections() -> None:
    """`sqlite://` is one database for all connections of the engine."""
    engine = open_engine("sqlite://")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE t (a INTEGER)"))
    with engine.connect() as conn:
        assert sa.inspect(conn).has_table("t")
    assert sqlite_path(engine) is None
    engine.dispose()


def test_sessions_of_postgresql_are_in_utc(engine: sa.Engine) -> None:
    """Whatever zone the server has, and with options of the user's own in the URL."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no sessions")
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SHOW timezone")) == "UTC"


def test_settings_of_server_and_url_do_not_change_what_a_session_reads(
    engine: sa.Engine, server_default: Callable[[str, str], None]
) -> None:
    """Another zone or way of writing dates is not ours; the URL's own options hold beside ours, and before them."""
    server_default("timezone", "Asia/Tokyo")
    server_default("datestyle", "SQL, DMY")
    server_default("jit", "on")
    asked = engine.url.update_query_dict({"options": "-csearch_path=other,public -clock_timeout=7s"})
    own = open_engine(asked.render_as_string(hide_password=False))
    with own.connect() as conn:
        shown = [conn.scalar(sa.text(f"SHOW {one}")) for one in ("timezone", "search_path", "lock_timeout", "jit")]
        assert shown == ["UTC", "other,public", "7s", "off"]
        assert conn.scalar(sa.text("SELECT created_at FROM meibo_schema")).year == 2026
    own.dispose()


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("permission denied for table run_manifest", "Connect as the one that made them"),
        ("permission denied for schema public", "Grant it CREATE"),
        ("FATAL:  sorry, too many clients already", "no connection left"),
        ("canceling statement due to statement timeout", "statement_timeout"),
        ("canceling statement due to lock timeout", "another session holds a lock"),
        ("terminating connection due to administrator command", "was lost. Run again"),
        ("cannot execute CREATE TABLE in a read-only transaction", "standby"),
        ("could not extend file: No space left on device", "disk is full"),
    ],
)
def test_a_refusal_of_the_server_says_what_to_do(said: str, meaning: str) -> None:
    """Each with its own way out; none says that nothing was published, which only the run knows."""
    engine = sa.create_engine("sqlite://")
    with pytest.raises(WarehouseError, match=meaning) as caught, explained(engine):
        raise sa.exc.OperationalError("", None, Exception(said))
    assert "published" not in str(caught.value)


def test_nobody_waits_for_a_lock_for_ever(engine: sa.Engine) -> None:
    """Another session that holds a table and does not finish ends a statement after a while, with an explanation."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has its own time-out")
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SHOW lock_timeout")) == "1min"


def test_a_new_warehouse_is_its_owners_alone(tmp_path: Path) -> None:
    """Personal data is not for whoever has an account on the machine; rights that somebody gave stay."""
    path = tmp_path / "meibo.db"
    for mode in (0o600, 0o640):
        engine = open_engine(f"sqlite:///{path}")
        with engine.begin() as conn:
            conn.execute(sa.text("CREATE TABLE IF NOT EXISTS t (a INTEGER)"))
            assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {mode}
        engine.dispose()
        path.chmod(0o640)
