"""`meibo train`: the model fitted again to the contacts at hand, what it is worth, and what it would change."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows import console, exits
from flows.commands.labels import LabelFile, read_labels
from flows.commands.learn_text import print_training, tell_too_few
from flows.intake.extract import landed_before
from flows.intake.prepare import prepare_everything
from flows.intake.prepared import Prepared
from flows.intake.whole import check_whole
from flows.models import ChosenModel, fit_model, read_model, store_model
from flows.options import TrainOptions
from flows.progress import Progress
from flows.project import open_project
from flows.reports.report import EVENT_TYPES
from flows.run import Run, end_run, open_run
from flows.unify import load_known, resolve_with
from resolve.errors import ConfigError
from resolve.pipeline import Resolution, State

if TYPE_CHECKING:
    from resolve.quality.study import Study


@dataclass(frozen=True, slots=True)
class Training:
    """A fitted model, what it makes of the contacts, and the study of both."""

    chosen: ChosenModel
    resolution: Resolution
    study: "Study"
    with_labels: Resolution | None = None


def train_project(options: TrainOptions) -> int:
    """Fit and store a new model version, print what the next run would change, and return the exit code.

    Raises ConfigError when there are no contacts to learn from or the labels cannot be used, LockedError while another
    run holds the warehouse.
    """
    with (
        open_project(options.config) as project,
        Progress(quiet=options.json) as progress,
        open_run(project, "train", progress, dry_run=options.dry_run, workers=options.workers) as run,
    ):
        facts = train_model(run, options)
    if options.json:
        console.print_json(facts | {"exit_code": exits.OK})
    else:
        print_training(facts)
    return exits.OK


def train_model(run: Run, options: TrainOptions) -> dict[str, Any]:
    """Fit the model of the settings to what is landed, store it, and return what it is worth and would change."""
    check_whole(run)
    prepared = prepare_everything(run, landed_before(run))
    if prepared.contacts.empty:
        raise ConfigError("there are no contacts to learn from yet; run `meibo nightly` first")
    known = load_known(run, prepared)
    labels = _labels(options, prepared.contacts, known)
    chosen = fit_model(run, prepared.contacts, read_model(run.settings.model), is_forced=True)
    training = _study(run, prepared, known, (chosen, labels))
    named = run.settings.model.name if run.settings.model else None
    facts = {"run_id": run.run_id, "dry_run": run.dry_run, "model_file": named} | describe_training(training)
    if options.use_labels:
        training = _adopt(training)
    with run.transactions.writing() as conn:
        store_model(conn, run, training.chosen, active=True)
        end_run(conn, run, "succeeded", model_version=training.chosen.version, counts=training.resolution.counts)
    stored = {"model": training.chosen.version, "would_change": _changes(training.resolution)}
    return facts | stored | {"uses_labels": options.use_labels}


def _labels(options: TrainOptions, contacts: pd.DataFrame, known: State) -> LabelFile:
    """Return the labels of the file, else people's judgements in the warehouse; there may be none."""
    if options.labels is not None:
        return read_labels(options.labels, contacts)
    decided = known.judgements[known.judgements["judgement"] != "unsure"]
    pairs = decided[["contact_id_l", "contact_id_r"]].assign(same=decided["judgement"] == "match")
    return LabelFile(pairs=pairs if len(pairs) else None)


def _study(run: Run, prepared: Prepared, known: State, fitted: tuple[ChosenModel, LabelFile]) -> Training:
    """Resolve under the fitted model, study it, and resolve under the model that learnt the labels, if there is one."""
    from resolve.quality.study import study_model

    chosen, labels = fitted
    resolution = resolve_with(run, prepared, known, chosen)
    edges = resolution.tables["match_edge"]
    study = study_model(prepared.contacts, chosen.model, edges, labels.pairs, labels.entity)
    if study.labels is None or study.labels.model is None:
        return Training(chosen, resolution, study)
    other = replace(chosen, model=study.labels.model, version=study.labels.model.version)
    return Training(chosen, resolution, study, resolve_with(run, prepared, known, other))


def _adopt(training: Training) -> Training:
    """Return the training with the model that learnt the labels in place of the other; ConfigError without one."""
    labels = training.study.labels
    if labels is None:
        raise ConfigError("--use-labels: there are no labels: no judgements in the warehouse, and no file by --labels")
    if labels.model is None or training.with_labels is None:
        raise ConfigError(f"--use-labels: {tell_too_few(labels.pairs, labels.same)}")
    chosen = replace(training.chosen, model=labels.model, version=labels.model.version)
    return replace(training, chosen=chosen, resolution=training.with_labels)


def describe_training(training: Training) -> dict[str, Any]:
    """Return what a training found, as plain data."""
    report = training.chosen.report or {}
    facts = {
        "trained_on": training.chosen.trained_on,
        "class_sizes": report.get("class_sizes"),
        "left_out": report.get("left_out"),
        "warnings": report.get("notes", []),
        "would_change": _changes(training.resolution),
        "counts": training.resolution.counts,
    } | training.study.as_dict()
    now = next(stop for stop in training.study.stops if stop.stop == training.chosen.model.thresholds.link)
    facts |= {"expected_precision": now.precision, "expected_recall": now.recall}
    if training.with_labels is not None:
        facts["would_change_with_labels"] = _changes(training.with_labels)
    return facts


def _changes(resolution: Resolution) -> dict[str, int]:
    """Return how many golden profiles of each kind of event a resolution would bring."""
    kinds = resolution.events["type"].value_counts()
    return {kind: int(kinds[kind]) for kind in EVENT_TYPES if kind in kinds.index}
