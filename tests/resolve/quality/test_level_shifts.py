"""What labels teach: shifts of levels that keep probabilities sums, and explanations that still add up."""

import numpy as np
import pytest

from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.score import score_agreements
from resolve.model import MatchModel
from resolve.quality.explain import explain_pair
from resolve.quality.level_shifts import _loss, _pose, fit_labels

RULES = MatchModel.shipped().link


@pytest.fixture(scope="module")
def labelled(people):
    """Return encoded contacts, the levels and weights of 3,000 of their pairs, and labels that a birth date decides."""
    encoded = Encoded(people.crowd(150, 5).drop(columns="x_person"))
    rng = np.random.default_rng(1)
    left, right = np.sort(rng.integers(0, len(encoded), (2, 3000)), axis=0)
    keep = left < right
    agreements = Comparer(encoded, RULES).compare(left[keep], right[keep])
    levels = np.stack([a.levels for a in agreements], axis=1)
    date = [c.name for c in RULES.comparisons].index("birth date")
    return encoded, agreements, levels, levels[:, date] == 7


def test_shifts_fit_the_labels_and_keep_the_sums(labelled):
    """Where labels say that the same year is the same person, that level gains bits over the others."""
    encoded, agreements, levels, same = labelled
    weight = score_agreements(agreements, RULES, len(encoded)).weight
    changed = fit_labels(RULES, levels, weight, same)
    for comparison in changed.comparisons:
        if comparison.kind != "name":
            assert sum(comparison.match) == pytest.approx(1.0)
    for old, new in zip(RULES.comparisons, changed.comparisons, strict=True):
        assert new.unrelated == old.unrelated
        assert new.household == old.household
    date = [c.name for c in RULES.comparisons].index("birth date")
    gain = np.log2(np.asarray(changed.comparisons[date].match) / RULES.comparisons[date].match)
    assert gain[6] == gain.max() > 1
    scored = score_agreements(agreements, changed, len(encoded)).weight
    assert scored[same].mean() > scored[~same].mean() + 3


def test_the_gradient_is_that_of_the_loss(labelled):
    """Against differences."""
    encoded, agreements, levels, same = labelled
    problem = _pose(RULES, levels, score_agreements(agreements, RULES, len(encoded)).weight, same)
    x = np.random.default_rng(2).normal(0, 0.3, len(problem.match) + 1)
    _, gradient = _loss(x, problem)
    for at in (1, 40, 200, len(x) - 12, len(x) - 1):
        step = np.zeros(len(x))
        step[at] = 1e-5
        slope = (_loss(x + step, problem)[0] - _loss(x - step, problem)[0]) / 2e-5
        assert gradient[at] == pytest.approx(slope, rel=1e-3, abs=1e-3)


def test_a_model_with_labels_is_explained_bar_by_bar(labelled):
    """The bars still add up to the match weight."""
    encoded, agreements, levels, same = labelled
    weight = score_agreements(agreements, RULES, len(encoded)).weight
    shipped = MatchModel.shipped()
    model = MatchModel(fit_labels(RULES, levels, weight, same), shipped.thresholds, shipped.survivorship)
    found = explain_pair(encoded.frame, model, (encoded.ids[0], encoded.ids[1]), meeting=False)
    assert sum(bar.bits for bar in found.bars) == pytest.approx(found.match_weight)
