"""The generator of made-up customers: repeatable, lifelike in shape, and true to its own truth."""

import itertools
import json
from collections import Counter

import numpy as np
import phonenumbers
import pytest
from generator.draw import Draw
from generator.kana import to_half_width, to_latin
from generator.lists import families, givens
from generator.phones import landlines, mobiles
from generator.places import places
from generator.vendors import salesforce_id
from generator.world import TABLES, Settings, make_world


@pytest.fixture(scope="module")
def world() -> dict[str, dict[str, np.ndarray]]:
    """Return a world of 1,500 people."""
    return make_world(Settings(people=1500, seed=3))


def as_text(world: dict[str, dict[str, np.ndarray]]) -> str:
    """Return everything in a world as text."""
    return json.dumps(
        {t: {c: v.tolist() for c, v in columns.items()} for t, columns in world.items()}, ensure_ascii=False
    )


def test_the_same_seed_gives_the_same_world(world: dict[str, dict[str, np.ndarray]]) -> None:
    """Nothing but the settings decides what comes out."""
    assert as_text(make_world(Settings(people=1500, seed=3))) == as_text(world)


def test_another_seed_gives_another_world(world: dict[str, dict[str, np.ndarray]]) -> None:
    """A seed is a world of its own."""
    assert as_text(make_world(Settings(people=1500, seed=4))) != as_text(world)


def test_blocks_do_not_repeat_ids_or_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world made in blocks has every id and every private mailbox once."""
    monkeypatch.setattr("generator.world.BLOCK", 300)
    world = make_world(Settings(people=900, seed=3))
    truth = world["truth"]
    keys = list(zip(truth["source"], truth["source_id"], strict=True))
    assert len(set(keys)) == len(keys)
    assert len({p for p in truth["person_id"] if p.startswith("P")}) == 900


def test_truth_covers_every_record_of_every_source(world: dict[str, dict[str, np.ndarray]]) -> None:
    """The truth and the contact tables name the same records, each once."""
    made = Counter(("sales", key) for key in world["sales"]["Id"])
    made += Counter(("marketing", key) for key in world["marketing"]["id"])
    made += Counter(("support", key) for key in world["support_users"]["id"])
    assert made == Counter(zip(world["truth"]["source"], world["truth"]["source_id"], strict=True))
    assert set(made.values()) == {1}


def test_everybody_is_somewhere(world: dict[str, dict[str, np.ndarray]]) -> None:
    """Each person has at least one record, and records of nobody are a hundredth of all."""
    kinds = Counter(world["truth"]["kind"])
    assert len({p for p in world["truth"]["person_id"] if p.startswith("P")}) == 1500
    assert 0 < kinds["role"] + kinds["junk"] < 0.02 * sum(kinds.values())


def test_events_belong_to_records_of_their_source(world: dict[str, dict[str, np.ndarray]]) -> None:
    """Tasks, engagements, answers and tickets name contacts that exist."""
    assert set(world["sales_tasks"]["WhoId"]) <= set(world["sales"]["Id"])
    assert set(world["marketing_engagements"]["contact_id"]) - {None} <= set(world["marketing"]["id"])
    assert set(world["support_tickets"]["requester_id"]) <= set(world["support_users"]["id"])
    assert {None} < set(world["marketing_engagements"]["contact_id"])


def test_every_kind_of_noise_occurs(world: dict[str, dict[str, np.ndarray]]) -> None:
    """No rate is so small that a thousand people never show it (rare ones left out)."""
    seen = Counter(itertools.chain.from_iterable(tags.split("|") for tags in world["truth"]["noise"]))
    for tag in ("nickname", "typo_name", "kana", "romaji", "kanji_variant", "maiden_name", "old_address", "old_company",
                "shared_email", "plus_email", "dot_email", "junk_phone", "duplicate", "swapped_name", "full_in_last", "twin"):  # fmt: skip
        assert seen[tag] > 0, tag


def test_a_name_that_is_not_shared_by_a_household_is_rare_in_it(world: dict[str, dict[str, np.ndarray]]) -> None:
    """Households share a mailbox in the data, which is what makes them hard."""
    truth, mails = world["truth"], dict(zip(world["marketing"]["id"], world["marketing"]["email"], strict=True))
    by_mail: dict[str, set[str]] = {}
    for source, key, person in zip(truth["source"], truth["source_id"], truth["person_id"], strict=True):
        if source == "marketing" and mails[key]:
            by_mail.setdefault(mails[key], set()).add(person)
    assert sum(len(people) > 1 for people in by_mail.values()) >= 10


def test_phone_numbers_are_valid_in_form() -> None:
    """Numbers of every place pass the numbering plan of its country, but for two in a hundred."""
    place = np.repeat(np.arange(len(places())), 20)
    for make in (mobiles, landlines):
        made = [phone.split("|") for phone in make(Draw(1), place)]
        sound = [phonenumbers.is_valid_number(phonenumbers.parse(number, country)) for country, number in made]
        assert np.mean(sound) > 0.98


@pytest.mark.parametrize(
    ("kana", "style", "latin"),
    [
        ("サトウ", "passport", "sato"),
        ("オオノ", "typed", "oono"),
        ("オオノ", "oh", "ohno"),
        ("オオハシ", "oh", "ohashi"),
        ("ツチヤ", "kunrei", "tutiya"),
        ("ハットリ", "passport", "hattori"),
        ("ショウイチ", "typed", "shouichi"),
        ("サンペイ", "passport", "sampei"),
    ],
)
def test_readings_are_spelled_as_people_spell_them(kana: str, style: str, latin: str) -> None:
    """The four styles differ in long vowels, in n before m, and in shi against si."""
    assert to_latin(kana, style) == latin


def test_half_width_keeps_voicing_marks() -> None:
    """ガ is two marks in the half-width form."""
    assert to_half_width("ハセガワ") == "ﾊｾｶﾞﾜ"


def test_salesforce_ids_have_the_check_letters_of_the_vendor() -> None:
    """The last three letters encode which of the first fifteen are capitals."""
    assert salesforce_id("003", 0) == "0035g0000000000AAA"
    assert salesforce_id("003", 36) == "0035g000000000aAAA"
    assert salesforce_id("003", 10)[-3:] == "AAQ"


def test_lists_hold_enough_names() -> None:
    """A long tail of composed names keeps large worlds from being full of namesakes."""
    assert len(families("ja").names) > 1000
    assert len(families("en").names) > 1000
    assert min(len(givens(locale, sex).names) for locale in ("ja", "en") for sex in "mf") > 50


def test_all_tables_are_there(world: dict[str, dict[str, np.ndarray]]) -> None:
    """Three contact tables, their events, and the truth."""
    assert set(world) == {*TABLES, "truth"}
