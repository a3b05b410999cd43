"""What linking reads: the columns that `columns_read` names, and no others."""

from dataclasses import replace

import pandas as pd
import pytest

from resolve.increment.neighbourhood import name_marks, saturated, shared_values
from resolve.increment.rows import text_table
from resolve.link.columns_read import columns_read
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.engine import hot_values, link_contacts
from resolve.link.index_keys import index_keys
from resolve.model import MatchModel
from resolve.quality.train import train_model


@pytest.fixture
def trained(people):
    """Return contacts with all columns and an extra one, and the rules of a model that was trained on them."""
    contacts = people.crowd(60, 3, repeats=1.0).rename(columns={"x_person": "x_member"})
    return contacts, train_model(Encoded(contacts), MatchModel.shipped())[0].link


def test_linking_asks_for_no_other_column(trained, monkeypatch):
    """Whatever is asked of contacts while keys are made, pairs compared and values counted is named beforehand."""
    contacts, rules = trained
    asked = set()
    for name in ("text", "_raw"):
        own = getattr(Encoded, name)

        def ask(self, column, own=own):
            asked.add(column)
            return own(self, column)

        monkeypatch.setattr(Encoded, name, ask)
    encoded = Encoded(contacts)
    linkage = link_contacts(encoded, rules)
    index_keys(encoded, rules)
    name_marks(encoded)
    saturated(Comparer(encoded, rules))
    hot_values(Comparer(encoded, rules))
    shared_values(encoded, linkage.scored.left, linkage.scored.right)
    assert "x_member" in asked & columns_read(rules)
    assert asked <= columns_read(rules)


def test_what_tells_a_company_is_read_whatever_is_compared(people):
    """A record without a name is no company itself where it has a gender, in a model that compares none, too."""
    firm = {"org_key": "maru", "party_type": "organization", "gender": "female"}
    contacts = people.build([firm, firm | {"gender": None}])
    rules = replace(MatchModel.shipped().link, comparisons=())
    assert Encoded(text_table(contacts, columns_read(rules))).firm.tolist() == [False, True]


def test_the_others_change_no_pair(trained):
    """Contacts without the columns that are not named have the same pairs, to the last bit."""
    contacts, rules = trained
    narrow = text_table(contacts, columns_read(rules))
    assert {"full_name", "job_title", "street", "emails"}.isdisjoint(narrow.column_names)
    expected = link_contacts(contacts, rules).pairs
    pd.testing.assert_frame_equal(expected, link_contacts(narrow, rules).pairs, check_exact=True)
    assert len(expected)
