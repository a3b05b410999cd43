"""The model as data: read, written, versioned, every mistake named at once."""

import pytest

from resolve.errors import ConfigError
from resolve.golden.survivorship import DEFAULT_RULES
from resolve.model import MatchModel
from resolve.quality.train import train_model

SHIPPED = MatchModel.shipped()


def test_the_shipped_model_is_read_once_and_has_every_part():
    """Blocking, comparisons, thresholds, survivorship."""
    assert MatchModel.shipped() is SHIPPED
    assert SHIPPED.thresholds.link == 0.0
    assert {c.kind for c in SHIPPED.link.comparisons} >= {"name", "email", "phone", "address", "company", "date"}


def test_survivorship_of_the_shipped_model_is_the_default():
    """model.yaml and the golden stage say the same."""
    assert SHIPPED.survivorship == DEFAULT_RULES


def test_a_written_model_reads_back_to_the_same_version(people):
    """Shipped and trained, frozen frequencies and hot keys included."""
    trained, _ = train_model(people.crowd(80).drop(columns="x_person"), SHIPPED)
    for model in (SHIPPED, trained):
        assert MatchModel.from_yaml(model.to_yaml()).version == model.version


def test_an_empty_file_is_the_shipped_model():
    """Sections that are not there come from the package."""
    assert MatchModel.from_yaml("").version == SHIPPED.version


def test_a_change_changes_the_version():
    """The version is a hash of the content."""
    assert MatchModel.from_yaml("thresholds: {link: 1.0, review_high: 2.0}").version != SHIPPED.version


def test_all_mistakes_are_named_at_once():
    """Unknown sections, kinds, levels and bad thresholds come in one error."""
    text = """
wrong: 1
blocking:
  - {name: a, keys: email}
  - {name: b, keys: [email], cap: 1, colour: red}
comparisons:
  - {name: c, kind: telepathy}
  - {name: d, kind: exact, columns: [gender], levels: {equal: [1, 1], other: [0.1, 0.1, 0.1, 0.1]}}
  - {name: e, kind: edits, columns: [x_a], levels: {}}
thresholds: {link: 2.0}
survivorship:
  - {fields: [shoe_size], prefer: [luck]}
"""
    with pytest.raises(ConfigError) as caught:
        MatchModel.from_yaml(text)
    message = str(caught.value)
    for part in ("wrong", "blocking[0]", "cap", "colour", "telepathy", "other", "thresholds", "shoe_size", "luck"):
        assert part in message
    assert len(caught.value.mistakes) >= 8


@pytest.mark.parametrize("text", ["- a\n- b", "a: [", "comparisons: 3"])
def test_what_is_no_model_is_a_configuration_error(text):
    """Text that is not a mapping of sections is refused with a reason."""
    with pytest.raises(ConfigError):
        MatchModel.from_yaml(text)


def test_rules_for_any_columns_can_be_written(people):
    """Columns and comparisons of any name: what a benchmark of other tools' settings needs."""
    text = """
blocking:
  - {name: surname and city, keys: [x_surname, x_city]}
comparisons:
  - name: surname
    kind: similar
    columns: [x_surname]
    thresholds: [0.92, 0.8]
    frequency: true
    levels:
      equal: [0.8, 0.01, 0.01, 0.01]
      at least 0.92: [0.1, 0.01, 0.01, 0.01]
      at least 0.8: [0.05, 0.02, 0.02, 0.02]
      different: [0.05, 0.96, 0.96, 0.96]
"""
    from resolve.link.engine import link_contacts

    model = MatchModel.from_yaml(text)
    contacts = people.build([{"x_surname": "weiss", "x_city": "ulm"}] * 2 + [{"x_surname": "lee", "x_city": "ulm"}] * 2)
    assert link_contacts(contacts, model.link).stats.pairs == 2


def test_untrained_models_join_no_lone_records_below_the_threshold():
    """Starting values are too rough to say that two strangers of one office are one person."""
    assert SHIPPED.thresholds.lone > 0
    assert SHIPPED.lone == 0
    trained = MatchModel.from_yaml("trained_on: {records: 1000}")
    assert trained.lone == SHIPPED.thresholds.lone
