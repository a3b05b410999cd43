"""Judgements and locks as people write them, in SQL: followed, noticed when they change, named when they say nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.reports.report import to_markdown
from flows.reports.summary import print_summary
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


def judged(number: int, left: str, right: str) -> str:
    """Return the statement that writes a judgement."""
    return (
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at)"
        f" VALUES ({number}, '{left}', '{right}', 'match', 'somebody', '2026-11-02')"
    )


def test_a_judgement_on_a_record_that_never_was_is_told_by_every_run(build_on: Build, tmp_path: Path) -> None:
    """By number, in nights of either kind, changed or not, and in a dry one; it stops none of them."""
    project = build_on(tmp_path / "project").freeze()
    assert project.run()["warnings"] == []
    for number, left in ((3, "sales:NOPE"), (5, "nowhere:S000"), (6, "sales"), (8, "sales:S030")):
        project.execute(judged(number, left, "sales:S031"))
    told = ["table judgement: rows that name a record which was never read are not followed (judgement_id 3, 5, 6)"]
    first = project.run(alone=True)
    assert (first["warnings"], first["profiles"]["total"], first["status"]) == (told, 59, "succeeded")
    unchanged = project.run()
    assert (unchanged["warnings"], unchanged["status"]) == (told, "unchanged")
    assert project.run(dry_run=True)["warnings"] == told
    tables = project.tables()
    assert project.backfill(rebuild=True)["warnings"] == told
    assert project.tables() == tables
    project.execute("DELETE FROM judgement WHERE judgement_id < 8")
    assert project.run()["warnings"] == []


def test_a_judgement_on_one_record_twice_is_told(small: Any) -> None:
    """A slip in a copied line: nothing follows from it, and whoever wrote it would believe the pair decided."""
    small.run()
    small.execute(judged(4, "sales:S030", "sales:S030"))
    small.execute(judged(5, "sales:S030", "sales:S031"))
    told = ["table judgement: rows that name one record twice say nothing (judgement_id 4)"]
    facts = small.run()
    assert (facts["warnings"], facts["profiles"]["total"]) == (told, 59)


def test_a_judgement_on_a_deleted_record_says_nothing(small: Any) -> None:
    """It was there, and may be again; so does one on a source that the settings no longer have."""
    text = small.config.read_text("utf-8").replace("id: id\n", "id: id\n        snapshot: true\n", 1)
    small.config.write_text(text, "utf-8")
    small.run()
    small.execute(judged(1, "sales:S058", "sales:S059"))
    small.sales.pop()
    assert small.write().run()["warnings"] == []
    small.config.write_text(text[: text.index("  support:")], "utf-8")
    small.execute(judged(2, "sales:S000", "support:900"))
    assert small.run(accept=frozenset({"all"}))["warnings"] == []


def test_of_many_the_first_ten_are_named_wherever_a_run_is_shown(small: Any, inside: Any, capsys: Any) -> None:
    """In the summary, in the report, and later by `meibo runs`; numbers only."""
    small.run()
    for number in range(1, 13):
        small.execute(judged(number, f"sales:taro{number}@example.jp", "sales:S031"))
    facts = small.run()
    print_summary(facts, "here", 1.0)
    for told in (capsys.readouterr().out, to_markdown(facts), inside("runs", "last", cwd=small.folder).stdout):
        assert "(judgement_id 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more)" in told
        assert "taro" not in told
