"""A small project of three sources, and ways to run it: in this process, or as the command of a new process."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from connectors.warehouse.store import load_table
from flows.cli import app
from flows.progress import Progress
from flows.project import open_dry, open_project
from resolve.link.encode import Encoded
from resolve.link.frequency import count_frequencies
from resolve.model import MatchModel
from resolve.schema import OPERATIONS, PUBLISHED, conform, frames
from resolve.standardise.contact import standardise_contacts

SETTINGS = """
warehouse: sqlite:///meibo.db
training: never
sources:
  sales:
    kind: sales
    streams:
      contacts:
        path: sales.csv
        id: id
        updated_at: changed
        map: {full_name: name, email: mail, phone: tel, organization: company, updated_at: changed}
      calls:
        path: calls.csv
        id: id
        map: {contact_id: who, occurred_at: at, subject: subject}
        constant: {channel: phone, type: call, direction: outbound}
  support:
    kind: support
    streams:
      contacts:
        path: support.csv
        id: id
        map: {full_name: name, email: mail, phone: tel}
"""
FAMILIES = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
]
GIVEN = [
    "一郎",
    "花子",
    "修",
    "美咲",
    "大輔",
    "陽菜",
    "翔",
    "真由美",
    "直樹",
    "恵",
    "拓也",
    "彩香",
    "栄作",
    "千尋",
    "智之",
    "奈々",
    "豊",
    "里奈",
    "昭夫",
    "琴音",
]
TIMELESS = {
    "run_id",
    "updated_at",
    "linked_at",
    "since",
    "valid_from",
    "valid_to",
    "at",
    "first_seen_at",
    "retired_at",
    "landed_at",
    "last_seen_at",
    "kept_at",
}
READERS_OWN = ("cursor", "columns", "dropped_to")  # of sync_state: they tell how often was read, not what there is
COMPARED = (
    *PUBLISHED, "golden_registry", "former_member", "kept_denial", "planned_contact",
    "match_edge", "review_queue", "contact", "touchpoint",
    "raw_record", "sync_state", "quarantine",
)  # fmt: skip


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> None:
    """Write rows as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def people(count: int) -> list[dict[str, str]]:
    """Return people of sales: everyone with a name, a mailbox and a number of their own."""
    rows = []
    for i in range(count):
        family, given = FAMILIES[i % len(FAMILIES)], GIVEN[(i + 7 * (i // 20)) % 20]
        rows.append(
            {
                "id": f"S{i:03}",
                "name": f"{family} {given}",
                "mail": f"{hashlib.md5(str(i).encode()).hexdigest()[:10]}@example.jp",
                "tel": f"090-{1000 + i * 37:04}-{2000 + i * 53:04}",
                "company": "",
                "changed": f"2026-01-{i % 28 + 1:02}T00:00:00Z",
            }
        )
    return rows


@dataclass
class SmallProject:
    """A project folder with its rows at hand, so that a test may change them and write them again."""

    folder: Path
    sales: list[dict[str, str]]
    support: list[dict[str, str]]
    calls: list[dict[str, str]]

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "meibo.yaml"

    def write(self) -> "SmallProject":
        """Write the sources' files."""
        write_csv(self.folder / "sales.csv", self.sales, "cp932")
        write_csv(self.folder / "support.csv", self.support)
        write_csv(self.folder / "calls.csv", self.calls)
        return self

    def freeze(self) -> "SmallProject":
        """Give the project a model as training leaves one: only then can what changed be resolved alone (`alone`)."""
        records = pd.DataFrame(
            [
                {"source": "sales", "source_id": p["id"], "full_name": p["name"], "email": p["mail"], "phone": p["tel"]}
                for p in self.sales
            ],
            dtype=object,
        )
        contacts = standardise_contacts(conform(records, frames.SOURCE_RECORDS), default_countries="JP")
        shipped, encoded = MatchModel.shipped(), Encoded(contacts)
        counted = {c.columns[0] for c in shipped.link.comparisons if c.frequency and c.columns} | {"family", "given"}
        blocking = tuple(rule for rule in shipped.link.blocking if rule.keys)  # the others pair all of so few contacts
        link = replace(
            shipped.link,
            blocking=blocking,
            frequencies={name: count_frequencies(encoded, name) for name in sorted(counted)},
            hot={rule.name: np.empty(0, dtype=np.uint64) for rule in blocking},
            sizes=replace(shipped.link.sizes, records=len(self.sales)),
        )
        model = MatchModel(link, shipped.thresholds, shipped.survivorship)
        (self.folder / "model.yaml").write_text(model.to_yaml(), "utf-8")
        self.config.write_text("model: model.yaml\n" + self.config.read_text("utf-8"), "utf-8")
        return self

    def run(
        self, *, dry_run: bool = False, accept: frozenset[str] = frozenset(), alone: bool = False, **stages: Any
    ) -> dict[str, Any]:
        """Run a night in this process, without Prefect, and return its facts; `stages` replace stages.

        alone: resolve what changed alone, as in a warehouse that is not small; fails where everything was.
        """
        from flows.night import PLAIN, run_night  # late: most tests of the command line run without it

        project = open_dry(self.config) if dry_run else open_project(self.config, create=True)
        try:
            replaced = replace(PLAIN, **self._stages(alone) | stages)
            return run_night(project, Progress(quiet=True), stages=replaced, dry_run=dry_run, accept=accept)
        finally:
            project.engine.dispose()

    @staticmethod
    def _stages(alone: bool) -> dict[str, Any]:
        """Return the stages that stand for others where what changed is resolved alone."""
        from flows.intake.basis import Bounds  # late, as above
        from flows.intake.prepare import prepare_frames

        def prepare_alone(run: Any, extraction: Any) -> Any:
            prepared = prepare_frames(run, extraction, bounds=Bounds(contacts=0, changed=1.0))
            assert not prepared.delta.full, "everything was prepared"
            return prepared

        return {"prepare": prepare_alone} if alone else {}

    def backfill(self, *, alone: bool = False, **todo: Any) -> dict[str, Any]:
        """Read every source again, or do what is said, as `meibo backfill` does, and return the facts."""
        from flows.backfill import Backfill, run_backfill  # late, as above
        from flows.night import PLAIN

        project = open_project(self.config)
        try:
            return run_backfill(
                project, Progress(quiet=True), Backfill(**todo), stages=replace(PLAIN, **self._stages(alone))
            )
        finally:
            project.engine.dispose()

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the warehouse."""
        project = open_project(self.config)
        with project.reading() as conn:
            frame = load_table(conn, name)
        project.engine.dispose()
        return frame

    def statuses(self) -> list[str]:
        """Return how the runs ended, in the order in which they began; the names of two within a second have none."""
        ended: list[str] = self.table("run_manifest").sort_values("started_at")["status"].tolist()
        return ended

    def execute(self, statement: str) -> None:
        """Change the warehouse behind Meibo's back."""
        project = open_project(self.config)
        with project.engine.begin() as conn:
            conn.execute(sa.text(statement))
        project.engine.dispose()

    def tables(self) -> dict[str, str]:
        """Return the content of every table as text, without what names a run or tells when it was."""
        found = {}
        for name in COMPARED:
            frame = self.table(name)
            kept = [c for c in frame.columns if c not in TIMELESS and not (name == "sync_state" and c in READERS_OWN)]
            frame = frame[kept]
            keys = [c for c in (PUBLISHED | OPERATIONS)[name].key if c in kept] or kept
            found[name] = frame.sort_values(keys).to_csv(index=False)
        return found


def build_small(folder: Path, url: str = "sqlite:///meibo.db") -> SmallProject:
    """Write a project: 60 people in sales, 20 of them in support too under another id, calls with ten of them."""
    folder.mkdir()
    (folder / "meibo.yaml").write_text(SETTINGS.replace("sqlite:///meibo.db", json.dumps(url)), "utf-8")
    sales = people(60)
    support = [
        {"id": f"{900 + i}", "name": p["name"], "mail": p["mail"], "tel": p["tel"]} for i, p in enumerate(sales[:20])
    ]
    calls = [
        {"id": f"c{i}", "who": p["id"], "at": f"2026-02-{i + 1:02}T09:00:00Z", "subject": "見積"}
        for i, p in enumerate(sales[:10])
    ]
    return SmallProject(folder, sales, support, calls).write()


@pytest.fixture
def small(tmp_path: Path) -> SmallProject:
    """A small project of the test's own."""
    return build_small(tmp_path / "project")


@pytest.fixture(scope="module")
def build() -> Callable[[Path], SmallProject]:
    """Builds small projects, equal ones, in folders of the test's choice."""
    return build_small


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def build_on(request: pytest.FixtureRequest) -> Callable[[Path], SmallProject]:
    """Builds small projects whose warehouses are SQLite files, or databases of a real PostgreSQL."""
    if request.param == "sqlite":
        return build_small
    make = request.getfixturevalue("postgres")
    return lambda folder: build_small(folder, make())


Meibo = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def meibo(tmp_path: Path) -> Meibo:
    """The command in a process of its own: `meibo("check", cwd=folder)`; `environ` is added to the environment."""

    def run(*arguments: str, cwd: Path = tmp_path, **environ: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).parent / "meibo"), *arguments]
        settings = os.environ | {"NO_COLOR": "1", "COLUMNS": "200", "PREFECT_HOME": str(tmp_path / "prefect")} | environ
        return subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True, timeout=240, check=False)

    return run


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Meibo:
    """The same command within this process, which spares the imports: for everything that needs no Prefect."""

    def run(*arguments: str, cwd: Path = tmp_path, **environ: str) -> "subprocess.CompletedProcess[str]":
        for name, value in ({"NO_COLOR": "1", "COLUMNS": "200"} | environ).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(cwd)
        result = CliRunner().invoke(app, list(arguments))
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def json_of() -> Callable[["subprocess.CompletedProcess[str]"], Any]:
    """Parse the one JSON object that a command printed to stdout."""
    return lambda done: json.loads(done.stdout)
