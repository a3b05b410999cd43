"""The HTTP client under every API: waits, limits, credentials, and what it never does."""

import email.utils
import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.server import FakeServer, Reply, Request, SimulatedTime, happen, refuse
from hypothesis import given
from hypothesis import strategies as st

from connectors.settings.api import ApiRules
from connectors.sources.clock import RateLimit
from connectors.sources.web.http_auth import Auth, TokenAuth
from connectors.sources.web.http_client import TRIES, HttpClient
from connectors.sources.web.http_messages import Answer, Call, asked_wait, status_fault
from connectors.sources.web.hubspot import read_fault as hubspot_fault
from resolve.errors import SourceError

SECRET = "planted-0c8f"


class Echo(FakeServer):
    """Answers with what it was asked; `/token` gives a token that lasts `lasts` seconds."""

    lasts = 100

    def route(self, request: Request) -> Reply:
        if request.path == "/token":
            return Reply({"access_token": f"token-{len(self.requests)}", "expires_in": self.lasts})
        return Reply({"path": request.path, "authorization": request.headers.get("Authorization")})


@pytest.fixture
def server() -> Iterator[Echo]:
    """A server that echoes."""
    made = Echo(SimulatedTime())
    yield made
    made.close()


def client(server: Echo, auth: Auth | None = None, **rules: float) -> HttpClient:
    """Return a client of the server."""
    told = ApiRules(**{"timeout_seconds": 10, **rules})
    return HttpClient("crm", told, server.url, auth or Auth(f"Bearer {SECRET}"), server.time.clock, status_fault)


def token_auth(server: Echo) -> TokenAuth:
    """Return a login at the server."""
    return TokenAuth(f"{server.url}/token", {"grant_type": "client_credentials", "client_secret": SECRET})


def failure(http: HttpClient, call: Call) -> SourceError:
    """Return the error that a call ends with."""
    with pytest.raises(SourceError) as caught:
        http.send(call)
    return caught.value


@given(st.integers(0, 10**6))
def test_seconds_and_dates_ask_for_the_same_wait(seconds: int) -> None:
    """`Retry-After` means the same in both forms, whatever the clock here says."""
    at = SimulatedTime().at
    here = at + timedelta(days=3)
    date = email.utils.format_datetime(at, usegmt=True)
    until = email.utils.format_datetime(at + timedelta(seconds=seconds), usegmt=True)
    assert asked_wait(Answer(429, {"Retry-After": str(seconds)}, b""), here) == seconds
    assert asked_wait(Answer(429, {"Retry-After": until, "Date": date}, b""), here) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "Mon",
        "2026-11-02",
        "-",
        "１２x",
        "nan",
        "inf",
        "1e300",
        "Mon, 02 Nov 2026 05:00:40 +99999999999999999999",
    ],
)
def test_a_retry_after_that_is_neither_is_passed_over(text: str) -> None:
    """Then our own pause counts."""
    assert asked_wait(Answer(429, {"Retry-After": text}, b""), SimulatedTime().at) is None


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999"])
def test_a_wait_without_a_number_is_survived(server: Echo, text: str) -> None:
    """No sleep knows such a time."""
    server.script(".", refuse(503, Retry_After=text), times=2)
    assert client(server).send(Call("GET", "/x")).status == 200
    assert all(0 <= wait < 60 for wait in server.time.waits)


@pytest.mark.parametrize("text", ["²", "1" * 400, "-1", "١"])
def test_an_odd_interval_of_hubspot_is_passed_over(text: str) -> None:
    """The usual pause counts."""
    fault = hubspot_fault(Answer(429, {"X-HubSpot-RateLimit-Interval-Milliseconds": text}, b"", {}))
    assert fault is not None
    assert fault.wait == 10.0


def test_a_negative_or_past_wait_is_none_at_all() -> None:
    """Nobody waits backwards."""
    at = SimulatedTime().at
    past = email.utils.format_datetime(at - timedelta(hours=1), usegmt=True)
    assert asked_wait(Answer(429, {"Retry-After": "-5"}, b""), at) == 0
    assert asked_wait(Answer(429, {"Retry-After": past}, b""), at) == 0


def test_pauses_grow_and_end(server: Echo) -> None:
    """Without a word from the server each pause is longer than the one before, up to a minute or so."""
    server.script(".", refuse(503), times=10**6)
    error = failure(client(server), Call("GET", "/x"))
    waits = server.time.waits
    assert len(waits) == TRIES - 1
    assert waits[0] >= 1
    assert all(later > earlier for earlier, later in itertools.pairwise(waits))
    assert waits[-1] <= 61
    assert f"GET /x answered 503; given up: after {TRIES} tries" in str(error)
    assert error.is_transient


def test_the_time_for_one_answer_is_bounded(server: Echo) -> None:
    """Pauses that together pass max_wait_seconds are not begun."""
    server.script(".", refuse(429, Retry_After="40"), times=10**6)
    error = failure(client(server, max_wait_seconds=100), Call("GET", "/x"))
    assert server.time.waits == [40, 40]
    assert "max_wait_seconds is 100 (waited 80 s)" in str(error)
    assert not error.is_transient


def test_the_wait_starts_anew_with_each_answer(server: Echo) -> None:
    """A long walk may wait often, as long as no single answer takes too long."""
    http = client(server, max_wait_seconds=100)
    for _ in range(5):
        server.script(".", refuse(429, Retry_After="60"))
        http.send(Call("GET", "/x"))
    assert sum(server.time.waits) == 300


def test_a_refused_connection_is_explained_without_the_address(server: Echo) -> None:
    """Nobody listens: the call is named, a query is not."""
    http = client(server)
    server.close()
    error = failure(http, Call("GET", "/x", (("email", "a@example.jp"),)))
    assert "GET /x broke off (ConnectionError)" in str(error)
    assert "example" not in str(error)


def test_a_token_is_renewed_before_it_ends(server: Echo) -> None:
    """One login serves all calls until its time is nearly over."""
    http = client(server, token_auth(server))
    assert http.send(Call("GET", "/x")).data["authorization"] == "Bearer token-1"
    http.send(Call("GET", "/x"))
    server.time.tick(seconds=60)
    assert http.send(Call("GET", "/x")).data["authorization"] == "Bearer token-4"
    assert len(server.asked("POST /token")) == 2


def test_a_second_401_is_believed(server: Echo) -> None:
    """One new login, then the error; further calls ask nothing."""
    server.script("GET", refuse(401), times=10**6)
    http = client(server, token_auth(server))
    error = failure(http, Call("GET", "/x"))
    assert "not authorised" in str(error)
    assert not error.is_transient
    assert len(server.asked("POST /token")) == 2
    asked = len(server.requests)
    assert failure(http, Call("GET", "/y")) is error
    assert len(server.requests) == asked


def test_a_login_without_a_token_is_explained(server: Echo) -> None:
    """An answer that holds none, or no JSON, is no login."""
    server.script("POST /token", lambda _q, _r: Reply({"ok": True}))
    assert "gave no token" in str(failure(client(server, token_auth(server)), Call("GET", "/x")))


def test_a_login_survives_a_passing_fault(server: Echo) -> None:
    """The token request is tried again like any other."""
    server.script("POST /token", happen("drop"), times=2)
    assert client(server, token_auth(server)).send(Call("GET", "/x")).status == 200


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(server: Echo, status: int) -> None:
    """A credential goes nowhere but to the hosts of the settings."""
    server.script("GET /x", lambda _q, _r: Reply({}, status, {"Location": f"{server.url}/elsewhere"}))
    assert f"answered {status}" in str(failure(client(server), Call("GET", "/x")))
    assert not server.asked("/elsewhere")


@pytest.mark.parametrize(
    "link", ["https://[", "http://example.com/x", "https://example.com/x", "http://127.0.0.1:1/x", "file:///x"]
)
def test_links_to_other_places_are_refused(server: Echo, link: str) -> None:
    """Nothing is sent there."""
    assert "leads to another host or off https" in str(failure(client(server), Call("GET", link)))
    assert server.requests == []


def test_a_link_on_the_same_host_is_followed(server: Echo) -> None:
    """Whole addresses are as good as paths."""
    assert client(server).send(Call("GET", f"{server.url}/next?page=2")).data["path"] == "/next"


def test_no_netrc_replaces_the_credential(server: Echo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies in the home folder of the account that runs Meibo."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    http = client(server)
    http._session.trust_env = True
    assert http.send(Call("GET", "/x")).data["authorization"] == f"Bearer {SECRET}"


def test_nothing_prints_a_credential_or_a_row(server: Echo) -> None:
    """Neither calls nor answers nor logins, however they are shown."""
    auth = token_auth(server)
    http = client(server, auth)
    call = Call("POST", "/x", (("q", SECRET),), json={"a": SECRET}, form=None, headers={"X": SECRET})
    answer = http.send(Call("GET", "/x"))
    assert SECRET not in repr(auth) + str(auth) + repr(http) + repr(answer)
    assert SECRET not in repr(call) + call.name


def test_a_message_that_echoes_a_credential_is_masked(server: Echo) -> None:
    """Also one that a vendor repeats in its own words."""

    def echo(request: Request, _reply: Reply) -> Reply:
        return Reply({"said": f"the token {request.headers['Authorization']} is invalid"}, 400)

    def tell(answer: Answer) -> object:
        return status_fault(answer, "", answer.data["said"])

    server.script(".", echo)
    http = HttpClient("crm", ApiRules(), server.url, Auth(f"Bearer {SECRET}"), server.time.clock, tell)
    said = str(failure(http, Call("GET", "/x")))
    assert SECRET not in said
    assert "***" in said


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 5))
def test_a_rate_limit_is_never_exceeded(gaps: list[float], calls: int) -> None:
    """In no window of its length are there more calls than allowed, whatever the pauses between them."""
    time, limit, at = SimulatedTime(), RateLimit(calls, 2.0), []
    for gap in gaps:
        time.tick(seconds=gap)
        limit.wait(time.clock)
        at.append(time.clock.monotonic())
    assert all(later - earlier >= 2.0 - 1e-4 for earlier, later in zip(at, at[calls:], strict=False))


def test_a_rate_limit_does_not_wait_without_need() -> None:
    """The first calls go at once."""
    time, limit = SimulatedTime(), RateLimit(3, 10.0)
    for _ in range(3):
        limit.wait(time.clock)
    assert time.waits == []
    limit.wait(time.clock)
    assert time.waits == [10.0]
