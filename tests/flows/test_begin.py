"""A first night whose tables are staged while it is still resolved publishes what any other first night does."""

from typing import Any

import pandas as pd
import pytest

from connectors.warehouse import bulk
from flows.publishing import publish
from resolve.errors import GateError
from resolve.schema import PUBLISHED

OWN = ["run_id", "at", "updated_at", "linked_at", "since", "valid_from", "first_seen_at", "created_at", "started_at"]


def content(small: Any) -> dict[str, pd.DataFrame]:
    """Return the tables without what names the run and its time."""
    names = [*PUBLISHED, "contact", "touchpoint", "match_edge", "review_queue", "golden_registry"]
    return {name: small.table(name).drop(columns=OWN, errors="ignore") for name in names}


def test_a_night_begun_early_publishes_the_same(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Table by table; the next night is a difference, and finds nothing to do."""
    small.run()
    plain = content(small)
    for file in small.folder.glob("meibo.db*"):
        file.unlink()
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)
    facts = small.run()
    assert facts["status"] == "succeeded"
    begun = content(small)
    assert plain.keys() == begun.keys()
    for name, frame in plain.items():
        pd.testing.assert_frame_equal(frame, begun[name])
    assert small.run()["status"] == "unchanged"
    assert not list(small.folder.glob("*.staging"))


def test_a_night_that_is_stopped_before_publishing_leaves_nothing(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rows, no files."""
    monkeypatch.setattr(bulk, "FILE_ROWS", 0)

    def refuse(*_: Any) -> None:
        raise GateError(["no"])

    monkeypatch.setattr(publish, "check_gates", refuse)
    with pytest.raises(GateError):
        small.run()
    assert small.table("profile_link").empty
    assert not list(small.folder.glob("*.staging"))
