"""The Prefect server that is configured: where it is, whether it answers, whether it has a work pool."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from resolve.errors import ConfigError, MeiboError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


def configured_address() -> str | None:
    """Return the address of the Prefect server that is configured; None when there is none."""
    from prefect.settings import get_current_settings

    address = get_current_settings().api.url
    return str(address) if address else None


def server_address() -> str:
    """Return the address of the Prefect server that is configured; raise ConfigError when there is none."""
    address = configured_address()
    if address is None:
        raise ConfigError(
            "no Prefect server is named: a schedule needs one that stays up. Start one with `prefect server start` and "
            "set PREFECT_API_URL=http://127.0.0.1:4200/api, or let cron call `meibo nightly`"
        )
    return address


def check_answer() -> None:
    """Raise MeiboError when a server is configured that does not answer; where none is, Prefect starts its own."""
    address = configured_address()
    if address is None:
        return
    with _asking(address, " Without PREFECT_API_URL a run needs no server") as client:
        failure = client.api_healthcheck()
        if failure is not None:
            raise failure


def check_pool(address: str, pool: str) -> None:
    """Raise ConfigError when the server has no such work pool, MeiboError when it does not answer."""
    from prefect.exceptions import ObjectNotFound

    try:
        with _asking(address) as client:
            client.read_work_pool(pool)
    except ObjectNotFound:
        raise ConfigError(
            f"the Prefect server at {address} has no work pool {pool}: create it with "
            f"`prefect work-pool create {pool} --type process`, or name another one with --pool"
        ) from None


@contextmanager
def _asking(address: str, instead: str = "") -> Iterator["SyncPrefectClient"]:
    """Yield a client; MeiboError when the server does not answer, with what to do `instead`."""
    import httpx
    from prefect.client.orchestration import get_client

    try:
        with get_client(sync_client=True) as client:
            yield client
    except httpx.HTTPError as error:
        raise MeiboError(
            f"the Prefect server at {address} does not answer ({type(error).__name__}): is it running, is "
            f"PREFECT_API_URL right?{instead}"
        ) from None
