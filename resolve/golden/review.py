"""The pairs that a person should look at, the most useful first."""

import numpy as np
import pandas as pd

from resolve.golden.judge import Authority, Judgement, Verdict, newest_judgements
from resolve.golden.must_link import list_broken_links
from resolve.golden.thresholds import Thresholds
from resolve.schema import OPERATIONS, conform

_TABLE = OPERATIONS["review_queue"]
_PAIR = list(_TABLE.key)
CONTRADICTION = "must be linked, yet a person forbade it elsewhere"
WEAK = "weak link"
NEAR = "not quite a link"
CUT = "link not followed: the rest of the records speaks against it"
AGAINST = "in one profile, yet the pair speaks against it"


def queue_reviews(
    verdicts: pd.DataFrame, clusters: pd.DataFrame, judgements: pd.DataFrame, thresholds: Thresholds
) -> pd.DataFrame:
    """Return review_queue without run_id (key contact_id_l, contact_id_r), the highest priority first.

    Args:
        verdicts: VERDICTS.
        clusters: CLUSTERS made of them.
        judgements: JUDGEMENTS; a pair that a person called unsure is not asked again.
        thresholds: where a link is weak and where the band below it ends, bits.

    Priority, 0..1: 1 for a contradiction between people or rules; near the threshold its uncertainty, 1 - 2 |p - 1/2|;
    where pair and profile disagree, the probability of what the profile does not follow.
    """
    reason, priority = _doubts(verdicts, clusters, thresholds)
    doubtful = verdicts.assign(reason=reason, priority=priority)[pd.notna(reason)]
    broken = list_broken_links(verdicts, clusters).assign(reason=CONTRADICTION, priority=1.0)
    doubtful = doubtful[~_asked(doubtful, judgements)]
    rows = pd.concat([part for part in (doubtful, broken) if len(part)] or [doubtful], ignore_index=True)
    rows = rows.sort_values(["priority", *_PAIR], ascending=[False, True, True], ignore_index=True)
    return conform(rows.reindex(columns=_TABLE.names).assign(run_id=""), _TABLE).drop(columns="run_id")


def _doubts(verdicts: pd.DataFrame, clusters: pd.DataFrame, thresholds: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    """Return why each pair that the weight decided is doubtful (None where it is not), and its priority."""
    cluster = pd.Series(clusters["cluster_id"].to_numpy(), index=pd.Index(clusters["contact_id"]))
    left, right = verdicts["contact_id_l"].map(cluster), verdicts["contact_id_r"].map(cluster)
    together = (left == right).to_numpy()
    by_weight = (verdicts["decided_by"] == Authority.WEIGHT).to_numpy() & (left.notna() & right.notna()).to_numpy()
    bits, p = verdicts["match_weight"].to_numpy(dtype=float), verdicts["match_probability"].to_numpy(dtype=float)
    link, band = ((verdicts["verdict"] == one).to_numpy() for one in (Verdict.LINK, Verdict.REVIEW))
    near = 1 - 2 * np.abs(p - 0.5)
    cases = [
        (~link & together, AGAINST, 1 - p),
        (band, NEAR, near),
        (band & together, WEAK, near),
        (link & ~together, CUT, p),
        (link & (bits < thresholds.review_high), WEAK, near),
    ]
    reason, priority = np.full(len(verdicts), None, dtype=object), np.zeros(len(verdicts))
    for mask, name, value in cases:  # the later of two that hold is the better reason
        reason[mask & by_weight] = name
        priority[mask & by_weight] = value[mask & by_weight]
    return reason, priority


def _asked(pairs: pd.DataFrame, judgements: pd.DataFrame) -> np.ndarray:
    """Return whether a person was asked about each pair and was unsure."""
    newest = newest_judgements(judgements)
    unsure = newest[newest["judgement"] == Judgement.UNSURE]
    if not len(unsure) or not len(pairs):
        return np.zeros(len(pairs), dtype=bool)
    return np.asarray(pd.MultiIndex.from_frame(pairs[_PAIR]).isin(pd.MultiIndex.from_frame(unsure[_PAIR])))
