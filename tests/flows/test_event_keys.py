"""Rows of events whose ids hold a colon, as the ids of the events of a row do: every kind of run tells them apart."""

from typing import Any


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


def test_the_colon_of_an_id_makes_it_no_part_of_another_row(small: Any) -> None:
    """`A:1` stays in quarantine when the row `A` changes, and `A`, which gives no event, is counted beside it."""
    parts = "outbound}\n        touchpoints: [{when: {subject: 見積}}]"
    small.config.write_text(small.config.read_text("utf-8").replace("outbound}", parts), "utf-8")
    small.calls[0] |= {"id": "A", "subject": "請求"}
    small.calls[1] |= {"id": "A:1", "at": "soon"}
    small.write().freeze().run()
    small.calls[0]["subject"] = "見積"
    assert small.write().run(alone=True)["status"] == "succeeded"
    assert small.table("quarantine")["resolved_at"].isna().all()
    before = small.tables()
    small.backfill(rebuild=True)
    assert small.tables() == before
