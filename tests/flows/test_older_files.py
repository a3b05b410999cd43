"""A source of several files, a full one and what changed since: reading the full one again puts nobody back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from flows.backfill import Backfill, run_backfill
from flows.night import run_night
from flows.progress import Progress
from flows.project import open_project

SETTINGS = """
warehouse: sqlite:///meibo.db
training: never
sources:
  crm:
    kind: sales
    streams:
      contacts:
        path: exports/contacts*.csv
        id: id
        updated_at: changed
        map: {full_name: name, email: mail}
"""
HEAD = "id,name,mail,changed\n"
JANUARY = HEAD + "1,新井 亨,old@example.net,2026-01-05 10:00:00\n2,村上 梓,azusa@example.net,2026-01-06 10:00:00\n"
MARCH = HEAD + "1,新井 亨,new@example.net,2026-03-02 10:00:00\n"


def run(folder: Path, work: Any = run_night, *more: Any) -> dict[str, Any]:
    """Run a night, or a backfill, and return its facts."""
    project = open_project(folder / "meibo.yaml", create=True)
    try:
        facts: dict[str, Any] = work(project, Progress(quiet=True), *more)
        return facts
    finally:
        project.engine.dispose()


def mails(folder: Path) -> list[str]:
    """Return the mail of each customer."""
    frame = pd.read_sql("SELECT primary_email FROM golden_profile ORDER BY 1", f"sqlite:///{folder / 'meibo.db'}")
    return frame["primary_email"].tolist()


def landed(folder: Path) -> int:
    """Return how many versions are landed."""
    return int(pd.read_sql("SELECT count(*) AS n FROM raw_record", f"sqlite:///{folder / 'meibo.db'}")["n"][0])


def test_the_older_file_read_again_puts_nobody_back(tmp_path: Path) -> None:
    """By a window, by a backfill of everything, and because another row of it was corrected and it was sent again."""
    (tmp_path / "meibo.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "exports").mkdir()
    january = tmp_path / "exports" / "contacts_01.csv"
    january.write_text(JANUARY, "utf-8")
    run(tmp_path)
    (tmp_path / "exports" / "contacts_03.csv").write_text(MARCH, "utf-8")
    run(tmp_path)
    assert mails(tmp_path) == ["azusa@example.net", "new@example.net"]
    assert landed(tmp_path) == 3

    window = Backfill(("crm",), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    for todo in (window, Backfill(("crm",)), Backfill()):
        run(tmp_path, run_backfill, todo)
        assert landed(tmp_path) == 3
    january.write_text(JANUARY.replace("azusa@", "azusa.m@"), "utf-8")
    run(tmp_path)
    assert mails(tmp_path) == ["azusa.m@example.net", "new@example.net"]
    assert landed(tmp_path) == 4
