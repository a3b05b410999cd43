"""Whole nights over the sample project: a night of differences ends where a full one does."""

import csv
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import flows
from connectors.warehouse.store import load_table
from flows.intake.basis import Bounds
from flows.intake.prepare import prepare_everything, prepare_frames
from flows.night import Stages, run_night
from flows.progress import Progress
from flows.project import open_project

SAMPLE = Path(flows.__file__).parent / "sample"
COMPARED = (
    "golden_profile", "golden_profile_history", "profile_link", "profile_identifier", "contact_history",
    "golden_lineage", "identity_event", "golden_id_redirect", "contact", "touchpoint", "match_edge", "review_queue",
    "golden_registry", "former_member", "kept_denial", "planned_contact", "run_ledger",
)  # fmt: skip
# Of two runs at two times; new_count tells what the run itself landed.
RUN = {
    "run_id", "updated_at", "valid_from", "valid_to", "linked_at", "since", "at", "first_seen_at", "retired_at",
    "event_id", "new_count", "kept_at",
}  # fmt: skip


def change_files(folder: Path, draw: random.Random) -> None:
    """Change some cells, drop some rows and copy some under a new id, in every CSV file."""
    for path in sorted(folder.glob("*.csv")):
        raw = path.read_bytes()
        encoding = "cp932" if not _is_utf8(raw) else "utf-8-sig"
        head, *rows = list(csv.reader(raw.decode(encoding).splitlines(keepends=True)))
        for number in range(6):
            at, other = draw.randrange(len(rows)), draw.randrange(len(rows))
            column = draw.randrange(1, len(head))
            if number % 3 == 0:
                rows[at][column] = rows[other][column]
            elif number % 3 == 1:
                rows.pop(at)
            else:
                rows.append([f"new{draw.randrange(10**6)}", *rows[at][1:]])
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([head, *rows])


def _is_utf8(raw: bytes) -> bool:
    """Return whether bytes are UTF-8."""
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def run(folder: Path, prepare: Callable[..., Any]) -> dict[str, pd.DataFrame]:
    """Run a night and return what the tables hold then, without what tells one run from another."""
    project = open_project(folder / "meibo.yaml", create=True)
    with Progress(quiet=True) as progress:
        assert run_night(project, progress, stages=Stages(prepare=prepare))["status"] == "succeeded"
    tables = {}
    with project.engine.begin() as conn:
        for name in COMPARED:
            frame = load_table(conn, name)
            kept = [column for column in frame.columns if column not in RUN]
            tables[name] = frame[kept].astype(str).sort_values(kept, ignore_index=True)
    project.engine.dispose()
    return tables


@pytest.mark.slow
def test_a_night_of_differences_ends_where_a_full_night_does(tmp_path: Path) -> None:
    """Two nights of changed exports: every table, the ledger and the counts of the run's row are those of a full run."""
    shutil.copytree(SAMPLE, tmp_path / "part")
    run(tmp_path / "part", prepare_frames)
    draw = random.Random(5)
    for night in range(2):
        change_files(tmp_path / "part", draw)
        shutil.copytree(tmp_path / "part", tmp_path / f"whole{night}")
        part = run(tmp_path / "part", partial(prepare_frames, bounds=Bounds(contacts=0, changed=1.0)))
        whole = run(tmp_path / f"whole{night}", prepare_everything)
        for name in COMPARED:
            pd.testing.assert_frame_equal(part[name], whole[name], obj=name)


def test_a_night_beyond_its_bounds_resolves_everything(small: Any) -> None:
    """One of many contacts changed: alone as long as that is no larger a share, and the warehouse no smaller."""
    small.freeze().run()
    small.sales[0]["mail"] = "else@example.jp"
    small.write()
    share = 1 / len(small.sales + small.support)
    bounds = {
        "alone": Bounds(contacts=0, changed=share),
        "share": Bounds(contacts=0, changed=share / 2),
        "small": Bounds(changed=1.0),
        "rows": Bounds(contacts=0, changed=1.0, landed=share / 10),
    }
    full: dict[str, bool] = {}

    def prepare(run: Any, extraction: Any) -> Any:
        made = {name: prepare_frames(run, extraction, bounds=those) for name, those in bounds.items()}
        full.update({name: prepared.delta.full for name, prepared in made.items()})
        return made["alone"]

    assert small.run(prepare=prepare)["status"] == "succeeded"
    assert full == {"alone": False, "share": True, "small": True, "rows": True}


def test_a_night_of_edits_that_are_no_evidence_compares_nobody(build_on: Callable[[Path], Any], tmp_path: Path) -> None:
    """Records read back from the warehouse are what they were: only an edit of who somebody is has pairs scored."""
    small = build_on(tmp_path / "project").freeze()
    small.run()
    for row in small.sales[:20]:
        row["changed"] = "2026-09-01T00:00:00Z"
    small.write()
    facts = small.run(alone=True)
    assert facts["counts"]["candidate_pairs"] == 0
    assert facts["tables"]["contact"]["updated"] == 20
    seen = small.table("golden_profile").set_index("golden_id")["last_seen_at"]
    assert (seen == pd.Timestamp("2026-09-01", tz="UTC")).sum() == 20
    small.sales[0] |= {"tel": small.sales[1]["tel"], "changed": "2026-09-02T00:00:00Z"}
    small.write()
    assert small.run(alone=True)["counts"]["candidate_pairs"] > 0
