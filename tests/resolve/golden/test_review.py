"""The review queue: which pairs a person is asked about, and in which order."""

import pandas as pd

from resolve.golden.cluster import cluster_contacts
from resolve.golden.judge import judge_pairs
from resolve.golden.review import AGAINST, CONTRADICTION, CUT, NEAR, WEAK, queue_reviews
from resolve.golden.thresholds import Thresholds
from resolve.schema import OPERATIONS, check_key, conform, empty, frames

NO_RULES = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)


def queue(scored: list[tuple[str, str, float]], people: list[tuple[str, str, str]]) -> pd.DataFrame:
    """Judge, cluster and queue pairs (left, right, bits) and judgements (left, right, judgement)."""
    frame = pd.DataFrame(scored, columns=["contact_id_l", "contact_id_r", "match_weight"])
    frame = frame.assign(
        match_probability=1 / (1 + 2.0 ** -frame["match_weight"].astype(float)),
        relation="same",
        rule="email",
        pattern="name=1",
    )
    judged = pd.DataFrame(people, columns=["contact_id_l", "contact_id_r", "judgement"])
    judgements = conform(judged, frames.JUDGEMENTS) if people else empty(frames.JUDGEMENTS)
    verdicts = judge_pairs(conform(frame, frames.SCORED_PAIRS), judgements, NO_RULES)
    ids = sorted({one for pair in [*scored, *people] for one in pair[:2]})
    found = queue_reviews(verdicts, cluster_contacts(ids, verdicts), judgements, Thresholds())
    check_key(found, OPERATIONS["review_queue"])
    return found


def reasons(found: pd.DataFrame) -> dict[str, str]:
    """Return reason by pair."""
    return {
        f"{left}{right}": reason for left, right, reason in found[["contact_id_l", "contact_id_r", "reason"]].to_numpy()
    }


def test_pairs_near_the_threshold_are_asked_about_and_clear_ones_are_not() -> None:
    """Links of 0..1 bits and pairs of -1.5..0, between which two contacts may be joined; the least certain first."""
    found = queue([("a", "b", 0.5), ("c", "d", -0.1), ("e", "f", -1.4), ("g", "h", 6), ("i", "j", -1.6)], [])
    assert reasons(found) == {"ab": WEAK, "cd": NEAR, "ef": NEAR}
    assert found["contact_id_l"].tolist() == ["c", "a", "e"]


def test_pairs_that_contradict_their_profile_are_asked_about() -> None:
    """A strong link cut by the other records, and a clear no inside a profile."""
    found = queue([("a", "b", 9), ("b", "c", 4), ("a", "c", -9)], [])
    assert reasons(found) == {"bc": CUT}
    found = queue([("a", "b", 20), ("b", "c", 20), ("a", "c", -9)], [])
    assert reasons(found) == {"ac": AGAINST}


def test_what_people_said_is_not_asked_again_unless_it_contradicts_itself() -> None:
    """Decided pairs and unsure ones are left out; a yes that another no forbids comes first."""
    found = queue([("a", "b", 0.5), ("c", "d", 0.5)], [("a", "b", "match"), ("d", "c", "unsure")])
    assert found.empty
    found = queue([("x", "y", 0.1)], [("a", "b", "match"), ("b", "c", "match"), ("a", "c", "non_match")])
    assert reasons(found) == {"bc": CONTRADICTION, "xy": WEAK}
    assert found["contact_id_l"].tolist() == ["b", "x"]


def test_two_profiles_are_asked_about_once() -> None:
    """Of two profiles of two records, four pairs apart: the least certain one is asked about; so inside a profile."""
    inside = [("a", "b", 9), ("c", "d", 9)]
    apart = [("a", "c", -0.6), ("a", "d", -0.5), ("b", "c", -0.7), ("b", "d", -1)]
    assert reasons(queue(inside + apart, [])) == {"ad": NEAR}
    weak = [("a", "b", 0.9), ("b", "c", 0.8), ("a", "c", 0.7)]
    assert reasons(queue(weak, [])) == {"ac": WEAK}


def test_two_profiles_that_a_person_held_apart_are_not_asked_about() -> None:
    """A no to one pair of two profiles answers for the others; so does an unsure to the one that would be asked."""
    pairs = [("a", "b", 9), ("a", "c", -0.6), ("b", "c", -0.5)]
    assert queue(pairs, [("a", "c", "non_match")]).empty
    assert queue(pairs, [("b", "c", "unsure")]).empty
    assert reasons(queue(pairs, [("a", "c", "unsure")])) == {"bc": NEAR}
