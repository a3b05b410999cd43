"""`meibo cases`: a table of expectations against a model; no project, no warehouse, no server."""

from typing import Any

import pandas as pd

from connectors.sources.files.whole_file import read_whole_file
from flows import console, exits
from flows.commands.labels import write_text_table
from flows.commands.tabular import read_country
from flows.models import read_model
from flows.options import CasesOptions
from resolve.errors import ConfigError, SourceError
from resolve.model import MatchModel
from resolve.quality.cases import run_cases

BITS = 3  # digits of a weight in the result


def run_table(options: CasesOptions) -> int:
    """Run the cases of a file, write the result where asked, show what differs, and return the exit code.

    Raises ConfigError for a table or a model that cannot be used, with every row at fault.
    """
    if options.out is not None and options.out.resolve() == options.file.resolve():
        raise ConfigError("--out: the result would overwrite the cases; give it another name")
    model = read_model(options.model)
    table = _read_table(options)
    try:
        found = run_cases(table, model, country=read_country(options.country) or "JP")
    except ConfigError as error:
        raise ConfigError([f"{options.file}: {mistake}" for mistake in error.mistakes]) from None
    if options.out is not None:
        weights = found["match_weight"].round(BITS)
        write_text_table(found.drop(columns="because").assign(match_weight=weights), options.out)
    facts = _facts(options, found, model)
    if options.json:
        console.print_json(facts)
    else:
        _print(facts)
    return int(facts["exit_code"])


def _read_table(options: CasesOptions) -> pd.DataFrame:
    """Return the rows of the file as text; raise ConfigError naming the rows that cannot be read."""
    try:
        whole = read_whole_file(options.file, options.file.stem)
    except SourceError as error:
        raise ConfigError(str(error)) from error
    if whole.rejects:
        raise ConfigError([f"{options.file}: {r.row_key}: {r.reason}: {r.detail}" for r in whole.rejects])
    return whole.rows


def _facts(options: CasesOptions, found: pd.DataFrame, model: MatchModel) -> dict[str, Any]:
    """Return counts by kind, and the cases that differ."""
    differs = found["verdict"] != found["expect"]
    kinds = found.assign(differ=differs).groupby("kind", sort=False)["differ"].agg(["size", "sum"])
    shown = found.loc[differs, ["id", "kind", "expect", "verdict", "match_weight", "why", "because"]]
    wrong = (found["expect"] == "different") & (found["verdict"] == "same")
    return {
        "file": str(options.file),
        "model": model.version,
        "cases": len(found),
        "as_expected": int((~differs).sum()),
        "wrong_merges": int(wrong.sum()),
        "kinds": {str(kind): {"cases": int(n), "differ": int(d)} for kind, n, d in kinds.itertuples()},
        "differing": shown.assign(match_weight=shown["match_weight"].round(BITS)).to_dict("records"),
        "out": str(options.out) if options.out else None,
        "exit_code": exits.FAILED if differs.any() else exits.OK,
    }


def _print(facts: dict[str, Any]) -> None:
    """Print the differing cases and the counts."""
    if facts["differing"]:
        columns = ("id", "kind", "expect", "verdict", "why", "because")
        rows = [tuple(case[column] for column in columns) for case in facts["differing"]]
        console.print_table(columns, rows, title="not as expected")
    counts = [(kind, n["cases"], n["differ"]) for kind, n in facts["kinds"].items()]
    console.print_table(("kind", "cases", "not as expected"), counts)
    console.out().print(
        f"{facts['as_expected']:,} of {facts['cases']:,} cases are as expected; "
        f"{facts['wrong_merges']:,} that should be different came out the same",
        markup=False,
    )
    if facts["out"]:
        console.say(f"wrote {facts['out']}")
