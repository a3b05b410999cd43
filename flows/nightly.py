"""The nightly flow: since each source's cursor, through the four stages, to the published tables."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from pydantic import BaseModel, Field

from flows.night import run_night
from flows.options import CPUS
from flows.progress import Progress
from flows.project import open_dry, open_project
from flows.report import to_markdown
from flows.tasks import TASKS


class NightlyParameters(BaseModel):
    """What a nightly run is told."""

    config: Annotated[Path, Field(description="The project's settings.")] = Path("meibo.yaml")
    dry_run: Annotated[bool, Field(description="Show what would change; write nothing.")] = False
    workers: Annotated[int, Field(ge=1, description="Processes for the heavy stages.")] = CPUS
    quiet: Annotated[bool, Field(description="Show no progress on the screen.")] = False


@flow(name="nightly", flow_run_name="nightly {parameters.config}", persist_result=False)
def nightly(parameters: NightlyParameters) -> dict[str, Any]:
    """Read, resolve and publish; return the facts of the run, which also stand in the artifact `meibo-run`."""
    opened = open_dry(parameters.config) if parameters.dry_run else open_project(parameters.config, create=True)
    with Progress(quiet=parameters.quiet) as progress:
        facts = run_night(opened, progress, stages=TASKS, dry_run=parameters.dry_run, workers=parameters.workers)
    create_markdown_artifact(markdown=to_markdown(facts), key="meibo-run", description="What the run did")
    return facts


def run_once(parameters: NightlyParameters) -> dict[str, Any]:
    """Run the flow in this process, on the server that is configured or else on a temporary one."""
    # Joining the heartbeat thread costs a second, and a run that a person watches needs none.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return nightly(parameters)
