"""Components that are joined at once end as they do when they are merged step by step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.golden import components
from resolve.golden.components import Bar, Edges, merge_components, weigh_parts


def crowd(seed, groups=60):
    """Return complete groups of 2 to 7 parts of 1 to 3 contacts, their weights around the bar; also some gaps."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 8, groups)
    part = np.repeat(np.arange(sizes.sum()), rng.integers(1, 4, sizes.sum()))
    part = np.searchsorted(part, part)  # the smallest code of the contacts that belong together
    first = np.unique(part)
    left, right, at = [], [], 0
    for size in sizes:
        i, j = np.triu_indices(size, k=1)
        left, right, at = [*left, *first[at + i]], [*right, *first[at + j]], at + size
    weight = rng.normal(2.5, 1.5, len(left)).round(1)
    keep = rng.random(len(left)) > 0.02
    return part, Edges(np.asarray(left)[keep], np.asarray(right)[keep], weight[keep])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), lone=st.sampled_from([0.0, 0.7, 1.5]), stop=st.sampled_from([0.0, 1.0]))
def test_whole_components_end_as_they_do_step_by_step(seed, lone, stop):
    """Whatever the sizes of parts and the relief of lone contacts."""
    part, edges = crowd(seed)
    graph = weigh_parts(part, edges, stop - lone, -2.0)
    found = merge_components(graph, Bar(stop + 2.0, lone))

    def leave_all(graph, bar):
        return np.arange(len(graph.component)), np.arange(len(graph.left))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(components, "_join_whole", leave_all)
        step_by_step = merge_components(graph, Bar(stop + 2.0, lone))
    assert (found == step_by_step).all()


def test_most_whole_components_need_no_steps():
    """The way round is taken: of groups that are all near nothing is left to merge."""
    part, edges = crowd(3)
    graph = weigh_parts(np.arange(len(part)), edges._replace(weight=np.full(len(edges.left), 9.0)), 0.0, -2.0)
    _, rest = components._join_whole(graph, Bar(2.0, 1.5))
    assert len(rest) < 0.5 * len(graph.left)
