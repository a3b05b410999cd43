"""Our rules and levels as recordlinkage objects, and what we use of recordlinkage."""

import numpy as np
import pandas as pd
import recordlinkage
from recordlinkage.base import BaseCompareFeature, BaseIndexAlgorithm

from resolve.link.block import build_blocks
from resolve.link.contracts import BlockingIndex, LevelFeature
from resolve.link.encode import Encoded
from resolve.link.rules import BlockingRule, LinkRules

RULES = LinkRules((BlockingRule("name", ("name",)), BlockingRule("birth", ("birth_key",))), ())


def test_blocking_is_a_recordlinkage_index_with_the_engine_s_pairs(people):
    """Index.add takes our rules; the pairs are the engine's, as (later, earlier)."""
    contacts = people.crowd(40)
    shuffled = contacts.sample(frac=1, random_state=2).set_index("contact_id", drop=False)
    index = recordlinkage.Index()
    index.add(BlockingIndex(RULES))
    found = index.index(shuffled)
    encoded = Encoded(contacts)
    expected = {
        frozenset(pair)
        for p in build_blocks(encoded, RULES).chunks()
        for pair in zip(encoded.ids[p.left], encoded.ids[p.right], strict=True)
    }
    assert {frozenset(pair) for pair in found} == expected
    position = {key: row for row, key in enumerate(shuffled.index)}
    assert all(position[a] > position[b] for a, b in found)


def test_blocking_between_two_frames_pairs_across_only(people):
    """Index(a, b) gives pairs with one side in each."""
    contacts = people.crowd(40).set_index("contact_id", drop=False)
    one, two = contacts.iloc[::2], contacts.iloc[1::2]
    found = BlockingIndex(RULES).index((one, two))
    assert len(found)
    assert set(found.get_level_values(0)) <= set(one.index)
    assert set(found.get_level_values(1)) <= set(two.index)


def test_a_level_feature_works_in_compare_and_keeps_missing_missing():
    """Compare takes our feature beside its own; a missing value is NaN, not a disagreement."""
    frame = pd.DataFrame({"name": ["martha", "marhta", None, "martha"]}, index=list("abcd"))
    pairs = pd.MultiIndex.from_tuples([("a", "d"), ("a", "b"), ("a", "c")])
    compare = recordlinkage.Compare()
    compare.add(LevelFeature("name", "similar", (0.92,), label="level"))
    compare.string("name", "name", method="jarowinkler", label="theirs")
    found = compare.compute(pairs, frame)
    np.testing.assert_array_equal(found["level"], [1.0, 2.0, np.nan])
    assert found["theirs"].tolist()[2] == 0.0


def test_what_we_rely_on_in_recordlinkage_is_there():
    """The hooks that our subclasses implement exist under these names."""
    assert hasattr(BaseIndexAlgorithm, "_link_index")
    assert hasattr(BaseIndexAlgorithm, "_dedup_index")
    assert hasattr(BaseCompareFeature, "_compute_vectorized")
    assert hasattr(recordlinkage.ECMClassifier, "fit")
