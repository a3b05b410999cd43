"""Mailboxes of households."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.link.mailboxes import family_mailboxes, is_family_mailbox


@pytest.mark.parametrize(
    "local", ["weiss.family", "family-weiss12", "weissfamily", "thefamilyweiss.home", "satou.ie689", "yamada_ke"]
)
def test_a_family_word_beside_a_name_makes_a_family_mailbox(local):
    """One mailbox of a household, whoever writes from it."""
    assert is_family_mailbox(local)


@pytest.mark.parametrize("local", ["home", "ie.2", "hanna.weiss", "homer.simon", "ke.2021", "family", "", "keiko"])
def test_names_and_lone_words_are_no_family_mailbox(local):
    """A word inside a name says nothing, nor does one without a name."""
    assert not is_family_mailbox(local)


def test_domains_do_not_count():
    """family.example is a domain like another."""
    assert family_mailboxes(pa.array(["a.weiss@family.example", "weiss.family@a.example"])).tolist() == [False, True]


@given(
    words=st.lists(st.sampled_from(["family", "home", "ie", "yamada", "k", "smithfamily", "Ié", "1", ""]), max_size=4)
)
def test_many_mailboxes_are_told_as_one_by_one(words):
    """Looking only at those that hold a family word leaves none out."""
    for joint in (".", "", "-"):
        local = joint.join(words)
        assert family_mailboxes(pa.array([local + "@mail.example"])).tolist() == [is_family_mailbox(local)]
