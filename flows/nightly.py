"""The nightly run as a flow of Prefect: the stages of `flows.night` as tasks, and what it leaves on the server."""

from typing import Any

from prefect import flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.artifacts import leave_facts, log_line
from flows.night import run_night
from flows.parameters import RunParameters
from flows.progress import Progress
from flows.project import open_dry, open_project
from flows.tasks import tasks_for


class NightlyParameters(RunParameters):
    """What a nightly run is told."""


@flow(name="nightly", flow_run_name="nightly {parameters.config}", persist_result=False)
def nightly(parameters: NightlyParameters) -> dict[str, Any]:
    """Read, resolve and publish; return the facts of the run, which are also left as artifacts.

    A run that fails leaves the reason in meibo-run, and raises it.
    """
    return leave_facts(lambda: _run(parameters))


def _run(parameters: NightlyParameters) -> dict[str, Any]:
    """Run the night, its stages as tasks."""
    opening = open_dry(parameters.config) if parameters.dry_run else open_project(parameters.config, create=True)
    with opening as opened, Progress(quiet=parameters.quiet, log=log_line()) as progress:
        return run_night(
            opened,
            progress,
            stages=tasks_for(opened.engine.url),
            dry_run=parameters.dry_run,
            workers=parameters.workers,
            accept=frozenset(parameters.accept_gates),
        )


def run_once(parameters: NightlyParameters) -> dict[str, Any]:
    """Run the flow in this process, on the server that is configured or else on a temporary one."""
    # Joining the heartbeat thread costs a second, and a run that a person watches needs none.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return nightly(parameters)
