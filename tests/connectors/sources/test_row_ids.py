"""Ids, times and merges that no row can have: numbers that may stand for several ids, and what PostgreSQL cannot store."""

from collections.abc import Iterator
from typing import Any

import pytest
from fakes.declared_kinds import DECLARED_KINDS, DeclaredKind
from fakes.kinds import KINDS, ZendeskKind
from fakes.landing import Landed
from fakes.server import Reply

from connectors.settings.mapping import Flag
from connectors.settings.project import SourceSettings
from connectors.sources.plan import Header, plan_stream
from connectors.sources.rows import RowReader
from connectors.sources.source import Raw, Reject

COLUMNS = ("id", "at", "into", "gone")


def read(**cells: Any) -> Raw | Reject:
    """Read one row of an open stream."""
    rules = {"id": "id", "updated_at": "at", "merged_into": "into", "map": {"full_name": "name"}, "table": "t"}
    settings = SourceSettings.model_validate(
        {"kind": "sales", "url": "sqlite://", "streams": {"contacts": rules | {"deleted": Flag(column="gone")}}}
    )
    plan = plan_stream("crm", settings, "contacts")
    return RowReader(plan, Header(COLUMNS, is_open=True)).read({"id": "1", **cells}, "a.jsonl:1")


@pytest.mark.parametrize("number", [1.5e23, 12345678901234567.0, float(2**53), -float(2**53), 1.5, float("inf")])
def test_a_number_that_may_stand_for_several_is_no_id(number: float) -> None:
    """JSON readers round what a float cannot hold: two customers would become one."""
    for column in ("id", "into"):
        found = read(**{column: number})
        assert isinstance(found, Reject)
        assert found.reason == "bad_id"
        assert found.source_id == (None if column == "id" else "1")


@pytest.mark.parametrize(
    ("value", "source_id"), [(float(2**53 - 1), "9007199254740991"), (12.0, "12"), (2**70, str(2**70)), ("1.5e23",) * 2]
)
def test_a_whole_number_is_an_id_and_so_is_any_text(value: Any, source_id: str) -> None:
    """As exact as it was written."""
    found = read(id=value)
    assert isinstance(found, Raw)
    assert found.source_id == source_id


@pytest.mark.parametrize(("column", "reason"), [("id", "bad_id"), ("at", "nul_byte"), ("into", "nul_byte")])
def test_a_nul_is_refused_where_tables_hold_the_value_itself(column: str, reason: str) -> None:
    """PostgreSQL stores none, and the whole page would be lost; the row is alive all the same."""
    found = read(**{column: "2026\0"})
    assert isinstance(found, Reject)
    assert found.reason == reason
    assert found.source_id == (None if column == "id" else "1")


def test_a_nul_in_a_flag_says_neither_yes_nor_no() -> None:
    """The row goes to quarantine like any other word that is not understood."""
    found = read(gone="true\0")
    assert isinstance(found, Reject)
    assert found.reason == "bad_deleted"


@pytest.fixture
def intercom() -> Iterator[DeclaredKind]:
    """Contacts with whatever id a test gives them."""
    made = DECLARED_KINDS["intercom"]()
    made.fill(2)
    yield made
    made.fake.close()


def test_ids_of_a_web_api_keep_their_digits_or_are_refused(intercom: DeclaredKind) -> None:
    """A whole number keeps every digit, a fraction may stand for several; the others of its page are landed."""
    intercom.fake.rows[1]["id"] = 1.23456789015e23
    landed = Landed()
    assert landed.pull(intercom.open()).quarantined == 1
    assert landed.living() == {intercom.id_of(2)}
    zendesk = KINDS["zendesk"]()
    assert isinstance(zendesk, ZendeskKind)
    zendesk.fill(1)

    def enlarge(_request: object, reply: Reply) -> Reply:
        return Reply(body=reply.content.replace(b"15000000000", b"1234567890150000000000"))

    zendesk.fake.script(r"GET .*/incremental/users/.*", enlarge, times=99)
    assert landed.pull(zendesk.open()).quarantined == 0
    zendesk.fake.close()


def test_a_nul_in_the_time_of_a_web_api_costs_its_row_alone(intercom: DeclaredKind) -> None:
    """Text from an API is not looked through otherwise."""
    intercom.fake.rows[1]["updated_at"] = "2026\0"
    landed = Landed()
    assert landed.pull(intercom.open()).quarantined == 1
    assert landed.living() == {intercom.id_of(2)}
