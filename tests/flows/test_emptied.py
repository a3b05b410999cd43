"""Tables that somebody emptied between two runs: those that nothing can make again stop a run, the others come back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.emptied import FEEDS, KEPT_ALONE, WATCHED
from resolve.errors import WarehouseError
from resolve.schema import OPERATIONS, PUBLISHED

Build = Callable[[Path], Any]
# What else an emptied table leaves its mark on: the versions of profiles go on, one more for each.
UNTOLD = {"golden_profile": {"golden_profile", "golden_profile_history"}}


@pytest.fixture
def known(build_on: Build, tmp_path: Path) -> Any:
    """A project after three nights with a merge, an edit, a retired customer, and a review pair."""
    project = build_on(tmp_path / "project").freeze()
    project.run()
    project.support[5] = project.support[5] | {"name": project.sales[6]["name"], "mail": project.sales[6]["mail"]}
    project.sales[30]["company"] = "株式会社改名"
    project.write().run(accept=frozenset({"all"}))
    return project


@pytest.mark.parametrize("names", [*((name,) for name in KEPT_ALONE), KEPT_ALONE], ids="+".join)
def test_a_run_stops_where_an_emptied_table_cannot_be_made_again(known: Any, names: tuple[str, ...]) -> None:
    """Nightly, backfill, rebuild and dry run: an error that names the tables, all others are as they were."""
    for name in names:
        known.execute(f"DELETE FROM {name}")
    before = known.tables()
    said = rf"{', '.join(names)} ha(s|ve) no rows any more.* Restore the rows from a backup"
    for run in (
        known.run,
        lambda: known.run(dry_run=True),
        lambda: known.backfill(accept=frozenset({"all"})),
        lambda: known.backfill(rebuild=True),
    ):
        with pytest.raises(WarehouseError, match=said) as told:
            run()
        assert told.value.exit_code == 1
    assert known.tables() == before
    assert known.statuses()[-3:] == ["failed"] * 3


def test_an_emptied_table_is_told_where_the_last_run_noted_nothing(known: Any) -> None:
    """A warehouse of before tables were noted: the others tell that there were customers."""
    known.execute("UPDATE run_manifest SET watermark = NULL")
    known.execute("DELETE FROM golden_registry")
    with pytest.raises(WarehouseError, match="golden_registry has no rows any more"):
        known.run()


def test_emptied_tables_that_follow_from_others_come_back(known: Any) -> None:
    """One after the other: the run says why everything was resolved anew, and leaves every table as it was."""
    without = set()
    for name in sorted(set(WATCHED) - {*KEPT_ALONE, *FEEDS}):
        if name in OPERATIONS | PUBLISHED and known.table(name).empty:
            without.add(name)
            continue
        before = known.tables()
        known.execute(f"DELETE FROM {name}")
        assert known.run()["full"] == f"the table was emptied since the last run: {name}"
        after = known.tables()
        for other in before.keys() - UNTOLD.get(name, set()):
            assert after[other] == before[other], f"{other} after {name} was emptied"
    assert without <= {"source_merge", "former_member", "segment_rule", "planned_contact"}
    assert known.run()["status"] == "unchanged"


def test_an_emptied_golden_profile_leaves_one_open_version_each(known: Any) -> None:
    """The versions that were open when it was emptied end; every customer has one that is."""
    known.execute("DELETE FROM golden_profile")
    known.run()
    versions = known.table("golden_profile_history")
    living = versions[versions["valid_to"].isna()]["golden_id"]
    assert sorted(living) == sorted(known.table("golden_profile")["golden_id"])


def test_an_emptied_change_feed_is_told_once(known: Any) -> None:
    """It has no way back but the backup; golden IDs do not depend on it."""
    known.execute("DELETE FROM identity_event")
    assert "table identity_event: emptied since the last run" in known.run()["warnings"][0]
    assert known.run()["warnings"] == []


def test_decisions_of_people_that_are_gone_are_told(known: Any) -> None:
    """They are taken back, as they may have been deleted one by one; the run warns where none is left."""
    known.execute(
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at) "
        "VALUES (1, 'sales:S000', 'sales:S001', 'non_match', 'people', '2026-11-02 03:04:05Z')"
    )
    known.run()
    known.execute("DELETE FROM judgement")
    facts = known.run()
    assert facts["full"] == "judgements were taken back"
    assert "table judgement: emptied since the last run" in facts["warnings"][0]


def test_check_tells_what_would_stop_a_run(known: Any, inside: Callable[..., Any]) -> None:
    """Before the night does; a table that comes back by itself is no reason."""
    known.execute("DELETE FROM contact")
    assert inside("check", cwd=known.folder).returncode == 0
    known.execute("DELETE FROM golden_registry")
    done = inside("check", cwd=known.folder)
    assert done.returncode == 1
    assert "golden_registry has no rows any more" in done.stdout


def test_tables_that_a_run_itself_left_empty_are_no_emptied_ones(known: Any) -> None:
    """The stream of calls is taken out of the settings, and that was accepted: the next run goes on."""
    text = known.config.read_text("utf-8")
    calls = text[text.index("      calls:\n") : text.index("  support:\n")]
    known.config.write_text(text.replace(calls, ""), "utf-8")
    known.run(accept=frozenset({"all"}))
    assert known.table("contact_history").empty
    assert known.run()["status"] == "unchanged"
