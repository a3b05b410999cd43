"""Nights in which one of three web APIs fails: it ends as its fault asks for, and the others are read and published."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.kinds import ApiKind, HubSpotKind, SalesforceKind, ZendeskKind
from fakes.server import SimulatedTime, half_json, happen, refuse

from connectors.sources.web.http_client import TRIES
from connectors.sources.web.rest import ApiRows
from connectors.warehouse.landed import living_ids
from connectors.warehouse.landing import load_cursor
from flows.intake import extract
from flows.intake.extract import Extraction, extract_sources
from flows.mistakes import read_guarded
from flows.night import run_night
from flows.progress import Progress
from flows.project import open_project
from flows.run import open_run
from resolve.errors import ConfigError, WarehouseError

PEOPLE = 12
KINDS: dict[str, Any] = {"sales": SalesforceKind, "marketing": HubSpotKind, "support": ZendeskKind}
BLOCK = """
  {name}:
    kind: {name}
    api: {{system: {system}, base_url: '{url}', timeout_seconds: 5, {credentials}}}
    streams:
      contacts: {{object: {object}, preset: {preset}}}
"""
CREDENTIALS = {"marketing": "token: service-key-of-hubspot"}
QUOTA = {
    "sales": refuse(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]),
    "marketing": refuse(429, {"status": "error", "policyName": "DAILY", "message": "daily limit"}),
    "support": refuse(429, {"error": "limit"}, Retry_After="86400"),  # Zendesk has no daily quota: it asks for a day
}
PASSING = {
    "429, seconds": refuse(429, Retry_After="30"),
    "429, a date": refuse(429, Retry_After="Mon, 02 Nov 2026 05:00:40 GMT"),
    "500": refuse(500),
    "dropped": happen("drop"),
    "truncated": half_json,
}
LASTING = {
    "429, an hour": (refuse(429, Retry_After="3600"), "max_wait_seconds is 900"),
    "500 for ever": (refuse(500), f"given up: after {TRIES} tries"),
    "another JSON": (refuse(200, {"status": "maintenance"}), f"given up: after {TRIES} tries"),
    "401": (refuse(401), "not authorised"),
    "403": (refuse(403), "the right to read this"),
}
Kinds = dict[str, ApiKind]


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kinds]:
    """Three systems with people, whose time is that of the run."""
    time = SimulatedTime()
    made: Kinds = {}
    for name, make in KINDS.items():
        made[name] = make()
        made[name].time = made[name].fake.time = time
        made[name].fill(PEOPLE)
    monkeypatch.setattr(extract, "CLOCK", time.clock)
    yield made
    for kind in made.values():
        kind.close()


@pytest.fixture
def config(kinds: Kinds, tmp_path: Path) -> Path:
    """A project that reads all three."""
    blocks = []
    for name, kind in kinds.items():
        contacts, api = kind.settings.streams["contacts"], kind.settings.api
        credentials = CREDENTIALS.get(name, "client_id: client-id, client_secret: client-secret")
        told = {"system": api.system, "url": kind.fake.url, "credentials": credentials}
        blocks.append(BLOCK.format(name=name, object=contacts.object, preset=contacts.preset, **told))
    text = "warehouse: sqlite:///meibo.db\ntraining: never\nsources:\n" + "".join(blocks)
    (tmp_path / "meibo.yaml").write_text(text, "utf-8")
    return tmp_path / "meibo.yaml"


def read(config: Path) -> tuple[Extraction, dict[str, int], dict[str, bool]]:
    """Read all sources as a night does; return how many rows of each are landed, and whether its cursor is stored."""
    project = open_project(config, create=True)
    with open_run(project, "nightly", Progress(quiet=True)) as run:
        extraction = extract_sources(run)
        with run.transactions.begin() as conn:
            landed = {name: len(living_ids(conn, name, "contacts")) for name in KINDS}
            cursors = {name: load_cursor(conn, name, "contacts") is not None for name in KINDS}
    project.engine.dispose()
    return extraction, landed, cursors


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_of_every_system_costs_nothing_but_time(kinds: Kinds, config: Path, fault: str) -> None:
    """All three are read to their end."""
    for kind in kinds.values():
        kind.fake.script(kind.data, PASSING[fault])
    extraction, landed, _ = read(config)
    assert extraction.failures == []
    assert landed == dict.fromkeys(KINDS, PEOPLE)


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("broken", KINDS)
def test_a_lasting_fault_stays_with_its_source(kinds: Kinds, config: Path, broken: str, fault: str) -> None:
    """The others are read; once it is mended, the next night has everything."""
    act, said = LASTING[fault]
    kinds[broken].fake.script(kinds[broken].data, act, times=TRIES)
    extraction, landed, cursors = read(config)
    assert [said in failure for failure in extraction.failures] == [True]
    assert landed == dict.fromkeys(KINDS, PEOPLE) | {broken: 0}
    assert [name for name, is_stored in cursors.items() if not is_stored] == [broken]
    kinds[broken].fake.scripts.clear()
    extraction, landed, _ = read(config)
    assert (extraction.failures, landed) == ([], dict.fromkeys(KINDS, PEOPLE))


@pytest.mark.parametrize("broken", KINDS)
def test_what_nobody_foresaw_stays_with_its_source(
    kinds: Kinds, config: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has kind and place of the mistake, not its text; the cursor stays, and the others are read."""

    def stumble(self: ApiRows, payloads: Any) -> Any:
        if self._object == kinds[broken].settings.streams["contacts"].object and self._reader is not None:
            raise KeyError("Taro.Planted@example.jp")
        return split(self, payloads)

    split = ApiRows.split
    monkeypatch.setattr(ApiRows, "split", stumble)
    extraction, landed, cursors = read(config)
    (said,) = extraction.failures
    assert re.fullmatch(
        rf"source {broken}: stream contacts: KeyError at connectors/sources/web/\w+\.py:\d+\. "
        "This is a mistake in Meibo, please report it; the cursor stays",
        said,
    )
    assert landed == dict.fromkeys(KINDS, PEOPLE) | {broken: 0}
    assert [name for name, is_stored in cursors.items() if not is_stored] == [broken]
    monkeypatch.undo()


def test_errors_of_the_warehouse_are_not_the_sources() -> None:
    """Readers ask it for the ids that are landed; what it raises then ends the run, as elsewhere."""

    def ask() -> set[str]:
        raise ConnectionError("the warehouse is gone")

    def reader(ids: Any) -> Iterator[int]:
        yield 1
        yield len(ids())

    read_on = read_guarded("crm", "contacts", reader, ask)
    assert next(read_on) == 1
    with pytest.raises(ConnectionError, match="the warehouse is gone"):
        next(read_on)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, ConfigError("x"), WarehouseError("x")])
def test_stops_and_explained_errors_pass_as_they_are(stop: Any) -> None:
    """Only what nobody foresaw is a mistake."""

    def reader(_: Any) -> Iterator[int]:
        yield 1
        raise stop

    with pytest.raises(stop if isinstance(stop, type) else type(stop)):
        list(read_guarded("crm", "contacts", reader, frozenset))


def test_a_night_without_one_source_publishes_the_others(kinds: Kinds, config: Path) -> None:
    """Used-up quotas: the run is partial, which is exit code 4; what was published before stays."""
    nights = []
    for broken in KINDS:
        kinds[broken].fake.script(".", QUOTA[broken], times=TRIES)
        project = open_project(config, create=True)
        facts = run_night(project, Progress(quiet=True))
        with project.reading() as conn:
            nights.append((facts["status"], {name: len(living_ids(conn, name, "contacts")) for name in KINDS}))
        project.engine.dispose()
        kinds[broken].fake.scripts.clear()
    assert nights == [
        ("partial", dict.fromkeys(KINDS, PEOPLE) | {"sales": 0}),
        *[("partial", dict.fromkeys(KINDS, PEOPLE))] * 2,
    ]
