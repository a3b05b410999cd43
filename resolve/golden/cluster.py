"""Contacts to clusters: average linkage in bits inside connected components, hard edges honoured.

Two clusters merge while the mean weight of **all** pairs between them is the highest there is and at least `stop`; a
pair that was never scored counts `unmet`. So a chain of links alone fuses nothing, unlike connected components. To the
mean weight comes what the numbers of contacts say (`lone`, see `resolve.golden.components`).

A weight is kept as its excess over `unmet`: pairs never met add nothing, and the mean reaches `stop` exactly when
`excess / (size_l * size_r) >= stop - unmet`. Ties go to the cluster with the smallest contact_id.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from resolve.errors import ConfigError, SchemaError
from resolve.golden.components import Bar, Edges, Graph, merge_components, weigh_parts
from resolve.golden.judge import Authority, Verdict
from resolve.golden.must_link import join_must_links
from resolve.golden.order import sort_order
from resolve.schema import conform, frames


def cluster_contacts(
    contact_ids: Sequence[str],
    verdicts: pd.DataFrame,
    *,
    stop: float = 0.0,
    unmet: float = -2.0,
    lone: float = 0.0,
) -> pd.DataFrame:
    """Return CLUSTERS (key contact_id), one row per contact in the order of their ids.

    Args:
        contact_ids: every contact, once.
        verdicts: VERDICTS; pairs that name a contact not listed are left out. A LINK by person or rule is a must-link,
            a REJECT by a person a cannot-link that wins over everything, chains included.
        stop: mean weight, bits, from which two clusters merge.
        unmet: weight, bits, of a pair that was never scored; must be below `stop - lone`.
        lone: bits by which two single contacts may stay below `stop`; 0 is plain average linkage.

    Cost: linear in contacts and edges for components of up to 64 parts (cubic in the parts of one), and
    O(E log^2 E) time and O(E) memory in the edges of a larger component, never quadratic in its members.

    Raises:
        ConfigError: `unmet` is not below `stop - lone`.
        SchemaError: a contact is listed twice.
    """
    if unmet >= stop - lone:
        raise ConfigError("cluster: unmet must be below stop - lone, or strangers would be linked")
    ids = sorted_ids(contact_ids)
    edges = edge_frame(ids, verdicts)
    part = join_must_links(len(ids), edges)
    weight = np.where(edges["cannot"], -np.inf, edges["weight"].to_numpy())
    graph = weigh_parts(part, Edges(edges["l"].to_numpy(), edges["r"].to_numpy(), weight), stop - lone, unmet)
    root = merge_components(graph, Bar(stop - unmet, lone))[part]
    return _describe(ids, part, root, (graph, edges), Bar(unmet, lone))


def sorted_ids(contact_ids: Sequence[str]) -> pd.Index:
    """Return the contact_ids sorted, so that a smaller code is a smaller id; SchemaError when one is listed twice."""
    ids = pd.Index(np.array(contact_ids, dtype=object))
    if not ids.is_monotonic_increasing:
        ids = ids.take(sort_order(ids.to_numpy()))
    if not ids.is_unique:
        raise SchemaError(frames.CLUSTERS.name, "a contact is listed twice", frames.CLUSTERS.key)
    return ids


def edge_frame(ids: pd.Index, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the edges among known contacts, sorted: l < r (codes), weight (bits), must, cannot, person."""
    left = ids.get_indexer(pd.Index(verdicts["contact_id_l"]))
    right = ids.get_indexer(pd.Index(verdicts["contact_id_r"]))
    by_person = (verdicts["decided_by"] == Authority.PERSON).to_numpy()
    by_rule = (verdicts["decided_by"] == Authority.RULE).to_numpy()
    edges = pd.DataFrame(
        {
            "l": np.minimum(left, right),
            "r": np.maximum(left, right),
            "weight": verdicts["match_weight"].to_numpy(dtype=float),
            "must": (by_person | by_rule) & (verdicts["verdict"] == Verdict.LINK).to_numpy(),
            "cannot": by_person & (verdicts["verdict"] == Verdict.REJECT).to_numpy(),
            "person": by_person,
        }
    )
    use = np.flatnonzero((left >= 0) & (right >= 0) & (left != right))
    order = use[np.lexsort((np.maximum(left, right)[use], np.minimum(left, right)[use]))]
    return edges.take(order).reset_index(drop=True)  # sorted, because sums must not depend on the order of rows


def _describe(
    ids: pd.Index, part: np.ndarray, root: np.ndarray, evidence: tuple[Graph, pd.DataFrame], zero: Bar
) -> pd.DataFrame:
    """Return CLUSTERS from the root code of each contact; `zero`: the weight that excess is counted from."""
    graph, edges = evidence
    size = np.bincount(root, minlength=len(root))[root]
    names = ids.to_numpy()
    frame = pd.DataFrame(
        {
            "contact_id": names,
            "cluster_id": names[root],
            "match_probability": _probability(part, root, graph, zero),
            "link_type": np.where(size == 1, "single", "auto").astype(object),
        }
    )
    held = edges[edges["must"] & (root[edges["l"].to_numpy()] == root[edges["r"].to_numpy()])]
    kind = frame["link_type"].to_numpy(dtype=object, copy=True)
    for name, rows in (("rule", held[~held["person"]]), ("person", held[held["person"]])):
        kind[rows[["l", "r"]].to_numpy(np.int64).ravel()] = name
    return conform(frame.assign(link_type=kind), frames.CLUSTERS)


def _probability(part: np.ndarray, root: np.ndarray, graph: Graph, zero: Bar) -> np.ndarray:
    """Return for each contact the probability of the mean weight, with its relief, between its part and the rest."""
    inside = root[graph.left] == root[graph.right]
    total = np.bincount(graph.left[inside], weights=graph.excess[inside], minlength=len(part))
    total += np.bincount(graph.right[inside], weights=graph.excess[inside], minlength=len(part))
    rest = np.bincount(root, minlength=len(root))[root] - graph.size[part]
    pairs = np.maximum(graph.size[part] * rest, 1)
    bits = np.clip(zero.height + total[part] / pairs + zero.reliefs(pairs.astype(float)), -1000, 1000)
    return np.where(rest == 0, 1.0, 1 / (1 + np.exp2(-bits)))
