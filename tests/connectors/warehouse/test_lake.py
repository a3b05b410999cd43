"""Published tables as Parquet."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from connectors.warehouse import bulk, lake, store
from connectors.warehouse.lake import export_parquet
from connectors.warehouse.publish import publish_tables
from resolve.errors import WarehouseError
from resolve.schema import PUBLISHED

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")


def publish(engine: sa.Engine, run_id: str, ids: list[str]) -> None:
    """Publish a crosswalk of these records as a run."""
    links = pd.DataFrame({"source": "crm", "source_id": ids, "golden_id": "g1", "link_type": "auto"})
    at = AT + pd.Timedelta(int(run_id[1:]), "h")
    with engine.begin() as conn:
        store.start_run(conn, run_id=run_id, kind="nightly", at=at)
        publish_tables(conn, {"profile_link": links}, run_id=run_id, at=at)
        store.finish_run(conn, run_id, status="succeeded", at=at, counts="{}")


def export(engine: sa.Engine, folder: Path) -> bool:
    """Export what is published."""
    with engine.connect() as conn:
        return export_parquet(conn, folder)


def test_every_published_table_is_written_once_per_run(engine: sa.Engine, tmp_path: Path) -> None:
    """Each table is a file with its columns; the same run is not written twice; a new run replaces it."""
    folder = tmp_path / "lake"
    assert not export(engine, folder)
    publish(engine, "r1", ["1"])
    assert export(engine, folder)
    assert not export(engine, folder)
    assert {p.stem for p in folder.glob("*.parquet")} == set(PUBLISHED)
    for name, table in PUBLISHED.items():
        assert list(pd.read_parquet(folder / f"{name}.parquet").columns) == table.names
    publish(engine, "r2", ["1", "2"])
    assert export(engine, folder)
    assert pd.read_parquet(folder / "profile_link.parquet")["source_id"].tolist() == ["1", "2"]


def test_a_model_that_was_trained_is_no_reason_to_write_the_tables_again(engine: sa.Engine, tmp_path: Path) -> None:
    """`meibo train` notes counts, those of what its model would make, and publishes nothing."""
    folder = tmp_path / "lake"
    publish(engine, "r1", ["1"])
    assert export(engine, folder)
    with engine.begin() as conn:
        later = AT + pd.Timedelta(2, "h")
        store.start_run(conn, run_id="t2", kind="train", at=later)
        store.finish_run(conn, "t2", status="succeeded", at=later, counts="{}")
    assert not export(engine, folder)


def test_times_are_those_of_the_tables_in_a_type_that_every_reader_knows(engine: sa.Engine, tmp_path: Path) -> None:
    """UTC to the microsecond, in empty columns and tables too: Spark refuses files with nanoseconds."""
    folder = tmp_path / "lake"
    publish(engine, "r1", ["1"])
    export(engine, folder)
    for name, table in PUBLISHED.items():
        schema = pq.read_schema(folder / f"{name}.parquet")
        times = {str(schema.field(c.name).type) for c in table.columns if c.kind == "time"}
        assert times <= {"timestamp[us, tz=UTC]"}, name
    with engine.connect() as conn:
        linked = store.load_table(conn, "profile_link")["linked_at"].tolist()
    assert pd.read_parquet(folder / "profile_link.parquet")["linked_at"].tolist() == linked


def test_a_large_table_is_written_part_by_part(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows in the order of the key, some at a time: a history that grows every night does not have to fit in memory."""
    publish(engine, "r1", [str(n) for n in range(7)])
    monkeypatch.setattr(bulk, "FETCH_ROWS", 3)
    export(engine, tmp_path / "lake")
    file = pq.ParquetFile(tmp_path / "lake" / "profile_link.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [3, 3, 1]
    with engine.connect() as conn:
        whole = store.load_table(conn, "profile_link")
    written = file.read().to_pandas().astype(whole.dtypes.to_dict()).replace({pd.NA: None})
    pd.testing.assert_frame_equal(written, whole.replace({pd.NA: None}))


def test_a_reader_that_opened_the_files_keeps_them(engine: sa.Engine, tmp_path: Path) -> None:
    """The files of the run before stay; those of the run before that are removed."""
    folder = tmp_path / "lake"
    publish(engine, "r1", ["1"])
    export(engine, folder)
    seen = folder.resolve()
    publish(engine, "r2", ["1", "2"])
    export(engine, folder)
    assert pd.read_parquet(seen / "profile_link.parquet")["source_id"].tolist() == ["1"]
    publish(engine, "r3", ["1", "2", "3"])
    export(engine, folder)
    assert not seen.exists()


def test_the_files_of_a_folder_with_a_longer_name_stay(engine: sa.Engine, tmp_path: Path) -> None:
    """Another project writes to lake-test beside lake: what is removed for one is not the other's."""
    publish(engine, "r1", ["1"])
    export(engine, tmp_path / "lake-test")
    for run_id in ("r2", "r3", "r4"):
        publish(engine, run_id, ["1", "2"])
        export(engine, tmp_path / "lake")
    assert pd.read_parquet(tmp_path / "lake-test" / "profile_link.parquet")["source_id"].tolist() == ["1"]
    assert len(list(tmp_path.glob(".lake-r*"))) == 2


def test_a_folder_of_somebody_else_is_left_alone(engine: sa.Engine, tmp_path: Path) -> None:
    """A real folder at the place is an error, and stays as it is."""
    folder = tmp_path / "lake"
    folder.mkdir()
    publish(engine, "r1", ["1"])
    with pytest.raises(WarehouseError, match="not made by Meibo"):
        export(engine, folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_copied_without_its_link_is_told_as_such(engine: sa.Engine, tmp_path: Path) -> None:
    """It was made by Meibo, and is no link any more: it is left as it is, and nobody is told that it is foreign."""
    publish(engine, "r1", ["1"])
    export(engine, tmp_path / "lake")
    shutil.copytree(tmp_path / "lake", tmp_path / "copy")
    assert not export(engine, tmp_path / "copy")
    publish(engine, "r2", ["1", "2"])
    with pytest.raises(WarehouseError, match="copied without its links; move it"):
        export(engine, tmp_path / "copy")


def test_half_a_version_is_not_left_behind(engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk every later night would add another one, and never find the room."""
    folder = tmp_path / "lake"
    publish(engine, "r1", ["1"])
    export(engine, folder)
    publish(engine, "r2", ["1", "2"])
    read, written = lake.load_parts, []

    def fill(conn: sa.Connection, name: str) -> Iterator[pd.DataFrame]:
        yield from read(conn, name)
        written.append(name)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(lake, "load_parts", fill)
    with pytest.raises(WarehouseError, match="No space left"):
        export(engine, folder)
    assert [path for path in tmp_path.glob(".lake-*") if path != folder.resolve()] == []
    assert pd.read_parquet(folder / "profile_link.parquet")["source_id"].tolist() == ["1"]
