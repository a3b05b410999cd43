"""Is a weight what it says? The share of labelled pairs that are one person, against the predicted share, by bits."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from resolve.link.arrays import Bools, Floats

EDGES = (-np.inf, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.0, np.inf)
FEWEST = 20  # labelled pairs from which on a range says something
CLEAR = 0.10  # a difference between the two shares that people should know of


@dataclass(frozen=True, slots=True)
class Bin:
    """One range of match weights, bits: labelled pairs, the mean predicted probability, the share that is true."""

    low: float | None
    high: float | None
    pairs: int
    predicted: float
    true: float

    @property
    def is_off(self) -> bool:
        """Whether the two shares differ by more than chance and more than a little."""
        noise = 2.0 * float(np.sqrt(max(self.predicted * (1.0 - self.predicted), 0.01) / max(self.pairs, 1)))
        return self.pairs >= FEWEST and abs(self.predicted - self.true) > max(CLEAR, noise)

    def as_dict(self) -> dict[str, Any]:
        """Return the range as plain data; an open end is None."""
        return asdict(self) | {"is_off": self.is_off}


def calibrate(weights: Floats, same: Bools) -> list[Bin]:
    """Return the ranges of EDGES that hold labelled pairs, from their match weights (bits) and labels."""
    probability = 1.0 / (1.0 + np.exp2(-np.clip(weights, -500, 500)))
    place = np.digitize(weights, EDGES[1:-1])
    found = []
    for number in np.unique(place).tolist():
        held = place == number
        low, high = (None if np.isinf(edge) else float(edge) for edge in (EDGES[number], EDGES[number + 1]))
        found.append(Bin(low, high, int(held.sum()), float(probability[held].mean()), float(same[held].mean())))
    return found
