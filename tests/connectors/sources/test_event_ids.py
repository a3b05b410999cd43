"""Every event has an id of its own, whatever a stream's parts and the ids of its rows are called."""

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from connectors.settings.mapping import Part
from connectors.settings.project import SourceSettings
from connectors.sources.mapping.streams import Mapped, map_touchpoints
from connectors.warehouse.canonical import payload_text
from resolve.schema import check_key
from resolve.schema.frames import TOUCHPOINTS


def mapped(touchpoints: list[dict[str, Any]], *rows: dict[str, Any]) -> Mapped:
    """Map rows of a stream of tickets, with a main event where `touchpoints` have a part without a name."""
    stream = {"path": "t.csv", "id": "id", "map": {"subject": "id"}, "touchpoints": touchpoints}
    source = SourceSettings.model_validate(
        {"kind": "support", "time_zone": "Asia/Tokyo", "streams": {"tickets": stream}}
    )
    raw = pd.DataFrame([{"source": "s", "source_id": r["id"], "payload": payload_text(r), "updated_at": None,
                         "deleted": False, "merged_into": None} for r in rows])  # fmt: skip
    found = map_touchpoints(raw, source, "tickets")
    check_key(found.records, TOUCHPOINTS)
    return found


def test_of_parts_with_one_name_the_first_that_applies_counts() -> None:
    """As a vendor's column has one name in its API and another one in an export, and some files hold both."""
    parts = [
        {"name": "solved", "when": {one: "*"}, "map": {"occurred_at": one}}
        for one in ("solved_at", "metrics.solved_at")
    ]
    day, later = "2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"
    rows = [
        {"id": "1", "solved_at": day},
        {"id": "2", "metrics": {"solved_at": later}},
        {"id": "3", "solved_at": day, "metrics": {"solved_at": later}},
    ]
    records = mapped(parts, *rows).records.sort_values("touchpoint_id")
    assert records["touchpoint_id"].tolist() == [f"s:tickets:{number}:solved" for number in (1, 2, 3)]
    assert records["occurred_at"].dt.day.tolist() == [2, 3, 2]


def test_a_row_whose_id_is_like_that_of_a_part_gives_no_main_event() -> None:
    """`7:opened` would stand for two events; it is held back alike whether or not the row 7 is there."""
    at = {"occurred_at": "at"}
    parts: list[dict[str, Any]] = [{"map": at}, {"name": "opened", "when": {"opened": "*"}, "map": at}]
    odd = {"id": "7:opened", "at": "2026-02-01", "opened": "yes"}
    for others in ([], [{"id": "7", "at": "2026-02-01", "opened": "yes"}]):
        found = mapped(parts, *others, odd)
        assert found.rejects[["row_key", "reason"]].to_numpy().tolist() == [["7:opened", "ambiguous_id"]]
        assert "s:tickets:7:opened:opened" in found.records["touchpoint_id"].tolist()
    assert len(mapped([{"map": at}], odd).records) == 1


def test_the_name_of_a_part_holds_no_colon() -> None:
    """It ends the id of its event behind one."""
    with pytest.raises(ValidationError, match="no colon"):
        Part(name="a:b")
