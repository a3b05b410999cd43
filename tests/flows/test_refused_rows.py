"""A row whose id is known, and whose newest version is refused: one row of the quarantine and of the ledger, in every kind of source."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pytest
import sqlalchemy as sa
from fakes.declared import FakeKintone
from fakes.server import SimulatedTime

from connectors.warehouse.store import load_table
from flows.backfill import Backfill, run_backfill
from flows.night import run_night
from flows.progress import Progress
from flows.project import open_project

HEAD = "warehouse: sqlite:///meibo.db\ntraining: never\nsources:\n  crm:\n    kind: sales\n"
FIELDS = "deleted: gone, map: {full_name: name, email: mail}"
Row = dict[str, Any]


class Kind(Protocol):
    """A kind of source with people in it."""

    settings: str

    def write(self, rows: list[Row]) -> None:
        """Make these all the people that there are, in this order."""


class FileKind:
    """A CSV file."""

    settings = f"    streams:\n      contacts: {{path: people.csv, id: id, {FIELDS}}}\n"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "people.csv"

    def write(self, rows: list[Row]) -> None:
        pd.DataFrame(rows).to_csv(self._path, index=False)


class TableKind:
    """A table, read whole or by its time of change."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self._engine = sa.create_engine(f"sqlite:///{folder}/crm.db")
        stream = f"{{table: people, id: id, {more}{FIELDS}}}"
        self.settings = f"    url: sqlite:///crm.db\n    streams:\n      contacts: {stream}\n"

    def write(self, rows: list[Row]) -> None:
        pd.DataFrame(rows).to_sql("people", self._engine, if_exists="replace", index=False)


class WebKind:
    """An app of kintone; only rows that differ change."""

    def __init__(self, fake: FakeKintone) -> None:
        api = f"{{system: kintone, base_url: '{fake.url}', token: secret-of-the-api}}"
        self.settings = f"    api: {api}\n    streams:\n      contacts: {{object: records, id: $id, options: {{app: 12}}, {FIELDS}}}\n"
        self._fake = fake

    def write(self, rows: list[Row]) -> None:
        self._fake.time.tick(days=1)
        for row in rows:
            if self._fake.rows.get(int(row["id"]), {}).get("changed") != row["changed"]:
                self._fake.put(int(row["id"]), {name: cell for name, cell in row.items() if name != "id"})
        self._fake.time.tick(hours=1)


@pytest.fixture(params=["file", "table", "followed table", "web"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kind]:
    """A source of each kind."""
    fake = FakeKintone(SimulatedTime())
    made: dict[str, Kind] = {
        "file": FileKind(tmp_path),
        "table": TableKind(tmp_path),
        "followed table": TableKind(tmp_path, "updated_at: changed, "),
        "web": WebKind(fake),
    }
    chosen = made[request.param]
    (tmp_path / "meibo.yaml").write_text(HEAD + chosen.settings, "utf-8")
    yield chosen
    fake.close()


def person(number: int, gone: str = "", day: int = 1) -> Row:
    """Return a person, changed on a day."""
    name, mail = f"Person{number} Family{number}", f"p{number}@x{number}.example"
    return {"id": str(number), "name": name, "mail": mail, "gone": gone, "changed": f"2026-01-{day:02}T00:00:00Z"}


def night(folder: Path, change: str = "", *, again: bool = False) -> tuple[pd.DataFrame, Row]:
    """Run a night, or a backfill of everything, after a change of the warehouse; return quarantine and newest ledger."""
    project = open_project(folder / "meibo.yaml", create=True)
    if change:
        with project.engine.begin() as conn:
            conn.execute(sa.text(change))
    facts = (
        run_backfill(project, Progress(quiet=True), Backfill()) if again else run_night(project, Progress(quiet=True))
    )
    assert facts["failures"] == []
    with project.reading() as conn:
        held, ledger, runs = (load_table(conn, name) for name in ("quarantine", "run_ledger", "run_manifest"))
    project.engine.dispose()
    told = ledger.merge(runs[["run_id", "started_at"]]).sort_values("started_at")
    return held.sort_values("row_key", ignore_index=True), told.iloc[-1].to_dict()


def counts(ledger: Row) -> tuple[int, ...]:
    """Return of a ledger: rows, in use, quarantined, never landed."""
    used = ledger["linked_count"] + ledger["single_count"]
    return ledger["row_count"], used, ledger["quarantined_count"], ledger["unread_count"]


def test_a_refused_row_is_one_row_until_a_later_version_is_accepted(kind: Kind, tmp_path: Path) -> None:
    """It counts as used by its earlier version; new ones count once as well, and keep when they were first seen."""
    kind.write([person(1), person(2), person(3)])
    night(tmp_path)
    kind.write([person(1), person(2, "maybe", day=2), person(3)])
    held, ledger = night(tmp_path)
    assert held[["row_key", "reason"]].to_numpy().tolist() == [["2", "bad_deleted"]]
    assert counts(ledger) == (3, 3, 0, 0)
    first = held["first_seen_at"].tolist()
    kind.write([person(4, day=3), person(5, "soon", day=3), person(1), person(2, "perhaps", day=3), person(3)])
    held, ledger = night(tmp_path)
    assert held["row_key"].tolist() == ["2", "5"]
    assert held["resolved_at"].isna().all()
    assert held["first_seen_at"].tolist()[:1] == first
    assert counts(ledger) == (5, 4, 1, 1)
    kind.write([person(4, day=3), person(5, day=4), person(1), person(2, day=4), person(3)])
    held, ledger = night(tmp_path)
    assert held["resolved_at"].notna().all()
    assert counts(ledger) == (5, 5, 0, 0)


def test_keys_that_an_older_meibo_gave_are_released_by_reading_everything(kind: Kind, tmp_path: Path) -> None:
    """They were the places; the row itself is still refused, and open under its id alone."""
    kind.write([person(1), person(2, "maybe"), person(3)])
    held, _ = night(tmp_path)
    old = held["place"].item()
    kind.write([person(1), person(2, "perhaps", day=2), person(3)])
    held, _ = night(tmp_path, "UPDATE quarantine SET row_key = place, place = NULL, run_id = 'older'")
    if isinstance(kind, FileKind):
        assert held[held["resolved_at"].isna()]["row_key"].tolist() == ["2"]
    held, ledger = night(tmp_path, again=True)
    assert sorted(held["row_key"]) == sorted(["2", old])
    assert held[held["resolved_at"].isna()]["row_key"].tolist() == ["2"]
    assert counts(ledger) == (3, 2, 1, 1)


def test_a_refused_id_with_a_colon_is_no_part_of_another_row(tmp_path: Path) -> None:
    """Only what mapping refused may be a part."""
    kind = FileKind(tmp_path)
    (tmp_path / "meibo.yaml").write_text(HEAD + kind.settings, "utf-8")
    kind.write([person(1), person(1, "maybe") | {"id": "1:2"}])
    _, ledger = night(tmp_path)
    assert counts(ledger) == (2, 1, 1, 1)
