"""`meibo serve`: the nightly flow on its schedule, from this process, on a Prefect server of yours."""

import os

from flows import console, exits
from flows.environment import set_prefect_defaults
from flows.options import CPUS, Configured
from flows.project import open_project
from resolve.errors import ConfigError


def serve_project(options: Configured) -> int:
    """Serve the deployment `nightly/meibo` until the process is stopped; a run is never started beside another.

    Raises ConfigError when the settings are wrong or no server is named.
    """
    project = open_project(options.config, create=True)
    if not os.environ.get("PREFECT_API_URL"):
        raise ConfigError(
            "PREFECT_API_URL is not set: a schedule needs a server that stays up. Start one with "
            "`prefect server start` and set PREFECT_API_URL=http://127.0.0.1:4200/api, or let cron call `meibo nightly`"
        )
    schedule = project.settings.schedule
    console.say(f"serving nightly/meibo: {schedule.cron} ({schedule.time_zone}); Ctrl-C stops it")
    set_prefect_defaults(debug=True)  # a service logs what it does
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron

    from flows.nightly import NightlyParameters, nightly

    parameters = NightlyParameters(config=options.config.absolute(), dry_run=False, workers=CPUS, quiet=True)
    nightly.serve(
        name="meibo",
        schedules=[Cron(schedule.cron, timezone=schedule.time_zone)],
        parameters={"parameters": parameters.model_dump(mode="json")},
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        print_starting_message=False,
    )
    return exits.OK
