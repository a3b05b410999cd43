"""Training: deterministic, order-free, modest on clean data; extra columns; the report."""

import json

import numpy as np
import pytest
import yaml

from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts
from resolve.link.frequency import pairs_apart
from resolve.link.parts import build_parts
from resolve.model import MatchModel
from resolve.quality.generic import add_generic, generic_comparison, useless
from resolve.quality.train import train_model

SHIPPED = MatchModel.shipped()


@pytest.fixture(scope="module")
def trained(people):
    """Return contacts of 600 people without households, the model trained on them, and the report."""
    contacts = people.crowd(600, 1).drop(columns="x_person")
    return contacts, *train_model(contacts, SHIPPED, seed=4)


def test_training_is_deterministic_and_does_not_know_the_row_order(trained):
    """The same contacts in any order give the same model version."""
    contacts, model, _ = trained
    again, _ = train_model(contacts.sample(frac=1, random_state=9), SHIPPED, seed=4)
    assert again.version == model.version
    assert model.version != SHIPPED.version


def test_clean_people_leave_household_and_colleague_next_to_empty(trained):
    """Where nobody shares a contact point the extra classes must not eat matches."""
    _, _, report = trained
    assert report.sizes["match"] == pytest.approx(300, rel=0.15)
    assert report.sizes["household"] + report.sizes["colleague"] < 20
    assert report.precision > 0.97
    assert report.recall > 0.97


def test_the_report_is_plain_data(trained):
    """It can be stored as JSON and names every rule and level."""
    _, model, report = trained
    data = json.loads(json.dumps(report.as_dict()))
    assert {r["rule"] for r in data["rules"]} == {r.name for r in model.link.blocking}
    assert {r["comparison"] for r in data["levels"]} == {c.name for c in model.link.comparisons}


def test_probabilities_sum_to_one_and_tied_classes_stay_tied(trained):
    """Training keeps the constraints of the model."""
    _, model, _ = trained
    for comparison in model.link.comparisons:
        table = comparison.probabilities()
        if comparison.kind != "name":
            np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-3)
        if comparison.household_tied == ("all",):
            assert comparison.household == comparison.unrelated
        if comparison.colleague_tied == ("all",):
            assert comparison.colleague == comparison.unrelated


def test_incremental_is_full_with_a_trained_model(trained):
    """A pair weighs the same among all contacts and among half of them: parameters and frequencies are frozen."""
    contacts, model, _ = trained
    full = link_contacts(contacts, model.link).pairs.set_index(["contact_id_l", "contact_id_r"])["match_weight"]
    half = link_contacts(contacts.iloc[: len(contacts) // 2], model.link).pairs
    half = half.set_index(["contact_id_l", "contact_id_r"])["match_weight"]
    assert len(half) > 100
    np.testing.assert_array_equal(half, full.reindex(half.index))


def test_a_handful_of_contacts_stays_near_the_shipped_model(people):
    """Ten contacts cannot teach much: the levels move by little."""
    model, _ = train_model(people.crowd(6, 2).drop(columns="x_person"), SHIPPED)
    old = {c.name: c for c in SHIPPED.link.comparisons}
    for comparison in model.link.comparisons:
        moved = np.abs(np.asarray(comparison.match) - np.asarray(old[comparison.name].match))
        assert moved.max() < 0.2


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_training_on_next_to_nothing_is_no_error(people, rows):
    """A model comes back all the same."""
    model, report = train_model(people.crowd(5).head(rows), SHIPPED)
    assert report.records == rows
    assert link_contacts(people.crowd(5).head(rows), model.link).stats.kept <= 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["same"] * 50, "the same value everywhere"),
        (["same"] * 98 + ["other"] * 2, "nearly the same value everywhere"),
        ([None] * 50, "nearly empty"),
        ([f"{i:03d}" for i in range(50)], "row numbers"),
        (
            ["a long note about what the customer said on the phone", "another long note, all in words"] * 25,
            "free text",
        ),
        ([f"2024-01-01 10:{i % 60:02d}:00" for i in range(50)], "times of loading"),
        (["red", "green", "blue", "red", "white"] * 10, None),
    ],
)
def test_columns_that_cannot_help_are_left_out_with_the_reason(people, values, reason):
    """Constants, empties, row numbers, free text and load times are no evidence."""
    encoded = Encoded(people.build([{"x_v": v} for v in values]))
    assert useless(encoded.text("x_v")) == reason
    rules, left_out = add_generic(encoded, SHIPPED.link)
    assert left_out == ({"x_v": reason} if reason else {})
    assert len(rules.comparisons) == len(SHIPPED.link.comparisons) + (reason is None)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1980-01-02", "1990-05-06"] * 20, "date"),
        (["red", "green"] * 20, "exact"),
        ([f"{i * 7919 % 10007:07d}" for i in range(60)], "edits"),
        ([f"word{chr(97 + i % 26)}{chr(97 + i // 26)} lane" for i in range(60)], "similar"),
    ],
)
def test_levels_are_chosen_by_the_type_of_the_values(people, values, kind):
    """Dates, categories, codes and words are compared in their own ways."""
    encoded = Encoded(people.build([{"x_v": v} for v in values]))
    assert generic_comparison("x_v", encoded.text("x_v")).kind == kind


def test_an_extra_number_is_learnt_to_identify(people):
    """A membership number that copies share becomes strong evidence, without a word of configuration."""
    contacts = people.crowd(300, 6, repeats=1.0)
    number = contacts["x_person"].map(lambda p: f"{int(p[1:]) * 7919 % 100_003:06d}")
    model, _ = train_model(contacts.drop(columns="x_person").assign(x_member=number), SHIPPED)
    member = next(c for c in model.link.comparisons if c.name == "member")
    assert np.log2(member.match[0] / member.unrelated[0]) > 6


def test_an_extra_column_can_be_named_in_the_model(people):
    """What model.yaml says of a column is kept, and no second comparison is made of it; it is trained as any other."""
    rest = {name: [0.1, 0.01, 0.01, 0.01] for name in ("equal", "at least 0.9")}
    extra = {"name": "job", "kind": "similar", "columns": ["x_job"], "thresholds": [0.9]}
    extra["levels"] = {**rest, "different": [0.8, 0.98, 0.98, 0.98]}
    data = yaml.safe_load(SHIPPED.to_yaml())
    data["comparisons"].append(extra)
    model = MatchModel.from_yaml(yaml.safe_dump(data, sort_keys=False))
    contacts = people.crowd(300, 6, repeats=1.0)
    jobs = contacts["x_person"].map(lambda p: ("clerk", "cook", "pilot", "welder")[int(p[1:]) % 4])
    trained, _ = train_model(contacts.drop(columns="x_person").assign(x_job=jobs), model)
    named = [c for c in trained.link.comparisons if c.columns == ("x_job",)]
    assert [c.kind for c in named] == ["similar"]
    assert named[0].match[0] > 0.8
    assert named[0].unrelated[0] == pytest.approx(0.25, abs=0.05)


def test_forms_that_unite_spellings_weigh_less_and_are_frozen(people):
    """Readings agree by chance more often than spellings: the difference is kept with the model."""
    model, _ = train_model(people.crowd(100, 6).drop(columns="x_person"), SHIPPED)
    for name in ("family as read", "given as read"):
        assert model.link.frequencies[name].unseen <= 0.0
        assert (
            MatchModel.from_yaml(model.to_yaml()).link.frequencies[name].unseen == model.link.frequencies[name].unseen
        )


def test_a_nickname_set_that_unites_many_names_is_weighed_as_common():
    """Three spellings of ten people each: 600 ordered pairs share the set and not the spelling; other names none."""
    spelt = {"elizabeth": "nick=elizabeth", "liz": "nick=elizabeth", "beth": "nick=elizabeth"}
    names = [*spelt, *(f"name{n}" for n in range(27))]
    table = build_parts(
        [np.asarray(column, dtype=object) for column in
         (names, [spelt.get(n) for n in names], [None] * 30, ["latin"] * 30)], np.zeros(30, dtype=bool),
    )  # fmt: skip
    held = np.full(30, 10.0)
    apart = pairs_apart(table.spellings, table.key, held, len(table.texts))
    assert apart.max() == 30**2 - 3 * 10**2
    assert np.count_nonzero(apart) == 1
