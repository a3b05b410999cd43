"""Clusters: against a plain reference, against networkx, and the invariants that hold for any graph."""

import itertools
import random
import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy

from resolve.errors import ConfigError, SchemaError
from resolve.golden import components
from resolve.golden.cluster import cluster_contacts
from resolve.golden.must_link import list_broken_links
from resolve.schema import conform, frames

Edge = tuple[str, str, float | None, str, str]  # left, right, weight, verdict, decided_by


def verdicts_of(edges: list[Edge]) -> pd.DataFrame:
    """Return VERDICTS from edges; the sides are put in order."""
    rows = [(*sorted(e[:2]), *e[2:]) for e in edges]
    columns = ["contact_id_l", "contact_id_r", "match_weight", "verdict", "decided_by"]
    return conform(pd.DataFrame(rows, columns=columns, dtype=object), frames.VERDICTS)


def weighted(left: str, right: str, bits: float) -> Edge:
    """Return an edge that the weight decided."""
    return (left, right, bits, "link" if bits >= 0 else "review" if bits >= -3 else "reject", "weight")


def partition(clusters: pd.DataFrame) -> set[frozenset[str]]:
    """Return the clusters as sets of contact_ids."""
    return {frozenset(group) for _, group in clusters.groupby("cluster_id")["contact_id"]}


def plain_average_linkage(
    ids: list[str], edges: list[Edge], lone: float = 0.0, stop: float = 0.0, unmet: float = -2.0
) -> set[frozenset[str]]:
    """Agglomerate step by step over all pairs of clusters: slow, and obviously the definition (no hard edges)."""
    weight = {tuple(sorted(e[:2])): e[2] or 0.0 for e in edges}
    clusters = [frozenset([one]) for one in sorted(ids)]
    while True:
        best = None
        for left, right in itertools.combinations(sorted(clusters, key=min), 2):
            excess = sum(
                weight[p] - unmet for p in (tuple(sorted(q)) for q in itertools.product(left, right)) if p in weight
            )
            pairs = float(len(left) * len(right))
            mean = excess / pairs + lone * (5.0 / pairs**0.5 - 2.0) / 3.0
            if mean >= stop - unmet and (best is None or mean > best[0]):
                best = (mean, left, right)
        if best is None:
            return set(clusters)
        clusters = [c for c in clusters if c not in best[1:]] + [best[1] | best[2]]


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> tuple[list[str], list[Edge]]:
    """Draw contacts and weighted edges; weights are multiples of a half, so that ties are many and sums exact."""
    count = draw(st.integers(1, most))
    ids = [f"s:{n:02d}" for n in range(count)]
    pairs = list(itertools.combinations(ids, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return ids, [weighted(left, right, draw(st.integers(-20, 20)) / 2) for left, right in chosen]


@given(graphs(), st.sampled_from([64, 1]), st.sampled_from([0.0, 1.5]))
@settings(max_examples=200, deadline=None)
def test_clusters_equal_the_plain_definition(graph: tuple[list[str], list[Edge]], dense: int, lone: float) -> None:
    """Dense batches and the heap both give what merging the best pair of clusters by hand gives, ties included."""
    ids, edges = graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(components, "DENSE", dense)
        found = cluster_contacts(ids, verdicts_of(edges), lone=lone)
    assert partition(found) == plain_average_linkage(ids, edges, lone)


@pytest.mark.parametrize(
    ("bits", "size", "together"), [(-1.5, 1, True), (-1.6, 1, False), (-0.5, 3, False), (0.5, 3, True)]
)
def test_single_contacts_are_joined_from_less_than_groups(bits: float, size: int, together: bool) -> None:
    """Two single contacts from -1.5 bits, two groups of three only from a little above 0."""
    ids = [f"s:{side}{n}" for side in "ab" for n in range(size)]
    pairs = itertools.combinations(ids, 2)
    edges = [weighted(one, other, 9.0 if one[2] == other[2] else bits) for one, other in pairs]
    found = cluster_contacts(ids, verdicts_of(edges), lone=1.5)
    assert (len(partition(found)) == 1) == together
    assert (found["match_probability"].min() >= 0.5) or not together


@given(st.integers(2, 14), st.integers(0, 10_000), st.floats(-3, 3))
@settings(max_examples=100)
def test_clusters_equal_the_average_linkage_of_scipy(count: int, seed: int, stop: float) -> None:
    """Where every pair is scored, clusters are those of scipy's tree of average distances, cut at the stop."""
    ids = [f"s:{n:02d}" for n in range(count)]
    bits = np.random.default_rng(seed).normal(0, 4, count * (count - 1) // 2)
    edges = [weighted(*pair, float(b)) for pair, b in zip(itertools.combinations(ids, 2), bits, strict=True)]
    found = cluster_contacts(ids, verdicts_of(edges), stop=stop, unmet=stop - 1)
    labels = hierarchy.fcluster(hierarchy.average(50.0 - bits), 50.0 - stop, "distance")
    assert partition(found) == {frozenset(np.asarray(ids)[labels == label].tolist()) for label in set(labels)}


@given(graphs(8), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_row_order_never_matters(graph: tuple[list[str], list[Edge]], rng: random.Random) -> None:
    """Shuffled contacts and shuffled, real-valued edges, hard ones among them, give equal frames."""
    ids, edges = graph
    edges = [weighted(e[0], e[1], float(e[2] or 0) / 3) for e in edges]
    edges = [(*e[:3], "link", "rule") if at % 4 == 0 else e for at, e in enumerate(edges)]
    first = cluster_contacts(ids, verdicts_of(edges))
    rng.shuffle(edges)
    shuffled = rng.sample(ids, len(ids))
    pd.testing.assert_frame_equal(first, cluster_contacts(shuffled, verdicts_of(edges)), check_exact=True)


@given(graphs(), st.data())
@settings(max_examples=200, deadline=None)
def test_hard_edges_hold_in_every_partition(graph: tuple[list[str], list[Edge]], data: st.DataObject) -> None:
    """Clusters partition the contacts, no cannot-link is inside one, and a must-link breaks only through a chain."""
    ids, edges = graph
    pairs = list(itertools.combinations(ids, 2))
    hard = (
        data.draw(st.dictionaries(st.sampled_from(pairs), st.sampled_from(["must", "rule", "cannot"]))) if pairs else {}
    )
    kinds = {"must": ("link", "person"), "rule": ("link", "rule"), "cannot": ("reject", "person")}
    edges = [e for e in edges if e[:2] not in hard] + [(*p, None, *kinds[kind]) for p, kind in hard.items()]
    verdicts = verdicts_of(edges)
    clusters = cluster_contacts(ids, verdicts)
    assert sorted(clusters["contact_id"]) == ids
    assert (clusters["cluster_id"] == clusters.groupby("cluster_id")["contact_id"].transform("min")).all()
    of = dict(zip(clusters["contact_id"], clusters["cluster_id"], strict=True))
    assert not [p for p, kind in hard.items() if kind == "cannot" and of[p[0]] == of[p[1]]]
    musts = nx.Graph([p for p, kind in hard.items() if kind != "cannot"])
    torn = {p for p, kind in hard.items() if kind != "cannot" and of[p[0]] != of[p[1]]}
    for left, right in torn:
        chain = nx.node_connected_component(musts, left)
        assert [p for p, kind in hard.items() if kind == "cannot" and p[0] in chain and p[1] in chain], (left, right)
    broken = list_broken_links(verdicts, clusters)
    assert set(zip(broken["contact_id_l"], broken["contact_id_r"], strict=True)) == torn


def test_sums_of_weights_do_not_depend_on_the_order_of_rows() -> None:
    """Three pairs between two parts, of sizes that add up differently in another order: the result is the same."""
    hard: list[Edge] = [("s:a", "s:b", None, "link", "rule"), ("s:b", "s:c", None, "link", "rule")]
    soft = [weighted("s:a", "s:d", 1e16), weighted("s:b", "s:d", 9.0), weighted("s:c", "s:d", -1e16)]
    ids = ["s:a", "s:b", "s:c", "s:d"]
    found = [cluster_contacts(ids, verdicts_of([*order, *hard])) for order in itertools.permutations(soft)]
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other, check_exact=True)


def test_where_all_pairs_agree_clusters_are_connected_components() -> None:
    """On a union of cliques average linkage gives the components that networkx finds."""
    rng = random.Random(3)
    ids = [f"s:{n:04d}" for n in range(600)]
    shuffled = rng.sample(ids, len(ids))
    cliques = [
        shuffled[at : at + size] for at, size in zip(range(0, 600, 6), itertools.cycle(range(1, 7)), strict=False)
    ]
    pairs = [p for clique in cliques for p in itertools.combinations(clique, 2)]
    found = cluster_contacts(ids, verdicts_of([weighted(*p, rng.uniform(1, 9)) for p in pairs]))
    graph = nx.Graph(pairs)
    graph.add_nodes_from(ids)
    assert partition(found) == {frozenset(c) for c in nx.connected_components(graph)}


def test_a_chain_of_links_does_not_fuse_its_ends() -> None:
    """Two links of three bits do not outweigh a third pair that speaks clearly against."""
    edges = [weighted("s:a", "s:b", 4), weighted("s:b", "s:c", 3), weighted("s:a", "s:c", -9)]
    assert partition(cluster_contacts(["s:a", "s:b", "s:c"], verdicts_of(edges))) == {
        frozenset(["s:a", "s:b"]),
        frozenset(["s:c"]),
    }


def test_a_cannot_link_wins_over_a_chain_of_must_links() -> None:
    """A person's no splits a chain of yeses at its last link; the chain is reported."""
    yes = [("s:a", "s:b", 9.0, "link", "person"), ("s:b", "s:c", 9.0, "link", "person")]
    verdicts = verdicts_of([*yes, ("s:a", "s:c", 9.0, "reject", "person")])
    clusters = cluster_contacts(["s:a", "s:b", "s:c"], verdicts)
    assert partition(clusters) == {frozenset(["s:a", "s:b"]), frozenset(["s:c"])}
    assert list_broken_links(verdicts, clusters)["contact_id_l"].tolist() == ["s:b"]


def test_people_go_before_rules_where_a_chain_contradicts_a_cannot_link() -> None:
    """The rule's must-link gives way, although its contacts come first."""
    edges: list[Edge] = [
        ("s:a", "s:b", None, "link", "rule"),
        ("s:b", "s:c", None, "link", "person"),
        ("s:a", "s:c", None, "reject", "person"),
    ]
    clusters = cluster_contacts(["s:a", "s:b", "s:c"], verdicts_of(edges))
    assert partition(clusters) == {frozenset(["s:a"]), frozenset(["s:b", "s:c"])}
    assert clusters["link_type"].tolist() == ["single", "person", "person"]


def test_link_type_and_probability_say_what_holds_a_contact() -> None:
    """Single 1; parts joined by hand 1; by weight the probability of the mean weight to the rest of the cluster."""
    edges = [
        weighted("s:a", "s:b", 2),
        weighted("s:a", "s:c", 4),
        ("s:x", "s:y", None, "link", "rule"),
        weighted("s:gone", "s:a", 9),
    ]
    clusters = cluster_contacts(["s:a", "s:b", "s:c", "s:x", "s:y", "s:z"], verdicts_of(edges)).set_index("contact_id")
    assert clusters["link_type"].to_dict() == {
        "s:a": "auto", "s:b": "auto", "s:c": "auto", "s:x": "rule", "s:y": "rule", "s:z": "single",
    }  # fmt: skip
    bits = {"s:a": 3, "s:b": 0, "s:c": 1}
    for contact, mean in bits.items():
        assert clusters.loc[contact, "match_probability"] == pytest.approx(1 / (1 + 2**-mean))
    assert clusters.loc[["s:x", "s:y", "s:z"], "match_probability"].tolist() == [1.0, 1.0, 1.0]


def test_no_contacts_give_no_clusters_and_bad_arguments_are_refused() -> None:
    """Empty input is fine; a contact listed twice and unmet at the stop are errors."""
    assert cluster_contacts([], verdicts_of([])).empty
    with pytest.raises(SchemaError):
        cluster_contacts(["s:a", "s:a"], verdicts_of([]))
    with pytest.raises(ConfigError):
        cluster_contacts(["s:a"], verdicts_of([]), stop=-2.0)


def test_a_component_of_thousands_stays_cheap() -> None:
    """A star of 20,000 members and a band of 5,000 with 100,000 edges take seconds of CPU, not a matrix of 3 GB."""
    star = [weighted("s:hub", f"s:{n:05d}", 5) for n in range(20_000)]
    rng = np.random.default_rng(1)
    band = [
        weighted(f"t:{n:05d}", f"t:{n + d:05d}", float(rng.normal(1, 3))) for n in range(5_000) for d in range(1, 21)
    ]
    ids = [*(f"s:{n:05d}" for n in range(20_000)), "s:hub", *(f"t:{n:05d}" for n in range(5_020))]
    verdicts = verdicts_of([*star, *band])
    before = time.process_time()
    clusters = cluster_contacts(ids, verdicts)
    assert time.process_time() - before < 20
    assert clusters["cluster_id"].nunique() > 20_000
