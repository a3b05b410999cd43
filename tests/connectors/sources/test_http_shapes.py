"""Answers with a good status and something else in them: tried again, then told; never the end of a list."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes.hubspot import FakeHubSpot
from fakes.kinds import ApiKind, HubSpotKind, SalesforceKind, ZendeskKind
from fakes.landing import Landed
from fakes.server import Reply

from connectors.sources.web.http_client import TRIES
from connectors.sources.web.http_messages import Answer
from connectors.sources.web.http_shapes import ID, Maybe, expects
from resolve.errors import SourceError

PEOPLE = 6
MARK = "Taro.Planted@example.jp"
BULK = lambda: SalesforceKind(bulk=True)  # noqa: E731 - one of four makers
CALLS: dict[str, tuple[Callable[[], ApiKind], str]] = {
    "salesforce describe": (SalesforceKind, r"GET .*/describe$"),
    "salesforce query": (SalesforceKind, r"GET .*/queryAll$"),
    "salesforce count": (BULK, r"GET .*/queryAll$"),
    "salesforce deleted": (SalesforceKind, r"GET .*/deleted/$"),
    "salesforce ids": (SalesforceKind, r"GET .*/query$"),
    "salesforce job": (BULK, r"POST .*/jobs/query$"),
    "salesforce job state": (BULK, r"GET .*/jobs/query/\w+$"),
    "salesforce job results": (BULK, r"GET .*/results$"),
    "hubspot properties": (HubSpotKind, r"GET .*/properties/"),
    "hubspot search": (HubSpotKind, r"POST .*/search$"),
    "hubspot archived": (HubSpotKind, r"GET /crm/objects/2026-09/contacts$"),
    "zendesk export": (ZendeskKind, r"GET .*/incremental/users/"),
    "zendesk organisations": (ZendeskKind, r"GET .*/show_many$"),
    "zendesk deleted users": (ZendeskKind, r"GET .*/deleted_users$"),
}
FOREIGN: dict[str, Any] = {
    "another object": {"status": "maintenance", "note": MARK},
    "an empty list": [],
    "an empty object": {},
    "nothing in it": dict.fromkeys(("fields", "records", "results", "users", "organizations", "deleted_users", "id")),
    "texts in it": dict.fromkeys(("fields", "records", "results", "users", "organizations", "deleted_users"), MARK),
    "rows that are none": {name: [MARK, 1] for name in ("fields", "records", "results", "users", "organizations")}
    | {"done": True, "end_of_stream": True, "deleted_users": [None], "deletedRecords": [None], "meta": 1},
}


def later(make: Callable[[], ApiKind]) -> tuple[ApiKind, Landed]:
    """Return a system that was read once, in which a person changed and another was purged since."""
    kind, landed = make(), Landed()
    kind.fill(PEOPLE)
    landed.pull(kind.open())
    kind.time.tick(days=8)
    kind.put(3, email="changed@example.jp")
    kind.purge(5)
    kind.time.tick(hours=1)
    return kind, landed


def assert_read(kind: ApiKind, landed: Landed) -> None:
    """The change and the purge are landed."""
    assert "changed@example.jp" in landed.rows()[kind.id_of(3)]["payload"]
    assert landed.living() == {kind.id_of(number) for number in range(1, PEOPLE + 1) if number != 5}


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("call", CALLS)
def test_one_foreign_answer_costs_a_second_try(call: str, foreign: str) -> None:
    """A maintenance page in JSON ends no walk: nothing is lost, and nothing is passed over."""
    make, path = CALLS[call]
    kind, landed = later(make)
    if call == "salesforce ids":
        kind.org.purged["Contact"].clear()
        kind.fake.script(
            r"GET .*/deleted/$", lambda _q, r: Reply(r.data | {"earliestDateAvailable": "2099-01-01T00:00:00Z"})
        )
    kind.fake.script(path, lambda _q, _r: Reply(FOREIGN[foreign]), times=1)
    landed.pull(kind.open())
    kind.close()
    assert kind.fake.scripts[-1].times == 0
    assert_read(kind, landed)


@pytest.mark.parametrize("call", CALLS)
def test_a_lasting_foreign_answer_is_a_failure_of_the_source(call: str) -> None:
    """It names source, stream and call, not what the answer holds; the next night has everything."""
    make, path = CALLS[call]
    kind, landed = later(make)
    if call == "salesforce ids":
        kind.fake.script(
            r"GET .*/deleted/$",
            lambda _q, r: Reply(r.data | {"earliestDateAvailable": "2099-01-01T00:00:00Z"}),
            times=9,
        )
    kind.fake.script(path, lambda _q, _r: Reply(FOREIGN["another object"]), times=TRIES)
    with pytest.raises(
        SourceError, match=rf"^source crm: stream contacts: (GET|POST) /.*; given up: after {TRIES} tries"
    ) as caught:
        landed.pull(kind.open())
    assert MARK not in str(caught.value)
    assert caught.value.is_transient
    kind.fake.scripts.clear()
    kind.time.tick(days=8)
    landed.pull(kind.open())
    kind.close()
    assert_read(kind, landed)


def test_links_of_activities_are_not_lost_to_a_foreign_answer() -> None:
    """A call without its contact would be landed for good."""
    kind, landed = HubSpotKind(), Landed()
    portal: FakeHubSpot = kind.portal
    portal.put("calls", "1", {"hs_call_title": "t"})
    portal.links["calls", "1"] = ["91"]
    kind.time.tick(hours=1)
    kind.fake.script(r"POST .*/batch/read$", lambda _q, _r: Reply({"status": "maintenance"}))
    landed.pull(kind.open(), "calls")
    kind.close()
    assert '"contact_id":"91"' in landed.rows("calls")["1"]["payload"].replace(" ", "")


@pytest.mark.parametrize(
    ("make", "path", "change"),
    [
        (SalesforceKind, r"GET .*/queryAll$", {"done": False, "nextRecordsUrl": None}),
        (ZendeskKind, r"GET .*/incremental/users/", {"end_of_stream": False, "after_cursor": None}),
        (ZendeskKind, r"GET .*/deleted_users$", {"meta": {"has_more": True}}),
        (SalesforceKind, r"GET .*/deleted/$", {"latestDateCovered": "soon"}),
        (SalesforceKind, r"GET .*/deleted/$", {"latestDateCovered": "2026-11-02T00:00:00"}),
    ],
)
def test_a_page_that_contradicts_itself_is_tried_again(
    make: Callable[[], ApiKind], path: str, change: dict[str, Any]
) -> None:
    """There is more, and no way to it; a time that is none."""
    kind, landed = later(make)
    kind.fake.script(path, lambda _q, r: Reply(r.data | change, headers=r.headers))
    landed.pull(kind.open())
    kind.close()
    assert any(wait >= 1 for wait in kind.time.waits)
    assert_read(kind, landed)


@pytest.mark.parametrize("body", [b"", b"maintenance\n", b"Id,Other\n", b'{"status":"maintenance"}\n'])
def test_a_bulk_page_of_something_else_is_tried_again(body: bytes) -> None:
    """Without the columns of the query it is no page of it, whatever its line ends."""
    kind, landed = later(BULK)
    kind.fake.script(r"GET .*/results$", lambda _q, _r: Reply(body=body))
    landed.pull(kind.open())
    kind.close()
    assert_read(kind, landed)


def test_an_empty_bulk_result_is_empty() -> None:
    """With the count 0 in its header it may have no line at all."""
    kind, landed = later(BULK)
    headers = {"Sforce-NumberOfRecords": "0", "Sforce-Locator": "null"}
    kind.fake.script(r"GET .*/results$", lambda _q, _r: Reply(body=b"", headers=headers))
    landed.pull(kind.open())
    kind.close()
    assert "changed@" not in landed.rows()[kind.id_of(3)]["payload"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"rows": [], "is_last": True}, None),
        ({"rows": [{"id": "a", "n": None}, {"id": 7, "n": {"x": 1}}], "is_last": False, "more": 1}, None),
        ({"rows": [{"id": True}], "is_last": True}, "holds no id at rows[].id"),
        ({"rows": [{"id": "a"}, {}], "is_last": True}, "holds no id at rows[].id"),
        ({"rows": [{"id": "a", "n": {"x": MARK}}], "is_last": True}, "holds no number at rows[].n.x"),
        ({"rows": {}, "is_last": True}, "holds no list at rows"),
        ({"rows": [], "is_last": 1}, "holds no true or false at is_last"),
        ([], "holds no object at its top"),
        (None, "its body is not whole JSON"),
    ],
)
def test_a_shape_says_what_is_missing_and_where(data: Any, said: str | None) -> None:
    """By names of ours; values stay out."""
    shape = {"rows": [{"id": ID, "n": Maybe({"x": int})}], "is_last": bool}
    assert expects(shape)(Answer(200, {}, b"", data)) == said
