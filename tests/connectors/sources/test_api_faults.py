"""What each web API reader does when servers fail, refuse, stall or lie: wait, log in again, stop, and lose nothing."""

import email.utils
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fakes.kinds import KINDS, PEOPLE, ApiKind, HubSpotKind, SalesforceKind, ZendeskKind, all_of
from fakes.landing import Landed
from fakes.server import Reply, Request, half_json, happen, refuse

from connectors.sources.web import http_pages
from connectors.sources.web.http_client import TRIES
from resolve.errors import SourceError

QUOTA = {
    "salesforce": (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]),
    "hubspot": (429, {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY", "message": "daily limit"}),
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Iterator[ApiKind]:
    """Each API with people in it."""
    made = KINDS[request.param]()
    made.fill(PEOPLE)
    yield made
    made.fake.close()


def pull(kind: ApiKind, landed: Landed) -> None:
    """Read in small pages."""
    landed.pull(kind.open(page_rows=5))


def assert_whole(kind: ApiKind, landed: Landed) -> None:
    """Every person is landed, once."""
    assert landed.living() == all_of(kind)
    assert landed.versions() == PEOPLE


def fails(kind: ApiKind, landed: Landed) -> str:
    """Read and return the message of the error that it ends with."""
    with pytest.raises(SourceError) as caught:
        pull(kind, landed)
    return str(caught.value)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured_in_both_forms(kind: ApiKind, landed: Landed, form: str) -> None:
    """The pause is the one that the server asks for, neither shorter nor longer."""
    until = email.utils.format_datetime(kind.time.at + timedelta(seconds=42), usegmt=True)
    kind.fake.script(kind.data, refuse(429, Retry_After="42" if form == "seconds" else until), skip=1)
    kind.fake.limits = {}
    pull(kind, landed)
    assert any(37 <= wait <= 42 for wait in kind.time.waits)  # jobs are waited for too
    assert_whole(kind, landed)


def test_a_429_without_retry_after_is_waited_for(kind: ApiKind, landed: Landed) -> None:
    """Where the server names no time, ours grows from try to try."""
    kind.fake.script(kind.data, refuse(429), times=3, skip=1)
    pull(kind, landed)
    assert sum(wait >= 1 for wait in kind.time.waits) >= 3
    assert_whole(kind, landed)


def test_a_wait_that_is_too_long_ends_the_read_and_keeps_its_place(kind: ApiKind, landed: Landed) -> None:
    """An hour is more than max_wait_seconds: the error says so, nobody sleeps, and the next run goes on."""
    kind.fake.script(kind.data, refuse(429, Retry_After="3600"), skip=2)
    said = fails(kind, landed)
    assert "Retry-After asks in 3,600 s, max_wait_seconds is 900" in said
    assert "run again later" in said
    assert 3600.0 not in kind.time.waits
    before = len(landed.rows())
    assert 0 < before < PEOPLE
    pull(kind, landed)
    assert_whole(kind, landed)


@pytest.mark.parametrize("what", ["500", "503", "drop", "hang", "cut", "half"])
def test_a_passing_fault_is_tried_again(kind: ApiKind, landed: Landed, what: str) -> None:
    """Server errors, dropped connections, time-outs and cut bodies cost a second try and nothing else."""
    kind.set_api(timeout_seconds=0.3 if what == "hang" else 10)
    act = half_json if what == "half" else refuse(int(what)) if what.isdigit() else happen(what)
    kind.fake.script(kind.data, act, times=2, skip=1)
    pull(kind, landed)
    assert_whole(kind, landed)


def test_a_lasting_fault_ends_the_read_after_some_tries(kind: ApiKind, landed: Landed) -> None:
    """The error names call, reason and tries; the pages before it stay, and the next run goes on behind them."""
    kind.fake.script(kind.data, refuse(500), times=TRIES, skip=2)
    said = fails(kind, landed)
    assert said.startswith("source crm: stream contacts: GET /")
    assert f"answered 500 scripted; given up: after {TRIES} tries" in said or f"given up: after {TRIES} tries" in said
    assert 0 < len(landed.rows()) < PEOPLE
    pull(kind, landed)
    assert_whole(kind, landed)


def test_a_token_that_ends_during_the_walk_is_renewed_once(kind: ApiKind, landed: Landed) -> None:
    """A 401 in the middle costs one login, and no page."""
    if isinstance(kind, HubSpotKind):
        oauth = {"client_id": "client-id", "client_secret": "client-secret", "refresh_token": "refresh-me"}
        kind.set_api(token=None, **{name: type(kind.settings.api.token)(value) for name, value in oauth.items()})

    def expire(_request: Request, reply: Reply) -> Reply:
        kind.fake.expire()
        return reply

    kind.fake.script(kind.data, expire, skip=1)
    pull(kind, landed)
    assert len(kind.fake.asked("POST .*/tokens?$")) == 2
    assert_whole(kind, landed)


def test_credentials_that_are_refused_stop_the_source(kind: ApiKind, landed: Landed) -> None:
    """The error says what to correct, and no other stream of the source asks again."""
    kind.fake.secrets = ("other", "other")
    kind.fake.tokens = set()
    source = kind.open()
    with pytest.raises(SourceError, match=r"not authorised: .*Check the credentials in sources\.crm\.api"):
        landed.pull(source)
    asked = len(kind.fake.requests)
    other = next(name for name in kind.settings.streams if name != "contacts")
    with pytest.raises(SourceError, match="not authorised"):
        landed.pull(source, other)
    assert len(kind.fake.requests) == asked


def test_a_used_up_quota_stops_the_source_at_once(kind: ApiKind, landed: Landed) -> None:
    """No retry, no other stream, the cursor stays; Zendesk has no such answer."""
    if isinstance(kind, ZendeskKind):
        return
    status, body = QUOTA[kind.settings.api.system]
    kind.fake.script(kind.data, refuse(status, body), skip=2)
    source = kind.open(page_rows=5)
    with pytest.raises(SourceError, match="quota is used up"):
        landed.pull(source)
    asked = len(kind.fake.requests)
    other = next(name for name in kind.settings.streams if name != "contacts")
    with pytest.raises(SourceError, match="quota is used up"):
        landed.pull(source, other)
    assert len(kind.fake.requests) == asked
    assert not any(wait >= 60 for wait in kind.time.waits)
    pull(kind, landed)
    assert_whole(kind, landed)


def test_a_refusal_is_not_repeated_and_leaves_other_streams_alone(kind: ApiKind, landed: Landed) -> None:
    """A 403 names the missing right; another stream of the source is read."""
    kind.fake.script(kind.data, refuse(403), skip=0)
    source = kind.open()
    with pytest.raises(SourceError, match="the right to read this"):
        landed.pull(source)
    other = next(name for name in kind.settings.streams if name != "contacts")
    landed.pull(source, other)


def test_a_page_that_is_served_twice_does_no_harm(kind: ApiKind, landed: Landed) -> None:
    """Repeated rows are landed once."""
    pages: list[Reply] = []

    def again(_request: Request, reply: Reply) -> Reply:
        pages.append(reply)
        if len(pages) < 3 or isinstance(kind, SalesforceKind):
            return reply
        rows, links = pages[-2].data, pages[-1].data
        return Reply(
            {**links, **{name: rows[name] for name in ("results", "users") if name in rows}}, headers=reply.headers
        )

    kind.fake.script(kind.data, again, times=3)
    landed.pull(kind.open(page_rows=5))
    kind.time.tick(hours=1)
    assert landed.living() <= all_of(kind)
    assert landed.versions() == len(landed.rows())


def endless(kind: ApiKind, *, fresh: bool, rows: bool) -> None:
    """Make every page name a next one: the same for ever, or always a fresh one."""
    count = 0

    def act(_request: Request, reply: Reply) -> Reply:
        nonlocal count
        count += 1
        name = f"{10**6 + count}" if fresh else "1000000"
        headers = dict(reply.headers)
        if reply.data is None:  # a page of a Bulk result
            lines = reply.content.splitlines(keepends=True)
            headers |= {"Sforce-Locator": name, "Sforce-NumberOfRecords": "1" if rows else "0"}
            return Reply(body=b"".join(lines[: 1 + rows]), headers=headers)
        data = dict(reply.data)
        for listed in ("records", "results", "users"):
            if listed in data:
                data[listed] = ROW[kind.settings.api.system](kind) if rows else []
        data |= {"paging": {"next": {"after": name}}, "after_cursor": name, "end_of_stream": False}
        data |= {"done": False, "nextRecordsUrl": f"/services/data/v68.0/query/{name}"}
        return Reply(data, headers=headers)

    def page(_request: Request, reply: Reply) -> Reply:
        good.append(reply if reply.status < 400 else good[-1])  # made-up links are unknown to the server
        return act(_request, good[-1])

    good: list[Reply] = []
    kind.fake.script(kind.data + r"|GET .*/query/\d+$", page, times=10**6)


ROW = {
    "salesforce": lambda kind: [{"Id": kind.id_of(1), "SystemModstamp": "2026-01-01T00:00:00.000+0000"}],
    "hubspot": lambda kind: [{"id": kind.id_of(1), "properties": {"hs_object_id": kind.id_of(1)}}],
    "zendesk": lambda kind: [{"id": int(kind.id_of(1)), "role": "end-user", "updated_at": "2026-01-01T00:00:00Z"}],
}


@pytest.mark.parametrize(
    ("fresh", "rows", "expected"),
    [(False, True, "read before"), (True, False, "empty pages in a row"), (True, True, "the same rows")],
)
def test_a_list_without_an_end_is_noticed(
    kind: ApiKind, landed: Landed, monkeypatch: pytest.MonkeyPatch, fresh: bool, rows: bool, expected: str
) -> None:
    """A next link that leads in a circle, or for ever to nothing or to the same, ends the read with an error."""
    monkeypatch.setattr(http_pages, "MOST_EMPTY_PAGES", 12)
    kind.fake.limits = {}
    if isinstance(kind, SalesforceKind):
        kind.fake.script(r"GET .*/queryAll$", lambda _q, _r: Reply({"totalSize": 1, "done": True, "records": []}))
        if "results" not in kind.data:
            kind.set_api(bulk_above=10**9)  # counted first: that answer is the one scripted above
    endless(kind, fresh=fresh, rows=rows)
    assert expected in fails(kind, landed)


def test_no_credential_is_sent_to_another_host(kind: ApiKind, landed: Landed) -> None:
    """Redirects are not followed, and a link that leads elsewhere is refused before anything is sent."""
    kind.fake.script(kind.data, lambda _q, _r: Reply({}, 302, {"Location": "https://elsewhere.example/"}))
    assert "answered 302" in fails(kind, landed)


def test_messages_hold_no_row_and_no_query(kind: ApiKind, landed: Landed) -> None:
    """An error names the call by its path alone."""
    kind.fake.script(kind.data, refuse(404), skip=1)
    said = fails(kind, landed)
    assert "?" not in said
    assert "example.jp" not in said


def test_a_proxy_page_is_no_answer(kind: ApiKind, landed: Landed) -> None:
    """HTML with status 200 is tried again, and told when it stays."""
    kind.fake.script(
        kind.data, lambda _q, _r: Reply(body=b"<html>", headers={"Sforce-NumberOfRecords": "5"}), times=10**6
    )
    assert "not whole JSON" in (said := fails(kind, landed)) or "not whole CSV" in said


def test_cursors_are_json_without_secrets(kind: ApiKind, landed: Landed) -> None:
    """What is stored after each page is plain data and holds no credential."""
    for page in kind.open(page_rows=5).read("contacts", None):
        text = json.dumps(page.cursor)
        assert not any(secret in text for secret in ("client-secret", "service-key", "token-"))
