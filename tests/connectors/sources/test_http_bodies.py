"""Bodies of answers: every value as the vendor meant it, and no body that takes longer than an answer may."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fakes.kinds import HubSpotKind, ZendeskKind
from fakes.landing import Landed
from fakes.server import FakeServer, Reply, Request, SimulatedTime, happen
from hypothesis import given
from hypothesis import strategies as st

from connectors.settings.api import ApiRules
from connectors.sources.clock import Clock
from connectors.sources.web.http_auth import Auth
from connectors.sources.web.http_bodies import parse_json
from connectors.sources.web.http_client import TRIES, HttpClient
from connectors.sources.web.http_messages import Call, status_fault
from resolve.errors import SourceError

BIG = 12_345_678_901_500_000_000_000  # beyond 64 bits; as a float its last digits are gone


class Spool(FakeServer):
    """Answers with 40,000 characters, packed by gzip where `packed` is set."""

    packed = False

    def route(self, request: Request) -> Reply:
        del request
        body = json.dumps({"text": "x" * 40_000}).encode()
        if self.packed:
            return Reply(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
        return Reply(body=body)


@pytest.fixture
def server() -> Iterator[Spool]:
    """A server with a long answer."""
    made = Spool(SimulatedTime())
    yield made
    made.close()


def client(server: Spool, seconds: float) -> HttpClient:
    """Return a client in real time that never pauses between tries."""
    clock = Clock(lambda: datetime.now(UTC), lambda _: None, time.monotonic)
    rules = ApiRules(timeout_seconds=seconds)
    return HttpClient("crm", rules, server.url, Auth("Bearer planted"), clock, status_fault)


def test_a_dripping_body_is_given_up(server: Spool) -> None:
    """A byte now and then is no silence, and still no answer: each try ends at its time."""
    server.script(".", happen("drip"), times=TRIES)
    with pytest.raises(
        SourceError, match=r"GET /x gave no answer in time \(timeout_seconds: 0\.05\); given up: after 7 tries"
    ):
        client(server, 0.05).send(Call("GET", "/x"))  # to its end the body would drip for minutes


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_body_comes_whole_over_one_connection(server: Spool, packed: bool) -> None:
    """Read in pieces, unpacked, and the connection is used again."""
    server.packed = packed
    http = client(server, 10)
    for _ in range(3):
        assert http.send(Call("GET", "/x")).data == {"text": "x" * 40_000}
    pools = http._session.get_adapter(server.url).poolmanager.pools
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 - it cannot be walked


@pytest.mark.parametrize("before", [b"\n", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_what_stands_before_json_is_passed_over(before: bytes) -> None:
    """A byte order mark, blanks, line ends."""
    assert parse_json(before + b'{"a": [1]}') == {"a": [1]}
    assert parse_json(before + b"[1]") == [1]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'"text"', b"null", b'{"a": 1', b'{"a": NaN}', b'{"a": "\xff"}', b"[" * 5_000, b'["\\ud83d"'],
)
def test_what_is_no_whole_json_is_none(body: bytes) -> None:
    """Cut off, foreign, or not of this world; never an exception."""
    assert parse_json(body) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb'"A\ud83d"', "A\ufffd"),
        (rb'"\ude00B"', "\ufffdB"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\\ud83d"', "\\ud83d"),
        (b'"\xed\xa0\xbd"', "\ufffd"),
    ],
)
def test_half_a_surrogate_pair_costs_its_own_sign_alone(written: bytes, read: str) -> None:
    """Whole pairs stay, and so does text that looks like one."""
    assert parse_json(b'{"a": [' + written + rb', "\udc00"], "\udc00": 1}') == {"a": [read, "\ufffd"], "\ufffd": 1}


@given(st.integers(-(10**40), 10**40))
def test_whole_numbers_of_any_length_stay_exact(number: int) -> None:
    """Up to 64 bits as numbers, beyond as text."""
    body = json.dumps({"id": number, "at": [1.5, "12345678901234567890"]}).encode()
    data = parse_json(body)
    assert str(data["id"]) == str(number)
    assert isinstance(data["id"], int) == (-(2**63) <= number < 2**64)
    assert data["at"] == [1.5, "12345678901234567890"]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text(), st.lists))
def test_other_json_says_what_it_said(value: object) -> None:
    """As the standard library reads it; whole numbers beyond 64 bits as text."""
    told = json.dumps([value])
    longest = json.loads(told, parse_int=lambda text: int(text) if -(2**63) <= int(text) < 2**64 else text)
    assert parse_json(told.encode()) == longest


@pytest.mark.parametrize("first", [2**53, 2**63, 2**64 - 4, BIG])
def test_ids_of_any_length_are_different_rows(first: int) -> None:
    """Three people with neighbouring ids are three rows under these ids."""
    kind, landed = ZendeskKind(), Landed()
    for number in range(3):
        kind.account.put("users", {"id": first + number, "name": f"P{number}", "role": "end-user"})
    kind.time.tick(hours=1)
    landed.pull(kind.open())
    kind.close()
    assert landed.living() == {str(first + number) for number in range(3)}


@pytest.mark.parametrize("make", [HubSpotKind, ZendeskKind])
def test_a_name_with_half_an_emoji_is_landed(make: type[HubSpotKind] | type[ZendeskKind]) -> None:
    """Not a whole source blocked for good by one sign of one person."""
    kind, landed = make(), Landed()
    kind.fill(5)

    def spoil(_request: Request, reply: Reply) -> Reply:
        body = reply.content.replace("花2".encode(), rb"A\ud83d")
        return Reply(body=body, headers=reply.headers)

    kind.fake.script(kind.data, spoil, times=10**6)
    landed.pull(kind.open())
    kind.close()
    assert len(landed.living()) == 5
    assert "A\ufffd" in landed.rows()[kind.id_of(2)]["payload"]
    assert kind.time.waits == []
