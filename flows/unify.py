"""Third stage: choose the model and resolve, unless everything is as the last published run saw it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import pandas as pd

from connectors.warehouse.denials import load_denying
from connectors.warehouse.publish import Begun
from connectors.warehouse.runs import last_counts, last_ended_well
from connectors.warehouse.store import load_state
from flows.inputs import hash_inputs
from flows.intake.incremental import resolve_difference
from flows.intake.prepared import Prepared
from flows.memory import give_back
from flows.models import ChosenModel, choose_model
from flows.publishing.begin import begin_publishing
from flows.run import Run
from resolve.errors import ConfigError
from resolve.increment.resolve_change import PartialResolution
from resolve.link.encode import Encoded
from resolve.pipeline import Resolution, RunContext, State, resolve_contacts

DELETED = "deleted"  # why a contact is gone that no row gives any more
Decided = Resolution | PartialResolution


@dataclass(frozen=True, slots=True)
class Unified:
    """The model, the hash of everything that went in, and the result; None when it would be that of the last run.

    `counts` are those of the result, or of the run that published it. `encoded`: all contacts as linking saw them,
    where everything was resolved. `begun`: the tables of a first run that are staged already.
    """

    chosen: ChosenModel
    input_hash: str | None
    resolution: Decided | None
    counts: dict[str, int] = field(default_factory=dict)
    encoded: Encoded | None = None
    begun: Begun | None = None


def resolve_frames(run: Run, prepared: Prepared) -> Unified:
    """Return the resolution of the prepared frames, or none when nothing changed since the last published run.

    Raises ConfigError when a difference was prepared for another model than the settings name by now.
    """
    give_back()
    begun = begin_publishing(run, prepared) if prepared.delta.full else None
    encoded = Encoded(prepared.contacts)  # once for training, linking and the index; columns when they are asked for
    chosen = choose_model(run, encoded)
    if not prepared.delta.full:
        return _resolve_difference(run, prepared, chosen)
    with run.transactions.begin() as conn:
        last, counts = last_ended_well(conn), last_counts(conn)
    state = load_known(run, prepared)
    frames = {
        "contacts": prepared.contacts[["contact_id", "content_hash"]],
        "touchpoints": prepared.touchpoints,
        "aliases": prepared.aliases,
        "planned": prepared.touchpoints.loc[prepared.touchpoints["occurred_at"] > run.at, ["touchpoint_id"]],
        "judgements": state.judgements,
        "quarantine": prepared.quarantine[["source", "stream", "row_key", "reason"]],
    }
    facts = {"model": chosen.version, "config": run.settings.config_hash, "meibo": version("meibo")}
    input_hash = hash_inputs(frames, facts)
    if not prepared.books.is_rebuild and last is not None and last.input_hash == input_hash:
        return Unified(chosen, input_hash, None, counts)
    context = _context(run, chosen)
    if begun is not None:
        context = replace(context, on_table=begun.take)
    contacts, touchpoints = prepared.contacts, prepared.touchpoints
    resolution = resolve_contacts(contacts, touchpoints, state, chosen.model, context, encoded)
    return Unified(chosen, input_hash, resolution, resolution.counts, encoded, None if begun is None else begun.early)


def _resolve_difference(run: Run, prepared: Prepared, chosen: ChosenModel) -> Unified:
    """Return what the difference changes; its counts are those of the run that it starts from, with what it changes.

    Raises ConfigError when that run had another model.
    """
    delta = prepared.delta
    with run.transactions.begin() as conn:
        last, before = last_ended_well(conn), last_counts(conn)
        if last is None or last.model_version != chosen.version:
            raise ConfigError(
                "the model changed while this run was at work, which had begun with the one before. Run again"
            )
        if not len(delta):
            return Unified(chosen, last.input_hash, None, before)
        part = resolve_difference(conn, delta, chosen.model, _context(run, chosen))
    counts = {name: count + part.changes.get(name, 0) for name, count in before.items()}
    # those of this run; keys that were left out are those of the last full one
    counts["candidate_pairs"] = part.looked_at["pairs"]
    frames = {
        "contacts": delta.contacts[["contact_id", "content_hash"]],
        "gone": delta.gone,
        "touchpoints": delta.touchpoints,
        "touchpoints_gone": delta.touchpoints_gone,
        "judgements": delta.judgements,
        "due": delta.due,
    }
    input_hash = hash_inputs(frames, {"after": str(last.input_hash)})
    return Unified(chosen, input_hash, part, counts)


def load_known(run: Run, prepared: Prepared) -> State:
    """Return what the warehouse knew before the run."""
    with run.transactions.begin() as conn:
        known = load_state(conn)
        links = known.pop("links")
        gone = ~links["contact_id"].isin(prepared.contacts["contact_id"])
        left = load_denying(conn, links.loc[gone, "contact_id"].tolist())
    links["gone"] = pd.Series([DELETED if one else None for one in gone], index=links.index, dtype=object)
    return State(aliases=prepared.aliases, links=links, left=left, **known)


def resolve_with(run: Run, prepared: Prepared, state: State, chosen: ChosenModel) -> Resolution:
    """Return the resolution of the prepared frames under a model."""
    return resolve_contacts(prepared.contacts, prepared.touchpoints, state, chosen.model, _context(run, chosen))


def _context(run: Run, chosen: ChosenModel) -> RunContext:
    """Return what the run passes in from outside."""
    ranks = {name: source.rank or 0 for name, source in run.settings.sources.items()}
    key = run.settings.identity.key.encode()
    return RunContext(run.at, key, ranks, run.workers, _stages(run), chosen.version)


def _stages(run: Run) -> Callable[[str, int, int], None]:
    """Return the function that is told of stages: it shows them, and gives back what the stage before has freed."""
    begun: list[str] = []

    def tell(name: str, done: int, total: int) -> None:
        if begun[-1:] != [name]:
            begun.append(name)
            give_back()
        run.progress.stage(name, done, total)

    return tell
