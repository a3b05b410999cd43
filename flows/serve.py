"""`meibo serve`: the flows from this process, nightly on its schedule, on a Prefect server of yours."""

from typing import cast

from flows import console, exits
from flows.environment import set_prefect_defaults
from flows.options import Configured
from flows.project import open_project
from flows.server import check_answer, server_address


def serve_project(options: Configured) -> int:
    """Serve the deployments `nightly/meibo` and `backfill/meibo` until the process is stopped.

    Raises ConfigError when the settings are wrong or no server is named, MeiboError when it does not answer. A run
    beside another one is refused by the lock of the warehouse.
    """
    with open_project(options.config, create=True) as project:  # that it can be
        schedule = project.settings.schedule
    set_prefect_defaults(debug=True)  # a service logs what it does
    server_address()
    check_answer()
    when = f"nightly/meibo: {schedule.cron} ({schedule.time_zone}); backfill/meibo: on demand"
    console.say(f"serving {when}; Ctrl-C stops it")
    from prefect import serve
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.backfill_flow import backfill
    from flows.nightly import nightly

    parameters = {"parameters": {"config": str(options.config.absolute()), "quiet": True}}
    # the slug is that of prefect.yaml: a server that knows the deployment refuses schedules without one
    schedules = [Cron(schedule.cron, timezone=schedule.time_zone, slug="nightly")]
    # by module, as in prefect.yaml: a run imports what is installed, and no folder is copied
    module, tags = EntrypointType.MODULE_PATH, ["meibo"]
    served = (
        nightly.to_deployment("meibo", schedules=schedules, parameters=parameters, tags=tags, entrypoint_type=module),
        backfill.to_deployment("meibo", parameters=parameters, tags=tags, entrypoint_type=module),
    )
    serve(*(cast(RunnerDeployment, one) for one in served), print_starting_message=False)
    return exits.OK
