"""Where clusters should stop growing, by the model's own estimate: precision, recall and F1 at other stops."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from resolve.golden.cluster import cluster_contacts
from resolve.golden.thresholds import Thresholds

STOPS = (-0.5, 0.0, 1.0, 2.0, 3.0)  # bits; lower ones would join what was never compared
CLEAR = 0.005  # gain of F1 from which on another stop is proposed


@dataclass(frozen=True, slots=True)
class StopEstimate:
    """What a stop, bits, is expected to give: precision and recall of the pairs inside clusters, 0..1."""

    stop: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self) | {"f1": self.f1}


def estimate_stops(
    contact_ids: Sequence[str], verdicts: pd.DataFrame, expected: float, thresholds: Thresholds
) -> list[StopEstimate]:
    """Return the estimate at the current stop and at each of STOPS, rising.

    `verdicts`: VERDICTS with their probabilities. `expected`: pairs of one person among all contacts, as the model
    counts them. Precision is the mean probability of the pairs inside clusters, recall their sum of all `expected`.
    """
    stops = sorted({thresholds.link, *(stop for stop in STOPS if stop - thresholds.lone > thresholds.unmet)})
    position = pd.Index(contact_ids)
    rows = [position.get_indexer(pd.Index(verdicts[side])) for side in ("contact_id_l", "contact_id_r")]
    probability = verdicts["match_probability"].fillna(1.0).to_numpy(np.float64)
    unmet = 1.0 / (1.0 + 2.0**-thresholds.unmet)
    found = []
    for stop in stops:
        clusters = cluster_contacts(
            contact_ids, verdicts, stop=stop, unmet=thresholds.unmet, lone=thresholds.lone
        ).set_index("contact_id")
        code = pd.factorize(clusters["cluster_id"].reindex(position))[0]
        inside = code[rows[0]] == code[rows[1]]
        sizes = np.bincount(code)
        pairs = int((sizes * (sizes - 1) // 2).sum())
        true = float(probability[inside].sum()) + unmet * max(pairs - int(inside.sum()), 0)
        found.append(StopEstimate(stop, true / pairs if pairs else 1.0, min(true / max(expected, 1e-9), 1.0)))
    return found


def propose_stop(estimates: list[StopEstimate], current: float) -> StopEstimate | None:
    """Return the stop that clearly gains over the current one, None where none does."""
    now = next(e for e in estimates if e.stop == current)
    best = max(estimates, key=lambda e: (e.f1, -abs(e.stop - current)))
    return best if best.f1 >= now.f1 + CLEAR else None
