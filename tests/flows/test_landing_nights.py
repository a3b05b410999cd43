"""Nights seen from the landing: columns that are lost, mappings that are mended, versions that are no longer kept."""

from typing import Any

import pytest

PHONES = "phone: tel}"


def rewrite(small: Any, old: str, new: str) -> None:
    """Change the settings."""
    text = small.config.read_text("utf-8")
    assert old in text
    small.config.write_text(text.replace(old, new), "utf-8")


def drop(rows: list[dict[str, str]], column: str) -> list[dict[str, str]]:
    """Return rows without a column."""
    return [{name: cell for name, cell in row.items() if name != column} for row in rows]


def test_a_lost_column_stops_its_stream_until_someone_accepts_it(small: Any) -> None:
    """Profiles keep their phones, the other streams go on; accepted once, it is expected no more. New ones are told."""
    rewrite(small, PHONES, "phone: {any: [tel, mobile]}}")
    small.run()
    phones = small.table("profile_identifier")["value"].tolist()
    small.support = [row | {"memo": ""} for row in drop(small.support, "tel")]
    small.sales[0]["company"] = "株式会社改名"
    facts = small.write().run()
    assert facts["status"] == "partial"
    assert "support: stream contacts: rows had the column tel (phone)" in facts["failures"][0]
    assert small.table("profile_identifier")["value"].tolist() == phones
    assert facts["sources"][0]["new"] == 1
    accepted = small.run(accept=frozenset({"lost_columns"}))
    assert accepted["status"] == "succeeded"
    assert accepted["sources"][2]["drift"] == "new columns: memo; lost columns: tel"
    small.support[0]["mail"] = "new@example.jp"
    assert small.write().run()["failures"] == []


def test_a_file_that_shrank_is_told(small: Any, inside: Any) -> None:
    """Its rows stay: that they are not in the file may be a mistake of the export. As few as the next time, it is usual."""
    small.run()
    profiles, everyone = small.table("golden_profile"), small.sales
    export = small.folder / "sales.csv"
    export.write_bytes(export.read_bytes().splitlines(keepends=True)[0])  # the header alone
    facts = small.run()
    assert facts["sources"][0]["drift"] == "sales.csv has 0 rows and had 60: is it whole?"
    assert small.table("golden_profile").equals(profiles)
    small.sales = [everyone[0] | {"company": "株式会社改名"}]
    assert [row["drift"] for row in small.write().run()["sources"]] == ["", "", ""]
    small.sales = everyone
    small.write().run()
    small.sales = everyone[:29]
    small.write()
    assert "sales.csv has 29 rows and had 60" in inside("nightly", "--dry-run", cwd=small.folder).stdout


def test_a_mapping_whose_values_cannot_be_read_is_told(small: Any, inside: Any) -> None:
    """A field that most values of its column do not fit, and times; not a placeholder here and there."""
    assert [row["unread"] for row in small.run()["sources"]] == ["", "", ""]
    rewrite(small, "phone: tel}", "phone: name, birth_date: mail}")
    small.sales[0] |= {"changed": "soon", "tel": "-"}
    small.write()
    small.sales[1]["tel"] = "090-1111-2222 " * 40
    small.write()
    said = "unreadable in 20 of 20 contacts: is it the right column?"
    unread = [row["unread"] for row in small.run(dry_run=True)["sources"]]
    assert unread == [
        "phone not read beyond 500 characters in 1 row; updated_at unreadable in 1 row",
        "",
        f"phone {said}; birth_date {said}",
    ]
    shown = inside("nightly", "--dry-run", cwd=small.folder)
    assert f"support.contacts: phone {said}" in shown.stdout


def test_a_mapping_that_is_mended_takes_rows_out_of_the_quarantine(small: Any) -> None:
    """Rows that mapping refused and rows that reading refused are both tried again when the settings change."""
    small.calls = [call | {"at": "", "started": call["at"]} for call in small.calls]
    small.support = [{"id": "", "number": row["id"]} | drop([row], "id")[0] for row in small.support]
    facts = small.write().run()
    assert [row["reasons"] for row in facts["sources"][1:]] == [{"bad_time": 10}, {"missing_id": 20}]
    rewrite(small, "occurred_at: at", "occurred_at: started")
    rewrite(small, "path: support.csv\n        id: id", "path: support.csv\n        id: number")
    facts = small.run(accept=frozenset({"all"}))
    assert [row["quarantined"] for row in facts["sources"]] == [0, 0, 0]
    assert small.table("quarantine")["resolved_at"].notna().all()
    assert len(small.table("contact_history")) == 10
    ledger = small.table("run_ledger").set_index(["run_id", "source", "stream"]).loc[facts["run_id"]]
    assert ledger["quarantined_count"].tolist() == [0, 0, 0]
    assert ledger.loc[("support", "contacts"), "row_count"] == 20


def test_a_row_whose_id_is_that_of_another_and_the_name_of_a_part_is_itself(small: Any) -> None:
    """c0's part `opened` stands in quarantine as c0:opened; the row c0:opened is in use, and both add up."""
    rewrite(
        small,
        "map: {contact_id: who, occurred_at: at, subject: subject}",
        "map: {contact_id: who}\n        touchpoints:\n          - {name: opened, map: {occurred_at: at}}",
    )
    small.calls[0]["at"] = "someday"
    small.calls.append(dict(small.calls[1], id="c0:opened"))
    assert small.write().run()["status"] == "succeeded"
    (calls,) = small.table("run_ledger").query("stream == 'calls'").to_dict("records")
    assert (calls["row_count"], calls["linked_count"], calls["quarantined_count"]) == (11, 10, 1)


@pytest.mark.parametrize("days", [30, None])
def test_replaced_versions_go_when_a_published_run_saw_their_successor_long_ago(small: Any, days: int | None) -> None:
    """The newest version of a row stays, what is published too, and the ledger counts as before; unset, all stay."""
    if days:
        rewrite(small, "training: never", f"training: never\nretention: {{raw_days: {days}}}")
    for company in ("株式会社甲", "株式会社乙"):
        small.run()
        small.sales[0]["company"] = company
        small.write()
    small.execute("UPDATE run_manifest SET ended_at = '2020-01-01 00:00:00.000000Z'")
    small.run()  # the first version was replaced in the eyes of an old run, the second only now
    kept = small.table("raw_record")
    assert len(kept[kept["source_id"] == "S000"]) == (2 if days else 3)
    before = {name: text for name, text in small.tables().items() if name != "raw_record"}
    small.execute("UPDATE run_manifest SET ended_at = '2020-01-01 00:00:00.000000Z'")
    assert small.run()["status"] == "unchanged"
    kept = small.table("raw_record")
    assert len(kept) == (90 if days else 92)
    assert "株式会社乙" in kept.loc[kept["source_id"] == "S000", "payload"].iloc[-1]
    assert {name: text for name, text in small.tables().items() if name != "raw_record"} == before
    small.sales[0]["company"] = "株式会社丙"
    assert small.write().run()["sources"][0]["new"] == 1
    assert small.backfill()["failures"] == []
