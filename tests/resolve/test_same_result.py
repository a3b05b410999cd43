"""Training, linking and clustering give one result, whatever the order of rows, the size of chunks, and the workers."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.golden.cluster import cluster_contacts
from resolve.golden.components import Edges, cluster_rows
from resolve.golden.judge import judge_pairs
from resolve.link import engine, slices
from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts
from resolve.link.rules import BlockingRule, LinkRules
from resolve.model import MatchModel
from resolve.quality import learner
from resolve.quality.train import train_model
from resolve.schema import empty
from resolve.schema.frames import JUDGEMENTS

SHIPPED = MatchModel.shipped()
CHUNKS = (
    (engine, "CHUNK_PAIRS", (7, 300)),
    (slices, "POSITIONS", (5, 64)),
    (slices, "PART_PAIRS", (3, 200)),
)


def resolve(contacts, model, workers=1):
    """Return the trained model, its scored pairs, and the clusters."""
    encoded = Encoded(contacts)
    if workers > 1:
        encoded.encode(
            sorted(name for name in encoded.names if name.startswith("x_") or name.endswith("_key")), workers
        )
    trained, _ = train_model(encoded, model, seed=3, workers=workers)
    linkage = link_contacts(encoded, trained.link, workers=workers)
    merged = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)
    verdicts = judge_pairs(linkage.pairs, empty(JUDGEMENTS), merged, trained.thresholds)
    clusters = cluster_contacts(encoded.ids[::-1].tolist(), verdicts)
    scored = linkage.scored
    rows = cluster_rows(len(encoded), Edges(scored.left, scored.right, scored.weight), stop=0.0, unmet=-2.0)
    assert (encoded.ids[rows] == clusters["cluster_id"].to_numpy()).all()
    return trained.to_yaml(), linkage.pairs, clusters


def assert_same(first, second):
    """Compare to the last bit."""
    assert first[0] == second[0]
    for one, other in zip(first[1:], second[1:], strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@settings(max_examples=3)
@given(seed=st.integers(0, 10_000), small=st.booleans())
def test_people_resolve_alike_in_any_order_of_rows_and_size_of_chunks(people, seed, small):
    """Names, mailboxes, phones, an extra column: model text, pairs and clusters are byte-equal."""
    contacts = people.crowd(40, seed).rename(columns={"x_person": "x_hobby"})
    expected = resolve(contacts, SHIPPED)
    with pytest.MonkeyPatch.context() as patch:
        for module, name, values in CHUNKS:
            patch.setattr(module, name, values[not small])
        assert_same(expected, resolve(contacts.sample(frac=1, random_state=seed), SHIPPED, workers=2))


def columns_of(seed, size=400):
    """Return an Arrow table of five plain columns with repeats, slips and holes, and rules for them."""
    rng = np.random.default_rng(seed)
    person = rng.integers(0, size // 2, size)
    name = np.asarray([f"{a}{b}" for a in ("ka", "to", "mi", "ler", "son") for b in ("ri", "ves", "bo", "dan")])
    values = {
        "first": name[person * 7 % 20],
        "last": name[person * 11 % 19],
        "day": np.asarray([f"19{p % 70 + 10}-0{p % 9 + 1}-1{p % 7}" for p in person]),
        "town": np.asarray(["ulm", "bonn", "kiel"])[person % 3],
        "code": np.asarray([f"{p * 7919 % 10**6:06d}" for p in person]),
    }
    table = {"contact_id": [f"a:{i:04d}" for i in range(size)]}
    for column, cells in values.items():
        slips = np.where(rng.random(size) < 0.1, np.char.add(cells, "x"), cells).astype(object)
        slips[rng.random(size) < 0.08] = None
        table[f"x_{column}"] = slips
    return pa.table({name: pa.array(cells, type=pa.string()) for name, cells in table.items()})


def plain_rules():
    """Return a model of those columns alone: the ways of pruning and of filters."""
    from resolve.link.rules import Comparison
    from resolve.link.rules_text import levels_of

    compared = []
    for name, kind, cuts in (
        ("first", "similar", (0.92, 0.8)),
        ("last", "similar", (0.92, 0.8)),
        ("day", "edits", (1.0, 2.0)),
        ("town", "exact", ()),
        ("code", "edits", (1.0,)),
    ):
        levels = levels_of(kind, cuts)
        match = (0.8, *((0.2 / (len(levels) - 1),) * (len(levels) - 1)))
        other = (0.02, *((0.98 / (len(levels) - 1),) * (len(levels) - 1)))
        compared.append(
            Comparison(name, kind, (f"x_{name}",), levels, match, other, other, other, frequency=True, thresholds=cuts)
        )
    keys = (("x_code",), ("x_first", "x_last"), ("x_day",), ("x_town",), ("x_first:2", "x_last"))
    blocking = tuple(BlockingRule(" ".join(key), key, 60) for key in keys)
    return MatchModel(LinkRules(blocking, tuple(compared), floor=-4.0), SHIPPED.thresholds, SHIPPED.survivorship)


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), small=st.booleans(), as_frame=st.booleans(), in_dictionaries=st.booleans())
def test_plain_columns_resolve_alike_however_they_come(seed, small, as_frame, in_dictionaries):
    """Frames, Arrow texts and Arrow dictionaries in any order, with a capped rule, large groups and small chunks."""
    table = columns_of(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learner, "PLAIN_PAIRS", 200)
        expected = resolve(table.to_pandas(), plain_rules())
        other = table.take(np.random.default_rng(seed + 1).permutation(len(table)))
        if in_dictionaries:
            columns = {n: other[n] if n == "contact_id" else other[n].dictionary_encode() for n in other.column_names}
            other = pa.table(columns)
        for module, name, values in CHUNKS:
            patch.setattr(module, name, values[not small])
        found = resolve(other.to_pandas().astype(object) if as_frame else other, plain_rules(), workers=2)
    assert len(expected[1])
    assert_same(expected, found)
