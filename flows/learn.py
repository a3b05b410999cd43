"""`meibo train`: the model fitted again to the contacts at hand, and what it would change."""

from typing import Any

from flows import console, exits
from flows.extract import landed_before
from flows.models import fit_model, read_model, store_model
from flows.options import TrainOptions
from flows.prepare import prepare_frames
from flows.progress import Progress
from flows.project import open_project
from flows.report import EVENT_TYPES
from flows.run import Run, end_run, open_run
from flows.unify import load_known, resolve_with
from resolve.errors import ConfigError


def train_project(options: TrainOptions) -> int:
    """Fit and store a new model version, print what the next run would change, and return the exit code.

    Raises ConfigError when there are no contacts to learn from, LockedError while another run holds the warehouse.
    """
    project = open_project(options.config)
    with (
        Progress(quiet=options.json) as progress,
        open_run(project, "train", progress, dry_run=options.dry_run, workers=options.workers) as run,
    ):
        facts = train_model(run)
    if options.json:
        console.print_json(facts | {"exit_code": exits.OK})
    else:
        _print(facts)
    return exits.OK


def train_model(run: Run) -> dict[str, Any]:
    """Fit the model of the settings to what is landed, store it, and return what it is and would change."""
    prepared = prepare_frames(run, landed_before(run))
    if prepared.contacts.empty:
        raise ConfigError("there are no contacts to learn from yet; run `meibo nightly` first")
    chosen = fit_model(run, prepared.contacts, read_model(run.settings.model), is_forced=True)
    resolution = resolve_with(run, prepared, load_known(run, prepared), chosen)
    kinds = resolution.events["type"].value_counts()
    with run.transactions.writing() as conn:
        store_model(conn, run, chosen, active=True)
        end_run(conn, run, "succeeded", model_version=chosen.version, counts=resolution.counts)
    report = chosen.report or {}
    return {
        "run_id": run.run_id,
        "dry_run": run.dry_run,
        "model": chosen.version,
        "trained_on": chosen.trained_on,
        "expected_precision": report.get("expected_precision"),
        "expected_recall": report.get("expected_recall"),
        "would_change": {kind: int(kinds[kind]) for kind in EVENT_TYPES if kind in kinds.index},
        "counts": resolution.counts,
    }


def _print(facts: dict[str, Any]) -> None:
    """Print the new model and what it would change."""
    out = console.out()
    out.print(f"model {facts['model']}, fitted to {facts['trained_on']:,} contacts")
    if facts["expected_precision"] is not None:
        expected = f"precision {facts['expected_precision']:.3f}, recall {facts['expected_recall']:.3f}"
        out.print(f"expected {expected} of candidate pairs, judged by the model itself")
    changes = ", ".join(f"{count:,} {kind}" for kind, count in facts["would_change"].items())
    out.print(f"golden profiles: {changes or 'the same records in each as now'}")
    if facts["dry_run"]:
        out.print("dry run: the stored model stays")
    else:
        console.print_next((("meibo nightly --dry-run", "every change in detail"), ("meibo nightly", "publish them")))
