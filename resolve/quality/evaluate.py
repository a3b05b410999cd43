"""How good clusters are against the truth: pairwise and B-cubed precision, recall and F1."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a clustering against the truth, each 0..1; counts of what they rest on.

    Pairwise: of the pairs of records put together, the share that belongs together (precision); of the pairs that
    belong together, the share put together (recall). With n_ct records in predicted cluster c and true entity t, and
    pairs(n) = n (n - 1) / 2: found = sum pairs(n_ct), precision = found / sum pairs(n_c), recall = found / sum
    pairs(n_t). Large clusters weigh most.

    B-cubed: for each record, the share of its cluster that is of its entity (precision), and the share of its entity
    that is in its cluster (recall), itself included; then the mean over the n records: sum n_ct^2 / n_c / n and
    sum n_ct^2 / n_t / n. Every record weighs the same.

    F1 is the harmonic mean of the two. Where there is nothing to be wrong about (no pair put together, no pair to
    find), a share is 1.
    """

    pairwise_precision: float
    pairwise_recall: float
    pairwise_f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    records: int
    predicted_pairs: int
    true_pairs: int
    true_pairs_found: int
    clusters: int
    entities: int
    not_predicted: int
    not_labelled: int

    def as_dict(self) -> dict[str, float | int]:
        """Return the figures by name."""
        return asdict(self)


def evaluate_clusters(predicted: pd.Series, truth: pd.Series) -> Evaluation:
    """Compare clusters with true entities, on the records that both name.

    Args:
        predicted: cluster by contact_id (the index). Rows without a cluster are left out.
        truth: entity by contact_id (the index). Rows without an entity are left out.

    `not_labelled` counts predicted records without truth, `not_predicted` the reverse; neither enters the figures.

    Example: predicted a, a, b of truth x, x, x gives pairwise precision 1, recall 1/3; B-cubed precision 1, recall 5/9.

    Raises ValueError when a record is listed twice on either side.
    """
    predicted, truth = predicted.dropna(), truth.dropna()
    if not predicted.index.is_unique or not truth.index.is_unique:
        raise ValueError("a record is listed twice, so its cluster or entity is not known")
    at = truth.index.get_indexer(predicted.index)
    cluster = pd.factorize(predicted[at >= 0])[0]
    entity = pd.factorize(truth.iloc[at[at >= 0]])[0]
    count = len(cluster)
    in_cluster, in_entity = np.bincount(cluster), np.bincount(entity)
    cells, both = np.unique(cluster * np.int64(len(in_entity) or 1) + entity, return_counts=True)
    cell_cluster, cell_entity = cells // (len(in_entity) or 1), cells % (len(in_entity) or 1)
    found, put, true = (int((n * (n - 1) // 2).sum()) for n in (both, in_cluster, in_entity))
    share = both.astype(float) ** 2
    return Evaluation(
        *_with_f1(_share(found, put), _share(found, true)),
        *_with_f1(
            _share(float((share / in_cluster[cell_cluster]).sum()), count),
            _share(float((share / in_entity[cell_entity]).sum()), count),
        ),
        records=count,
        predicted_pairs=put,
        true_pairs=true,
        true_pairs_found=found,
        clusters=len(in_cluster),
        entities=len(in_entity),
        not_predicted=len(truth) - count,
        not_labelled=len(predicted) - count,
    )


def _share(part: float, whole: float) -> float:
    """Return part / whole, 1 when there is no whole."""
    return part / whole if whole else 1.0


def _with_f1(precision: float, recall: float) -> tuple[float, float, float]:
    """Return precision, recall and their harmonic mean."""
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0
