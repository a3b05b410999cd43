"""A command that has ended leaves a warehouse file that holds everything by itself."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.project import open_project

Inside = Callable[..., Any]


def rows_of(path: Path) -> int:
    """Return how many raw rows a file holds that stands alone in a folder."""
    conn = sqlite3.connect(path)
    (found,) = conn.execute("SELECT count(*) FROM raw_record").fetchone()
    conn.close()
    return int(found)


@pytest.mark.parametrize(
    "command",
    [("backfill",), ("backfill", "--rebuild"), ("train",), ("status",), ("runs",), ("explain", "sales:S001"),
     ("explain", "sales:S001", "sales:S002"), ("nightly", "--dry-run"), ("check",)],
    ids=" ".join,
)  # fmt: skip
def test_a_copy_of_the_file_alone_holds_everything(small: Any, inside: Inside, command: tuple[str, ...]) -> None:
    """Nothing waits in the log beside it, whoever wrote last: this command, or a run whose process was killed."""
    project = open_project(small.config, create=True)
    assert inside("backfill", cwd=small.folder).returncode == 0
    with project.engine.begin() as conn:  # as of a killed process: it stays open meanwhile
        conn.exec_driver_sql("PRAGMA wal_autocheckpoint = 100000")
        conn.exec_driver_sql("UPDATE sync_state SET row_count = row_count")
    assert inside(*command, cwd=small.folder).returncode == 0
    log = small.folder / "meibo.db-wal"
    assert not log.exists() or log.stat().st_size == 0
    shutil.copy(small.folder / "meibo.db", small.folder / "copy.db")
    assert rows_of(small.folder / "copy.db") == 90
    project.close()
    assert not log.exists()


def test_a_reader_beside_it_is_not_waited_for(small: Any, inside: Inside) -> None:
    """It keeps its log; the last to leave brings it into the file."""
    small.run()
    project = open_project(small.config)
    small.sales[0]["company"] = "株式会社改名"
    small.write()
    with project.engine.connect() as conn:
        conn.exec_driver_sql("SELECT count(*) FROM raw_record").all()
        assert inside("backfill", cwd=small.folder).returncode == 0
        assert (small.folder / "meibo.db-wal").exists()
    project.close()
    assert not (small.folder / "meibo.db-wal").exists()
    assert rows_of(small.folder / "meibo.db") == 91
