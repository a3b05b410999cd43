"""A change to the rows of the published tables that it touches: the path of a nightly run, read from top to bottom."""

from dataclasses import dataclass, field, replace

import pandas as pd

from resolve.golden.identify import Identification
from resolve.golden.registry import list_former_members
from resolve.golden.review import queue_reviews
from resolve.golden.segments import list_segment_rules
from resolve.golden.survive import Survival, survive_profiles
from resolve.increment.closure import ends_of, pair_rows
from resolve.increment.counts import count_changes
from resolve.increment.denials_around import keep_around
from resolve.increment.history_around import AroundHistory, attach_around
from resolve.increment.homes import Homes, find_homes
from resolve.increment.identifiers_around import list_around
from resolve.increment.identities import identify_change
from resolve.increment.pairs_changed import keep_changed_pairs
from resolve.increment.relink import Relinked, Relinker
from resolve.increment.settle import Settled, Settler
from resolve.increment.stored import Change, Stored
from resolve.increment.survivors import Survivors, find_survivors_of
from resolve.link.neighbour_keys import Entries
from resolve.model import MatchModel
from resolve.pipeline import RunContext, shape_table
from resolve.schema import PUBLISHED, conform
from resolve.schema.rows import join_rows

MEASURES = (
    "first_contact_at", "last_contact_at", "last_contact_channel", "contact_count", "open_case_count",
    "latest_csat", "latest_nps", "latest_ces",
)  # fmt: skip
_FILLED = ("golden_version", "updated_at", "run_id")  # publishing fills them
_PAIR = ["contact_id_l", "contact_id_r"]


@dataclass(frozen=True, slots=True)
class Touched:
    """The rows that the tables replace: all that have one of these ids, whether or not a new row does.

    golden_ids: golden_profile, profile_identifier, golden_lineage. contact_ids: profile_link. touchpoint_ids:
    contact_history, planned_contact. ended_ids: former_member. holder_ids: kept_denial. scored_ids: match_edge and
    review_queue, either side.
    """

    golden_ids: frozenset[str]
    contact_ids: frozenset[str]
    touchpoint_ids: frozenset[str]
    ended_ids: frozenset[str]
    scored_ids: frozenset[str] = frozenset()
    holder_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PartialResolution:
    """What a change decided: rows by table as in `Resolution`, the rows they replace, events, entries of the index.

    Some rows of golden_profile and profile_identifier, and pairs that differ, are beyond `touched`: they replace their
    namesakes alone. changes: by how much the counts of the last published run change. looked_at: how many contacts
    were decided, and how many pairs scored.
    """

    tables: dict[str, pd.DataFrame]
    touched: Touched
    events: pd.DataFrame
    taken: Entries
    added: Entries
    changes: dict[str, int] = field(default_factory=dict)
    looked_at: dict[str, int] = field(default_factory=dict)


def resolve_change(change: Change, stored: Stored, model: MatchModel, run: RunContext) -> PartialResolution:
    """Return what resolving everything again would change, from the change and what is stored around it.

    The model must be one whose pairs an index can find (`can_index`), and the same as that of the last published run.
    """
    run.on_stage("link", 0, 1)
    linker = Relinker(change, stored, model.link, run.workers)
    relinked = linker.run()
    run.on_stage("cluster", 0, 1)
    settled = Settler(change, stored, model, linker).run(relinked)
    run.on_stage("identify", 0, 1)
    identity = identify_change(change, stored, settled, run)
    run.on_stage("consolidate", 0, 1)
    found = _consolidate(change, stored, (linker, relinked, settled, identity), model, run)
    run.on_stage("consolidate", 1, 1)
    return found


def _consolidate(
    change: Change,
    stored: Stored,
    decided: tuple[Relinker, Relinked, Settled, Identification],
    model: MatchModel,
    run: RunContext,
) -> PartialResolution:
    """Return the rows of every table for what was decided."""
    linker, relinked, settled, identity = decided
    survivors = find_survivors_of(change, stored, linker, settled, identity)
    denials, holders = keep_around(change, stored, linker, settled, survivors, run.at)
    survival = _survive(survivors, denials, model, run)
    identifiers = list_around(stored, survivors, relinked, survival.primaries)
    run.on_stage("history", 0, 1)
    history = attach_around(change, stored, (settled, identity), identifiers, model.same_event, run.at)
    homes = find_homes(stored, settled, identity)
    tables = {
        "golden_profile": _profiles(stored, survival.profiles, survivors, (history, homes)),
        "profile_link": _links(settled, identity),
        "profile_identifier": join_rows([identifiers.now, identifiers.others]),
        "contact_history": history.rows,
        "planned_contact": history.planned,
        "golden_lineage": survival.lineage,
        "golden_id_redirect": identity.redirects,
        "golden_registry": identity.registry,
        "former_member": list_former_members(identity.registry),
        "kept_denial": denials,
        "segment_rule": list_segment_rules(model.segments),
        "match_edge": settled.verdicts.assign(model_version=run.model_version or model.version),
        "review_queue": _reviews(stored, settled, model),
    }
    tables = {name: shape_table(frame, name) for name, frame in tables.items()}
    ids = settled.closure.ids
    before = {"match_edge": settled.closure.edges, "review_queue": pair_rows(stored, "review_queue", ids)}
    changes = count_changes(settled, identity, history, tables["review_queue"], before["review_queue"])
    pairs, whole = keep_changed_pairs({name: tables[name] for name in before}, before, ids)
    touched = replace(_touched(settled, survivors, identity, history), scored_ids=whole, holder_ids=holders)
    looked_at = {"contacts": len(settled.contacts), "pairs": relinked.looked_at}
    moved = (identity.events, relinked.taken, relinked.added)
    return PartialResolution(tables | pairs, touched, *moved, changes, looked_at)


def _survive(survivors: Survivors, denials: pd.DataFrame, model: MatchModel, run: RunContext) -> Survival:
    """Return the values of the profiles that are chosen again."""
    mine, rules = (survivors.contacts, survivors.links), (model.survivorship, run.source_ranks)
    return survive_profiles(*mine, *rules, survivors.elsewhere, denials)


def _touched(settled: Settled, survivors: Survivors, identity: Identification, history: AroundHistory) -> Touched:
    """Return which rows the tables replace."""
    golden = [*survivors.former["golden_id"].unique(), *survivors.links["golden_id"].unique()]
    return Touched(
        frozenset(golden),
        frozenset(settled.closure.ids),
        frozenset(history.ids),
        frozenset(identity.registry["golden_id"]),
    )


def _links(settled: Settled, identity: Identification) -> pd.DataFrame:
    """Return profile_link of the contacts that were decided."""
    links = settled.contacts[["contact_id", "source", "source_id"]].merge(identity.links, on="contact_id")
    return links.merge(settled.clusters[["contact_id", "link_type", "match_probability"]], on="contact_id")


def _reviews(stored: Stored, settled: Settled, model: MatchModel) -> pd.DataFrame:
    """Return review_queue for the pairs of the contacts; the customers of others are those of before."""
    ends = ends_of(settled.verdicts)
    links = stored.rows("profile_link", "contact_id", ends.difference(settled.closure.ids))
    others = links[["contact_id", "golden_id"]].set_axis(["contact_id", "cluster_id"], axis=1)
    clusters = join_rows([settled.clusters[["contact_id", "cluster_id"]], others])
    return queue_reviews(settled.verdicts, clusters, settled.judgements, model.thresholds)


def _profiles(
    stored: Stored, values: pd.DataFrame, survivors: Survivors, around: tuple[AroundHistory, Homes]
) -> pd.DataFrame:
    """Return golden_profile: customers with values of now, and others with other measures or another household."""
    history, homes = around
    decided = pd.Index([*values["golden_id"], *survivors.former["golden_id"]], dtype=object).unique()
    beyond = history.customers.union(homes.customers).difference(decided)
    held = ["golden_id", *MEASURES, "household_id"]
    known = stored.rows("golden_profile", "golden_id", values["golden_id"], held)
    measured = values.merge(known, how="left", on="golden_id")
    others = stored.rows("golden_profile", "golden_id", beyond)
    others = others.drop(columns=[name for name in _FILLED if name in others.columns])
    every = join_rows([measured.astype(object), others.astype(object)])
    every["status"] = "active"
    _put(every, history.customers, history.measures, MEASURES)
    _put(every, homes.customers, homes.households, ("household_id",))
    for name in ("contact_count", "open_case_count"):
        every[name] = every[name].where(every[name].notna(), 0)
    table = PUBLISHED["golden_profile"]
    return conform(every, replace(table, columns=tuple(c for c in table.columns if c.name in every.columns)))


def _put(rows: pd.DataFrame, customers: pd.Index, values: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Set columns of the rows of some customers, to missing where the values have no row; changes `rows`."""
    mine = rows["golden_id"].isin(customers).to_numpy()
    fresh = rows.loc[mine, ["golden_id"]].merge(values, how="left", on="golden_id")
    for name in columns:
        column = rows[name].to_numpy(dtype=object, copy=True)
        column[mine] = fresh[name].to_numpy(dtype=object)
        rows[name] = pd.Series(column, index=rows.index, dtype=object)
