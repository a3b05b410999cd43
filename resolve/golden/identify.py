"""Clusters to golden IDs that stay: inherit, restore, else mint; and what became of every ID ever published."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.board import Board
from resolve.golden.events import tell_events
from resolve.golden.inherit import inherit_ids
from resolve.golden.mint import find_founders, mint_ids
from resolve.golden.order import names_of, ordered
from resolve.golden.outcome import Outcome, settle_ids
from resolve.golden.registry import register_ids, resolve_redirects


@dataclass(frozen=True, slots=True)
class Identification:
    """Who is who after a run; no frame carries run_id or event_id.

    links: contact_id, golden_id, previous_golden_id, linked_at; a contact that did not move keeps the last two.
    registry: the full new golden_registry, sorted. events: identity_event of this run. redirects: golden_id_redirect,
    one row for every ID ever published, living ones included.
    """

    links: pd.DataFrame
    registry: pd.DataFrame
    events: pd.DataFrame
    redirects: pd.DataFrame


def identify_clusters(
    clusters: pd.DataFrame,
    contacts: pd.DataFrame,
    registry: pd.DataFrame,
    links: pd.DataFrame,
    *,
    key: bytes,
    at: pd.Timestamp,
) -> Identification:
    """Give every cluster a golden ID by the rules of `inherit_ids`; a new one where none carries on.

    Args:
        clusters: CLUSTERS (contact_id, cluster_id).
        contacts: contact_id, created_at; the record created first founds a new ID.
        registry: golden_registry of the last run.
        links: contact_id and golden_id of the last run. Optional: previous_golden_id and linked_at, kept for contacts
            that do not move (linked_at also tells which records joined after a merge); gone, the reason why a contact
            is not among the clusters: `erased` ends an ID for ever once none of its records lives, any other reason
            lets it come back with its records.
        key: secret of the keyed hash; the same key mints the same IDs.
        at: time of the run, UTC.

    The result does not depend on the order of rows. A merged or retired ID redirects to the living one that holds most
    of its records. Nothing changes when nothing changed: no event, no new time.

    Raises:
        ConfigError: the key is empty.
        SchemaError: a link names an ID that is not active in the registry.
    """
    board = Board.lay_out(clusters, registry, links)
    holder = inherit_ids(board)
    new = np.flatnonzero(holder < 0)
    founders = find_founders(board, contacts, new)
    minted = mint_ids(founders, board.registry, key)
    holder[new] = len(board.golden) + np.arange(len(new))
    outcome = settle_ids(board, holder, minted)
    after = ordered(register_ids(board, outcome, minted, at), ["golden_id"])
    events = tell_events(board, outcome, at)
    return Identification(_link(board, outcome, at), after, events, resolve_redirects(after))


def _link(board: Board, outcome: Outcome, at: pd.Timestamp) -> pd.DataFrame:
    """Return the links of this run, sorted by contact_id."""
    stayed = np.flatnonzero((outcome.now == board.old) & (board.old >= 0))
    row = board.link_at[stayed]
    previous = names_of(outcome.names, board.old)
    previous[stayed] = board.links["previous_golden_id"].to_numpy(dtype=object)[row]
    previous[pd.isna(previous)] = None
    linked = np.full(len(previous), at.tz_convert("UTC").to_datetime64(), dtype="datetime64[ns]")
    linked[stayed] = board.links["linked_at"].dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")[row]
    return pd.DataFrame(
        {
            "contact_id": board.ids.to_numpy(),
            "golden_id": outcome.names[outcome.now],
            "previous_golden_id": previous,
            "linked_at": pd.Series(linked).dt.tz_localize("UTC"),
        }
    )
