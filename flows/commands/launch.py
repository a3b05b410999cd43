"""Start a nightly run from the command line, and turn its facts into a summary and an exit code."""

import time
from typing import Any

from connectors.warehouse.lock import hold
from connectors.warehouse.runs import ENDED_WELL
from flows import console, exits
from flows.environment import set_prefect_defaults
from flows.options import BackfillOptions, Gated, NightlyOptions
from flows.progress import Progress
from flows.project import Project, open_dry, open_project
from flows.reports.runs import list_runs
from flows.reports.summary import next_steps, print_summary
from resolve.errors import ConfigError, WarehouseError


def launch_nightly(options: NightlyOptions) -> int:
    """Run the nightly flow, print its summary (or JSON) and return the exit code."""
    began = time.monotonic()
    check_exit_code(options)
    with open_dry(options.config) if options.dry_run else open_project(options.config, create=True) as project:
        facts = dry_run(project, options) if options.dry_run else run_flow(project, options)
    if options.json:
        console.print_json(facts | {"exit_code": exit_code(facts, detailed=options.detailed_exitcode)})
    else:
        print_summary(facts, project.warehouse, time.monotonic() - began)
        console.print_next(next_steps(facts))
    return exit_code(facts, detailed=options.detailed_exitcode)


def dry_run(project: Project, options: NightlyOptions) -> dict[str, Any]:
    """Return the facts of a dry run: the same stages, without Prefect, so that nothing at all is written anywhere."""
    from flows.night import run_night  # late: wrong settings are told at once

    with Progress(quiet=options.json) as progress:
        accept = accepted(options)
        return run_night(project, progress, dry_run=True, workers=options.workers, accept=accept)


def check_exit_code(options: NightlyOptions | BackfillOptions) -> None:
    """Raise ConfigError where an exit code is asked for that only a dry run has."""
    if options.detailed_exitcode and not options.dry_run:
        raise ConfigError("--detailed-exitcode tells whether changes are pending, so it needs --dry-run")


def accepted(options: Gated) -> frozenset[str]:
    """Return the gates that the options accept; raise ConfigError for a name that is none."""
    from connectors.settings.gates import ALL
    from flows.parameters import check_gate

    names = {ALL} if options.accept_gates else set()
    try:
        return frozenset(names | {check_gate(name) for name in options.accept_gate or ()})
    except ValueError as error:
        raise ConfigError(f"--accept-gate: {error}") from None


def run_flow(project: Project, options: NightlyOptions) -> dict[str, Any]:
    """Run the Prefect flow and return the facts of the run; raise MeiboError when its server does not answer.

    The lock is tried first: a second run is refused at once, before it waits for a server.
    """
    accept = sorted(accepted(options))
    with hold(project.engine):
        pass
    if not options.json:
        console.say("starting Prefect")
    set_prefect_defaults(options.debug)
    from flows.nightly import NightlyParameters, run_once
    from flows.server import check_answer, configured_address, explaining_loss

    if not options.json and configured_address() is None:
        console.say("no Prefect server is named (PREFECT_API_URL): a temporary one takes some seconds")
    check_answer(" Without PREFECT_API_URL a run needs no server")
    config, workers = options.config.absolute(), options.workers
    parameters = NightlyParameters(config=config, workers=workers, quiet=options.json, accept_gates=accept)
    with explaining_loss(lambda: outcome_of(project)):
        return run_once(parameters)


def outcome_of(project: Project) -> str:
    """Return what became of a run whose Prefect server was lost, for the message that tells of it."""
    try:
        last = next(iter(list_runs(project, 1)), None)
    except WarehouseError:  # no run has made its tables
        last = None
    if last is not None and last["status"] in ENDED_WELL:
        return (
            f"The last run {last['run_id']} ended well all the same ({last['status']}): `meibo runs last` tells of it"
        )
    return "The published tables are as before. Run again; without PREFECT_API_URL a run needs no server"


def exit_code(facts: dict[str, Any], *, detailed: bool) -> int:
    """Return the exit code of a run that ended: 4 without some source, 3 for pending changes, else 0.

    A dry run that gates would stop is 1, as the run would be.
    """
    if any(gate["status"] == "tripped" for gate in facts["gates"]):
        return exits.FAILED
    if facts["failures"]:
        return exits.PARTIAL
    if detailed and facts["dry_run"] and facts["pending"]:
        return exits.PENDING
    return exits.OK
