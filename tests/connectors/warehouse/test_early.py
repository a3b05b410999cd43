"""The first publish of a SQLite warehouse, some of it staged before: the same rows, and nothing left behind."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from connectors.warehouse import bulk
from connectors.warehouse.blocking_index import find_members, packed_parts, slice_entries
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.early import Staged, begin_staging, is_first
from connectors.warehouse.plans import Stamps
from connectors.warehouse.publish import publish_begun, publish_tables
from connectors.warehouse.staging_file import twin_of
from connectors.warehouse.versions import create_tables
from resolve.errors import SchemaError

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")
KEYS = np.sort(np.random.default_rng(5).integers(0, 2**63, 4_000).astype(np.uint64))


def tables(size: int = 300) -> dict[str, pd.DataFrame]:
    """Return some tables of a first run, with gaps that the warehouse fills."""
    golden = [f"G{number:04}" for number in range(size)]
    facts: dict[str, Any] = {"party_type": "person", "record_count": 1, "source_count": 1, "sources": "crm"}
    facts |= {"status": "active", "contact_count": 0, "open_case_count": 0, "match_confidence": 0.75}
    profile = pd.DataFrame({"golden_id": golden, "full_name": [None, "山田"] * (size // 2)}, dtype=object)
    link = pd.DataFrame({"source_id": golden, "golden_id": golden}, dtype=object)
    return {
        "golden_profile": profile.assign(**facts),
        "profile_link": link.assign(source="crm", link_type="auto", match_probability=0.5),
        "golden_id_redirect": pd.DataFrame({"golden_id": golden, "current_golden_id": golden}, dtype=object),
    }


def events(size: int = 300) -> pd.DataFrame:
    """Return an event for each profile."""
    golden = [f"G{number:04}" for number in range(size)]
    return pd.DataFrame({"golden_id": golden, "type": "created", "records": "+crm:1", "at": AT})


def open_new(path: Path) -> sa.Engine:
    """Return an engine on a new warehouse."""
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        create_tables(conn, AT)
    return engine


def begin(engine: sa.Engine) -> Staged:
    """Begin the first publish."""
    with engine.begin() as conn:
        return begin_staging(conn, Stamps("run0", AT), 8)


def dump(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table, and what SQLite says of the file."""
    with engine.connect() as conn:
        names = sorted(sa.inspect(conn).get_table_names())
        rows = {name: sorted(map(tuple, conn.exec_driver_sql(f'SELECT * FROM "{name}"')), key=repr) for name in names}
        return rows | {"check": [tuple(row) for row in conn.exec_driver_sql("PRAGMA integrity_check")]}


def test_what_was_staged_before_is_published_as_it_would_be_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables begun early, tables given at the end, one by one through temporary tables: the warehouse is the same."""
    plain, files, begun = (open_new(tmp_path / f"{name}.db") for name in ("plain", "files", "begun"))
    for engine, least in ((plain, 20_000), (files, 0)):
        monkeypatch.setattr(bulk, "FILE_ROWS", least)
        with engine.begin() as conn:
            publish_tables(conn, tables(), run_id="run0", at=AT, events=events())
    early = begin(begun)
    early.add("profile_link", tables()["profile_link"])
    early.add("identity_event", events().assign(event_id=range(1, 301)))
    with begun.begin() as conn:
        changes = publish_begun(conn, early, tables(), events())
    assert {name: change.inserted for name, change in changes.items()} == dict.fromkeys(
        [*tables(), "identity_event"], 300
    )
    assert dump(begun) == dump(files) == dump(plain)
    assert dump(begun)["check"] == [("ok",)]
    assert not list(tmp_path.glob("*.staging"))


def test_the_blocking_index_may_be_staged_before(tmp_path: Path) -> None:
    """Every key finds its contact."""
    engine = open_new(tmp_path / "meibo.db")
    early = begin(engine)
    early.add_index(lambda: packed_parts(slice_entries([(KEYS, np.arange(len(KEYS)))])))
    with engine.begin() as conn:
        publish_begun(conn, early, tables(), events())
        place, member = find_members(conn, KEYS)
    assert sorted(zip(place.tolist(), member.tolist(), strict=True)) == [(n, n) for n in range(len(KEYS))]


def test_sqlite_copies_a_twin_without_unpacking_its_rows(tmp_path: Path) -> None:
    """Its plan takes rows as they are, for the table and for each of its indexes."""
    engine, other = open_new(tmp_path / "meibo.db"), open_new(tmp_path / "other.db")
    names = ("golden_profile", "contact", "match_edge", "blocking_index", "identity_event")
    for one in (engine, other):
        with one.begin() as conn:
            assert all(twin_of(conn, name) for name in names)
    with engine.begin() as conn:
        conn.exec_driver_sql("ATTACH ? AS other", (str(tmp_path / "other.db"),))
        for name in names:
            plan = conn.exec_driver_sql(f"EXPLAIN INSERT INTO main.{name} SELECT * FROM other.{name}").all()
            assert {"RowCell", "RowData"} & {row[1] for row in plan}, name


def test_files_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    """However many there were, and nothing else."""
    engine = open_new(tmp_path / "meibo.db")
    stale, other = tmp_path / "meibo.db.staging_7.staging", tmp_path / "other.db.staging_7.staging"
    for file in (stale, other):
        file.write_text("left behind")
    begin(engine).discard()
    assert not stale.exists()
    assert other.exists()


def test_only_the_first_run_begins_early(tmp_path: Path) -> None:
    """Once a table has rows, a publish is a difference."""
    engine = open_new(tmp_path / "meibo.db")
    with engine.begin() as conn:
        assert is_first(conn)
        publish_tables(conn, tables(), run_id="run0", at=AT)
        assert not is_first(conn)


def test_a_table_that_cannot_be_staged_stops_the_publish(tmp_path: Path) -> None:
    """The error is that of the table, the warehouse stays empty, and no file is left."""
    engine = open_new(tmp_path / "meibo.db")
    before, early = dump(engine), begin(engine)
    early.add("profile_link", tables()["profile_link"].drop(columns="source"))
    with pytest.raises(SchemaError, match="source"), engine.begin() as conn:
        publish_begun(conn, early, tables(), events())
    early.discard()
    assert dump(engine) == before
    assert not list(tmp_path.glob("*.staging"))


def test_a_run_that_ends_early_leaves_no_file(tmp_path: Path) -> None:
    """What was not staged yet is left alone."""
    engine = open_new(tmp_path / "meibo.db")
    early = begin(engine)
    asked: list[int] = []

    def parts() -> list[pa.Table]:
        asked.append(1)
        return [*packed_parts(slice_entries([(KEYS, np.arange(len(KEYS)))]))]

    early.add_index(parts)
    early.discard()
    early.discard()
    assert not list(tmp_path.glob("*.staging"))
    assert len(asked) <= 1
