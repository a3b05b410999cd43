"""Settings that change between nights, and change back: no trace of them is left that a full run would not leave."""

from importlib.resources import files
from typing import Any

import pytest

from flows.reports.report import to_markdown
from resolve.errors import GateError
from resolve.model import MatchModel


def test_a_mapping_that_a_gate_stopped_leaves_no_rows_in_quarantine(small: Any) -> None:
    """The night with it holds back every call; once it is put right they are free, and a later night is no partial one."""
    small.calls = [small.calls[0] | {"id": f"c{number}"} for number in range(25)]
    small.write().freeze().run()
    right = small.config.read_text("utf-8")
    small.config.write_text(right.replace("occurred_at: at", "occurred_at: subject"), "utf-8")
    with pytest.raises(GateError, match="quarantine_rise"):
        small.run()
    assert small.table("quarantine")["resolved_at"].isna().sum() == 25
    small.config.write_text(right, "utf-8")
    assert small.run()["failures"] == []
    assert small.table("quarantine")["resolved_at"].notna().all()
    small.sales[0]["company"] = "株式会社改名"
    assert small.write().run(alone=True)["status"] == "succeeded"


def test_a_model_that_is_named_no_more_stays_until_an_unchanged_copy_is_named(small: Any) -> None:
    """As the runbook says: settings without `model` leave the stored one, with the thresholds of its file."""
    settings, shipped = small.config.read_text("utf-8"), files("resolve").joinpath("model.yaml").read_text("utf-8")
    strict = shipped.replace(
        "{link: 0.0, review_low: -3.0, review_high: 1.0", "{link: 9.0, review_low: 3.0, review_high: 10.0"
    )
    versions = []
    for policy in (strict, None, shipped):
        small.config.write_text(("model: model.yaml\n" if policy else "") + settings, "utf-8")
        (small.folder / "model.yaml").write_text(policy or "", "utf-8")
        versions.append(small.run()["model"]["version"])
    assert versions[0] == versions[1] != versions[2]
    assert versions[2] == MatchModel.from_yaml(shipped).version


def test_a_night_that_prepares_everything_says_why(small: Any, inside: Any) -> None:
    """In its facts, on the screen and in what is told of it later; the first and a night of differences say nothing."""
    assert small.freeze().run()["full"] == ""
    small.sales[0]["mail"] = "else@example.jp"
    assert small.write().run(alone=True)["full"] == ""
    small.config.write_text("time_zone: America/New_York\n" + small.config.read_text("utf-8"), "utf-8")
    said = "all rows were prepared, not the changed ones alone: the settings changed"
    assert said in inside("nightly", "--dry-run", cwd=small.folder).stdout
    facts = small.run()
    assert facts["full"] == "the settings changed"
    assert said in to_markdown(facts)
    assert said in inside("runs", "last", cwd=small.folder).stdout


def keep(small: Any) -> set[str]:
    """Return the IDs of the living customers."""
    return set(small.table("golden_profile")["golden_id"])


def test_a_source_that_is_renamed_as_the_runbook_says_keeps_all_ids(small: Any) -> None:
    """Beside its former name for a night, then alone; renamed at once, customers of it alone are others."""
    small.run()
    ids, settings = keep(small), small.config.read_text("utf-8")
    head, tail = settings.split("  sales:\n")
    block, rest = tail.split("  support:\n")
    small.config.write_text(f"{head}  crm:\n{block}  sales:\n{block}  support:\n{rest}", "utf-8")
    assert small.run()["status"] == "succeeded"
    renamed = f"{head}  crm:\n{block}  support:\n{rest}"
    small.config.write_text(renamed, "utf-8")
    with pytest.raises(GateError, match=r"row_drop \(sales\.contacts\)"):
        small.run()
    small.run(accept=frozenset({"row_drop"}))
    assert keep(small) == ids
    assert set(small.table("profile_link")["source"]) == {"crm", "support"}
    assert small.table("contact_history")["golden_id"].notna().all()


def test_ids_of_another_column_are_told_and_the_former_go_as_the_runbook_says(small: Any) -> None:
    """A night with both, then one as a snapshot: all IDs stay, and no record of before is left."""
    small.sales = [row | {"no": f"N{row['id']}"} for row in small.sales]
    small.write().run()
    ids, settings = keep(small), small.config.read_text("utf-8")
    other = settings.replace("path: sales.csv\n        id: id", "path: sales.csv\n        id: no")
    small.config.write_text(other, "utf-8")
    assert small.run()["sources"][0]["drift"].startswith("ids are read from no, and were from id: ")
    assert len(small.table("profile_link")) == 60 + 60 + 20
    once = other.replace("id: no\n", "id: no\n        snapshot: true\n        max_gone_rate: 1\n")
    small.config.write_text(once, "utf-8")
    assert small.run(accept=frozenset({"row_drop"}))["failures"] == []
    small.config.write_text(other, "utf-8")
    assert [row["drift"] for row in small.run()["sources"]] == ["", "", ""]
    assert keep(small) == ids
    links = small.table("profile_link").query("source == 'sales'")
    assert set(links["source_id"]) == {row["no"] for row in small.sales}
