"""The Prefect server that is configured: where it is, whether it answers, whether it has a work pool."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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


def check_answer(instead: str = "") -> None:
    """Raise MeiboError, with what to do `instead`, when a server is configured that does not answer.

    Where none is, Prefect's temporary one is started, which needs a folder to write to.
    """
    address = configured_address()
    if address is None:
        _start_temporary()
        return
    with _asking(address, instead) as client:
        failure = client.api_healthcheck()
        if failure is not None:
            raise failure


def _start_temporary() -> None:
    """Start the temporary server; raise MeiboError when it has no folder, at once, or when it does not come up."""
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    home = get_current_settings().home
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK):
        raise MeiboError(f"Prefect keeps its files in {home}, which is not writable. Name another folder: PREFECT_HOME")
    try:
        with get_client(sync_client=True):
            pass
    except RuntimeError as error:
        raise MeiboError(
            f"the temporary Prefect server did not start. It keeps its files in {home}: is there room on the disk? "
            "PREFECT_HOME names another folder, PREFECT_API_URL a server that is there"
        ) from error


@contextmanager
def explaining_loss(outcome: Callable[[], str]) -> Iterator[None]:
    """Raise MeiboError when the server is lost inside the block; `outcome` says what became of the run."""
    import httpx

    try:
        yield
    except httpx.HTTPError as error:
        raise MeiboError(f"the Prefect server was lost during the run ({type(error).__name__}). {outcome()}") from error


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
