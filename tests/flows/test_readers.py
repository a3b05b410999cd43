"""Readers while runs publish: never an error, and never tables of two runs at once."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import open_engine
from flows.project import load_project_settings

READERS, RUNS = 8, 20
QUERIES = (
    "SELECT golden_id, full_name, primary_email, record_count, golden_version, run_id FROM golden_profile ORDER BY 1",
    "SELECT source, source_id, golden_id, run_id FROM profile_link ORDER BY 1, 2",
    "SELECT golden_id, current_golden_id FROM golden_id_redirect ORDER BY 1",
    "SELECT touchpoint_id, golden_id, run_id FROM contact_history ORDER BY 1",
    "SELECT golden_id, golden_version, valid_to FROM golden_profile_history ORDER BY 1, 2",
    "SELECT count(*), max(event_id) FROM identity_event",
)
JOINED = (
    """SELECT l.source, l.source_id, l.golden_id, p.full_name, p.golden_version, p.run_id
       FROM profile_link l LEFT JOIN golden_profile p ON p.golden_id = l.golden_id ORDER BY 1, 2""",
)
Build = Callable[[Path], Any]


def checksum(conn: sa.Connection, queries: tuple[str, ...]) -> str:
    """Return a hash of what the queries give."""
    found = [[tuple(row) for row in conn.execute(sa.text(query))] for query in queries]
    return hashlib.sha256(repr(found).encode()).hexdigest()


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that sees one moment, as a careful reader opens it."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as conn, conn.begin():
        yield conn


class Reader(threading.Thread):
    """Reads until it is told to stop: several queries in one transaction, or one query that joins the tables."""

    def __init__(self, url: str, number: int, stop: threading.Event) -> None:
        super().__init__()
        self._engine = open_engine(url)
        self._queries = QUERIES if number % 2 else JOINED
        self._stopped = stop
        self.seen: list[str] = []
        self.error: Exception | None = None

    def run(self) -> None:
        """Read on and on."""
        try:
            while not self._stopped.is_set():
                with snapshot(self._engine) as conn:
                    self.seen.append(checksum(conn, self._queries))
                self._stopped.wait(0.15)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            self.error = error
        finally:
            self._engine.dispose()


def stir(project: Any, night: int) -> None:
    """Merge some people, split others, change a name and remove a record, every night others."""
    for i in range(night % 5, 20, 5):
        known = project.sales[(i + night) % 40]
        project.support[i] |= {"name": known["name"], "mail": known["mail"], "tel": known["tel"]}
    project.sales[40 + night % 20]["company"] = f"株式会社{night}"
    project.write()


@pytest.mark.slow
@pytest.mark.parametrize("alone", [False, True], ids=["everything", "what changed"])
def test_readers_see_whole_runs_only(build_on: Build, tmp_path: Path, alone: bool) -> None:
    """Eight readers during twenty runs: every checksum is that of the tables after one of the runs.

    Runs that resolve and write everything, and runs that resolve and write what changed.
    """
    project = build_on(tmp_path / "project").freeze()
    project.run()
    url = load_project_settings(project.config).warehouse
    engine, stop = open_engine(url), threading.Event()
    readers = [Reader(url, number, stop) for number in range(READERS)]
    published = {QUERIES: set(), JOINED: set()}

    def note() -> None:
        for queries, sums in published.items():
            with snapshot(engine) as conn:
                sums.add(checksum(conn, queries))

    note()
    for reader in readers:
        reader.start()
    try:
        for night in range(RUNS):
            stir(project, night)
            assert project.run(accept=frozenset({"all"}), alone=alone)["status"] == "succeeded"
            note()
    finally:
        stop.set()
        for reader in readers:
            reader.join()
        engine.dispose()
    assert [reader.error for reader in readers] == [None] * READERS
    assert len(published[JOINED]) == RUNS + 1
    for reader in readers:
        assert set(reader.seen) <= published[reader._queries]
        assert len(set(reader.seen)) > RUNS / 2  # it read all along, not before or after
    print(f"{sum(len(reader.seen) for reader in readers)} readings, states seen by each:",
          [len(set(reader.seen)) for reader in readers])  # fmt: skip
