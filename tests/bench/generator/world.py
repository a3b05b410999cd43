"""The whole world of a seed: blocks of people with their records, events and truth."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from generator.draw import Draw, texts
from generator.events import feedback, logged_twice, marketing_engagements, sales_tasks, support_tickets
from generator.households import People, make_people
from generator.lives import make_lives
from generator.noise_contacts import spoil_channels
from generator.noise_names import spoil_names
from generator.observe import SOURCES, Records, fill_addresses, fill_channels, fill_names, fill_work, place_records
from generator.strays import add_strays
from generator.tags import spell
from generator.vendors import Columns, give_ids, marketing_contacts, sales_contacts, support_users

BLOCK = 50_000  # people a block: bounds memory; a world of any size is a sequence of blocks
TABLES = (
    "sales",
    "sales_tasks",
    "marketing",
    "marketing_engagements",
    "marketing_feedback",
    "support_users",
    "support_tickets",
)
_SHARES = {"ja": 1.0, "en": 0.0, "mixed": 0.5}


@dataclass(frozen=True)
class Settings:
    """What to make: `noise`, `repeats` and `events` multiply the usual rates of errors, second records and events."""

    people: int
    seed: int = 1
    locale: str = "mixed"
    noise: float = 1.0
    repeats: float = 1.0
    events: float = 1.0


def make_blocks(settings: Settings) -> Iterator[dict[str, Columns]]:
    """Yield the world in blocks: the vendor tables and `truth` (source, source_id, person_id, household_id, kind, noise)."""
    for first in range(0, settings.people, BLOCK):
        yield _make_block(settings, first, min(BLOCK, settings.people - first))


def make_world(settings: Settings) -> dict[str, Columns]:
    """Return the world as one dictionary of tables."""
    blocks = list(make_blocks(settings))
    return {
        name: {column: np.concatenate([block[name][column] for block in blocks]) for column in blocks[0][name]}
        for name in blocks[0]
    }


def _make_block(settings: Settings, first: int, n: int) -> dict[str, Columns]:
    """Return the tables of people `first` to `first + n`."""
    draw = Draw(settings.seed, first)
    people = make_people(draw, n, first, _SHARES[settings.locale])
    lives = make_lives(draw, people, settings.people)
    records = place_records(draw, n, settings.repeats)
    fill_names(draw, records, people, lives)
    company = fill_work(draw, records, lives)
    fill_addresses(draw, records, lives, company)
    fill_channels(draw, records, lives, company)
    spoil_names(draw, records, people, settings.noise)
    spoil_channels(draw, records, lives, company, settings.noise)
    records = add_strays(draw, records, lives, settings.noise)
    base = first * 6  # more numbers than a block can use
    ids = give_ids(records, base)
    busy = settings.events
    tasks = sales_tasks(draw, records, ids, base, busy)
    engagements, again = (
        marketing_engagements(draw, records, ids, base, busy),
        logged_twice(draw, tasks, records, ids, base),
    )
    return {
        "sales": _by_id(sales_contacts(records, ids), "SystemModstamp"),
        "sales_tasks": tasks,
        "marketing": _by_id(marketing_contacts(draw, records, ids), "id"),
        "marketing_engagements": {name: np.concatenate([engagements[name], again[name]]) for name in engagements},
        "marketing_feedback": feedback(draw, records, ids, base, busy),
        "support_users": _by_id(support_users(draw, records, ids), "updated_at"),
        "support_tickets": support_tickets(draw, records, ids, base, busy),
        "truth": _truth(records, people, ids),
    }


def _by_id(columns: Columns, name: str) -> Columns:
    """Return the rows in the order of one column, as exports come; people who belong together do not stand together."""
    order = np.argsort(columns[name].astype(str), kind="stable")
    return {key: column[order] for key, column in columns.items()}


def _truth(records: Records, people: People, ids: np.ndarray) -> Columns:
    """Return who is behind every record; records of nobody are entities of their own, without a household."""
    at, first = np.maximum(records.person, 0), int(people.number[0])
    known = records.person >= 0
    own = texts(
        [f"{kind[0].upper()}{source}{key}" for kind, source, key in zip(records.kind, records.source, ids, strict=True)]
    )
    person = texts([f"P{number:08d}" for number in people.number])[at]
    house = texts([f"H{first + number:08d}" for number in people.household])[at]
    return {
        "source": texts(SOURCES)[records.source],
        "source_id": ids,
        "person_id": np.where(known, person, own),
        "household_id": np.where(known, house, None),
        "kind": records.kind,
        "noise": spell(records.noise),
    }
