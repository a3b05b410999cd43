"""Gates: what a run may change before someone has to look, on findings alone and through whole nights."""

from typing import Any

import pandas as pd
import pytest

from connectors.settings.gates import GATES, GateSettings
from flows.publishing.gates import Before, Finding, Night, count_rekeyed, judge_gates
from flows.reports.summary import next_steps
from resolve.errors import GateError
from resolve.schema import OPERATIONS

LEDGER = OPERATIONS["run_ledger"].names


def ledger(run_id: str, rows: int = 1000, quarantined: int = 0, deleted: int = 0) -> pd.DataFrame:
    """Return the ledger of one stream."""
    row = dict.fromkeys(LEDGER, 0) | {"run_id": run_id, "source": "sales", "stream": "contacts", "row_count": rows}
    return pd.DataFrame([row | {"quarantined_count": quarantined, "deleted_count": deleted}])


def event(kind: str, golden_id: str, records: str = "") -> dict[str, Any]:
    """Return one identity event."""
    return {"golden_id": golden_id, "type": kind, "records": records or None}


def night(events: list[dict[str, Any]] = [], largest: int = 3, **rows: int) -> Night:  # noqa: B006 - never changed
    """Return a night with some events; its largest profile is G0."""
    frame = pd.DataFrame(events, columns=["golden_id", "type", "records"])
    profiles = pd.DataFrame({"golden_id": ["G0", "G1"], "record_count": [largest, 1]})
    return Night(frame, profiles, ledger("now", **rows))


def before(runs: tuple[str, ...] = ("last",), largest: int = 3) -> Before:
    """Return a history of 1,000 records in 800 profiles."""
    return Before({"contacts": 1000, "profiles": 800}, largest, list(runs), pd.concat([ledger(r) for r in runs]))


def standing(found: list[Finding]) -> dict[str, str]:
    """Return the status of each gate."""
    return {finding.gate: finding.status for finding in found}


def test_a_quiet_night_passes_every_gate() -> None:
    """Every gate of the settings is judged, and none trips; lost columns stop their stream while it is read."""
    judged = [gate for gate in GATES if gate != "lost_columns"]
    assert standing(judge_gates(GateSettings(), before(), night())) == dict.fromkeys(judged, "passed")


@pytest.mark.parametrize(
    ("gate", "then"),
    [
        ("merged_profiles", night([event("merged", f"M{i}") for i in range(21)])),
        ("split_profiles", night([event("split", f"S{i}") for i in range(21)])),
        ("retired_profiles", night([event("retired", f"R{i}") for i in range(60)])),
        ("largest_profile", night(largest=30)),
        ("row_drop", night(rows=700)),
        ("row_drop", night(rows=1000, deleted=300)),
        ("row_growth", night(rows=4000)),
        ("quarantine_rise", night(quarantined=150)),
        (
            "rekeyed_records",
            night([
                event("grown", "G1", "\n".join(f"+a:{i}" for i in range(80))),
                event("shrunk", "G2", "\n".join(f"-a:{i}" for i in range(80))),
            ]),
        ),
    ],
    ids=["merged", "split", "retired", "largest", "fewer rows", "deleted rows", "more rows", "quarantine", "re-keyed"],
)  # fmt: skip
def test_a_gate_trips_over_its_budget_and_says_how_much(gate: str, then: Night) -> None:
    """It alone trips; the text has the count, the share and the budget; off, or accepted by name, it does not trip."""
    found = judge_gates(GateSettings(), before(), then)
    tripped = [finding for finding in found if finding.status == "tripped"]
    assert [finding.gate for finding in tripped] == [gate]
    assert "the budget is" in tripped[0].text
    assert gate not in standing(judge_gates(GateSettings.model_validate({gate: None}), before(), then))
    for names in ({gate}, {"all"}):
        assert standing(judge_gates(GateSettings(), before(), then, frozenset(names)))[gate] == "accepted"
    other = frozenset({"split_profiles" if gate != "split_profiles" else "row_drop"})
    assert standing(judge_gates(GateSettings(), before(), then, other))[gate] == "tripped"


def test_the_survivor_of_a_merge_does_not_count_as_merged_away() -> None:
    """G0 takes over 20 others: 20 are merged away, which is the floor and does not trip."""
    then = night([event("merged", name) for name in ("G0", *(f"M{i}" for i in range(20)))])
    (found,) = (f for f in judge_gates(GateSettings(), before(), then) if f.gate == "merged_profiles")
    assert (found.count, found.status) == (20, "passed")


def test_a_record_that_only_leaves_or_only_comes_is_not_re_keyed() -> None:
    """Re-keyed is what stands under another ID: `-` here and `+` there."""
    events = [
        event("shrunk", "A", "-s:1\n-s:2\n-s:3"),
        event("grown", "B", "+s:2\n+s:9"),
        event("retired", "C", "-s:7"),
    ]
    assert count_rekeyed(pd.DataFrame(events)) == 1
    assert count_rekeyed(pd.DataFrame([event("created", "A", "+s:1")])) == 0


def test_rows_are_compared_with_the_median_of_the_last_runs() -> None:
    """One night without a source does not make the next one look like a flood."""
    past = Before(
        {"contacts": 1, "profiles": 1}, 1, ["c", "b", "a"], pd.concat([ledger("c", 10), ledger("b"), ledger("a")])
    )
    assert standing(judge_gates(GateSettings(), past, night(rows=1000)))["row_growth"] == "passed"


MERGING = "\ngates: {floor: 2}\n"


def strangers(project: Any) -> Any:
    """Make the people of support nobody that sales knows."""
    for i, row in enumerate(project.support):
        row |= {
            "name": f"見知 らぬ{'一二三四五六七八九十'[i % 10]}{i}",
            "mail": f"x{i}@other.example.com",
            "tel": f"03-{3000 + i}-{7100 + i}",
        }
    return project.write()


@pytest.fixture
def merging(small: Any) -> Any:
    """A published project in whose next night 20 of 80 profiles are merged away; the budget is 2 of a hundred."""
    known = [dict(row) for row in small.support]
    small.config.write_text(small.config.read_text("utf-8") + MERGING, "utf-8")
    assert strangers(small).run()["profiles"]["total"] == 80
    small.support[:] = known
    return small.write()


def test_a_night_over_budget_stops_and_leaves_the_tables(merging: Any) -> None:
    """GateError; the tables and the cursors' data are as before the publish; the manifest says failed and why."""
    before_it = {name: text for name, text in merging.tables().items() if name not in ("raw_record", "sync_state")}
    with pytest.raises(GateError, match=r"merged_profiles: 20 of 80 profiles are merged away, 25\.0%") as caught:
        merging.run()
    assert "--accept-gate merged_profiles" in caught.value.tripped[-1]
    after = merging.tables()
    assert {name: after[name] for name in before_it} == before_it
    last = merging.table("run_manifest").sort_values("started_at").iloc[-1]
    assert last["status"] == "failed"
    assert "merged_profiles" in last["message"]


def test_an_accepted_night_is_published(merging: Any) -> None:
    """Accepting every gate publishes; the report says which were over budget."""
    facts = merging.run(accept=frozenset({"all"}))
    assert facts["profiles"]["total"] == 60
    accepted = {gate["gate"] for gate in facts["gates"] if gate["status"] == "accepted"}
    assert accepted == {"rekeyed_records", "merged_profiles"}
    assert merging.run()["status"] == "unchanged"


def test_a_dry_run_tells_which_gates_would_trip(merging: Any) -> None:
    """Nothing is raised, the whole difference is shown."""
    facts = merging.run(dry_run=True)
    assert facts["profiles"]["merged"] == 40
    assert {"merged_profiles"} <= {gate["gate"] for gate in facts["gates"] if gate["status"] == "tripped"}
    ((command, _),) = next_steps(facts)
    assert command == "meibo nightly --accept-gate rekeyed_records --accept-gate merged_profiles"
    assert next_steps(facts | {"gates": []})[0][0] == "meibo nightly"


def test_a_first_run_has_no_history_and_passes(small: Any) -> None:
    """No gate is judged."""
    assert small.run()["gates"] == []


CALLS = """      calls:
        path: calls.csv
        id: id
        map: {contact_id: who, occurred_at: at, subject: subject}
        constant: {channel: phone, type: call, direction: outbound}
"""


def test_a_stream_that_leaves_the_settings_is_told(small: Any) -> None:
    """Its rows would leave the published tables: that is for a person to accept, once."""
    text = small.config.read_text("utf-8") + "\ngates: {floor: 2}\n"
    small.config.write_text(text, "utf-8")
    small.run()
    assert CALLS in text
    small.config.write_text(text.replace(CALLS, ""), "utf-8")
    with pytest.raises(
        GateError, match=r"row_drop \(sales.calls\): it is no longer in the settings, and all its 10 rows"
    ):
        small.run()
    assert len(small.table("contact_history")) == 10
    small.run(accept=frozenset({"row_drop"}))
    assert small.table("contact_history").empty
    small.sales[0]["tel"] = "03-1234-5678"
    assert small.write().run()["status"] == "succeeded"
    small.config.write_text(text, "utf-8")
    small.run()
    assert len(small.table("contact_history")) == 10


def test_rows_in_quarantine_are_measured_alike_whatever_is_resolved(small: Any) -> None:
    """12 of 230 events cannot be read, 4.96 %: below the rate, whether a night resolves everything or the difference."""
    small.calls[:] = [dict(small.calls[0], id=f"c{i}") for i in range(230)]
    for call in small.calls[:12]:
        call["at"] = "someday"
    small.config.write_text(small.config.read_text("utf-8") + "\nquarantine: {max_rate: 0.0497}\n", "utf-8")
    assert small.freeze().write().run()["status"] == "succeeded"
    small.sales[0]["tel"] = "03-1234-5678"
    assert small.write().run(alone=True)["status"] == "succeeded"


def test_gates_stand_after_a_night_in_which_only_the_ledger_changed(small: Any) -> None:
    """Such a night notes no counts: those of the tables are of the one before it, and no gate is left out for that."""
    small.config.write_text(small.config.read_text("utf-8") + "\ngates: {floor: 2, row_drop: null}\n", "utf-8")
    snapshot = small.config.read_text("utf-8").replace(
        "id: id\n", "id: id\n        snapshot: true\n        max_gone_rate: 1\n", 1
    )
    small.config.write_text(snapshot, "utf-8")
    small.freeze().run()
    (small.folder / "support.csv").rename(small.folder / "away.csv")
    small.calls[0]["at"] = "soon"
    write = small.folder / "calls.csv"
    write.write_text(write.read_text("utf-8").replace("2026-02-01T09:00:00Z", "soon", 1), "utf-8")
    assert small.run(alone=True)["status"] == "partial"
    (small.folder / "away.csv").rename(small.folder / "support.csv")
    del small.sales[20:]
    small.write()
    with pytest.raises(GateError, match=r"retired_profiles: 40 of 60 profiles are retired"):
        small.run()
