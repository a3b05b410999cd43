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
