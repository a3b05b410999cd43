"""Connected components agree with two other implementations on random graphs."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolve.graphs import label_components

GRAPHS = st.integers(1, 60).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=120))
)


@settings(max_examples=300)
@given(graph=GRAPHS)
def test_components_are_those_of_networkx_and_scipy(graph):
    """Every node carries the smallest node of its component, whichever way edges point and however often they come."""
    count, edges = graph
    left, right = np.asarray(edges, dtype=np.int64).reshape(-1, 2).T
    labels = label_components(count, left, right)
    other = nx.Graph(edges)
    other.add_nodes_from(range(count))
    expected = {node: min(part) for part in nx.connected_components(other) for node in part}
    assert labels.tolist() == [expected[node] for node in range(count)]
    links = coo_array((np.ones(len(left)), (left, right)), shape=(count, count))
    number, theirs = connected_components(links, directed=False)
    assert number == len(set(labels.tolist())) == len(set(zip(labels.tolist(), theirs.tolist(), strict=True)))


def test_a_long_chain_in_the_worst_order_is_one_component():
    """A hundred thousand nodes in a row, edges shuffled, take no recursion and few rounds."""
    order = np.random.default_rng(3).permutation(100_000)
    labels = label_components(len(order), order[:-1], order[1:])
    assert not labels.any()
