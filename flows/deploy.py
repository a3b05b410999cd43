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
from resolve.errors import ConfigError, MeiboError

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


def server_address() -> str:
    """Return the address of the Prefect server that is configured; raise ConfigError when there is none."""
    from prefect.settings import get_current_settings

    address = get_current_settings().api.url
    if not address:
        raise ConfigError(
            "no Prefect server is named: a schedule needs one that stays up. Start one with `prefect server start` and "
            "set PREFECT_API_URL=http://127.0.0.1:4200/api, or let cron call `meibo nightly`"
        )
    return str(address)


def check_pool(address: str, pool: str) -> None:
    """Raise ConfigError when the server has no such work pool, MeiboError when it does not answer."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    try:
        with get_client(sync_client=True) as client:
            client.read_work_pool(pool)
    except ObjectNotFound:
        raise ConfigError(
            f"the Prefect server at {address} has no work pool {pool}: create it with "
            f"`prefect work-pool create {pool} --type process`, or name another one with --pool"
        ) from None
    except httpx.HTTPError as error:
        raise MeiboError(
            f"the Prefect server at {address} does not answer ({type(error).__name__}): is it running, is "
            "PREFECT_API_URL right?"
        ) from None


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
