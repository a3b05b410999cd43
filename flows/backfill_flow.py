"""The backfill flow: what `meibo backfill` does, as a deployment that people start on demand."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from prefect import flow
from pydantic import BeforeValidator, Field

from flows.artifacts import leave_facts, log_line
from flows.backfill import WEEK, Backfill, run_backfill
from flows.commands.launch_backfill import read_length
from flows.parameters import RunParameters
from flows.progress import Progress
from flows.project import open_dry, open_project
from flows.tasks import tasks_for
from resolve.errors import ConfigError


def _read_length(value: Any) -> Any:
    """Return a length written as on the command line, `7d`; anything else is left to pydantic."""
    try:
        return read_length(value) if isinstance(value, str) and not value.upper().startswith("P") else value
    except ConfigError as error:
        raise ValueError(str(error)) from None


class BackfillParameters(RunParameters):
    """What a backfill is told; times without an offset are local to the settings' time zone."""

    sources: Annotated[tuple[str, ...], Field(description="Sources to read again; none: all of them.")] = ()
    since: Annotated[datetime | None, Field(description="Rows changed from this time on.")] = None
    until: Annotated[datetime | None, Field(description="Rows changed before this time.")] = None
    chunk: Annotated[
        timedelta, BeforeValidator(_read_length), Field(description="Read so much at a time: 12h, 7d.")
    ] = WEEK
    rebuild: Annotated[bool, Field(description="Resolve everything anew; golden IDs are kept.")] = False
    resume: Annotated[bool, Field(description="Go on with the backfill that was cut off.")] = False

    def in_zone(self, zone: str) -> Backfill:
        """Return what to do, with times in UTC."""
        since, until = (
            moment and (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
            for moment in (self.since, self.until)
        )
        return Backfill(
            sources=self.sources,
            since=since,
            until=until,
            chunk=self.chunk,
            rebuild=self.rebuild,
            resume=self.resume,
            dry_run=self.dry_run,
            workers=self.workers,
            accept=frozenset(self.accept_gates),
        )


@flow(name="backfill", flow_run_name="backfill {parameters.config}", persist_result=False)
def backfill(parameters: BackfillParameters) -> dict[str, Any]:
    """Read windows of sources again and resolve what differs, or everything anew; return the facts of the run.

    A run that fails leaves the reason in the artifact meibo-run, and raises it.
    """
    return leave_facts(lambda: _run(parameters))


def _run(parameters: BackfillParameters) -> dict[str, Any]:
    """Run the backfill, its stages as tasks."""
    opening = open_dry(parameters.config) if parameters.dry_run else open_project(parameters.config, create=True)
    with opening as opened, Progress(quiet=parameters.quiet, log=log_line()) as progress:
        todo = parameters.in_zone(opened.settings.time_zone)
        return run_backfill(opened, progress, todo, stages=tasks_for(opened.engine.url))
