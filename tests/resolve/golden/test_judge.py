"""Verdicts: people over rules over weights, the newest judgement of a pair, thresholds in bits."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.errors import ConfigError
from resolve.golden.judge import judge_pairs, newest_judgements
from resolve.golden.thresholds import Thresholds
from resolve.schema import conform, empty, frames

DAY = pd.Timestamp("2026-01-01", tz="UTC")
NO_RULES = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)
NO_PEOPLE = empty(frames.JUDGEMENTS)


def scored(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return SCORED_PAIRS from (left, right, bits)."""
    frame = pd.DataFrame(rows, columns=["contact_id_l", "contact_id_r", "match_weight"])
    return conform(
        frame.assign(match_probability=0.5, relation="same", rule="email", pattern="name=1"), frames.SCORED_PAIRS
    )


def judged(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    """Return JUDGEMENTS from (one, other, judgement, day)."""
    table = [(*row[:3], "Steward", DAY + pd.Timedelta(days=row[3]), None) for row in rows]
    return conform(pd.DataFrame(table, columns=frames.JUDGEMENTS.names), frames.JUDGEMENTS)


def decided(verdicts: pd.DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    """Return (verdict, decided_by) by pair."""
    rows = verdicts[["contact_id_l", "contact_id_r", "verdict", "decided_by"]].itertuples(index=False, name=None)
    return {row[:2]: row[2:] for row in rows}


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [(5, "link"), (0.0, "link"), (-0.001, "review"), (-3.0, "review"), (-3.001, "reject"), (-50, "reject")],
)
def test_the_weight_decides_by_thresholds(bits: float, verdict: str) -> None:
    """LINK from 0 bits, REVIEW from -3, REJECT below."""
    verdicts = judge_pairs(scored(("a:1", "b:1", bits)), NO_PEOPLE, NO_RULES)
    assert decided(verdicts) == {("a:1", "b:1"): (verdict, "weight")}


def test_people_go_before_rules_and_rules_before_weights() -> None:
    """Each pair is decided by the highest authority that spoke on it; pairs without a score are added."""
    rules = pd.DataFrame(
        [("b:1", "a:1", "source_merge"), ("c:1", "c:2", "source_merge"), ("d:1", "d:2", "source_merge")],
        columns=["contact_id_l", "contact_id_r", "rule"],
    )
    people = judged(("d:2", "d:1", "non_match", 1), ("e:1", "e:2", "match", 1), ("f:1", "f:2", "unsure", 1))
    verdicts = judge_pairs(scored(("a:1", "b:1", -8), ("d:1", "d:2", 9), ("f:1", "f:2", -1)), people, rules)
    assert decided(verdicts) == {
        ("a:1", "b:1"): ("link", "rule"),
        ("c:1", "c:2"): ("link", "rule"),
        ("d:1", "d:2"): ("reject", "person"),
        ("e:1", "e:2"): ("link", "person"),
        ("f:1", "f:2"): ("review", "weight"),
    }
    by_pair = verdicts.set_index(["contact_id_l", "contact_id_r"])
    assert by_pair.loc[("a:1", "b:1"), "rule"] == "source_merge"
    assert by_pair.loc[("a:1", "b:1"), "match_weight"] == -8
    assert by_pair["match_weight"].isna().tolist() == [False, False, False, True, True]


def test_the_newest_judgement_counts_and_the_careful_one_at_one_time() -> None:
    """A later match replaces a no; of two made at one moment, the no counts; sides may be given either way."""
    people = judged(
        ("a:1", "b:1", "non_match", 1), ("b:1", "a:1", "match", 2), ("c:1", "c:2", "match", 3), ("c:2", "c:1", "non_match", 3)
    )  # fmt: skip
    newest = newest_judgements(people)
    assert newest[["contact_id_l", "judgement"]].to_numpy().tolist() == [["a:1", "match"], ["c:1", "non_match"]]


def test_a_withdrawn_judgement_leaves_the_pair_to_the_weight() -> None:
    """An unsure that is newer than a no gives the decision back."""
    people = judged(("a:1", "b:1", "non_match", 1), ("a:1", "b:1", "unsure", 2))
    assert decided(judge_pairs(scored(("a:1", "b:1", 4)), people, NO_RULES)) == {("a:1", "b:1"): ("link", "weight")}


@given(st.permutations(range(6)))
def test_the_order_of_judgements_never_matters(order: list[int]) -> None:
    """Any order of the log gives the same verdicts."""
    rows = [("a:1", "b:1", j, d) for j in ("match", "non_match", "unsure") for d in (1, 2)]
    verdicts = judge_pairs(scored(("a:1", "b:1", 4)), judged(*[rows[n] for n in order]), NO_RULES)
    assert decided(verdicts) == {("a:1", "b:1"): ("reject", "person")}


def test_nothing_gives_nothing_and_inputs_stay_as_they_are() -> None:
    """Empty frames work, and judging writes nothing into its inputs."""
    assert judge_pairs(empty(frames.SCORED_PAIRS), NO_PEOPLE, NO_RULES).empty
    pairs, people = scored(("a:1", "b:1", 4)), judged(("a:1", "b:1", "non_match", 1))
    before = pairs.copy(deep=True)
    judge_pairs(pairs, people, NO_RULES)
    pd.testing.assert_frame_equal(pairs, before)


@pytest.mark.parametrize("limits", [{"review_low": 1.0}, {"review_high": -1.0}, {"unmet": 0.0}])
def test_thresholds_out_of_order_are_refused(limits: dict[str, float]) -> None:
    """review_low <= link <= review_high, and unmet below link."""
    with pytest.raises(ConfigError):
        Thresholds(**limits)
