"""Precision, recall and F1 of clusters, by pairs and by records (B-cubed); our own count, apart from the product's."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of one way of counting, 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-12)


def _pairs(sizes: npt.NDArray[np.int64]) -> int:
    """Return the number of pairs inside groups of the given sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def count_pairs(predicted: pd.Series, truth: pd.Series) -> Score:
    """Return pairwise precision and recall; both series give a group for the same index."""
    both = pd.DataFrame({"p": predicted, "t": truth.reindex(predicted.index)})
    together = _pairs(both.groupby(["p", "t"], sort=False).size().to_numpy())
    claimed, true = _pairs(both["p"].value_counts().to_numpy()), _pairs(both["t"].value_counts().to_numpy())
    return Score(together / claimed if claimed else 1.0, together / true if true else 1.0)


def count_records(predicted: pd.Series, truth: pd.Series) -> Score:
    """Return B-cubed precision and recall: the mean over records of the share of their cluster that is right."""
    both = pd.DataFrame({"p": predicted, "t": truth.reindex(predicted.index)})
    cell = both.groupby(["p", "t"], sort=False)["p"].transform("size")
    inside = both.groupby("p", sort=False)["p"].transform("size")
    whole = both.groupby("t", sort=False)["t"].transform("size")
    return Score(float((cell / inside).mean()), float((cell / whole).mean()))


def pairs_within(groups: pd.Series) -> pd.DataFrame:
    """Return every pair of the index that shares a group, as contact_id_l < contact_id_r."""
    left: list[str] = []
    right: list[str] = []
    for members in groups.groupby(groups, sort=False).groups.values():
        ordered = sorted(members)
        for i, one in enumerate(ordered[:-1]):
            left += [one] * (len(ordered) - i - 1)
            right += ordered[i + 1 :]
    return pd.DataFrame({"contact_id_l": pd.Series(left, dtype=object), "contact_id_r": pd.Series(right, dtype=object)})
