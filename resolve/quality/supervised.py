"""Learning from labels: recordlinkage's classifiers on the levels, and a model whose levels weigh what was learnt.

The model stays additive: a logistic regression adds something to each level, on top of the weight that the model gives
anyway, and that goes into the level's probability of the same person. Probabilities keep their sums, so a missing value
stays no evidence. A penalty holds the additions near 0: a few labels change little.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.link.arrays import Bools, Floats, Levels
from resolve.link.compare import Agreement
from resolve.link.rules import Comparison, LinkRules
from resolve.link.score import probability_of, score_agreements
from resolve.quality.labels import Labelled
from resolve.quality.level_shifts import fit_labels

FEWEST = 20  # labelled pairs of each answer, to learn from as well as held back
FEWEST_LEVEL = 3  # labelled pairs that must show a level, for the classifiers of recordlinkage


@dataclass(frozen=True, slots=True)
class Judged:
    """How well something tells the held-back pairs apart: precision, recall, F1 and mean log loss, bits a pair."""

    name: str
    precision: float
    recall: float
    f1: float
    log_loss: float | None = None


def is_enough(labelled: Labelled) -> bool:
    """Return whether there are labels of both answers, to learn from and to report on."""
    sides = (labelled.held_back, ~labelled.held_back)
    return all(int((labelled.same & s).sum()) >= FEWEST <= int((~labelled.same & s).sum()) for s in sides)


def learn_from_labels(
    rules: LinkRules, agreements: list[Agreement], labelled: Labelled, records: int
) -> tuple[LinkRules, list[Judged]]:
    """Return the rules with the labels learnt, and how they and others do on the held-back pairs.

    `agreements` of the labelled pairs under `rules`. Judged are: the model as it is, the model with the labels, and
    logistic regression, support vectors and naive Bayes of recordlinkage on the levels alone.
    """
    learn = ~labelled.held_back
    levels = np.stack([a.levels for a in agreements], axis=1)
    weight = score_agreements(agreements, rules, records).weight
    changed = fit_labels(rules, levels[learn], weight[learn], labelled.same[learn])
    held, same = labelled.held_back, labelled.same[labelled.held_back]
    judged = [
        _judge("the model as it is", weight[held], same),
        _judge("the model with the labels", score_agreements(agreements, changed, records).weight[held], same),
    ]
    return changed, judged + _classifiers(_indicators(rules.comparisons, levels, learn), labelled)


def is_better(judged: list[Judged]) -> bool:
    """Return whether the model with the labels does better on the held-back pairs: in F1, and no worse in log loss."""
    old, new = judged[:2]
    return new.f1 > old.f1 and (new.log_loss or 0.0) <= (old.log_loss or 0.0)


def _indicators(comparisons: tuple[Comparison, ...], levels: Levels, learn: Bools) -> pd.DataFrame:
    """Return one 0/1 column a level that enough of the pairs to learn from show."""
    columns = {
        f"{comparison.name}: {name}": levels[:, i] == level
        for i, comparison in enumerate(comparisons)
        for level, name in enumerate(comparison.levels, start=1)
        if int((levels[learn, i] == level).sum()) >= FEWEST_LEVEL
    }
    return pd.DataFrame(columns).astype(np.int64)


def _judge(name: str, weight: Floats, same: Bools) -> Judged:
    """Return how well weights tell pairs apart at 0 bits."""
    probability = np.clip(probability_of(weight), 1e-6, 1 - 1e-6)
    loss = float(-np.where(same, np.log2(probability), np.log2(1 - probability)).mean())
    return Judged(name, *_shares(weight >= 0, same), log_loss=loss)


def _shares(said: Bools, same: Bools) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    hits = int((said & same).sum())
    precision, recall = hits / max(int(said.sum()), 1), hits / max(int(same.sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _classifiers(shown: pd.DataFrame, labelled: Labelled) -> list[Judged]:
    """Return how recordlinkage's classifiers do on the held-back pairs, from the levels alone."""
    from recordlinkage import LogisticRegressionClassifier, NaiveBayesClassifier, SVMClassifier

    features = shown.set_axis(_pair_index(len(shown)))
    learn, held = features[~labelled.held_back], features[labelled.held_back]
    matches = learn.index[labelled.same[~labelled.held_back]]
    found = []
    for name, classifier in (
        ("logistic regression", LogisticRegressionClassifier(max_iter=2000)),
        ("support vectors", SVMClassifier(dual=False)),
        ("naive Bayes", NaiveBayesClassifier()),
    ):
        classifier.fit(learn, matches)
        said = held.index.isin(classifier.predict(held))
        found.append(Judged(name, *_shares(said, labelled.same[labelled.held_back])))
    return found


def _pair_index(size: int) -> pd.MultiIndex:
    """Return an index of pairs, as recordlinkage wants it."""
    return pd.MultiIndex.from_arrays([np.arange(size), np.arange(size)])
