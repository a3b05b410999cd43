"""Resolving and publishing a difference alone: when that gives what resolving everything would, and how."""

from collections.abc import Iterator
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.blocking_index import Slices, append_index, has_index, slice_entries
from connectors.warehouse.bodies import contact_rows
from connectors.warehouse.diff import Changes
from connectors.warehouse.neighbours import Neighbours
from connectors.warehouse.publish import Scope, publish_tables
from connectors.warehouse.touchpoints import touchpoint_rows
from flows.intake.delta import Delta
from resolve.increment.entries import whole_index
from resolve.increment.resolve_change import PartialResolution, resolve_change
from resolve.increment.stored import Change
from resolve.link.encode import Encoded
from resolve.link.index_keys import can_index, contact_hashes, open_rules
from resolve.model import MatchModel
from resolve.pipeline import RunContext

CONTACTS_AT_ONCE = 100_000


def why_not_alone(conn: Connection, model: MatchModel, contacts: int) -> str:
    """Return why a difference cannot be resolved alone, empty where it can.

    `contacts`: how many contacts there are, before or after, whichever is fewer.
    """
    if not can_index(model.link):
        return "the model was not trained, so that its weights depend on all contacts"
    if open_rules(model.link, contacts):
        return "so few contacts are all compared with each other"
    return "" if has_index(conn) else "there is no blocking index yet"


def resolve_difference(conn: Connection, delta: Delta, model: MatchModel, context: RunContext) -> PartialResolution:
    """Return what the difference changes, read from the neighbourhood of what changed."""
    events = (delta.touchpoints, delta.touchpoints_gone)
    change = Change(delta.contacts, delta.gone, *events, delta.judgements, delta.due)
    return resolve_change(change, Neighbours(conn), model, context)


def publish_difference(
    conn: Connection, part: PartialResolution, delta: Delta, run_id: str, at: datetime
) -> dict[str, Changes]:
    """Publish what the difference changes, and bring the blocking index up to date; return what changed, by table."""
    own = {"contact": hashed_rows(delta.contacts), "touchpoint": touchpoint_rows(delta.touchpoints)}
    events = [*delta.touchpoints["touchpoint_id"], *delta.touchpoints_gone["touchpoint_id"]]
    scope = Scope(
        golden_ids=part.touched.golden_ids,
        contact_ids=part.touched.contact_ids,
        touchpoint_ids=part.touched.touchpoint_ids,
        scored_ids=part.touched.scored_ids,
        changed_ids=frozenset([*delta.contacts["contact_id"], *delta.gone["contact_id"]]),
        event_ids=frozenset(events),
        ended_ids=part.touched.ended_ids,
        holder_ids=part.touched.holder_ids,
    )
    changes = publish_tables(conn, part.tables | own, run_id=run_id, at=at, events=part.events, scope=scope)
    append_index(conn, (part.taken.key, part.taken.member), (part.added.key, part.added.member))
    return changes


def index_everything(contacts: pd.DataFrame | Encoded, model: MatchModel) -> Slices | None:
    """Return what the blocking index lists of all CONTACTS, where the model's pairs can be found by one."""
    return slice_entries(whole_index(contacts, model.link)) if can_index(model.link) else None


def hashed_rows(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `contact` with the number under which the index lists each of CONTACTS."""
    return contact_rows(contacts).assign(contact_hash=contact_hashes(contacts["contact_id"]))


def contact_parts(contacts: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the rows of all CONTACTS part by part: together they take a gigabyte for a million."""
    for at in range(0, max(len(contacts), 1), CONTACTS_AT_ONCE):
        yield hashed_rows(contacts.iloc[at : at + CONTACTS_AT_ONCE])
