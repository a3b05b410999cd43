"""A full disk and a damaged file are told as such also where rows pass the driver alone, past SQLAlchemy."""

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from connectors.warehouse import staging_file
from connectors.warehouse.bulk import all_rows, stored
from connectors.warehouse.dialects import close_engine, explained, open_engine
from connectors.warehouse.staging_file import StagingFile
from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES
from connectors.warehouse.versions import create_tables
from resolve.errors import WarehouseError

AT = pd.Timestamp("2026-11-02 03:04:05", tz="UTC")


@pytest.fixture
def damaged(tmp_path: Path) -> sa.Engine:
    """A warehouse in whose file the pages of a long table are damaged, but for the first."""
    path = tmp_path / "meibo.db"
    engine = open_engine(f"sqlite:///{path}")
    table = TABLES["judgement"]
    rows = [
        {"judgement_id": number, "contact_id_l": f"sales:{number}", "contact_id_r": f"support:{number}",
         "judgement": "match", "judged_by": "somebody " * 20, "judged_at": AT.to_pydatetime()}
        for number in range(20_000)
    ]  # fmt: skip
    with engine.begin() as conn:
        create_tables(conn, AT.to_pydatetime())
        conn.execute(sa.insert(table), rows)
    engine.dispose()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    return open_engine(f"sqlite:///{path}")


def take_frame(conn: sa.Connection) -> None:
    """Read the long table as a frame."""
    load_table(conn, "judgement")


def take_rows(conn: sa.Connection) -> None:
    """Read a column of the long table as the driver's own rows."""
    all_rows(conn.execute(sa.select(stored(TABLES["judgement"].c.judged_by))))


@pytest.mark.parametrize("take", [take_frame, take_rows])
def test_a_damaged_page_is_told_as_damage(damaged: sa.Engine, take: Callable[[sa.Connection], None]) -> None:
    """Wherever it is met: the first rows could be read."""
    with pytest.raises(WarehouseError, match="the file is damaged"), explained(damaged), damaged.connect() as conn:
        take(conn)
    damaged.dispose()


def test_a_staging_file_on_a_full_disk_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the file's path; a file that may not grow stands for the disk."""
    monkeypatch.setattr(staging_file, "_PRAGMAS", (*staging_file._PRAGMAS, "max_page_count = 5"))
    file = StagingFile(tmp_path / "meibo.db.staging_0.staging", "staging_0")
    with pytest.raises(WarehouseError, match=r"staging_0\.staging: the disk is full"):
        file.add("contact", [pa.table({"body": ["x" * 1_000] * 500})])


@pytest.mark.parametrize(
    ("size", "said"), [(0, "has no bytes"), (10, "not a SQLite"), (5_000, "is damaged"), (60_000, "is damaged")]
)
def test_a_file_that_was_cut_off_is_told_as_such(tmp_path: Path, size: int, said: str) -> None:
    """A copy that a full disk ended, of whatever length: none is taken for a new warehouse, and it stays as it is."""
    path = tmp_path / "meibo.db"
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        create_tables(conn, AT.to_pydatetime())
    close_engine(engine)
    os.truncate(path, size)
    for create in (True, False):
        with pytest.raises(WarehouseError, match=f"{said}.*[Rr]estore"):
            open_engine(f"sqlite:///{path}", create=create)
    assert path.stat().st_size == size
