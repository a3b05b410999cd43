"""Judgements and locks as people write them, in SQL: followed, noticed when they change, named when they say nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resolve.errors import WarehouseError

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
Build = Callable[[Path], Any]


def cut(project: Any) -> None:
    """Run the runbook's statement on a pair that is linked."""
    page = RUNBOOK.read_text("utf-8")
    statement = re.search(r"```sql\n(INSERT INTO judgement.*?);\n```", page, re.DOTALL)
    assert statement
    project.execute(statement[1].replace("sales:S001", "sales:S000").replace("support:P001", "support:900"))


def test_the_statement_of_the_runbook_is_followed(build_on: Build, tmp_path: Path) -> None:
    """The pair is cut by the next night; taken back, it is one customer again."""
    project = build_on(tmp_path / "project")
    project.run()
    cut(project)
    assert project.table("judgement")[["contact_id_l", "judgement"]].values.tolist() == [["sales:S000", "non_match"]]
    project.run()
    assert len(project.table("golden_profile")) == 61
    project.execute("DELETE FROM judgement")
    project.run()
    assert len(project.table("golden_profile")) == 60


def test_a_locked_id_stays(build_on: Build, tmp_path: Path) -> None:
    """By the runbook's statement: a single record's ID outlives that of a customer of two, which redirects to it."""
    project = build_on(tmp_path / "project").freeze()
    project.run()
    ids = project.table("profile_link").set_index("source_id")["golden_id"]
    found = re.search(r"```sql\n(UPDATE golden_registry.*?);\n```", RUNBOOK.read_text("utf-8"), re.DOTALL)
    assert found
    project.execute(found[1].replace("G0123456789ABCDEFG", ids["S030"]))
    project.execute(
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at)"
        " VALUES (1, 'sales:S000', 'sales:S030', 'match', 'somebody', '2026-11-02')"
    )
    project.run(alone=True)
    assert set(project.table("profile_link").set_index("source_id")["golden_id"][["S000", "900", "S030"]]) == {
        ids["S030"]
    }
    to = project.table("golden_id_redirect").set_index("golden_id")["current_golden_id"]
    assert to[ids["S000"]] == ids["S030"]


def test_a_judgement_in_the_place_of_another_is_seen(build_on: Build, tmp_path: Path) -> None:
    """The number of a deleted one given again, or a row changed in place: the night resolves everything."""
    project = build_on(tmp_path / "project")
    project.run()
    cut(project)
    project.run()
    project.execute("DELETE FROM judgement")
    project.execute(
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at)"
        " VALUES (1, 'sales:S001', 'support:901', 'non_match', 'somebody', CURRENT_TIMESTAMP)"
    )
    assert project.run()["profiles"]["total"] == 61
    links = project.table("profile_link").set_index("source_id")["golden_id"]
    assert links["S000"] == links["900"]
    assert links["S001"] != links["901"]
    project.execute("UPDATE judgement SET judgement = 'match'")
    assert project.run()["profiles"]["total"] == 60


def test_the_judgement_entered_last_counts_whichever_way_round(build_on: Build, tmp_path: Path) -> None:
    """The other contact left, and an older time: still the later one, for a night alone and for a full run."""
    project = build_on(tmp_path / "project").freeze()
    project.run()
    cut(project)
    assert project.run(alone=True)["profiles"]["total"] == 61
    project.execute(
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at)"
        " VALUES (2, 'support:900', 'sales:S000', 'match', 'somebody', '2020-01-01')"
    )
    assert project.run(alone=True)["profiles"]["total"] == 60
    again = project.backfill(rebuild=True, dry_run=True)
    assert again["profiles"]["unchanged"] == again["profiles"]["total"] == 60


@pytest.mark.parametrize("when", ["2026-11-23", "2026-11-23 09:00:00", "2026-11-23T18:00:00+09:00"])
def test_times_by_hand_are_read(small: Any, when: str) -> None:
    """ISO with or without a time of day and an offset; without one it is UTC."""
    small.run()
    cut(small)
    small.execute(f"UPDATE judgement SET judged_at = '{when}'")
    small.run()
    hour = small.table("judgement")["judged_at"].dt.hour.item()
    assert hour == (0 if when.endswith("23") else 9)


def test_a_judgement_that_says_nothing_is_named(small: Any) -> None:
    """What is wrong, and in which row, before anything is resolved; corrected, the night goes on."""
    small.run()
    cut(small)
    small.execute(
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at)"
        " VALUES (7, 'sales:S002', 'support:902', 'Match', 'somebody', 'yesterday')"
    )
    with pytest.raises(
        WarehouseError, match=r"judgement is none of match, non_match, unsure \(judgement_id 7\)"
    ) as told:
        small.run()
    assert "judged_at is no time, such as 2026-11-02 03:04:05Z (judgement_id 7)" in str(told.value)
    assert small.statuses()[-1] == "failed"
    small.execute("DELETE FROM judgement WHERE judgement_id = 7")
    assert small.run()["profiles"]["total"] == 61
