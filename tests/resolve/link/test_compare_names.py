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
        (("jonathan", "weiss"), ("jonathn", "weiss"), "equal/slip"),
        (("jonathan", "weiss"), ("jonatahn", "weiss"), "equal/slip"),
        (("jonathan", "weiss"), ("jonathon", "weiss"), "equal/fuzzy"),
        (("jonas", "weiss"), ("jonos", "weiss"), "equal/fuzzy"),
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


def test_weaker_forms_are_states_of_their_own(people):
    """Tier-2 kanji are weaker than a variant, one of several readings is weaker than a certain one."""
    one = people.latin("浩", "斎木", family_variants="alt=斉木", given_readings="hiroshi") | HAN
    two = people.latin("浩", "斉木", given_readings="hiroshi") | HAN
    assert agreement(people, one, two) == "alternate/equal"
    kanji = people.latin("愛子", "上村", family_readings="maybe=uemura maybe=kamimura", given_readings="aiko") | HAN
    read = people.latin("aiko", "kamimura", family_readings="kamimura", given_readings="aiko")
    assert agreement(people, kanji, read) == "reading/variant"


def test_two_known_names_are_apart_however_alike(people):
    """Daniel and Danielle are two people; Daniel and Danjel may be a slip; Bert is the end of Robert."""
    daniel = people.latin("daniel", "lee", given_variants="known=yes nick=daniel")
    danielle = people.latin("danielle", "lee", given_variants="known=yes nick=danielle")
    assert agreement(people, daniel, danielle) == "equal/apart"
    assert agreement(people, daniel, people.latin("danjel", "lee")) == "equal/fuzzy"
    bert = people.latin("bert", "lee", given_variants="known=yes nick=albert")
    assert (
        agreement(people, bert, people.latin("robert", "lee", given_variants="known=yes nick=robert")) == "equal/fuzzy"
    )


def test_a_letter_in_front_makes_another_known_name(people):
    """Anna and Hanna are two people; Lotte may be short for Charlotte, whom the lists of nicknames do not join."""
    known = {"given_variants": "known=yes"}
    anna, hanna, lotte, charlotte = (
        people.latin(name, "lee", **known) for name in ("anna", "hanna", "lotte", "charlotte")
    )
    assert agreement(people, anna, hanna) == "equal/apart"
    assert agreement(people, lotte, charlotte) == "equal/fuzzy"


def test_two_spellings_of_one_formal_name_are_alternates(people):
    """Katherine and Catherine are respelt; Bob and Robert are a nickname and its name."""
    kath = people.latin("katherine", "lee", given_variants="nick=catherine")
    cath = people.latin("catherine", "lee", given_variants="nick=catherine")
    assert agreement(people, kath, cath) == "equal/alternate"


def test_generations_make_given_names_apart(people):
    """John Baker Sr and John Baker Jr are father and son."""
    senior, junior = (people.latin("john", "baker", suffix_key=s) for s in ("SR", "JR"))
    assert agreement(people, senior, junior) == "equal/apart"


def test_a_kana_name_beside_a_kanji_family_name_is_no_reading(people):
    """三浦ひろし may be 三浦博; ミウラ ヒロシ is how 三浦博 is read."""
    kanji = people.latin("博", "三浦", family_readings="miura", given_readings="hiroshi") | HAN
    read = {"given_readings": "hiroshi", "given_script": "kana"}
    written = people.latin("ヒロシ", "三浦", family_readings="miura", family_script="han", **read)
    assert agreement(people, kanji, written) == "equal/reading"
    kana = people.latin("ヒロシ", "ミウラ", family_readings="miura", family_script="kana", **read)
    assert agreement(people, kanji, kana) == "variant/variant"


def test_one_word_may_be_either_part(people):
    """Thompson alone was taken for a given name; against John Thompson it is the family name."""
    assert agreement(people, people.latin("thompson", None), people.latin("john", "thompson")) == "equal/missing"


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


def test_names_that_were_cut_in_different_places_are_one_name(people):
    """モリ タマイ is 森田 麻衣, read together."""
    kanji = people.latin("麻衣", "森田", family_readings="morita", given_readings="mai") | HAN
    kana = people.latin("タマイ", "モリ", family_readings="mori", given_readings="tamai")
    kana |= {"family_script": "kana", "given_script": "kana"}
    assert agreement(people, kanji, kana) == "variant/variant"


def name_bits(people, pair, common):
    """Return the adjustments of the names of two contacts, where `common` forms of (family, given) names are +1, else -9."""
    encoded = Encoded(people.build(pair))
    bits = [np.where(np.isin(encoded.parts.texts, forms), 1.0, -9.0) for forms in common]
    names = NameComparison(encoded, *bits).compare(np.asarray([0]), np.asarray([1]))
    return float(names.family_bits[0]), float(names.given_bits[0])


def test_two_names_in_kana_are_as_common_as_what_is_read_so(people):
    """Few write kana, and who does writes both parts so: タナカ ケン is no rarer than 田中 健."""
    kana = people.latin("ケン", "タナカ", family_readings="tanaka", given_readings="ken")
    kana |= {"family_script": "kana", "given_script": "kana"}
    assert name_bits(people, [kana, kana], (["tanaka"], ["ken"])) == (1.0, 1.0)
    assert name_bits(people, [kana, kana], (["タナカ"], ["ken"])) == (1.0, 1.0)


def test_two_names_in_the_other_order_are_as_common_as_in_their_own(people):
    """健 田中 and 健 田中 are 田中 健 twice; James Thomas is who he says, though Thomas James were likelier by little."""
    turned = people.latin("田中", "健") | HAN
    assert name_bits(people, [turned, turned], (["田中"], ["健"])) == (1.0, 1.0)
    assert name_bits(people, [turned, turned], (["田中", "健"], [])) == (1.0, -9.0)
