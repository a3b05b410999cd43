"""Models that an older version of Meibo wrote: read with levels of today, and what was changed is said."""

import pytest
import yaml

from resolve.errors import ConfigError
from resolve.model import MatchModel

SHIPPED = MatchModel.shipped()


def older(change):
    """Return the shipped model as text, as a version would have written it that knew other levels."""
    data = yaml.safe_load(SHIPPED.to_yaml())
    change(data, {c["name"]: c for c in data["comparisons"]})
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def rename(data, compared):
    """Write an older name of an address level, without the level of similar streets."""
    levels = compared["address"]["levels"]
    levels["same block"] = levels.pop("same house")
    del levels["same number, similar street"]
    compared["address"]["says"]["same"] = ["same unit", "same block"]
    compared["address"]["says"]["review"].remove("same number, similar street")


def test_a_model_of_this_version_needs_no_change():
    """It is read back as the same version."""
    model, notes = MatchModel.upgrade(SHIPPED.to_yaml())
    assert model.version == SHIPPED.version
    assert notes == []


def test_levels_that_went_are_dropped_and_new_ones_are_as_shipped():
    """The other levels make room, so that every class still sums to 1; each change is one sentence."""
    with pytest.raises(ConfigError):
        MatchModel.from_yaml(older(rename))
    model, notes = MatchModel.upgrade(older(rename))
    found = {c.name: c for c in model.link.comparisons}["address"]
    assert found.levels == {c.name: c for c in SHIPPED.link.comparisons}["address"].levels
    assert found.probabilities().sum(axis=1) == pytest.approx([1.0] * 4, abs=1e-3)
    assert found.match[found.levels.index("same house")] == pytest.approx(0.30)
    assert found.says(found.levels.index("same number, similar street") + 1) == "review"
    assert [n for n in notes if "'same block' is no more" in n]
    assert [n for n in notes if "'same number, similar street' is new" in n]


def test_what_this_version_does_not_know_is_dropped_and_said():
    """Sections, kinds of comparison and settings of comparisons."""

    def change(data, compared):
        data["magic"] = 1
        compared["phone"]["fading"] = True
        data["comparisons"].append({"name": "aura", "kind": "aura", "levels": {"equal": [1, 1, 1, 1]}})

    model, notes = MatchModel.upgrade(older(change))
    assert model.version == SHIPPED.version
    assert len(notes) == 3
    assert any("aura" in note for note in notes)


def test_a_name_comparison_keeps_its_groups():
    """A state of names that is new does not shrink the others."""

    def change(data, compared):
        levels = compared["name"]["levels"]
        del levels[next(iter(levels))]

    model, notes = MatchModel.upgrade(older(change))
    assert model.link.comparisons[0].match == pytest.approx(SHIPPED.link.comparisons[0].match)
    assert len(notes) == 1


def test_a_text_that_is_no_model_stays_an_error():
    """There is nothing to put right."""
    with pytest.raises(ConfigError):
        MatchModel.upgrade("- just\n- a list")
