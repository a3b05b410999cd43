"""A meeting that is planned counts once it was: from the first run after its time, though nothing else changed."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from flows import run as runs

BEFORE, AFTER = (pd.Timestamp(f"2027-01-0{day}T00:00:00Z") for day in (4, 6))
MEETING = {"id": "c77", "who": "S000", "at": "2027-01-05T09:00:00Z", "subject": "訪問"}
HELD, PLANNED = pd.Timestamp("2026-02-01T09:00:00Z"), pd.Timestamp(MEETING["at"])


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[pd.Timestamp], None]:
    """Return what sets the time of the next runs."""

    def set_time(now: pd.Timestamp) -> None:
        later = iter(now.to_pydatetime() + pd.Timedelta(seconds=n).to_pytimedelta() for n in range(100))
        monkeypatch.setattr(runs, "_after_last", lambda _last, _now: next(later))

    return set_time


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def planned(request: pytest.FixtureRequest, small: Any, at: Callable[[pd.Timestamp], None]) -> Any:
    """The small project after a night, with a meeting that is planned."""
    if request.param == "postgresql":
        text = small.config.read_text("utf-8")
        small.config.write_text(text.replace("sqlite:///meibo.db", request.getfixturevalue("postgres")()), "utf-8")
    small.calls.append(MEETING)
    at(BEFORE)
    small.write().freeze().run()
    return small


def measures(project: Any) -> tuple[int, pd.Timestamp]:
    """Return how many contacts the customer of the meeting had, and when the last one was."""
    history, profiles = project.table("contact_history"), project.table("golden_profile").set_index("golden_id")
    golden = history.set_index("source_id").loc["c77", "golden_id"]
    return int(profiles.loc[golden, "contact_count"]), profiles.loc[golden, "last_contact_at"]


def changes_of_a_rebuild(project: Any) -> dict[str, Any]:
    """Return which tables a rebuild would change."""
    changes = project.backfill(rebuild=True, dry_run=True)["tables"]
    return {name: c for name, c in changes.items() if any(c[k] for k in ("inserted", "updated", "deleted"))}


@pytest.mark.parametrize("alone", [True, False])
def test_it_counts_from_the_first_run_after_its_time(
    planned: Any, at: Callable[[pd.Timestamp], None], alone: bool
) -> None:
    """No file changed; before and after, a run has nothing to do."""
    assert measures(planned) == (1, HELD)
    assert planned.table("planned_contact")["touchpoint_id"].tolist() == ["sales:calls:c77"]
    assert planned.run()["status"] == "unchanged"
    at(AFTER)
    assert planned.run(alone=alone)["status"] == "succeeded"
    assert measures(planned) == (2, PLANNED)
    assert planned.table("planned_contact").empty
    assert planned.run()["status"] == "unchanged"
    assert changes_of_a_rebuild(planned) == {}


def test_a_meeting_that_is_moved_or_called_off_counts_when_it_was(
    planned: Any, at: Callable[[pd.Timestamp], None]
) -> None:
    """Brought forward, it counts at once; put off, it counts no more."""
    for moved, expected in (("2027-01-03T09:00:00Z", 2), ("2027-01-07T09:00:00Z", 1)):
        planned.calls[-1] = MEETING | {"at": moved}
        planned.write().run(alone=True)
        assert measures(planned)[0] == expected
        assert len(planned.table("planned_contact")) == 2 - expected
    at(AFTER)
    assert planned.run()["status"] == "unchanged"
    assert changes_of_a_rebuild(planned) == {}
