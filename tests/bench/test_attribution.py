"""Events of the labelled set reach the right customers."""

import pytest
from attribution import FOLDER, attribute, measure
from labelled import three_sources
from path import run_path


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the labelled set three_sources is not there")
def test_events_reach_the_person_behind_them() -> None:
    """By record and over all: precision .99, recall .95 of what the links allow; by a value alone: precision .97."""
    labelled = three_sources()
    path = run_path(labelled)
    rows, counts = attribute(labelled, path.model, path.contacts)
    by_kind = {row["event names"]: row for row in measure(rows)}
    assert by_kind["all"]["precision"] >= 0.99
    assert by_kind["all"]["recall of possible"] >= 0.95
    assert by_kind["a value only"]["precision"] >= 0.97
    assert counts["touchpoints"] == 19_956  # each is kept
