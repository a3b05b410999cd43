"""`meibo deploy`: the deployments of `prefect.yaml` on your Prefect server, for a worker to run."""

import os
import subprocess
import sys
from importlib import resources
from typing import Any

from connectors.settings.project import Settings
from flows import console, exits
from flows.environment import set_prefect_defaults
from flows.options import DeployOptions
from flows.project import load_project_settings
from flows.server import check_pool, server_address
from resolve.errors import MeiboError

DEPLOYMENTS = ("nightly/meibo", "backfill/meibo")


def deploy_project(options: DeployOptions) -> int:
    """Register the deployments and return the exit code; deploying again brings them up to date.

    Raises ConfigError when the settings are wrong or no server or work pool is there, MeiboError when the server does
    not answer or refuses.
    """
    settings = load_project_settings(options.config)
    set_prefect_defaults()
    address = server_address()
    check_pool(address, options.pool)
    _register(options, settings)
    facts = {
        "server": address,
        "pool": options.pool,
        "deployments": list(DEPLOYMENTS),
        "schedule": {"cron": settings.schedule.cron, "time_zone": settings.schedule.time_zone},
        "exit_code": exits.OK,
    }
    if options.json:
        console.print_json(facts)
    else:
        _print(facts)
    return exits.OK


def _register(options: DeployOptions, settings: Settings) -> None:
    """Let Prefect register what prefect.yaml says; raise MeiboError with its words when it refuses."""
    variables = {
        "MEIBO_CONFIG": str(options.config.absolute()),
        "MEIBO_CRON": settings.schedule.cron,
        "MEIBO_TIME_ZONE": str(settings.schedule.time_zone),
        "MEIBO_WORK_POOL": options.pool,
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }
    with resources.as_file(resources.files("flows") / "prefect.yaml") as file:
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
        # nothing of the command comes from outside: settings travel as variables
        done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise MeiboError(f"Prefect refused the deployments: {' '.join(said[-3:])}")


def _print(facts: dict[str, Any]) -> None:
    """Print what was registered, and what to start next."""
    schedule = facts["schedule"]
    when = f"{schedule['cron']} ({schedule['time_zone']})"
    rows = [(name, when if name.startswith("nightly") else "on demand") for name in facts["deployments"]]
    console.print_table(("deployment", "runs"), rows, f"On {facts['server']}, work pool {facts['pool']}")
    console.print_next(
        (
            (f"prefect worker start --pool {facts['pool']} --type process", "runs them, where Meibo is installed"),
            ("prefect deployment run nightly/meibo --watch", "one run now"),
        )
    )
