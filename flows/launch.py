"""Start a nightly run from the command line, and turn its facts into a summary and an exit code."""

import time
from pathlib import Path
from typing import Any

from connectors.warehouse.lock import hold
from flows import console, exits
from flows.environment import set_prefect_defaults
from flows.options import NightlyOptions
from flows.progress import Progress
from flows.project import Project, open_dry, open_project
from flows.summary import NEXT_AFTER_RUN, print_summary


def launch_nightly(options: NightlyOptions) -> int:
    """Run the nightly flow, print its summary (or JSON) and return the exit code."""
    began = time.monotonic()
    if options.dry_run:
        facts, project = dry_run(options)
    else:
        project = open_project(options.config, create=True)
        facts = run_flow(project, options.config, workers=options.workers, quiet=options.json, debug=options.debug)
    if options.json:
        console.print_json(facts | {"exit_code": exit_code(facts, detailed=options.detailed_exitcode)})
    else:
        print_summary(facts, project.warehouse, time.monotonic() - began)
        console.print_next(NEXT_AFTER_RUN)
    return exit_code(facts, detailed=options.detailed_exitcode)


def dry_run(options: NightlyOptions) -> tuple[dict[str, Any], Project]:
    """Return the facts of a dry run: the same stages, without Prefect, so that nothing at all is written anywhere."""
    project = open_dry(options.config)
    from flows.night import run_night  # late: wrong settings are told at once

    with Progress(quiet=options.json) as progress:
        return run_night(project, progress, dry_run=True, workers=options.workers), project


def run_flow(project: Project, config: Path, *, workers: int, quiet: bool, debug: bool) -> dict[str, Any]:
    """Run the Prefect flow and return the facts of the run.

    The lock is tried first: a second run is refused at once, before it waits for a server.
    """
    with hold(project.engine):
        pass
    if not quiet:
        console.say("starting Prefect; without a server of yours (PREFECT_API_URL) a temporary one takes some seconds")
    set_prefect_defaults(debug)
    from flows.nightly import NightlyParameters, run_once

    return run_once(NightlyParameters(config=config.absolute(), dry_run=False, workers=workers, quiet=quiet))


def exit_code(facts: dict[str, Any], *, detailed: bool) -> int:
    """Return the exit code of a run that ended: 4 without some source, 3 for pending changes, else 0."""
    if facts["failures"]:
        return exits.PARTIAL
    if detailed and facts["dry_run"] and facts["pending"]:
        return exits.PENDING
    return exits.OK
