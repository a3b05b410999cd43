"""The pairs that a person should look at, the most useful first."""

import numpy as np
import pandas as pd

from resolve.golden.judge import Authority, Judgement, Verdict, newest_judgements
from resolve.golden.must_link import list_broken_links
from resolve.golden.order import rank_texts, take_rows
from resolve.golden.thresholds import Thresholds
from resolve.schema import OPERATIONS, conform
from resolve.sets import among

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
        clusters: contact_id, cluster_id of CLUSTERS made of them.
        judgements: JUDGEMENTS; a pair that a person called unsure is not asked again.
        thresholds: where a link is weak and where the band below it ends, bits.

    One answer settles how two profiles stand to each other, or whether one holds together: so of the doubtful pairs
    between two profiles, and of those inside one, the one with the highest priority is asked about. Two profiles that a
    person held apart are not asked about again, nor are pairs apart that lie below the weight at which any two contacts
    are joined.

    Priority, 0..1: 1 for a contradiction between people or rules; near the threshold its uncertainty, 1 - 2 |p - 1/2|;
    where pair and profile disagree, the probability of what the profile does not follow.
    """
    codes, ids = pd.factorize(clusters["cluster_id"])
    index = pd.Index(clusters["contact_id"])
    place = [index.get_indexer(pd.Index(verdicts[side])) for side in _PAIR]
    left, right = (np.where(at >= 0, codes[at], -1).astype(np.int64) for at in place)
    reason, priority = _doubts(verdicts, (left, right), thresholds)
    between = np.minimum(left, right) * max(len(ids), 1) + np.maximum(left, right)
    by_person = (verdicts["decided_by"] == Authority.PERSON) & (verdicts["verdict"] == Verdict.REJECT)
    rows = np.flatnonzero(pd.notna(reason) & ~among(between, np.sort(between[by_person.to_numpy()])))
    rank = rank_texts(index.to_numpy())[0]
    order = np.lexsort((rank[place[1][rows]], rank[place[0][rows]], -priority[rows], between[rows]))
    rows = rows[order]
    rows = rows[np.diff(between[rows], prepend=-1) != 0]  # the first of each
    doubtful = take_rows(verdicts, rows).assign(reason=reason[rows], priority=priority[rows])
    broken = list_broken_links(verdicts, clusters).assign(reason=CONTRADICTION, priority=1.0)
    doubtful = doubtful[~_asked(doubtful, judgements)]
    rows_of = pd.concat([part for part in (doubtful, broken) if len(part)] or [doubtful], ignore_index=True)
    rows_of = rows_of.sort_values(["priority", *_PAIR], ascending=[False, True, True], ignore_index=True)
    return conform(rows_of.reindex(columns=_TABLE.names).assign(run_id=""), _TABLE).drop(columns="run_id")


def _doubts(
    verdicts: pd.DataFrame, clusters: tuple[np.ndarray, np.ndarray], thresholds: Thresholds
) -> tuple[np.ndarray, np.ndarray]:
    """Return why each pair that the weight decided is doubtful (None where it is not), and its priority.

    clusters: number of the cluster of either side, -1 where it is in none.
    """
    left, right = clusters
    together = left == right
    by_weight = (verdicts["decided_by"] == Authority.WEIGHT).to_numpy() & (left >= 0) & (right >= 0)
    bits, p = verdicts["match_weight"].to_numpy(dtype=float), verdicts["match_probability"].to_numpy(dtype=float)
    link, band = ((verdicts["verdict"] == one).to_numpy() for one in (Verdict.LINK, Verdict.REVIEW))
    near = 1 - 2 * np.abs(p - 0.5)
    cases = [
        (~link & together, AGAINST, 1 - p),
        (band & (bits >= thresholds.lowest), NEAR, near),
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
