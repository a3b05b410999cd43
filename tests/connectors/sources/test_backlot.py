"""HubSpot as strangers rebuilt it: `backlot` serves a first load and a delta to the reader that our own server serves."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from fakes.hubspot import PROPERTIES
from fakes.kinds import load
from fakes.landing import Landed
from fakes.server import START, FakeServer, Reply, Request, SimulatedTime

from connectors.sources.catalog import open_source

backlot = pytest.importorskip("backlot", reason="the HubSpot emulator of the dev group is not installed")

PEOPLE = 120  # more than a page
STREAMS = "{contacts: {object: contacts, preset: hubspot_contact}}"


class Front(FakeServer):
    """Passes calls on to the emulator that runs at the time, and answers the one kind that it does not know."""

    behind = ""
    token = ""

    def route(self, request: Request) -> Reply:
        if request.path == "/crm/v3/properties/contacts":
            return Reply({"results": [{"name": name} for name in PROPERTIES["contacts"]]})
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        got = requests.request(
            request.method,
            f"{self.behind}/hubspot{request.path}",
            params=request.query,
            data=request.body,
            headers=headers,
            timeout=60,
        )
        return Reply(got.json(), got.status_code)


@pytest.fixture
def front() -> Iterator[Front]:
    """The way to the emulator."""
    made = Front(SimulatedTime(START))
    yield made
    made.close()


def person(number: int, at: str, **changes: Any) -> dict[str, Any]:
    """Return a contact as the emulator's corpus has it."""
    properties = {"email": f"p{number}@example.jp", "lastname": "髙橋", "firstname": f"花{number}"}
    properties |= {"lastmodifieddate": at, "createdate": "2026-10-01T00:00:00.000Z", "hs_object_id": str(100 + number)}
    row = {"source_type": "hubspot", "object_type": "contacts", "doc_id": f"d{number}", "record_id": str(100 + number)}
    row |= {"content": f"person {number}", "created": "2026-10-01T00:00:00Z", "updated": at}
    return row | {"author_email": "owner@example.com", "properties": properties | changes}


def pull(front: Front, corpus: list[dict[str, Any]], landed: Landed) -> Any:
    """Serve a corpus and pull it, as a night would."""
    settings = load(f"{{system: hubspot, base_url: '{front.url}', token: any, version: v3}}", STREAMS, "marketing")
    with backlot.serve(corpus, telemetry=False) as server:
        front.behind, front.token = server.base_url, server.token
        return landed.pull(open_source("crm", settings, Path("/nowhere"), clock=front.time.clock))


def test_backlot_serves_a_first_load_and_a_delta(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """All people come by the list; then two changed and one new come by search, and an archived one as a tombstone."""
    monkeypatch.setenv("BACKLOT_TELEMETRY", "0")
    monkeypatch.setattr("backlot.server._LOCAL_HEALTH_ATTEMPTS", 1_200)  # a busy machine starts slowly
    landed = Landed()
    before = front.time.stamp(START - timedelta(days=2))
    corpus = [person(number, before) for number in range(1, PEOPLE + 1)]
    pulled = pull(front, corpus, landed)
    assert (pulled.read, pulled.new) == (PEOPLE, PEOPLE)
    assert len(front.asked("GET .*/objects/contacts$")) == 3  # two pages, and the archived
    front.time.tick(days=1)
    now = front.time.stamp()
    corpus[4], corpus[5] = (person(number, now, email=f"new{number}@example.jp") for number in (5, 6))
    corpus[6] = person(7, now) | {"archived": True}
    corpus.append(person(PEOPLE + 1, now))
    front.time.tick(minutes=5)
    pulled = pull(front, corpus, landed)
    assert front.asked("POST .*/search")
    assert (pulled.read, pulled.new) == (4, 4)
    assert landed.living() == {str(100 + number) for number in range(1, PEOPLE + 2)} - {"107"}
    assert json.loads(landed.rows()["105"]["payload"])["email"] == "new5@example.jp"
