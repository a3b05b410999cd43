"""Somebody who opted out stays so when the record that said it is gone: its customer keeps the denial."""

import re
from pathlib import Path
from typing import Any

import pytest

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
PLAIN = "map: {full_name: name, email: mail, phone: tel}"
SAYS = "map: {full_name: name, email: mail, phone: tel, email_opt_out: out, email_consent_at: chosen}"
AGREES = "organization: company, email_consent: agrees, email_consent_at: agreed,"
DAY = "2026-03-01T09:00:00Z"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def opted(request: pytest.FixtureRequest, small: Any) -> Any:
    """The small project after a night: support has four who opted out, one without a time; sales says all agree."""
    for number, row in enumerate(small.support):
        row |= {"out": "yes" if number < 4 else "", "chosen": DAY if number < 3 else ""}
    for row in small.sales:
        row |= {"agrees": "yes", "agreed": ""}
    text = small.config.read_text("utf-8").replace(PLAIN, f"snapshot: true\n        max_gone_rate: 1\n        {SAYS}")
    text = text.replace("organization: company,", AGREES)
    if request.param == "postgresql":
        text = text.replace("sqlite:///meibo.db", request.getfixturevalue("postgres")())
    small.config.write_text(text, "utf-8")
    small.write().freeze().run()
    return small


def consents(project: Any) -> list[str]:
    """Return the consent to e-mail of the customers of the first five of sales."""
    links, profiles = project.table("profile_link"), project.table("golden_profile").set_index("golden_id")
    held = links[links["source"] == "sales"].set_index("source_id")["golden_id"]
    return [profiles.at[held[row["id"]], "email_consent"] for row in project.sales[:5]]


def night(project: Any, **given: Any) -> dict[str, Any]:
    """Write the files and run a night of what changed."""
    facts: dict[str, Any] = project.write().run(alone=True, **given)
    return facts


def changes_of_a_rebuild(project: Any) -> dict[str, Any]:
    """Return which tables a rebuild would change."""
    changes = project.backfill(rebuild=True, dry_run=True)["tables"]
    return {name: c for name, c in changes.items() if any(c[k] for k in ("inserted", "updated", "deleted"))}


def test_a_denial_stays_with_its_customer(opted: Any) -> None:
    """Its record is gone: still denied, and so for a rebuild; there again, the record speaks for itself."""
    assert consents(opted) == ["denied"] * 4 + ["granted"]
    gone = opted.support.pop(0)
    night(opted)
    assert consents(opted) == ["denied"] * 4 + ["granted"]
    kept = opted.table("kept_denial")
    assert kept[["contact_id", "field", "source", "source_id"]].to_numpy().tolist() == [
        ["sales:S000", "email_consent", "support", "900"]
    ]
    lineage = opted.table("golden_lineage").set_index(["source", "source_id", "field"])
    assert lineage.at[("support", "900", "email_consent"), "rule"] == "kept_denial"
    assert changes_of_a_rebuild(opted) == {}
    assert opted.run()["status"] == "unchanged"
    opted.support.insert(0, gone | {"out": "no", "chosen": ""})
    night(opted)
    assert opted.table("kept_denial").empty
    assert consents(opted) == ["granted"] + ["denied"] * 3 + ["granted"]
    assert changes_of_a_rebuild(opted) == {}


def test_a_record_that_comes_back_as_another_person_speaks_for_itself(opted: Any) -> None:
    """Whoever kept its denial is looked at again, though nothing else of theirs changed."""
    gone = opted.support.pop(0)
    night(opted)
    opted.support.insert(0, gone | {"name": "Zoe Quill", "mail": "zoe@quill.example.com", "tel": "", "out": "yes"})
    night(opted)
    assert consents(opted) == ["granted"] + ["denied"] * 3 + ["granted"]
    assert changes_of_a_rebuild(opted) == {}


def test_a_newer_choice_lifts_it(opted: Any) -> None:
    """A grant after the time of the choice; where that is not known, after the run that found the record gone."""
    del opted.support[:4]
    for row, when in zip(opted.sales, [DAY, "2026-03-01T09:00:01Z", "", "2026-03-02T00:00:00Z"], strict=False):
        row["agreed"] = when
    night(opted)
    assert consents(opted) == ["denied", "granted", "denied", "denied", "granted"]
    opted.sales[3]["agreed"] = "2126-01-01T00:00:00Z"
    night(opted)
    assert consents(opted) == ["denied", "granted", "denied", "granted", "granted"]
    assert changes_of_a_rebuild(opted) == {}


def test_it_is_handed_on_and_can_be_lifted_by_hand(opted: Any) -> None:
    """Those who kept it hand it on when they leave; a deleted row is no more, once everything was resolved."""
    opted.sales.append(opted.sales[0] | {"id": "S999"})
    night(opted)
    del opted.support[0]
    night(opted)
    assert opted.table("kept_denial")["contact_id"].tolist() == ["sales:S000", "sales:S999"]
    lifted = re.search(r"^DELETE FROM kept_denial[^;]*", RUNBOOK.read_text("utf-8"), re.MULTILINE)
    assert lifted is not None
    opted.execute(lifted[0])
    opted.backfill(rebuild=True)
    assert consents(opted)[0] == "granted"
    assert changes_of_a_rebuild(opted) == {}


def test_a_source_that_disappears_leaves_its_denials(opted: Any) -> None:
    """It is no longer in the settings: whoever it knew keeps what it said."""
    text = opted.config.read_text("utf-8")
    opted.config.write_text(text[: text.index("  support:")], "utf-8")
    opted.run(accept=frozenset({"row_drop"}))
    assert consents(opted) == ["denied"] * 4 + ["granted"]
    assert len(opted.table("kept_denial")) == 4
    assert changes_of_a_rebuild(opted) == {}
    opted.config.write_text(text, "utf-8")
    opted.run()
    assert opted.table("kept_denial").empty
    assert consents(opted) == ["denied"] * 4 + ["granted"]


def test_a_day_of_a_denial_ends_at_midnight_of_its_source(opted: Any) -> None:
    """In Tokyo, where the sources are: a grant of that morning is no newer choice, one of the next midnight is."""
    days = ["2026-03-01", "2026/3/1", "20260301", "2026年3月1日"]
    agreed = ["2026-03-01 10:00", "2026-03-02 00:00", "2026-03-01T14:59:59Z", "2026-03-01T15:00:00Z"]
    for number, (day, when) in enumerate(zip(days, agreed, strict=True)):
        opted.support[number] |= {"out": "yes", "chosen": day}
        opted.sales[number]["agreed"] = when
    night(opted)
    assert consents(opted) == ["denied", "granted", "denied", "granted", "granted"]
    assert changes_of_a_rebuild(opted) == {}
