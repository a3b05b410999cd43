"""The whole-name comparison: states of both parts, swaps, scripts, unsplit names."""

import numpy as np
import pytest

from resolve.link.compare_names import SWAPPED, NameComparison, level_name
from resolve.link.encode import Encoded

READ = {"family_readings": "yamada", "given_readings": "taro"}
HAN = {"family_script": "han", "given_script": "han"}


def agreement(people, left, right):
    """Return the name of the level on which two contacts agree, checked in both directions."""
    found = []
    for rows in ([left, right], [right, left]):
        encoded = Encoded(people.build(rows))
        zero = np.zeros(len(encoded.parts.texts))
        names = NameComparison(encoded, zero, zero).compare(np.asarray([0]), np.asarray([1]))
        found.append(level_name(int(names.levels[0])))
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (("ann", "lee"), ("ann", "lee"), "equal/equal"),
        (("ann", "lee"), ("lee", "ann"), "swapped"),
        (("marion", "cotilard"), ("cotillard", "marion"), "swapped-soft"),
        (("a", "lee"), ("ann", "lee"), "equal/initial"),
        (("jonathan", "weiss"), ("jonathon", "weiss"), "equal/fuzzy"),
        (("alex", "weiss"), ("alexander", "weiss"), "equal/fuzzy"),
        (("ann", "weiss"), ("ann", "weissmueller"), "variant/equal"),
        (("ann", "moreau"), ("ann", "larsen"), "conflict/equal"),
        ((None, "moreau"), ("ann", "moreau"), "equal/missing"),
        ((None, None), ("ann", "moreau"), "missing/missing"),
        (("ian", "lee"), ("ann", "lee"), "equal/conflict"),
    ],
)
def test_latin_names(people, left, right, level):
    """Names in letters agree on the level that a person would name, in either direction."""
    assert agreement(people, people.latin(*left), people.latin(*right)) == level


def test_nicknames_and_former_surnames_are_variants(people):
    """Bob is Robert, and a former surname is the same woman's."""
    bob = people.latin("bob", "lee", given_variants="nick=robert nick=bob")
    assert agreement(people, bob, people.latin("robert", "lee", given_variants="nick=robert")) == "equal/variant"
    wed = people.latin("ann", "moreau", family_variants="former=lee")
    assert agreement(people, wed, people.latin("ann", "lee")) == "variant/equal"


def test_readings_bridge_scripts_but_not_two_kanji_names(people):
    """山田 太郎 is Yamada Taro; 川田 and 河田 are two families that sound alike."""
    kanji = people.latin("太郎", "山田", family_readings="yamada", given_readings="taro jiro") | HAN
    assert agreement(people, kanji, people.latin("taro", "yamada", **READ)) == "variant/variant"
    one = people.latin("健", "川田", family_readings="kawada kawata", given_readings="ken") | HAN
    two = people.latin("健", "河田", family_readings="kawada", given_readings="ken") | HAN
    assert agreement(people, one, two) == "homophone/equal"


def test_a_kanji_name_without_reading_is_unknown_against_letters_and_never_fuzzy(people):
    """Without a reading nothing can be said; kanji that differ in one character differ."""
    kanji = people.latin("龘", "山田", family_readings="yamada") | HAN
    assert agreement(people, kanji, people.latin("taro", "yamada", **READ)) == "variant/unknown"
    long = people.latin("太郎", "東西南北", family_readings="a") | HAN
    other = people.latin("太郎", "東西南此", family_readings="b") | HAN
    assert agreement(people, long, other) == "conflict/equal"


def test_an_unsplit_name_is_compared_whole(people):
    """A name that could not be split equals the parts joined, either way round, or one of them."""
    whole = {"name_key": "annmoreau"}
    assert agreement(people, whole, people.latin("ann", "moreau")) == "equal/equal"
    assert agreement(people, {"name_key": "moreauann"}, people.latin("ann", "moreau")) == "equal/equal"
    assert agreement(people, {"name_key": "moreau"}, people.latin("ann", "moreau")) == "equal/missing"
    assert agreement(people, whole, people.latin("paul", "larsen")) == "conflict/conflict"


def test_a_rare_name_weighs_more_than_a_common_one(people):
    """Frequency bits are lower (u is smaller) for the rarer name."""
    from resolve.link.frequency import count_frequencies

    rows = [people.latin("ann", "smith")] * 8 + [people.latin("ann", "zyx")] * 2
    encoded = Encoded(people.build(rows))
    bits = count_frequencies(encoded, "family")
    from resolve.link.arrays import mix

    common, rare, unseen = bits.of(np.append(mix(encoded.parts.hashes)[[1, 2]], np.uint64(1)))
    assert encoded.parts.texts[[1, 2]].tolist() == ["smith", "zyx"]
    assert common > rare > unseen


def test_swapped_levels_know_no_part_states(people):
    """A swapped pair is comparable, and neither part is missing."""
    encoded = Encoded(people.build([people.latin("ann", "lee"), people.latin("lee", "ann")]))
    zero = np.zeros(len(encoded.parts.texts))
    names = NameComparison(encoded, zero, zero).compare(np.asarray([0]), np.asarray([1]))
    assert names.levels.tolist() == [SWAPPED]
    assert names.comparable.tolist() == [True]
