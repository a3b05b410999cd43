"""Pulling whole systems: `python tests/bench/pull_speed.py [--contacts N] [--activities M]`.

Each system is a server in a process of its own that refuses what is over the vendor's stated rates. Time is simulated
and shared by both: what the client waits for costs nothing, yet the server sees it. CPU seconds are those of the client
alone, parted into the connector (asking, checking, bringing rows to one form) and landing in an SQLite file.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_double
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "connectors"))

from fakes import kinds
from fakes.server import START, FakeServer, Reply, Request, SimulatedTime
from speed import time_run
from speed_rules import peak_gb

from connectors.sources.catalog import OpenSource, open_source
from connectors.warehouse import dialects
from connectors.warehouse.landed import living_ids
from connectors.warehouse.landing import land_page
from connectors.warehouse.versions import create_tables

CONTACTS, ACTIVITIES = 100_000, 300_000
SYSTEMS = {"Salesforce (Bulk)": lambda: kinds.SalesforceKind(bulk=True), "HubSpot": kinds.HubSpotKind}
SYSTEMS |= {"Zendesk": kinds.ZendeskKind}
EVENTS = {"salesforce": "tasks", "hubspot": "calls", "zendesk": "tickets"}
DAILY_CALLS = {"salesforce": 100_000, "hubspot": 250_000}  # the least that the vendors' plans give a day
Row = dict[str, object]


class SharedTime(SimulatedTime):
    """Simulated time of two processes: seconds since START in memory that both see, whoever makes an instance."""

    seconds = multiprocessing.Value(c_double, 0.0)

    def __init__(self) -> None:
        self.waits: list[float] = []

    @property
    def at(self) -> datetime:
        """The present time."""
        return START + timedelta(seconds=self.seconds.value)

    @at.setter
    def at(self, value: datetime) -> None:
        self.seconds.value = (value - START).total_seconds()


def measure_pulls(contacts: int, activities: int) -> list[Row]:
    """Return one row for each stream of each system; every system is pulled by a fresh process."""
    rows: list[Row] = []
    for system in SYSTEMS:
        given = ["--system", system, "--contacts", str(contacts), "--activities", str(activities)]
        rows += time_run(sys.executable, Path(__file__).name, given)["streams"]
        print(rows[-2:], flush=True)
    return rows


def pull_system(system: str, contacts: int, activities: int) -> list[Row]:
    """Serve a system with so many rows, pull both of its streams, and return what each took."""
    kinds.SimulatedTime = SharedTime
    dialects.PAGE_CACHE_KIB = 8_192  # SQLite's cache grows with its file: here the memory of reading is measured
    rows = []
    with _served(system, contacts, activities) as (settings, ask), tempfile.TemporaryDirectory() as name:
        source = open_source("crm", settings, Path(name), clock=SharedTime().clock)
        engine = dialects.open_engine(f"sqlite:///{name}/meibo.db")
        with engine.begin() as conn:
            create_tables(conn, START)
        for stream in ("contacts", EVENTS[settings.api.system]):
            before, began = ask(), SharedTime().at
            row = _pull(source, engine, stream)
            asked = ask() - before
            minutes = (SharedTime().at - began).total_seconds() / 60
            told = {"calls": asked["calls"], "refused": asked["429"], "simulated min": minutes}
            _check(settings.api.system, stream, row, asked, contacts if stream == "contacts" else activities)
            rows.append({"source": system, "stream": stream} | row | told | {"peak MB": int(peak_gb() * 1000)})
        engine.dispose()
    return rows


def _pull(source: OpenSource, engine: Any, stream: str) -> Row:
    """Read a stream and land its pages; return rows and CPU seconds of both."""

    def known_ids() -> set[str]:
        with engine.begin() as conn:
            return living_ids(conn, "crm", stream)

    read, seconds = 0, {"connector": 0.0, "landing": 0.0}
    pages = source.read(stream, None, known_ids=known_ids)
    while True:
        started = time.process_time()
        page = next(pages, None)
        seconds["connector"] += time.process_time() - started
        if page is None:
            break
        started = time.process_time()
        with engine.begin() as conn:
            read += land_page(conn, "crm", stream, page, run_id="r", at=START).new
        seconds["landing"] += time.process_time() - started
    speed = {"rows/s": int(read / seconds["connector"]), "rows/s landed": int(read / sum(seconds.values()))}
    return {"rows": read, "CPU s": seconds["connector"], "landing s": seconds["landing"]} | speed


def _check(system: str, stream: str, row: Row, asked: "Counter[str]", expected: int) -> None:
    """Raise when rows are missing, when the server refused anything, or when a day's calls would not do."""
    if row["rows"] != expected or asked["429"] or asked["calls"] > DAILY_CALLS.get(system, sys.maxsize):
        raise RuntimeError(f"{system} {stream}: {row}, {dict(asked)}; {expected} rows were expected")


@contextmanager
def _served(system: str, contacts: int, activities: int) -> Iterator[tuple[Any, Any]]:
    """Run the system in a process of its own; yield the settings that read it, and a function that counts its calls."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(theirs, system, contacts, activities), daemon=True
    )
    process.start()
    settings = ours.recv()

    def ask() -> "Counter[str]":
        ours.send("count")
        counted: Counter[str] = ours.recv()
        return counted

    yield settings, ask
    ours.send("end")
    process.join()


def _serve(pipe: Any, system: str, contacts: int, activities: int) -> None:
    """Fill a system and answer for it until told to end."""
    kind = SYSTEMS[system]()
    if isinstance(kind, kinds.SalesforceKind):
        kind.org.page_rows = 50_000
    for number in range(1, contacts + 1):
        kind.put(number)
        kind.time.tick(seconds=0.01)
    for number in range(1, activities + 1):
        _put_event(kind, number, contacts)
        kind.time.tick(seconds=0.01)
    kind.time.tick(hours=1)
    counts = _count_answers(kind.fake)
    pipe.send(kind.settings)
    while pipe.recv() != "end":
        kind.fake.requests.clear()
        pipe.send(counts.copy())


def _count_answers(fake: FakeServer) -> "Counter[str]":
    """Return counts of calls and of refusals that go on being counted."""
    counts: Counter[str] = Counter({"calls": 0, "429": 0})

    def count(_request: Request, reply: Reply) -> Reply:
        counts.update(("calls", str(reply.status)))
        return reply

    fake.script(".", count, times=10**9)
    return counts


def _put_event(kind: kinds.ApiKind, number: int, contacts: int) -> None:
    """Create a call or a ticket of some contact."""
    contact, when = kind.id_of(number % contacts + 1), kind.time.stamp()
    if isinstance(kind, kinds.SalesforceKind):
        task = {"Id": f"00T5g{number:010}AAA", "WhoId": contact, "Subject": f"見積 {number}", "TaskSubtype": "Call"}
        kind.org.put("Task", task | {"CallType": "Outbound", "CallDurationInSeconds": 60, "CompletedDateTime": when})
    elif isinstance(kind, kinds.HubSpotKind):
        call = {"hs_timestamp": when, "hs_call_title": f"見積 {number}", "hs_call_direction": "OUTBOUND"}
        kind.portal.put("calls", str(10**9 + number), call | {"hs_call_duration": "60000"})
        kind.portal.links["calls", str(10**9 + number)] = [contact]
    elif isinstance(kind, kinds.ZendeskKind):
        ticket = {"id": number, "requester_id": int(contact), "subject": f"見積 {number}", "status": "solved"}
        kind.account.put("tickets", ticket | {"via": {"channel": "email"}, "satisfaction_rating": {"score": "good"}})
        kind.account.metric_sets[number] = {"ticket_id": number, "solved_at": when}


def main() -> None:
    """Pull every system and print the table; `--system` pulls one and prints its figures as JSON."""
    from tables import as_table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--activities", type=int, default=ACTIVITIES)
    parser.add_argument("--system", choices=list(SYSTEMS), help="this one only, in this process")
    given = parser.parse_args()
    if given.system:
        print(json.dumps({"streams": pull_system(given.system, given.contacts, given.activities)}))
    else:
        print(as_table(measure_pulls(given.contacts, given.activities)))


if __name__ == "__main__":
    main()
