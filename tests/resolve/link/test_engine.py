"""The engine end to end: scores, order, chunks, floor, listed pairs, shared values."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.link import engine
from resolve.link.block import Pairs
from resolve.link.compare import Comparer
from resolve.link.components import pairs_across
from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts, score_listed
from resolve.link.scored import Scored
from resolve.model import MatchModel
from resolve.schema import conform
from resolve.schema.frames import SCORED_PAIRS

RULES = MatchModel.shipped().link


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), chunk=st.integers(1, 400))
def test_row_order_and_chunk_size_never_change_a_result(people, seed, chunk):
    """The scored pairs are equal to the last bit."""
    contacts = people.crowd(30, seed)
    expected = link_contacts(contacts, RULES).pairs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CHUNK_PAIRS", chunk)
        found = link_contacts(contacts.sample(frac=1, random_state=seed), RULES, workers=2).pairs
    pd.testing.assert_frame_equal(expected, found, check_exact=True)


def test_pairs_are_scored_pairs_with_the_smaller_id_left(people):
    """The output keeps its schema, its key and its order."""
    pairs = link_contacts(people.crowd(40), RULES).pairs
    pd.testing.assert_frame_equal(conform(pairs, SCORED_PAIRS), pairs)
    assert (pairs["contact_id_l"] < pairs["contact_id_r"]).all()
    assert not pairs.duplicated(["contact_id_l", "contact_id_r"]).any()
    assert pairs.equals(pairs.sort_values(["contact_id_l", "contact_id_r"]))
    assert pairs["match_probability"].between(0, 1).all()


def test_true_pairs_get_positive_weights_and_strangers_negative_ones(people):
    """The shipped model tells people apart without training."""
    contacts = people.crowd(60, 3, repeats=1.0).set_index("contact_id", drop=False)
    scored = link_contacts(contacts.reset_index(drop=True), RULES).pairs
    truth = contacts["x_person"]
    same = truth[scored["contact_id_l"]].to_numpy() == truth[scored["contact_id_r"]].to_numpy()
    linked = (scored["match_weight"] >= 0).to_numpy()
    assert same[linked].mean() > 0.95
    assert (same & linked).sum() >= 58


@pytest.mark.parametrize("rows", [0, 1])
def test_no_contacts_and_one_contact_give_an_empty_frame(people, rows):
    """Nothing to link is no error."""
    linkage = link_contacts(people.crowd(2).head(rows), RULES)
    assert len(linkage.pairs) == 0
    assert list(linkage.pairs) == SCORED_PAIRS.names


def test_contacts_without_any_value_are_never_linked(people):
    """Missing is neither for nor against: two empty contacts are no match."""
    assert len(link_contacts(people.build([{}, {}, {}]), RULES).pairs) == 0


def test_listed_pairs_get_the_same_weight_as_candidates(people):
    """A pair scored by itself, turned around, and as a candidate has one weight."""
    contacts = people.crowd(40, 5)
    found = link_contacts(contacts, RULES).pairs
    turned = found.rename(columns={"contact_id_l": "contact_id_r", "contact_id_r": "contact_id_l"})
    listed = score_listed(contacts, turned[["contact_id_l", "contact_id_r"]], RULES)
    pd.testing.assert_frame_equal(listed.drop(columns="rule"), found.drop(columns="rule"), check_exact=True)
    assert set(listed["rule"]) == {"listed"}


def test_a_listed_contact_that_is_not_there_is_an_error(people):
    """A KeyError names it."""
    with pytest.raises(KeyError):
        score_listed(people.crowd(3), pd.DataFrame({"contact_id_l": ["a:00000"], "contact_id_r": ["b:1"]}), RULES)


def test_every_pair_inside_a_component_of_links_is_scored(people):
    """Clustering weighs all pairs of a component, those below the floor too."""
    one = people.latin(
        "ann", "lee", email_keys="ann.lee9@one.org", birth_key="1980-01-01", postal_key="1", city_key="ulm"
    )
    two = people.latin("ann", "lee", email_keys="ann.lee9@one.org", phone_keys="+491")
    three = people.latin(
        "ann",
        "lee",
        phone_keys="+491",
        birth_key="1955-12-30",
        email_keys="zz@two.org",
        postal_key="9",
        city_key="rome",
    )
    rules = replace(RULES, sizes=replace(RULES.sizes, records=100_000))
    pairs = link_contacts(people.build([one, two, three]), rules).pairs
    weights = dict(
        zip(zip(pairs["contact_id_l"], pairs["contact_id_r"], strict=True), pairs["match_weight"], strict=True)
    )
    assert len(weights) == 3
    assert weights[("a:00000", "a:00002")] < rules.floor


def test_pairs_across_two_links_have_a_link_to_the_same_third_contact():
    """Two linked contacts have no other pair; a chain of four has two more: its ends are too far from each other."""
    left, right = pairs_across(np.asarray([0, 2, 3, 4]), np.asarray([1, 3, 4, 5]), 6)
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(2, 4), (3, 5)]


def test_pairs_across_two_links_are_given_once():
    """A square has two diagonals, each seen from two corners; the links of a triangle beside it are no news."""
    left, right = pairs_across(np.asarray([0, 1, 2, 0, 4, 5, 4]), np.asarray([1, 2, 3, 3, 5, 6, 6]), 7)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 2), (1, 3)]


def test_shared_values_are_listed_with_count_and_reason(people):
    """A switchboard of six names is reported."""
    rows = [people.latin(g, f, phone_keys="+4930") for g, f in zip("abcdef", "uvwxyz", strict=True)]
    hot = link_contacts(people.build(rows), RULES).stats.hot
    assert hot.to_dict("records") == [{"type": "phone", "value": "+4930", "count": 6, "reason": "shared_by_many"}]


def test_progress_ends_with_all_contacts(people):
    """The callback sees (done, total), rising."""
    seen = []
    link_contacts(people.crowd(30), RULES, on_progress=lambda done, total: seen.append((done, total)))
    assert seen
    assert seen == sorted(seen)
    assert all(done <= total for done, total in seen)


def test_a_household_is_a_relation_not_a_match(people):
    """Father and son with one surname, address and landline are a household."""
    home = {
        "postal_key": "1600023",
        "city_key": "shinjuku",
        "number_key": "2-8-1",
        "street_key": "nishi",
        "phone_keys": "+813",
    }
    pair = people.build([people.latin("taro", "yamada", **home), people.latin("ken", "yamada", **home)])
    rules = replace(RULES, sizes=replace(RULES.sizes, records=10_000))
    scored = score_listed(pair, pd.DataFrame({"contact_id_l": ["a:00000"], "contact_id_r": ["a:00001"]}), rules)
    assert scored["relation"].tolist() == ["household"]
    assert scored["match_weight"].item() < 0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), floor=st.sampled_from([-40.0, -3.0, 0.0, 9.0]))
def test_the_floor_takes_away_only_what_is_below_it(people, seed, floor):
    """Pairs that cannot reach it are never scored; those that do have the weight they have without any floor."""
    contacts = Encoded(people.crowd(25, seed))
    left, right = (side.astype(np.int64) for side in np.triu_indices(len(contacts), k=1))
    pairs, comparer = Pairs(left, right, np.zeros_like(left)), Comparer(contacts, RULES)
    everything, kept = (engine._score(comparer, pairs, least) for least in (-np.inf, floor))
    expected = everything.at(everything.weight >= floor)
    for name in Scored.__slots__:
        np.testing.assert_array_equal(getattr(kept, name), getattr(expected, name))


def test_threads_that_share_an_arrow_table_change_nothing(people):
    """Its columns are let go as they are encoded, whichever thread asks first."""
    contacts = people.crowd(60, 5).drop(columns="x_person")
    texts = contacts.select_dtypes(object)
    table = pa.table({name: pa.array(texts[name], pa.string()) for name in texts})
    expected, found = link_contacts(contacts, RULES), link_contacts(table, RULES, workers=4)
    pd.testing.assert_frame_equal(expected.pairs, found.pairs, check_exact=True)
