"""A warehouse that the first release wrote is upgraded by the next run: golden IDs, links and history are kept.

data/schema_1.sql.gz is such a warehouse after three nights of the small project, with a merge and a quarantined row;
data/schema_1.postgresql.sql makes the tables of that release in PostgreSQL.
"""

import gzip
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse import versions
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.versions import SCHEMA_VERSION, create_tables, has_tables
from resolve.errors import WarehouseError

DATA = Path(__file__).parent / "data"
AT = pd.Timestamp("2026-11-22", tz="UTC")
KEPT = {
    "profile_link": ["source", "source_id", "golden_id", "previous_golden_id", "linked_at"],
    "golden_id_redirect": ["golden_id", "current_golden_id", "since"],
    "golden_registry": ["golden_id", "status", "founder", "generation", "first_seen_at", "merged_into"],
    "contact_history": ["touchpoint_id", "golden_id", "golden_id_at_event"],
    "identity_event": ["event_id", "golden_id", "type", "at"],
    "raw_record": ["seq", "source", "stream", "source_id", "payload_hash"],
}


def restore(path: Path) -> None:
    """Write the frozen warehouse into a SQLite file."""
    conn = sqlite3.connect(path)
    conn.executescript(gzip.decompress((DATA / "schema_1.sql.gz").read_bytes()).decode())
    conn.close()


def copy_to_postgresql(path: Path, url: str) -> None:
    """Make the tables of the first release in PostgreSQL, and fill them from the SQLite file."""
    source, target = sqlite3.connect(path), open_engine(url)
    with target.begin() as conn:
        for statement in (DATA / "schema_1.postgresql.sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                conn.exec_driver_sql(statement)
        metadata = sa.MetaData()
        metadata.reflect(conn)
        for table in metadata.sorted_tables:
            flags = {c.name for c in table.columns if isinstance(c.type, sa.Boolean)}
            names = [c.name for c in table.columns]
            columns = ", ".join(f'"{name}"' for name in names)
            rows = source.execute(f"SELECT {columns} FROM {table.name}").fetchall()
            values = [
                {n: bool(v) if n in flags and v is not None else v for n, v in zip(names, row, strict=True)}
                for row in rows
            ]
            if values:
                marks = ", ".join(f":{name}" for name in names)
                conn.execute(sa.text(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"), values)
    target.dispose()
    source.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def old(request: pytest.FixtureRequest, small: Any) -> Any:
    """The small project as the third night left it, with a warehouse of the first release."""
    first = small.sales[0]
    small.support[0] = {"id": "900", "name": first["name"], "mail": first["mail"], "tel": first["tel"]}
    small.calls.append(small.calls[0] | {"id": "c99", "at": "someday"})
    small.sales[5]["company"] = "株式会社改名"
    small.write()
    restore(small.folder / "meibo.db")
    if request.param == "postgresql":
        make: Any = request.getfixturevalue("postgres")
        url = make()
        copy_to_postgresql(small.folder / "meibo.db", url)
        (small.folder / "meibo.db").unlink()
        text = small.config.read_text("utf-8").replace("sqlite:///meibo.db", url)
        small.config.write_text(text, "utf-8")
        return small, url
    return small, f"sqlite:///{small.folder / 'meibo.db'}"


def read(url: str) -> dict[str, pd.DataFrame]:
    """Return what has to be kept, whatever version the tables are of."""
    engine = open_engine(url)
    with engine.connect() as conn:
        found = {
            name: pd.DataFrame(conn.execute(sa.text(f"SELECT {', '.join(columns)} FROM {name}")), columns=columns)
            .astype(str)
            .sort_values(columns, ignore_index=True)
            for name, columns in KEPT.items()
        }
    engine.dispose()
    return found


def shape(url: str) -> dict[str, Any]:
    """Return columns, keys, indexes and the storage options of every table."""
    engine = open_engine(url)
    found = sa.inspect(engine)
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        with engine.connect() as conn:
            rows = conn.execute(sa.text("SELECT relname, reloptions FROM pg_class WHERE relkind = 'r'"))
            options = {str(row.relname): row.reloptions for row in rows}
    shapes = {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)),
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((str(i["name"]), tuple(map(str, i["column_names"]))) for i in found.get_indexes(name)),
            options.get(name),
        )
        for name in found.get_table_names()
    }
    engine.dispose()
    return shapes


def test_the_next_run_upgrades_and_keeps_ids_and_history(old: Any, tmp_path: Path) -> None:
    """Every link, redirect, event and raw row is as before; the night itself finds nothing new to do."""
    small, url = old
    before = read(url)
    facts = small.run()
    assert facts["status"] == "succeeded"
    assert "created" not in facts["profiles"]
    after = read(url)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(after[name], frame)
    assert small.run()["status"] == "unchanged"


def test_upgraded_tables_are_those_of_a_new_warehouse(old: Any, tmp_path: Path) -> None:
    """Table by table: columns with types, keys, indexes; readers are told to run a night until then."""
    _, url = old
    engine = open_engine(url)
    with engine.connect() as conn, pytest.raises(WarehouseError, match="upgrades them and keeps"):
        has_tables(conn)
    with engine.begin() as conn:
        assert create_tables(conn, AT) is False
    new = f"sqlite:///{tmp_path / 'new.db'}"
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("CREATE DATABASE made_new")
        new = sa.make_url(url).set(database="made_new").render_as_string(hide_password=False)
    fresh = open_engine(new)
    with fresh.begin() as conn:
        create_tables(conn, AT)
        for name in versions.LOADED_FIRST:  # these get their indexes with their first rows
            versions.add_indexes(conn, name)
    with engine.begin() as conn:
        for name in versions.LOADED_FIRST:
            versions.add_indexes(conn, name)
        assert conn.scalar(sa.text("SELECT max(version) FROM meibo_schema")) == SCHEMA_VERSION
    fresh.dispose()
    engine.dispose()
    assert shape(url) == shape(new)


def test_an_upgrade_that_fails_leaves_the_tables_as_they_were(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps are one transaction."""
    _, url = old

    def fail(_: Any) -> None:
        raise RuntimeError("half way")

    monkeypatch.setattr(versions, "UPGRADES", (*versions.UPGRADES, versions.Upgrade(99, change=fail)))
    monkeypatch.setattr(versions, "SCHEMA_VERSION", 99)
    before = shape(url)
    engine = open_engine(url)
    with pytest.raises(RuntimeError), engine.begin() as conn:
        create_tables(conn, AT)
    engine.dispose()
    assert shape(url) == before
