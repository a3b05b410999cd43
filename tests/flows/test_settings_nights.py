"""Settings that change between nights, and change back: no trace of them is left that a full run would not leave."""

from typing import Any

import pytest

from resolve.errors import GateError


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


def test_an_id_that_is_like_that_of_a_part_is_held_back_by_every_kind_of_run(small: Any) -> None:
    """A night of differences, one of everything and a rebuild find the same; the ledger adds up."""
    parts = 'outbound}\n        touchpoints: [{}, {name: again, when: {subject: "見積"}, constant: {type: message}}]'
    small.config.write_text(small.config.read_text("utf-8").replace("outbound}", parts), "utf-8")
    small.freeze().run()
    small.calls.append(small.calls[0] | {"id": "c1:again"})
    assert small.write().run(alone=True)["status"] == "succeeded"
    before = small.tables()
    assert "ambiguous_id" in before["quarantine"]
    assert small.backfill(rebuild=True)["pending"] is False
    assert small.tables() == before
