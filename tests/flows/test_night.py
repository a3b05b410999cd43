"""A night from sources to tables, without Prefect: what it publishes, what it refuses, and that a rerun changes nothing."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pytest

import flows.run
from connectors.warehouse.lock import hold
from flows.intake.prepare import prepare_frames
from flows.night import PLAIN
from flows.project import open_project
from flows.publishing import publish
from resolve.errors import ConfigError, GateError, LockedError

RUN_TABLES = ("run_manifest",)


def test_a_first_night_unites_what_belongs_together(small: Any) -> None:
    """60 people, 20 of them in two sources: 60 profiles, 80 links, every call attributed."""
    facts = small.run()
    assert facts["status"] == "succeeded"
    assert facts["profiles"] == {"total": 60, "created": 60}
    assert facts["links"]["auto"] == 40
    assert facts["links"]["single"] == 40
    assert len(small.table("profile_link")) == 80
    history = small.table("contact_history")
    assert history["golden_id"].notna().all()
    profile = small.table("golden_profile").set_index("golden_id").loc[history["golden_id"].iloc[0]]
    assert profile["contact_count"] == 1


def test_a_rerun_without_changes_writes_nothing_but_its_own_row(small: Any) -> None:
    """Not even a time stamp of a profile moves; the run says unchanged."""
    small.run()
    before = {
        name: small.table(name)
        for name in ("golden_profile", "profile_link", "raw_record", "run_ledger", "model_version")
    }
    facts = small.run()
    assert facts["status"] == "unchanged"
    assert facts["profiles"] == {"total": 60, "unchanged": 60}
    assert facts["tables"] == {}
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, small.table(name))
    assert small.statuses() == ["succeeded", "unchanged"]


class Behind(datetime):
    """A clock an hour behind."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Return the time of an hour ago."""
        return super().now(tz) - timedelta(hours=1)


def test_a_clock_that_went_back_leaves_histories_in_order(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run counts as after the last one: what it ends did not end before it began, nor did the run itself."""
    small.run()
    small.sales[59]["tel"] = "03-1234-5678"
    small.write()
    monkeypatch.setattr(flows.run, "datetime", Behind)  # the system's clock is not the test's to set
    assert small.run()["warnings"] == []  # so much clocks of machines differ
    runs = small.table("run_manifest").sort_values("started_at", ignore_index=True)
    assert (runs["ended_at"] >= runs["started_at"]).all()
    versions = small.table("golden_profile_history").query("valid_to.notna()")
    assert versions["valid_to"].tolist() == [runs["started_at"][1]]
    assert (versions["valid_to"] > versions["valid_from"]).all()


def test_a_clock_that_was_ahead_is_told(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later runs begin just after the one that was ahead, whatever the clock says: each says so."""
    small.run()
    small.execute(
        "UPDATE run_manifest SET started_at = '2038-01-19 03:14:07.000000', ended_at = '2038-01-19 03:14:08.000000'"
    )
    assert "the last run began at 2038-01-19 03:14: was one of both wrong?" in small.run()["warnings"][0]
    small.sales[59]["tel"] = "03-1234-5678"
    small.write()
    assert len(small.run()["warnings"]) == 1


def test_an_empty_warehouse_below_published_files_is_told(small: Any) -> None:
    """A disk that is not mounted, or another address: the first run there warns, before it and in it; later ones do not."""
    small.config.write_text(small.config.read_text("utf-8") + "publish: {parquet: lake}\n", "utf-8")
    assert small.run()["warnings"] == []
    (small.folder / "meibo.db").unlink()
    for facts in (small.run(dry_run=True), small.run()):
        assert "publish.parquet holds the tables of run 20" in facts["warnings"][0]
    assert small.run()["warnings"] == []


def test_only_what_changed_is_written(small: Any) -> None:
    """One new phone number: one profile gets a new version, all others keep their run."""
    first = small.run()
    small.sales[59]["tel"] = "03-1234-5678"
    small.write()
    facts = small.run()
    assert facts["profiles"] == {"total": 60, "values_changed": 1, "unchanged": 59}
    profiles = small.table("golden_profile")
    assert (profiles["run_id"] != first["run_id"]).sum() == 1
    assert sorted(profiles["golden_version"])[-2:] == [1, 2]
    again = small.table("golden_profile_history")
    assert again["change_type"].value_counts().to_dict() == {"created": 60, "changed": 1}


def test_a_dry_run_shows_what_would_change_and_writes_nothing(small: Any) -> None:
    """Before the first run not even the warehouse file appears; later every table is as it was."""
    first = small.run(dry_run=True)
    assert first["profiles"]["created"] == 60
    assert first["pending"]
    assert not (small.folder / "meibo.db").exists()
    small.run()
    before = small.tables()
    small.sales.pop()
    small.sales.append(
        {**small.sales[0], "id": "S999", "name": "新規 顧客", "mail": "new@new.example.jp", "tel": "06-6123-4567"}
    )
    small.write()
    facts = small.run(dry_run=True)
    assert facts["dry_run"]
    assert facts["profiles"]["created"] == 1
    assert small.tables() == before
    assert len(small.table("run_manifest")) == 1


def test_a_source_that_fails_does_not_stop_the_others(small: Any) -> None:
    """Its records stay as they were, its cursor too; the run is partial and says why; later it catches up."""
    small.run()
    cursors = small.table("sync_state").set_index(["source", "stream"])["cursor"]
    small.sales[0]["company"] = "株式会社改名"
    small.write()
    (small.folder / "support.csv").unlink()
    facts = small.run()
    assert facts["status"] == "partial"
    assert ["support.csv" in failure for failure in facts["failures"]] == [True]
    assert facts["profiles"]["total"] == 60
    assert len(small.table("profile_link")) == 80
    later = small.table("sync_state").set_index(["source", "stream"])["cursor"]
    assert later["support", "contacts"] == cursors["support", "contacts"]
    assert later["sales", "contacts"] != cursors["sales", "contacts"]
    small.write()
    assert small.run()["status"] == "unchanged"


def test_bad_rows_end_in_quarantine_and_the_ledger_adds_up(small: Any) -> None:
    """A row without an id, a ragged one, one with a NUL byte and an event without a time: each with its reason."""
    small.sales.append(small.sales[0] | {"id": ""})
    small.calls.append(small.calls[0] | {"id": "c99", "at": "someday"})
    small.write()
    with (small.folder / "sales.csv").open("ab") as file:
        file.write(b"S900,too,short\r\nS901,a\x00b,,,,,\r\n")
    facts = small.run()
    assert facts["status"] == "succeeded"
    assert facts["sources"][0]["reasons"] == {"missing_id": 1, "nul_byte": 1, "ragged_row": 1}
    assert facts["sources"][1]["reasons"] == {"bad_time": 1}
    ledger = small.table("run_ledger").set_index(["source", "stream"])
    assert ledger.loc[("sales", "contacts"), ["row_count", "quarantined_count"]].tolist() == [63, 3]
    assert ledger.loc[("sales", "calls"), ["row_count", "linked_count", "quarantined_count"]].tolist() == [11, 10, 1]


def test_rows_that_change_no_table_are_in_the_ledger_at_once(small: Any) -> None:
    """One that comes as deleted, in a night that publishes nothing; what counts nothing new keeps no ledger."""
    text = small.config.read_text("utf-8").replace("path: calls.csv\n", "path: calls.csv\n        deleted: gone\n")
    small.config.write_text(text, "utf-8")
    small.calls = [row | {"gone": "no"} for row in small.calls]
    small.write().run()
    small.calls.append(small.calls[0] | {"id": "c99", "gone": "yes"})
    facts = small.write().run()
    assert facts["status"] == "unchanged"
    (ledger,) = small.table("run_ledger").query("run_id == @facts['run_id'] and stream == 'calls'").to_dict("records")
    assert (ledger["row_count"], ledger["linked_count"], ledger["deleted_count"]) == (11, 10, 1)
    assert small.run()["status"] == "unchanged"
    assert small.table("run_ledger")["run_id"].nunique() == 2


def test_a_row_that_is_mended_leaves_the_quarantine(small: Any) -> None:
    """The ledger counts it as linked or single from then on."""
    small.calls.append(small.calls[0] | {"id": "c99", "at": "someday"})
    small.write().run()
    small.calls[-1]["at"] = "2026-03-01T00:00:00Z"
    facts = small.write().run()
    assert facts["sources"][1]["quarantined"] == 0
    assert small.table("quarantine")["resolved_at"].notna().all()
    assert len(small.table("contact_history")) == 11


def test_a_stream_with_too_many_bad_rows_counts_as_failed(small: Any) -> None:
    """Above quarantine.max_rate the run is partial and names the stream."""
    small.sales.extend(small.sales[0] | {"id": ""} for _ in range(12))
    facts = small.write().run()
    assert facts["status"] == "partial"
    assert "quarantine.max_rate" in facts["failures"][0]


def test_a_lost_row_stops_the_publish(small: Any) -> None:
    """A stage that drops a contact is found by the ledger: the tables stay as they were."""
    small.run()
    before = small.tables()
    small.sales[0]["company"] = "株式会社改名"
    small.write()

    def losing(run: Any, extraction: Any) -> Any:
        prepared = prepare_frames(run, extraction)
        lost = prepared.contacts.index[prepared.contacts["contact_id"] == "sales:S005"]
        object.__setattr__(prepared, "contacts", prepared.contacts.drop(lost))
        return prepared

    with pytest.raises(GateError, match=r"sales\.contacts: 60 rows are known, 59 are accounted for"):
        small.run(prepare=losing)
    after = small.tables()
    assert {n: t for n, t in after.items() if n not in ("raw_record", "sync_state")} == {
        n: t for n, t in before.items() if n not in ("raw_record", "sync_state")
    }
    assert small.statuses() == ["succeeded", "failed"]
    assert small.run()["status"] == "succeeded"


def test_a_second_run_is_refused_while_one_holds_the_warehouse(small: Any) -> None:
    """LockedError, at once, with the command to blame."""
    small.run()
    project = open_project(small.config)
    with hold(project.engine), pytest.raises(LockedError, match="holds the warehouse"):
        small.run()
    project.engine.dispose()


def test_a_failed_run_is_noted_without_values_of_rows(small: Any) -> None:
    """An unforeseen error leaves its kind in the manifest, not its text."""

    def broken(*_: Any) -> Any:
        raise ValueError("山田太郎 0901234")

    with pytest.raises(ValueError, match="山田"):
        small.run(resolve=broken)
    run = small.table("run_manifest").iloc[0]
    assert (run["status"], run["message"]) == ("failed", "ValueError")


def test_rows_of_a_mapping_that_no_longer_fits_do_not_vanish(small: Any) -> None:
    """When a mapped column is in no landed row, the run stops as a mistake of configuration; nothing is retired."""
    small.run()
    before = small.tables()["profile_link"]
    text = small.config.read_text("utf-8").replace("email: mail, phone: tel}", "email: no_such_column}")
    small.config.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="no_such_column"):
        small.run()
    assert small.tables()["profile_link"] == before


def test_two_streams_with_the_same_contact_ids_are_refused(small: Any) -> None:
    """A contact is source:id, so two streams of a source may not share ids."""
    more = "      leads:\n        path: sales.csv\n        role: contacts\n        id: id\n        map: {full_name: name}\n"
    text = small.config.read_text("utf-8").replace("      calls:\n", more + "      calls:\n")
    small.config.write_text(text, "utf-8")
    said = r"sales: its streams contacts and leads both hold 60 contacts of the same ids \(sales:S000, .* and 57 more\)"
    with pytest.raises(ConfigError, match=said) as told:
        small.run()
    assert "make the streams two sources" in str(told.value)


def test_one_id_in_two_streams_is_told_by_the_night_that_brings_it(small: Any) -> None:
    """A night of what changed, too: which streams, and which contact."""
    more = "      leads:\n        path: leads.csv\n        role: contacts\n        id: id\n        map: {full_name: name}\n"
    text = small.config.read_text("utf-8").replace("      calls:\n", more + "      calls:\n")
    small.config.write_text(text, "utf-8")
    leads = small.folder / "leads.csv"
    leads.write_text("id,name\nL1,Max Muster\n", "utf-8")
    small.freeze().run()
    leads.write_text("id,name\nL1,Max Muster\nS003,Zoe Quill\n", "utf-8")
    with pytest.raises(
        ConfigError, match=r"streams leads and contacts both hold 1 contact of the same id \(sales:S003\)"
    ):
        small.run(alone=True)


def test_the_model_of_the_first_night_is_kept(small: Any) -> None:
    """Trained once, stored, used again; a changed model.yaml takes over and is trained anew."""
    text = small.config.read_text("utf-8").replace("training: never\n", "")
    small.config.write_text(text, "utf-8")
    first = small.run()
    assert first["model"]["origin"] == "fitted"
    assert first["model"]["trained_on"] == 80
    small.sales[0]["company"] = "株式会社改名"
    second = small.write().run()
    assert second["model"] == {"version": first["model"]["version"], "origin": "stored", "trained_on": None}
    assert small.table("model_version")["is_active"].tolist() == [True]


def test_a_broken_model_file_is_a_mistake_of_configuration(small: Any) -> None:
    """Every mistake of model.yaml is told, with the file's name."""
    (small.folder / "model.yaml").write_text("blocking: 3\nno_such_key: 1\n", "utf-8")
    small.config.write_text(small.config.read_text("utf-8") + "model: model.yaml\n", "utf-8")
    with pytest.raises(ConfigError, match=r"model\.yaml"):
        small.run()


def test_publishing_checks_the_lock_first(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that was lost on the way is found before anything is written."""
    asked: list[str] = []
    original = publish.publish_tables
    monkeypatch.setattr(publish, "publish_tables", lambda *a, **k: asked.append("write") or original(*a, **k))

    def noting(run: Any, *rest: Any) -> Any:
        class Noting:
            def check(self) -> None:
                asked.append("check")

        object.__setattr__(run, "lock", Noting())
        return publish.publish_run(run, *rest)

    small.run(publish=noting)
    assert asked == ["check", "write", "check"]  # and once more before it is committed


def test_settings_are_found_relative_to_their_own_folder(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run started elsewhere reads and writes beside meibo.yaml."""
    monkeypatch.chdir(tmp_path)
    assert small.run()["status"] == "succeeded"
    assert (small.folder / "meibo.db").exists()


def test_a_row_without_id_leaves_the_quarantine_when_its_file_is_mended(small: Any) -> None:
    """It is known by file and line; the file read to its end without it says that it was mended."""
    small.sales.append(small.sales[0] | {"id": "", "name": "新規 顧客", "mail": "n@new.example.jp", "tel": ""})
    small.write().run()
    assert small.table("quarantine")["resolved_at"].isna().sum() == 1
    small.sales[-1]["id"] = "S999"
    facts = small.write().run()
    assert facts["sources"][0]["quarantined"] == 0
    assert small.table("quarantine")["resolved_at"].notna().all()


def test_a_model_that_is_edited_while_a_night_is_at_work_is_not_followed_by_halves(small: Any) -> None:
    """What changed would be resolved by the new one, all else stay by the old one, and no later night notice it."""
    small.freeze().run()
    small.sales[3] |= {"name": "改名 三郎"}
    small.write()
    model = small.folder / "model.yaml"

    def resolve(*done: Any) -> Any:
        text = model.read_text("utf-8")
        model.write_text(text.replace("lone: 1.5", "lone: 1.25"), "utf-8")
        assert model.read_text("utf-8") != text
        return PLAIN.resolve(*done)

    with pytest.raises(ConfigError, match="model changed while this run was at work"):
        small.run(alone=True, resolve=resolve)
    assert small.run()["status"] == "succeeded"
    assert small.table("run_manifest").sort_values("started_at")["model_version"].dropna().nunique() == 2
