"""Commands on matching itself: dedupe, evaluate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from flows.options import Configured, Shared


@dataclass(frozen=True, kw_only=True)
class DedupeOptions(Shared):
    """Options of `meibo dedupe`."""

    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV or Parquet; each file is a source.")]
    out: Annotated[Path, typer.Option("--out", help="Where the clusters go: CSV or Parquet.")]
    id_column: Annotated[str | None, typer.Option("--id", metavar="COL", help="Column that identifies a row.")] = None
    mappings: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COL", help="Overrides a recognised column; repeatable.")
    ] = None
    country: Annotated[str, typer.Option("--country", metavar="CC", help="Country of rows that name none.")] = "JP"
    model: Annotated[Path | None, typer.Option("--model", help="A model.yaml; default: the shipped model.")] = None
    golden: Annotated[Path | None, typer.Option("--golden", help="Also write the golden profiles here.")] = None
    no_train: Annotated[bool, typer.Option("--no-train", help="Use the model as it is, without fitting it.")] = False
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes for the heavy stages.")] = 1


def dedupe(options: DedupeOptions) -> int:
    """Find the records of one person or company in files. Needs no project, no settings, no server.

    Columns are recognised by header and content, Japanese and English. The result has the columns source (file
    name), record_id, cluster_id and match_probability, one row for each row read.
    """
    from flows.dedupe import dedupe_files

    return dedupe_files(options)


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Configured):
    """Options of `meibo evaluate`."""

    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="CSV or Parquet: source, source_id, person_id[, kind].")
    ]
    clusters: Annotated[
        Path | None, typer.Option("--clusters", help="Compare this file (of dedupe) instead of the current links.")
    ] = None


def evaluate(options: EvaluateOptions) -> int:
    """Compare the current links with labels: precision, recall and F1, by pairs and by records (B-cubed)."""
    from flows.evaluate import evaluate_truth

    return evaluate_truth(options)


COMMANDS = (dedupe, evaluate)
