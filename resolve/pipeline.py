"""The path of a record, read from top to bottom: prepare, link, consolidate.

Nightly runs, backfills, erasures and one-shot files all walk this path; only this module knows the order of the stages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from resolve.golden.cluster import cluster_contacts
from resolve.golden.history import attach_touchpoints
from resolve.golden.households import find_households
from resolve.golden.identifiers import list_identifiers
from resolve.golden.identify import Identification, identify_clusters
from resolve.golden.judge import Verdict, judge_pairs
from resolve.golden.kept_denials import keep_denials, list_denials
from resolve.golden.measures import list_planned, measure_contacts
from resolve.golden.order import ordered, put_beside
from resolve.golden.registry import list_former_members
from resolve.golden.review import queue_reviews
from resolve.golden.same_event import mark_same_events
from resolve.golden.segments import list_segment_rules
from resolve.golden.survive import survive_profiles
from resolve.link.encode import Encoded
from resolve.link.engine import Linkage, link_contacts
from resolve.model import MatchModel
from resolve.schema import OPERATIONS, PUBLISHED, conform, frames
from resolve.standardise.contact import standardise_contacts
from resolve.standardise.touchpoints import find_survivors, standardise_touchpoints
from resolve.state import State

__all__ = [
    "Resolution",
    "RunContext",
    "State",
    "find_survivors",
    "prepare_contacts",
    "prepare_touchpoints",
    "resolve_contacts",
    "shape_table",
    "source_merges",
]

prepare_contacts = standardise_contacts
prepare_touchpoints = standardise_touchpoints


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run passes in from outside: its time, the key of golden IDs, source ranks, workers, and who wants to know.

    `on_stage(name, done, total)` is called as stages begin and advance, `on_table(name, frame)` with each table once it
    is decided, and with the events as `identity_event`; the first is match_edge, when linking is over.
    """

    at: pd.Timestamp
    id_key: bytes
    source_ranks: Mapping[str, int]
    workers: int = 1
    on_stage: Callable[[str, int, int], None] = lambda _name, _done, _total: None
    model_version: str | None = None  # where it is known: to hash a model takes as long as to write it
    on_table: Callable[[str, pd.DataFrame], None] = lambda _name, _table: None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a run decided: the new content of every table by name, the events to append, and counts by name.

    Tables carry no run_id; golden_profile carries neither golden_version nor updated_at, which publishing fills.
    """

    tables: dict[str, pd.DataFrame]
    events: pd.DataFrame
    counts: dict[str, int]


def resolve_contacts(
    contacts: pd.DataFrame,
    touchpoints: pd.DataFrame,
    state: State,
    model: MatchModel,
    run: RunContext,
    encoded: Encoded | None = None,
) -> Resolution:
    """Link CONTACTS (`encoded`: as training left them), make golden profiles of them, attribute TOUCHPOINTS to them.

    Contacts that are encoded already, and in order of contact_id, are taken as they are: a copy is half a gigabyte for
    a million.
    """
    contacts = ordered(contacts if encoded is not None else conform(contacts, frames.CONTACTS), ["contact_id"])
    run.on_stage("link", 0, 1)
    linkage = link_contacts(
        contacts if encoded is None else encoded,
        model.link,
        workers=run.workers,
        on_progress=lambda done, total: run.on_stage("link", done, total),
    )
    linkage.contacts.keep_keys()
    run.on_stage("cluster", 0, 1)
    verdicts = judge_pairs(linkage.pairs, state.judgements, source_merges(contacts), model.thresholds)
    limits = model.thresholds
    decided = _Decided(run)
    decided.put("match_edge", verdicts.assign(model_version=run.model_version or model.version))
    clusters = cluster_contacts(
        contacts["contact_id"].tolist(), verdicts, stop=limits.link, unmet=limits.unmet, lone=model.lone
    )
    run.on_stage("identify", 0, 1)
    identity = identify_clusters(
        clusters, contacts[["contact_id", "created_at"]], state.registry, state.links, key=run.id_key, at=run.at
    )
    run.on_table("identity_event", identity.events)
    run.on_stage("consolidate", 0, 1)
    _put_golden(decided, contacts, touchpoints, _Found(linkage, verdicts, clusters, identity), state, model)
    run.on_stage("consolidate", 1, 1)
    return Resolution(decided.tables, identity.events, _counts(decided.tables, verdicts, linkage))


def source_merges(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return hard edges (contact_id_l, contact_id_r, rule) for records that their own source declared merged."""
    merged = contacts.loc[contacts["merged_into"].notna(), ["contact_id", "merged_into"]]
    merged = merged[merged["merged_into"].isin(contacts["contact_id"])]
    left = np.minimum(merged["contact_id"].astype(str), merged["merged_into"].astype(str))
    right = np.maximum(merged["contact_id"].astype(str), merged["merged_into"].astype(str))
    edges = pd.DataFrame({"contact_id_l": left, "contact_id_r": right, "rule": "source_merge"}, dtype=object)
    return edges[edges["contact_id_l"] != edges["contact_id_r"]].drop_duplicates(ignore_index=True)


class _Decided:
    """The new content of every table of a run, without run columns, as it is decided; `put` passes it on."""

    def __init__(self, run: RunContext) -> None:
        self.run = run
        self.tables: dict[str, pd.DataFrame] = {}

    def put(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table in its shape."""
        self.tables[name] = shape_table(frame, name)
        self.run.on_table(name, self.tables[name])


class _Found(NamedTuple):
    """Who is who: scored pairs, the verdict on each, clusters of contacts, and the golden IDs of these."""

    linkage: Linkage
    verdicts: pd.DataFrame
    clusters: pd.DataFrame
    identity: Identification


def _put_golden(
    decided: _Decided,
    contacts: pd.DataFrame,
    touchpoints: pd.DataFrame,
    found: _Found,
    state: State,
    model: MatchModel,
) -> None:
    """Decide what follows from CONTACTS, TOUCHPOINTS and who is who: all tables but match_edge."""
    linkage, verdicts, clusters, identity = found
    run = decided.run
    links = _profile_links(contacts, clusters, identity)
    decided.put("profile_link", links.drop(columns="contact_id"))
    decided.put("golden_registry", identity.registry)
    decided.put("golden_id_redirect", identity.redirects)
    decided.put("former_member", list_former_members(identity.registry))
    decided.put("segment_rule", list_segment_rules(model.segments))
    decided.put("review_queue", queue_reviews(verdicts, clusters, state.judgements, model.thresholds))
    denials = keep_denials(state.kept, list_denials(state.left), state.links, contacts["contact_id"], run.at)
    decided.put("kept_denial", denials)
    survival = survive_profiles(contacts, links, model.survivorship, run.source_ranks, kept=denials)
    decided.put("golden_lineage", survival.lineage)
    identifiers = list_identifiers(contacts, links, linkage.stats.hot, survival.primaries)
    decided.put("profile_identifier", identifiers)
    households = find_households(verdicts, links)
    run.on_stage("history", 0, 1)
    history = attach_touchpoints(touchpoints, links, identifiers, state.history)
    history["duplicate_of"] = mark_same_events(history, model.same_event)
    decided.put("contact_history", history)
    decided.put("planned_contact", list_planned(history, run.at))
    measures = measure_contacts(history, touchpoints, run.at)
    run.on_stage("consolidate", 0, 1)
    profiles = put_beside(put_beside(survival.profiles, measures, "golden_id"), households, "golden_id")
    profiles["contact_count"] = profiles["contact_count"].fillna(0)
    profiles["open_case_count"] = profiles["open_case_count"].fillna(0)
    profiles["status"] = "active"
    decided.put("golden_profile", profiles)


def shape_table(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame with the columns of its table in order, as far as it has them, sorted by key."""
    table = (PUBLISHED | OPERATIONS)[name]
    columns = [c for c in table.names if c in frame.columns]
    return ordered(frame[columns], list(table.key))


def _profile_links(contacts: pd.DataFrame, clusters: pd.DataFrame, identity: Identification) -> pd.DataFrame:
    """Return the crosswalk: the columns of profile_link, and contact_id."""
    links = put_beside(contacts[["contact_id", "source", "source_id"]], identity.links, "contact_id")
    return put_beside(links, clusters[["contact_id", "link_type", "match_probability"]], "contact_id")


def _counts(tables: dict[str, pd.DataFrame], verdicts: pd.DataFrame, linkage: Linkage) -> dict[str, int]:
    """Return the numbers a summary shows, by name."""
    kinds = tables["profile_link"]["link_type"].value_counts()
    attributed = int(tables["contact_history"]["golden_id"].notna().sum())
    return {
        "contacts": len(tables["profile_link"]),
        "profiles": len(tables["golden_profile"]),
        "candidate_pairs": linkage.stats.pairs,
        "skipped_keys": int(linkage.stats.skipped["keys"].sum()),
        "skipped_pairs": int(linkage.stats.skipped["pairs"].sum()),
        "linked_pairs": int((verdicts["verdict"] == Verdict.LINK).sum()),
        "review_pairs": len(tables["review_queue"]),
        **{f"links_{kind}": int(kinds.get(kind, 0)) for kind in ("auto", "rule", "person", "single")},
        "touchpoints": len(tables["contact_history"]),
        "touchpoints_unattributed": len(tables["contact_history"]) - attributed,
    }
