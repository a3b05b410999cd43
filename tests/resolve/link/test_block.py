"""Blocking: every pair that shares a key, once; caps; keys of each kind."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.link.arrays import hash_text, mix, powers
from resolve.link.block import build_blocks
from resolve.link.encode import Encoded
from resolve.link.keys import rule_keys
from resolve.link.rules import BlockingRule, LinkRules


def pairs_of(contacts, rules, chunk=1 << 20):
    """Return {(id_l, id_r): rule} of all candidate pairs."""
    encoded = Encoded(contacts)
    found = {}
    for pairs in build_blocks(encoded, LinkRules(tuple(rules), ())).chunks(chunk):
        for a, b, rule in zip(encoded.ids[pairs.left], encoded.ids[pairs.right], pairs.rule, strict=True):
            assert (a, b) not in found
            found[(a, b)] = rules[rule].name
    return found


def met(people, rule, *rows, cap=60):
    """Return whether two contacts meet under one rule."""
    return len(pairs_of(people.build(list(rows)), [BlockingRule("r", rule, cap)])) == 1


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["x", "y", None])), min_size=2, max_size=30),
    chunk=st.integers(1, 50),
)
def test_pairs_are_those_of_the_plain_double_loop_for_any_chunk_size(people, rows, chunk):
    """A pair comes once, from the first rule whose keys agree, wherever the chunks are cut."""
    contacts = people.build([{"x_one": a, "x_two": b} for a, b in rows])
    rules = [BlockingRule("both", ("x_one", "x_two"), 100), BlockingRule("two", ("x_two",), 100)]
    expected = {}
    for (i, left), (j, right) in combinations(enumerate(rows), 2):
        if left == right and left[1]:
            expected[(f"a:{i:05d}", f"a:{j:05d}")] = "both"
        elif left[1] and left[1] == right[1]:
            expected[(f"a:{i:05d}", f"a:{j:05d}")] = "two"
    assert pairs_of(contacts, rules, chunk) == expected


def test_a_key_above_the_cap_is_left_out_and_counted(people):
    """Five contacts under a cap of four make no pair; the block says how many were lost."""
    contacts = people.build([{"x_one": "a"}] * 5 + [{"x_one": "b"}] * 2)
    blocks = build_blocks(Encoded(contacts), LinkRules((BlockingRule("r", ("x_one",), 4),), ()))
    assert (blocks.blocks[0].pairs, blocks.blocks[0].skipped_keys, blocks.blocks[0].skipped_pairs) == (1, 1, 10)


def test_frozen_hot_keys_stay_out_and_others_grow_past_the_cap(people):
    """With hot keys from training a key at the cap is skipped only if it is listed, or twice over the cap."""
    small = people.build([{"x_one": "a"}] * 5 + [{"x_one": "b"}] * 2)
    rule = BlockingRule("r", ("x_one",), 4)
    hot = build_blocks(Encoded(small), LinkRules((rule,), ())).blocks[0].hot
    grown = people.build([{"x_one": "a"}] * 2 + [{"x_one": "b"}] * 6)
    block = build_blocks(Encoded(grown), LinkRules((rule,), (), hot={"r": hot})).blocks[0]
    assert (block.pairs, block.skipped_keys) == (15, 1)


def test_no_contacts_and_one_contact_make_no_pairs(people):
    """Nothing to pair is no error."""
    rules = [BlockingRule("r", ("name",)), BlockingRule("all", ())]
    assert pairs_of(people.build([]), rules) == {}
    assert pairs_of(people.build([people.latin("ann", "lee")]), rules) == {}


def test_a_rule_without_keys_pairs_everybody(people):
    """Few contacts are compared all with all."""
    assert len(pairs_of(people.build([people.latin("ann", "lee"), {}, {}]), [BlockingRule("all", (), 10)])) == 3


def test_every_phone_is_met_against_every_phone(people):
    """A number that is second on one side and first on the other brings the two together."""
    assert met(people, ("phone",), {"phone_keys": "+491 +492"}, {"phone_keys": "+493 +491"})


def test_names_meet_in_either_order_by_reading_and_by_nickname(people):
    """Swapped parts, a kanji name and its romaji, Bob and Robert share a name key."""
    assert met(people, ("name",), people.latin("ann", "lee"), people.latin("lee", "ann"))
    kanji = people.latin("太郎", "山田") | {"family_script": "han", "given_script": "han"}
    kanji |= {"family_readings": "yamada yamata", "given_readings": "taro"}
    assert met(people, ("name",), kanji, people.latin("taro", "yamada"))
    bob = people.latin("bob", "lee") | {"given_variants": "nick=robert"}
    assert met(people, ("name",), bob, people.latin("robert", "lee") | {"given_variants": "nick=robert"})


def test_a_name_written_together_meets_the_letters_of_a_mailbox(people):
    """given+family, family+given and initial+family meet j.smith77@ and the like; two names alone do not."""
    for box in ("john.smith77@example.org", "smith_john@example.org", "j.smith@example.org"):
        assert met(people, ("name_letters",), people.latin("john", "smith"), {"email_keys": box})
    assert not met(people, ("name_letters",), people.latin("john", "smith"), people.latin("jane", "smith"))


def test_role_mailboxes_have_no_local_part_to_share(people):
    """support@a and support@b are not one person."""
    rows = [{"email_keys": f"support@{d}.com", "role_emails": f"support@{d}.com"} for d in "ab"]
    assert not met(people, ("email_local",), *rows)
    rows = [{"email_keys": f"k.weiss84@{d}.com"} for d in "ab"]
    assert met(people, ("email_local",), *rows)


def test_initials_and_prefixes_come_from_readings(people):
    """山田 begins with y; family_prefix takes four letters of the reading."""
    kanji = people.latin("太郎", "山田") | {
        "family_script": "han",
        "family_readings": "yamada",
        "given_readings": "taro",
    }
    assert met(people, ("initials",), kanji, people.latin("tom", "young"))
    assert met(people, ("family_prefix", "given_prefix"), kanji, people.latin("tarou", "yamadda"))


def test_a_prefix_of_a_column_is_a_key(people):
    """`birth_key:4` is the year."""
    assert met(people, ("birth_key:4",), {"birth_key": "1980-01-01"}, {"birth_key": "1980-12-31"})


@given(a=st.text(max_size=12), b=st.text(max_size=12))
def test_the_hash_of_joined_texts_needs_no_joined_text(a, b):
    """hash(a + b) = hash(a) + base**len(a) * hash(b)."""
    import pyarrow as pa

    hashes, lengths = hash_text(pa.array([a, b, a + b], type=pa.string()))
    with np.errstate(over="ignore"):
        joined = hashes[0] + powers(lengths[:1])[0] * hashes[1]
    assert joined == hashes[2]


def test_hashes_of_many_texts_do_not_collide_and_do_not_depend_on_company():
    """A text hashes the same alone, in a slice, and among empty texts."""
    import pyarrow as pa

    texts = pa.array([f"k{i}" for i in range(20_000)] + ["", None], type=pa.string())
    hashes = mix(hash_text(texts)[0])
    assert len(set(hashes.tolist())) == 20_001
    assert hash_text(texts.slice(7, 3))[0].tolist() == hash_text(texts)[0][7:10].tolist()


def test_lists_keep_their_elements_once(people):
    """A number written twice in a cell is one number."""
    lists = Encoded(people.build([{"phone_keys": "+1 +2 +1"}, {"phone_keys": "+2"}, {}])).lists("phone_keys")
    assert lists.lists.counts.tolist() == [2, 1, 0]
    assert lists.present.tolist() == [True, True, False]


def test_rows_are_put_in_order_of_contact_id(people):
    """Encoding does not know the order of the input."""
    contacts = people.crowd(20)
    shuffled = Encoded(contacts.sample(frac=1, random_state=1))
    assert shuffled.ids.tolist() == sorted(contacts["contact_id"])
    keys = [rule_keys(Encoded(c), ("name", "postal_key")).values.tolist() for c in (contacts, contacts.iloc[::-1])]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("column", ["no_such_column", "x_none"])
def test_a_column_that_is_not_there_is_empty(people, column):
    """A rule on an absent column makes no pairs."""
    frame = people.crowd(5).assign(x_none=pd.Series([None] * 0, dtype=object))
    assert pairs_of(frame, [BlockingRule("r", (column,))]) == {}
