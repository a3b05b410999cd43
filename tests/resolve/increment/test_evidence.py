"""An edit of what linking does not read links nothing again; one of what it reads does."""

from typing import Any

import pandas as pd
import pytest

from resolve.increment.evidence import same_evidence
from resolve.link.columns_read import ALWAYS
from resolve.model import MatchModel

RULES = MatchModel.shipped().link


def _contacts(**cells: object) -> pd.DataFrame:
    """Return one contact with the given cells, and another one."""
    row = {"contact_id": "crm:1", "name_key": "satohanako", "emails": "hanako@example.jp", "job_title": "manager"}
    return pd.DataFrame([row | cells, {"contact_id": "crm:2", "name_key": "suzukiichiro"}]).astype(object)


@pytest.mark.parametrize(
    "column", [*sorted(ALWAYS), "emails", "phones", "merged_into", "created_at", "corporate_number"]
)
def test_a_contact_of_other_evidence_is_linked_again(column: str) -> None:
    """Whatever the shipped model compares, or golden IDs are chosen by; the contact that stays the same is not."""
    assert list(same_evidence(_contacts(), _contacts(**{column: "other"}), RULES)) == ["crm:2"]
    assert list(same_evidence(_contacts(**{column: "other"}), _contacts(**{column: None}), RULES)) == ["crm:2"]


@pytest.mark.parametrize(
    "column", ["job_title", "department", "updated_at", "email_consent", "content_hash", "full_name"]
)
def test_a_contact_of_other_words_is_not(column: str) -> None:
    """What is shown, and when it was said, is no evidence."""
    assert list(same_evidence(_contacts(), _contacts(**{column: "other"}), RULES)) == ["crm:1", "crm:2"]


def test_a_new_contact_is_linked() -> None:
    """There is nothing that it could be the same as."""
    assert list(same_evidence(_contacts().iloc[1:], _contacts(), RULES)) == ["crm:2"]


def test_a_night_of_other_words_scores_no_pair(new_world: Any, check: Any) -> None:
    """The customers of the records get their values again; no golden ID moves and no row of the index."""
    world = new_world(5, people=30)
    check(world)
    night = world.quiet_night(job_title="manager", email_consent="granted")
    full, part = world.resolve_all(night), world.resolve_change(night)
    assert part.looked_at == {"contacts": 0, "pairs": 0}
    assert not len(part.events)
    assert not len(part.taken.key)
    assert not len(part.added.key)
    profiles = [one.tables["golden_profile"].sort_values("golden_id", ignore_index=True) for one in (part, full)]
    pd.testing.assert_frame_equal(*(rows[profiles[1].columns].astype(object) for rows in profiles))
    assert set(full.tables["golden_profile"]["job_title"]) == {"manager"}
