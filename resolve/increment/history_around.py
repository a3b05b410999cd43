"""Contact history that a change can move: its own events, those of records that moved, those found by identifier."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.history import attach_touchpoints
from resolve.golden.identify import Identification
from resolve.golden.measures import list_planned, measure_contacts
from resolve.golden.same_event import mark_same_events
from resolve.golden.same_event_rules import SameEventRule
from resolve.increment.identifiers_around import AroundIdentifiers
from resolve.increment.settle import Settled
from resolve.increment.stored import Change, Stored
from resolve.schema.rows import join_rows

_VALUE = ["type", "value"]
_NAMED = ["identifier_type", "identifier"]


@dataclass(frozen=True, slots=True)
class AroundHistory:
    """Rows of contact_history as they have to be, and what customers they concern.

    before: the same rows as they were. planned: planned_contact of them. ids: touchpoint_ids that were looked at, those
    that are gone included.
    measures: those of golden_profile for all `customers` whose history may differ; one without any has no row.
    """

    rows: pd.DataFrame
    before: pd.DataFrame
    planned: pd.DataFrame
    ids: pd.Index
    customers: pd.Index
    measures: pd.DataFrame


def attach_around(
    change: Change,
    stored: Stored,
    decided: tuple[Settled, Identification],
    identifiers: AroundIdentifiers,
    same_event: tuple[SameEventRule, ...],
    at: pd.Timestamp,
) -> AroundHistory:
    """Return the history that may move, or is due, attributed again, and the measures of the customers it concerns."""
    settled, identity = decided
    touchpoints = _gather(change, stored, _moved(settled, identity), identifiers.owners_changed)
    ids = pd.Index(touchpoints["touchpoint_id"], dtype=object).append(
        pd.Index(change.touchpoints_gone["touchpoint_id"], dtype=object)
    )
    before = stored.rows("contact_history", "touchpoint_id", ids)
    links = _links(stored, settled, identity, touchpoints)
    rows = attach_touchpoints(touchpoints, links, _owners(stored, identifiers, touchpoints), before)
    customers = pd.Index(pd.concat([before["golden_id"], rows["golden_id"]]).dropna().unique(), dtype=object)
    rest = stored.rows("contact_history", "golden_id", customers)
    rest = rest[~rest["touchpoint_id"].isin(ids)]
    rows, others = _mark(rows, rest[rows.columns], same_event)
    measures = _measure(stored, customers, join_rows([rows, others]), touchpoints, at)
    moved = others[_differs(others["duplicate_of"], rest["duplicate_of"])]
    looked_at = ids.append(pd.Index(moved["touchpoint_id"], dtype=object))
    was = rest[rest["touchpoint_id"].isin(moved["touchpoint_id"])]
    now = join_rows([rows, moved])
    return AroundHistory(now, join_rows([before, was]), list_planned(now, at), looked_at, customers, measures)


def _mark(
    rows: pd.DataFrame, rest: pd.DataFrame, same_event: tuple[SameEventRule, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows attributed again and the other rows of their customers, both with duplicate_of of now."""
    whole = join_rows([rows, rest])
    marked = mark_same_events(whole, same_event)
    counted = len(rows)
    return (
        rows.assign(duplicate_of=marked.iloc[:counted].to_numpy(dtype=object)),
        rest.assign(duplicate_of=marked.iloc[counted:].to_numpy(dtype=object)),
    )


def _differs(new: pd.Series, old: pd.Series) -> np.ndarray:
    """Return where two columns of texts are not the same, both missing being the same."""
    fresh, held = new.to_numpy(dtype=object), old.to_numpy(dtype=object)
    differs: np.ndarray = ~((pd.isna(fresh) & pd.isna(held)) | (fresh == held)).astype(bool)
    return differs


def _moved(settled: Settled, identity: Identification) -> pd.Index:
    """Return the contacts that are with another customer than before, new or gone."""
    both = settled.closure.links[["contact_id", "golden_id"]].merge(
        identity.links[["contact_id", "golden_id"]], on="contact_id", how="outer", suffixes=("_old", "_new")
    )
    stays = both["golden_id_old"] == both["golden_id_new"]
    return pd.Index(both.loc[~stays, "contact_id"], dtype=object)


def _gather(change: Change, stored: Stored, moved: pd.Index, values: pd.DataFrame) -> pd.DataFrame:
    """Return the TOUCHPOINTS that may be attributed differently, or are due."""
    due = stored.rows("touchpoint", "touchpoint_id", change.due["touchpoint_id"])
    kept = [stored.rows("touchpoint", "contact_id", moved), stored.identified(values), due]
    known = join_rows(kept)
    known = known.drop_duplicates("touchpoint_id")
    renewed = [*change.touchpoints["touchpoint_id"], *change.touchpoints_gone["touchpoint_id"]]
    known = known[~known["touchpoint_id"].isin(renewed)]
    return join_rows([change.touchpoints, known])


def _links(stored: Stored, settled: Settled, identity: Identification, touchpoints: pd.DataFrame) -> pd.DataFrame:
    """Return contact_id, golden_id of now for every contact that the touchpoints name."""
    named = pd.Index(touchpoints["contact_id"].dropna().unique(), dtype=object)
    others = stored.rows("profile_link", "contact_id", named.difference(settled.closure.ids))
    columns = ["contact_id", "golden_id"]
    return join_rows([identity.links[columns], others[columns]])


def _owners(stored: Stored, identifiers: AroundIdentifiers, touchpoints: pd.DataFrame) -> pd.DataFrame:
    """Return profile_identifier, as it has to be, of whoever has an identifier that the touchpoints name."""
    named = touchpoints.loc[touchpoints["identifier"].notna(), _NAMED].drop_duplicates().set_axis(_VALUE, axis=1)
    holders = _as_now(identifiers, stored.identifiers(named))
    asked = pd.MultiIndex.from_frame(holders[_VALUE]).isin(pd.MultiIndex.from_frame(named))
    shared = holders[asked & holders["is_shared"].astype(bool) & ~holders["is_blocked"].astype(bool)]
    beyond = shared.loc[~shared["golden_id"].isin(identifiers.inside), "golden_id"].unique()
    return _as_now(identifiers, join_rows([holders, stored.rows("profile_identifier", "golden_id", beyond)]))


def _as_now(identifiers: AroundIdentifiers, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of identifiers now, and of stored rows those that it leaves as they are."""
    every = join_rows([identifiers.known, rows[~rows["golden_id"].isin(identifiers.inside)]])
    return every.drop_duplicates(["golden_id", *_VALUE], ignore_index=True)


def _measure(
    stored: Stored, customers: pd.Index, whole: pd.DataFrame, touchpoints: pd.DataFrame, at: pd.Timestamp
) -> pd.DataFrame:
    """Return the measures of customers from their whole history; touchpoints: those of it that are at hand."""
    own = ["touchpoint_id", "source", "source_id"]
    others = whole.loc[~whole["touchpoint_id"].isin(touchpoints["touchpoint_id"]), own]
    cases = others.merge(stored.statuses(others["touchpoint_id"]), on="touchpoint_id")
    found = measure_contacts(whole, join_rows([cases, touchpoints[[*own, "status"]]]), at)
    return found[found["golden_id"].isin(customers)].reset_index(drop=True)
