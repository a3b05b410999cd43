"""Is a weight what it says? Share of true pairs against the predicted probability, by bits and by pattern of agreement."""

import numpy as np
import pandas as pd
from labelled import LabelledSet
from path import Outcome

EDGES = (-np.inf, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.0, np.inf)


def judged_pairs(labelled: LabelledSet, outcome: Outcome) -> pd.DataFrame:
    """Return the scored pairs of counted contacts with `same`: whether they are one entity."""
    pairs = outcome.scored
    counted = pairs["contact_id_l"].isin(labelled.counted) & pairs["contact_id_r"].isin(labelled.counted)
    pairs = pairs[counted]
    left = pairs["contact_id_l"].map(labelled.truth).to_numpy()
    return pairs.assign(same=left == pairs["contact_id_r"].map(labelled.truth).to_numpy())


def by_bits(pairs: pd.DataFrame) -> list[dict[str, object]]:
    """Return one row a range of bits: pairs, mean predicted probability, share that is true."""
    groups = pairs.groupby(pd.cut(pairs["match_weight"], list(EDGES), right=False), observed=True)
    return [
        {"bits": str(interval), "pairs": len(group), "predicted": float(group["match_probability"].mean()),
         "true share": float(group["same"].mean())}
        for interval, group in groups
    ]  # fmt: skip


def by_pattern(pairs: pd.DataFrame, top: int = 25) -> list[dict[str, object]]:
    """Return the patterns on which prediction and truth part most, by number of pairs judged wrongly on balance."""
    rows: list[dict[str, object]] = []
    for pattern, group in pairs.groupby("pattern"):
        predicted, true = float(group["match_probability"].sum()), int(group["same"].sum())
        rows.append({"pattern": pattern, "pairs": len(group), "expected": round(predicted, 1), "are true": true,
                     "bits": float(group["match_weight"].median()), "off": true - predicted})  # fmt: skip
    return sorted(rows, key=lambda row: -abs(float(str(row["off"]))))[:top]
