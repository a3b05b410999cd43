"""`meibo evaluate`: the current links, or a file of clusters, against labels."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from flows import console, exits
from flows.commands.labels import memberships, read_text_table
from flows.options import EvaluateOptions
from flows.project import open_published
from resolve.errors import ConfigError, counted
from resolve.quality.evaluate import Evaluation, evaluate_clusters

KIND = "person"


def evaluate_truth(options: EvaluateOptions) -> int:
    """Print precision, recall and F1 of the clusters against the labels; return the exit code."""
    truth, labelled = _read_truth(options.truth)
    if options.clusters is not None:
        predicted = memberships(read_text_table(options.clusters), options.clusters)
        compared = str(options.clusters)
    else:
        predicted = _current_links(options.config)
        compared = "the current links"
    truth_of, cluster_of, missing = align(truth, predicted)
    evaluation = evaluate_clusters(cluster_of, truth_of)
    facts = {
        "compared": compared,
        "labels": len(truth),
        "labels_of_other_kinds": labelled - len(truth),
        "missing": missing,
    }
    if options.json:
        console.print_json(facts | asdict(evaluation) | {"exit_code": exits.OK})
    else:
        _print(evaluation, facts)
    return exits.OK


def _read_truth(path: Path) -> tuple[pd.DataFrame, int]:
    """Return the labels that count (kind person, where there is a kind) and how many labels the file has."""
    frame = read_text_table(path)
    counting = frame[frame["kind"] == KIND] if "kind" in frame.columns else frame
    if counting.empty:
        raise ConfigError(f"{path}: no labels" + (f" of kind {KIND}" if len(frame) else ""))
    return memberships(counting, path), len(frame)


def _current_links(config: Path) -> pd.DataFrame:
    """Return the published links as (source, record_id, entity)."""
    from connectors.warehouse.store import load_table

    with open_published(config) as project, project.reading() as conn:
        links = load_table(conn, "profile_link")
    if links.empty:
        raise ConfigError(f"{config}: its warehouse holds no links yet; run `meibo nightly` first")
    return links.rename(columns={"source_id": "record_id", "golden_id": "entity"})[["source", "record_id", "entity"]]


def align(truth: pd.DataFrame, predicted: pd.DataFrame) -> tuple[pd.Series, pd.Series, int]:
    """Return truth and clusters as Series on the same index, and how many labelled records have no cluster.

    A labelled record without a cluster stands alone: what was left out costs recall. Labels without a source are
    matched by record id; then the clusters must come from one source.
    """
    if truth["source"].isna().any() or predicted["source"].isna().any():
        if predicted["record_id"].duplicated().any():
            raise ConfigError("record ids repeat between sources: the labels need a column source")
        keys = ["record_id"]
    else:
        keys = ["source", "record_id"]
    joined = truth.merge(predicted[[*keys, "entity"]], on=keys, how="left", suffixes=("", "_predicted"))
    missing = joined["entity_predicted"].isna()
    if bool(missing.all()):
        raise ConfigError("no labelled record is among the clusters: compare the columns source and record id of both")
    alone = pd.Series([f"missing {row}" for row in joined.index], joined.index, dtype=object)
    clusters = joined["entity_predicted"].where(~missing, alone)
    return joined["entity"], clusters, int(missing.sum())


def _print(evaluation: Evaluation, facts: dict[str, Any]) -> None:
    """Print the result as a table, and what was compared."""
    console.say(f"{counted(facts['labels'], 'labelled record')} against {facts['compared']}")
    if others := facts["labels_of_other_kinds"]:
        console.say(
            f"{counted(others, 'label')} of other kinds than {KIND} {'was' if others == 1 else 'were'} left out"
        )
    if facts["missing"]:
        console.say(
            f"{counted(facts['missing'], 'labelled record has', 'labelled records have')} no cluster; "
            "each counts as a customer of its own"
        )
    pairs = (evaluation.pairwise_precision, evaluation.pairwise_recall, evaluation.pairwise_f1)
    records = (evaluation.b_cubed_precision, evaluation.b_cubed_recall, evaluation.b_cubed_f1)
    rows = [
        ("pairs", *(f"{x:.4f}" for x in pairs)),
        ("records (B-cubed)", *(f"{x:.4f}" for x in records)),
    ]
    console.print_table(("by", "precision", "recall", "F1"), rows)
    console.out().print(
        f"{evaluation.true_pairs_found:,} of {evaluation.true_pairs:,} true pairs found, "
        f"{evaluation.predicted_pairs - evaluation.true_pairs_found:,} wrong; "
        f"{evaluation.clusters:,} clusters for {evaluation.entities:,} entities"
    )
