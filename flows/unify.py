"""Third stage: choose the model and resolve, unless everything is as the last published run saw it."""

import json
from dataclasses import dataclass, field
from importlib.metadata import version

import pandas as pd

from connectors.warehouse.store import load_state, load_table
from flows.basis import ENDED_WELL, PUBLISHING
from flows.inputs import hash_inputs
from flows.models import ChosenModel, choose_model
from flows.prepared import Prepared
from flows.run import Run
from resolve.pipeline import Resolution, RunContext, State, resolve_contacts


@dataclass(frozen=True, slots=True)
class Unified:
    """The model, the hash of everything that went in, and the result; None when it would be that of the last run.

    `counts` are those of the result, or of the run that published it.
    """

    chosen: ChosenModel
    input_hash: str | None
    resolution: Resolution | None
    counts: dict[str, int] = field(default_factory=dict)


def resolve_frames(run: Run, prepared: Prepared) -> Unified:
    """Return the resolution of the prepared frames, or none when nothing changed since the last published run."""
    chosen = choose_model(run, prepared.contacts)
    with run.transactions.begin() as conn:
        runs = load_table(conn, "run_manifest")
    ended = runs[runs["status"].isin(ENDED_WELL) & runs["kind"].isin(PUBLISHING)].sort_values(["started_at", "run_id"])
    if not prepared.delta.full and not len(prepared.delta):
        return Unified(chosen, ended["input_hash"].iloc[-1], None, _last_counts(ended))
    state = load_known(run, prepared)
    frames = {
        "contacts": prepared.contacts[["contact_id", "content_hash"]],
        "touchpoints": prepared.touchpoints,
        "aliases": prepared.aliases,
        "judgements": state.judgements,
        "quarantine": prepared.quarantine[["source", "stream", "row_key", "reason"]],
    }
    facts = {"model": chosen.version, "config": run.settings.config_hash, "meibo": version("meibo")}
    input_hash = hash_inputs(frames, facts)
    if len(ended) and ended["input_hash"].iloc[-1] == input_hash:
        return Unified(chosen, input_hash, None, _last_counts(ended))
    resolution = resolve_with(run, prepared, state, chosen)
    return Unified(chosen, input_hash, resolution, resolution.counts)


def load_known(run: Run, prepared: Prepared) -> State:
    """Return what the warehouse knew before the run."""
    with run.transactions.begin() as conn:
        return State(aliases=prepared.aliases, **load_state(conn))


def resolve_with(run: Run, prepared: Prepared, state: State, chosen: ChosenModel) -> Resolution:
    """Return the resolution of the prepared frames under a model."""
    ranks = {name: source.rank or 0 for name, source in run.settings.sources.items()}
    context = RunContext(run.at, run.settings.identity.key.encode(), ranks, run.workers, run.progress.stage)
    return resolve_contacts(prepared.contacts, prepared.touchpoints, state, chosen.model, context)


def _last_counts(runs: pd.DataFrame) -> dict[str, int]:
    """Return the counts of the last of the runs that has any."""
    counted = runs["counts"].dropna()
    return json.loads(counted.iloc[-1]) if len(counted) else {}
