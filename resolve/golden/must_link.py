"""Contacts that must be together: the closure of must-links, as far as no cannot-link forbids it."""

import numpy as np
import pandas as pd

from resolve.golden.judge import Authority, Verdict
from resolve.graphs import label_components

_PAIR = ["contact_id_l", "contact_id_r"]


def join_must_links(count: int, edges: pd.DataFrame) -> np.ndarray:
    """Return for each of `count` contacts the smallest code of the contacts it must be with.

    `edges`: l, r (codes), must, cannot, person. Where a chain of must-links leads from one end of a cannot-link to the
    other, the must-links of that component are taken one at a time, people's before rules', smaller codes first, and
    those that would bring the two ends together are left out.
    """
    must = edges[edges["must"]]
    label = label_components(count, must["l"].to_numpy(), must["r"].to_numpy())
    cannot = edges[edges["cannot"]]
    broken = np.unique(label[cannot["l"].to_numpy()][label[cannot["l"].to_numpy()] == label[cannot["r"].to_numpy()]])
    if len(broken):
        torn = np.isin(label[must["l"].to_numpy()], broken)
        kept = _without_contradiction(must[torn], cannot)
        left = np.concatenate([must["l"].to_numpy()[~torn], kept[:, 0]])
        right = np.concatenate([must["r"].to_numpy()[~torn], kept[:, 1]])
        label = label_components(count, left, right)
    return label


def list_broken_links(verdicts: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
    """Return the VERDICTS of must-links whose contacts are in different CLUSTERS, because a person forbade it."""
    hard = verdicts[(verdicts["verdict"] == Verdict.LINK) & (verdicts["decided_by"] != Authority.WEIGHT)]
    cluster = pd.Series(clusters["cluster_id"].to_numpy(), index=clusters["contact_id"])
    left, right = hard["contact_id_l"].map(cluster), hard["contact_id_r"].map(cluster)
    return hard[left.notna() & right.notna() & (left != right)].sort_values(_PAIR, ignore_index=True)


def _without_contradiction(must: pd.DataFrame, cannot: pd.DataFrame) -> np.ndarray:
    """Return the must-links (n, 2) that can be kept, taken greedily in order of power."""
    members: dict[int, set[int]] = {}
    forbidden: dict[int, set[int]] = {}
    for left, right in cannot[["l", "r"]].itertuples(index=False, name=None):
        forbidden.setdefault(left, set()).add(right)
        forbidden.setdefault(right, set()).add(left)
    kept = []
    order = must.sort_values(["person", "l", "r"], ascending=[False, True, True])
    for left, right in order[["l", "r"]].itertuples(index=False, name=None):
        ours, theirs = members.setdefault(left, {left}), members.setdefault(right, {right})
        small, large = sorted((ours, theirs), key=len)
        if small is not large and any(forbidden.get(one, set()) & large for one in small):
            continue
        kept.append((left, right))
        if small is not large:
            large |= small
            members.update(dict.fromkeys(small, large))
    return np.array(kept, dtype=np.int64).reshape(-1, 2)
