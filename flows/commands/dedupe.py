"""`meibo dedupe`: files in, clusters out; no project, no warehouse, no server."""

import time
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from flows import console, exits
from flows.commands.labels import write_text_table
from flows.commands.tabular import TabularFile, read_files
from flows.models import TRAIN_FROM, read_model
from flows.options import DedupeOptions
from flows.progress import Progress
from flows.reports.summary import skipped
from resolve.errors import ConfigError, counted
from resolve.model import MatchModel
from resolve.pipeline import Resolution, RunContext, State, prepare_contacts, resolve_contacts
from resolve.schema import empty, frames

ID_KEY = b"meibo dedupe"  # the same files give the same cluster ids, anywhere
OUT_COLUMNS = ("source", "record_id", "cluster_id", "match_probability")


def dedupe_files(options: DedupeOptions) -> int:
    """Cluster the records of the files, write the result, and return the exit code.

    Raises ConfigError for files, columns or models that cannot be used.
    """
    began = time.monotonic()
    _check_targets(options)
    base = read_model(options.model)
    files = read_files(options)
    if not options.json:
        _say_recognised(files)
    with Progress(quiet=options.json) as progress:
        model, warnings, resolution = _resolve(options, files, base, progress)
    clusters = cluster_table(files, resolution)
    write_text_table(clusters, options.out)
    if options.golden is not None:
        write_text_table(_golden(resolution), options.golden)
    left_out = {name: resolution.counts[f"skipped_{name}"] for name in ("keys", "pairs")}
    facts = _facts(options, files, clusters, model) | {"skipped": left_out, "warnings": list(warnings)}
    if options.json:
        console.print_json(facts)
    else:
        _print(facts, time.monotonic() - began)
    return exits.OK


def _check_targets(options: DedupeOptions) -> None:
    """Raise ConfigError when a result would overwrite an input or another result, or has no folder to go to."""
    targets = [path for path in (options.out, options.golden) if path is not None]
    places = [path.resolve() for path in (*options.files, *targets)]
    if len(set(places)) < len(places):
        raise ConfigError("two of the files are the same: inputs, --out and --golden each need a name of their own")
    missing = [str(path.parent) for path in targets if not path.absolute().parent.is_dir()]
    if missing:
        raise ConfigError(f"{missing[0]}: there is no such folder to write to")


def _resolve(
    options: DedupeOptions, files: list[TabularFile], base: MatchModel, progress: Progress
) -> tuple[MatchModel, tuple[str, ...], Resolution]:
    """Standardise, fit the model unless told not to or there are too few contacts, and resolve.

    Return the model, what its training warns of, and the result.
    """
    progress.stage("prepare")
    records = pd.concat([file.records for file in files], ignore_index=True)
    countries = {file.source: file.country for file in files}
    contacts = prepare_contacts(records, default_countries=countries, workers=options.workers)
    model = base
    warnings: tuple[str, ...] = ()
    if not options.no_train and len(contacts) >= TRAIN_FROM:
        from resolve.quality.train import train_model

        progress.stage("train")
        model, report = train_model(contacts, base, workers=options.workers)
        warnings = report.notes
    ranks = {file.source: rank for rank, file in enumerate(files, start=1)}
    context = RunContext(pd.Timestamp(datetime.now(UTC)), ID_KEY, ranks, options.workers, progress.stage)
    found = resolve_contacts(contacts, empty(frames.TOUCHPOINTS), State.nothing(), model, context)
    return model, warnings, found


def cluster_table(files: list[TabularFile], resolution: Resolution) -> pd.DataFrame:
    """Return OUT_COLUMNS, one row for each record, in the order of the files and their rows."""
    links = resolution.tables["profile_link"].rename(columns={"source_id": "record_id", "golden_id": "cluster_id"})
    order = pd.concat([file.records[["source", "source_id"]] for file in files], ignore_index=True)
    order.columns = ["source", "record_id"]
    return order.merge(links, on=["source", "record_id"], how="left")[list(OUT_COLUMNS)]


def _golden(resolution: Resolution) -> pd.DataFrame:
    """Return the golden profiles, cluster_id first, without the columns that only a warehouse fills."""
    profiles = resolution.tables["golden_profile"].rename(columns={"golden_id": "cluster_id"})
    filled = profiles.notna().any()
    return profiles[[c for c in profiles.columns if c == "cluster_id" or (filled[c] and c != "status")]]


def _facts(
    options: DedupeOptions, files: list[TabularFile], clusters: pd.DataFrame, model: MatchModel
) -> dict[str, Any]:
    """Return what was read, found and written."""
    sizes = clusters["cluster_id"].value_counts()
    return {
        "files": [file.as_dict() for file in files],
        "records": len(clusters),
        "clusters": len(sizes),
        "clusters_of_several": int((sizes > 1).sum()),
        "largest_cluster": int(sizes.max()) if len(sizes) else 0,
        "not_used": sum(len(file.rejects) for file in files),
        "model": model.version,
        "out": str(options.out),
        "golden": str(options.golden) if options.golden else None,
        "exit_code": exits.OK,
    }


def _say_recognised(files: list[TabularFile]) -> None:
    """Say on stderr what was recognised in each file."""
    for file in files:
        named = file.found.id_column or "the row number"
        console.say(
            f"{file.path}: {counted(len(file.records), 'record')}; record_id is {named}; "
            f"rows that name no country are read as {file.country}"
        )
        for note in file.notes:
            console.say(f"  {note}")
        for field, columns in file.found.fields.items():
            console.say(f"  {field:<20} {', '.join(columns)}")
        for column, why in file.found.left_out.items():
            console.say(f"  not used             {column} ({why})")
        for reason, count in file.reject_counts.items():
            first = next(reject.row_key for reject in file.rejects if reject.reason == reason)
            console.say(f"  left out             {counted(count, 'row')} ({reason}), first {first}")


def _print(facts: dict[str, Any], seconds: float) -> None:
    """Print the result on stderr: stdout stays free for data."""
    console.say(
        f"{counted(facts['records'], 'record is', 'records are')} {counted(facts['clusters'], 'customer')}, "
        f"{facts['clusters_of_several']:,} of them "
        f"with several records (at most {facts['largest_cluster']:,}), in {seconds:.1f} s"
    )
    if facts["skipped"]["keys"]:
        console.say(skipped(facts))
    for warning in facts["warnings"]:
        console.say(f"warning: {warning}")
    console.say(f"wrote {facts['out']}" + (f" and {facts['golden']}" if facts["golden"] else ""))
