"""The waterfall: it adds up, and says why a pair was never a candidate."""

import pytest

from resolve.link.engine import link_contacts
from resolve.model import MatchModel
from resolve.quality.explain import GROUPS, PRIOR, explain_pair
from resolve.quality.train import train_model

SHIPPED = MatchModel.shipped()


def test_bars_add_up_to_the_weight_of_every_pair(people):
    """For each scored pair the bars sum to the stored weight, and the household bar is never above 0."""
    contacts = people.crowd(60, 3).drop(columns="x_person")
    model, _ = train_model(contacts, SHIPPED)
    pairs = link_contacts(contacts, model.link).pairs
    assert len(pairs) > 10
    for row in pairs.head(10).itertuples():
        found = explain_pair(contacts, model, (row.contact_id_l, row.contact_id_r))
        assert sum(bar.bits for bar in found.bars) == pytest.approx(row.match_weight, abs=1e-9)
        assert found.match_weight == row.match_weight
        assert found.relation == row.relation
        assert row.rule in found.rules
        assert found.bars[0].name == PRIOR
        assert found.bars[-1].name == GROUPS
        assert found.bars[-1].bits <= 1e-9


def test_two_contacts_alone_are_explained_without_naming_them(people):
    """The bars name each comparison; what is missing has no bits."""
    contacts = people.build([people.latin("ann", "lee", birth_key="1980-01-01"), people.latin("ann", "lee")])
    found = explain_pair(contacts, SHIPPED)
    bars = {bar.name: bar for bar in found.bars}
    assert bars["name"].level == "equal/equal"
    assert bars["birth date"].level == "missing"
    assert bars["birth date"].bits == 0
    assert "name" in found.rules


def test_a_pair_that_was_never_a_candidate_has_no_rule(people):
    """Two strangers meet under no rule but that of few contacts."""
    contacts = people.build([people.latin("ann", "lee"), people.latin("viktor", "dubois")])
    assert explain_pair(contacts, SHIPPED).rules == ("few contacts",)


def test_a_contact_that_is_not_there_is_an_error(people):
    """A KeyError names it."""
    with pytest.raises(KeyError):
        explain_pair(people.crowd(3), SHIPPED, ("a:00000", "a:99999"))
