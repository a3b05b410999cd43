"""Command-line options as frozen dataclasses: a command takes one object, however many options it has."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes for the heavy stages.", show_default="every CPU")
]
DEFAULT_CONFIG = Path("meibo.yaml")


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Options that every command has."""

    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False


@dataclass(frozen=True, kw_only=True)
class Configured(Shared):
    """Options of commands that work on a project."""

    config: Annotated[Path, typer.Option("--config", help="The project's settings.")] = DEFAULT_CONFIG


@dataclass(frozen=True, kw_only=True)
class DemoOptions(Shared):
    """Options of `meibo demo`."""

    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the sample project goes.")] = Path("meibo-demo")


@dataclass(frozen=True, kw_only=True)
class Gated(Configured):
    """Options of commands whose result has to pass the gates."""

    accept_gate: Annotated[
        list[str] | None,
        typer.Option("--accept-gate", metavar="NAME", help="Publish although this gate is over budget; repeatable."),
    ] = None
    accept_gates: Annotated[
        bool, typer.Option("--accept-gates", help="Publish although gates are over budget, whichever.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class NightlyOptions(Gated):
    """Options of `meibo nightly`."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="With --dry-run: exit 3 when changes are pending.")
    ] = False
    workers: Workers = CPUS


@dataclass(frozen=True, kw_only=True)
class BackfillOptions(Gated):
    """Options of `meibo backfill`."""

    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="S", help="Read this source again; repeatable.")
    ] = None
    since: Annotated[str | None, typer.Option(metavar="D", help="Rows changed from this date or time on.")] = None
    until: Annotated[str | None, typer.Option(metavar="D", help="Rows changed before this date or time.")] = None
    chunk: Annotated[str, typer.Option(metavar="LENGTH", help="Read so much at a time: 12h, 7d, 4w.")] = "7d"
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Resolve everything anew; golden IDs are kept.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the backfill that was cut off.")] = False
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="With --dry-run: exit 3 when changes are pending.")
    ] = False
    workers: Workers = CPUS


@dataclass(frozen=True, kw_only=True)
class DedupeOptions(Shared):
    """Options of `meibo dedupe`."""

    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV, Excel, Parquet, JSON; each a source.")]
    out: Annotated[Path, typer.Option("--out", help="Where the clusters go: CSV or Parquet.")]
    id_column: Annotated[str | None, typer.Option("--id", metavar="COL", help="Column that identifies a row.")] = None
    mappings: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COL", help="Overrides a recognised column; repeatable.")
    ] = None
    country: Annotated[
        str | None,
        typer.Option(
            "--country", metavar="CC", help="Country of rows that name none.", show_default="seen from the file"
        ),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="Of text files: cp1252, cp932 …", show_default="found"),
    ] = None
    model: Annotated[Path | None, typer.Option("--model", help="A model.yaml; default: the shipped model.")] = None
    golden: Annotated[Path | None, typer.Option("--golden", help="Also write the golden profiles here.")] = None
    no_train: Annotated[bool, typer.Option("--no-train", help="Use the model as it is, without fitting it.")] = False
    workers: Workers = CPUS


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Configured):
    """Options of `meibo evaluate`."""

    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="CSV or Parquet: source, source_id, person_id[, kind].")
    ]
    clusters: Annotated[
        Path | None, typer.Option("--clusters", help="Compare this file (of dedupe) instead of the current links.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class DeployOptions(Configured):
    """Options of `meibo deploy`."""

    pool: Annotated[str, typer.Option("--pool", help="The work pool whose worker runs them.")] = "meibo"


@dataclass(frozen=True, kw_only=True)
class InitOptions(Shared):
    """Options of `meibo init`."""

    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the files go.")] = Path()
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="SYSTEM", help="A system: salesforce, sansan, fivetran …; repeatable."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class StatusOptions(Configured):
    """Options of `meibo status`."""

    runs: Annotated[int, typer.Option("--runs", min=1, help="How many of the last runs to show.")] = 5


@dataclass(frozen=True, kw_only=True)
class RunsOptions(Configured):
    """Options of `meibo runs`."""

    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN_ID]", help="One run in detail: its ID, the start of it, or `last`.")
    ] = None
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many runs to list.")] = 20
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the run's report as a page (HTML).")
    ] = None


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(Configured):
    """Options of `meibo explain`."""

    ids: Annotated[
        list[str], typer.Argument(metavar="ID [ID]", help="A golden ID, or one or two records as source:source_id.")
    ]
    timeline: Annotated[bool, typer.Option("--timeline", help="Show the contact history of a customer too.")] = False
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE", help="Write the customer as an HTML page; it holds personal values."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Configured):
    """Options of `meibo train`."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep the model as it is.")] = False
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="Pairs with match or non_match, or records with their entity."),
    ] = None
    use_labels: Annotated[
        bool, typer.Option("--use-labels", help="Make the model that learnt from the labels the active one.")
    ] = False
    workers: Workers = CPUS


@dataclass(frozen=True, kw_only=True)
class CasesOptions(Shared):
    """Options of `meibo cases`."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet: id, kind, left, right, expect, why.")]
    out: Annotated[Path | None, typer.Option("--out", help="Also write the cases with their verdicts here.")] = None
    model: Annotated[Path | None, typer.Option("--model", help="A model.yaml; default: the shipped model.")] = None
    country: Annotated[str, typer.Option("--country", metavar="CC", help="Country of values that show none.")] = "JP"
