"""Two warehouses over the same nights: one resolves everything every night, the other only what changed."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse import blocking_index
from connectors.warehouse.blocking_index import write_index
from connectors.warehouse.denials import load_denying
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.publish import publish_tables
from connectors.warehouse.store import add_judgements, load_state, load_table
from connectors.warehouse.tables import TABLES
from connectors.warehouse.touchpoints import load_due, touchpoint_rows
from connectors.warehouse.versions import create_tables
from flows.intake.delta import Delta
from flows.intake.incremental import hashed_rows, index_everything, publish_difference, resolve_difference
from resolve.pipeline import State, resolve_contacts
from resolve.schema import PUBLISHED

WORLDS = Path(__file__).parents[1] / "resolve" / "increment" / "conftest.py"
COMPARED = [
    *(name for name in PUBLISHED if name != "identity_event"),
    "contact", "touchpoint", "match_edge", "review_queue", "golden_registry", "former_member", "kept_denial",
    "planned_contact",
]  # fmt: skip
NIGHTS = 4


def worlds() -> Any:
    """Return the module of random histories."""
    if "increment_worlds" not in sys.modules:
        spec = importlib.util.spec_from_file_location("increment_worlds", WORLDS)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["increment_worlds"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["increment_worlds"]


def publish_all(engine: sa.Engine, world: Any, night: Any) -> None:
    """Resolve and publish everything."""
    with engine.begin() as conn:
        known = load_state(conn) | {"judgements": night.judgements}
        links = known.pop("links")
        living = set(night.contacts["contact_id"])
        gone = [None if one in living else "deleted" for one in links["contact_id"]]
        links["gone"] = pd.Series(gone, index=links.index, dtype=object)
        none = pd.DataFrame({"contact_id": [], "merged_into": []}, dtype=object)
        left = load_denying(conn, links.loc[links["gone"].notna(), "contact_id"].tolist())
        state = State(links=links, aliases=none, left=left, **known)
        found = resolve_contacts(night.contacts, night.touchpoints, state, world.model, world.context())
        own = {"contact": hashed_rows(night.contacts), "touchpoint": touchpoint_rows(night.touchpoints)}
        at, run_id = world.context().at, f"r{world.nights}"
        publish_tables(conn, found.tables | own, run_id=run_id, at=at, events=found.events)
        slices = index_everything(night.contacts, world.model)
        assert slices is not None
        write_index(conn, slices)


def publish_change(engine: sa.Engine, world: Any, night: Any) -> None:
    """Resolve and publish the difference alone."""
    with engine.begin() as conn:
        conn.execute(sa.delete(TABLES["judgement"]))
        add_judgements(conn, night.judgements)
        change = night.change
        delta = Delta(
            change.contacts,
            change.gone,
            change.touchpoints,
            change.touchpoints_gone,
            judgements=change.judgements,
            due=load_due(conn, world.context().at),
        )
        part = resolve_difference(conn, delta, world.model, world.context())
        publish_difference(conn, part, delta, f"r{world.nights}", world.context().at)


def replayed(events: pd.DataFrame) -> dict[str, str]:
    """Follow identity_event from the start; return the customer of every record."""
    held: dict[str, str] = {}
    for golden, records in events.sort_values("event_id")[["golden_id", "records"]].itertuples(index=False, name=None):
        for record in filter(None, (records or "").split("\n")):
            if record[0] == "+":
                held[record[1:]] = golden
            elif held.get(record[1:]) == golden:
                del held[record[1:]]
    return held


def compare(whole: sa.Engine, part: sa.Engine) -> None:
    """Hold every table of both against each other: run ids, times, versions and history included."""
    with whole.begin() as one, part.begin() as other:
        for name in COMPARED:
            frames = [load_table(conn, name).astype(object) for conn in (one, other)]
            pd.testing.assert_frame_equal(*frames, obj=name)
        feeds = [load_table(conn, "identity_event") for conn in (one, other)]
        links = load_table(other, "profile_link")
    sets = [feed.drop(columns="event_id").sort_values(["run_id", "golden_id", "type"]) for feed in feeds]
    pd.testing.assert_frame_equal(*(feed.reset_index(drop=True).astype(object) for feed in sets), obj="events")
    keys = links["source"] + ":" + links["source_id"]
    assert replayed(feeds[1]) == dict(zip(keys, links["golden_id"], strict=True))


def live_through(make: Callable[[], str], seed: int) -> None:
    """Live through one history in two warehouses and compare them after every night."""
    world = worlds().World(seed, cap=1 + seed % 3, people=8 + seed % 9)
    whole, part = open_engine(make()), open_engine(make())
    for engine in (whole, part):
        with engine.begin() as conn:
            create_tables(conn, world.context().at)
    try:
        for number in range(NIGHTS):
            night = world.night()
            publish_all(whole, world, night)
            (publish_change if number else publish_all)(part, world, night)
            compare(whole, part)
    finally:
        whole.dispose()
        part.dispose()


@pytest.fixture
def _runs_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what nights add to the index in rows of their own, two at the most, as in a warehouse of many contacts."""
    monkeypatch.setattr(blocking_index, "FULL_SHARE", 1_000)
    monkeypatch.setattr(blocking_index, "MOST_RUNS", 2)


@pytest.mark.parametrize("seed", [3, 11, 20])
def test_nights_of_differences_end_where_full_nights_do(seed: int) -> None:
    """Every table of the two is equal, versions and history included, and the feed replays to the links."""
    live_through(lambda: "sqlite://", seed)


@pytest.mark.usefixtures("_runs_stay")
@pytest.mark.parametrize("seed", [4, 12])
def test_so_they_do_while_the_index_is_not_folded(seed: int) -> None:
    """The same, found in the buckets of the full run and in the runs beside them."""
    live_through(lambda: "sqlite://", seed)


@pytest.mark.postgres
@pytest.mark.usefixtures("_runs_stay")
@pytest.mark.parametrize("seed", [5])
def test_it_is_the_same_in_postgresql(postgres: Callable[[], str], seed: int) -> None:
    """The look-ups by lists, the packed index and the scopes do the same there."""
    live_through(postgres, seed)
