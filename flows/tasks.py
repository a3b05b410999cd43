"""The stages of a run as Prefect tasks: few and coarse; frames pass in memory and are never cached or hashed."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from prefect import Task
from prefect.assets import Asset, AssetProperties, add_asset_metadata
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import MaterializingTask
from sqlalchemy import URL

from flows.intake.extract import Extraction, StreamReading, extract_sources, read_source
from flows.mistakes import hiding_values
from flows.night import PLAIN, Stages
from flows.publishing.publish import Published
from flows.run import Run
from resolve.errors import SourceError

# Seconds before a source is asked again: long enough for a restart of its server, short enough for one night.
RETRY_DELAYS = (10, 60, 300)
UNFIT_FOR_A_KEY = str.maketrans(dict.fromkeys("\n\r\t\0 #?&%\"'<>[]{}|\\^`", "_"))


def tasks_for(url: URL, delays: Sequence[float] = RETRY_DELAYS) -> Stages:
    """Return the stages of a run on the warehouse at `url` as tasks.

    extract is a task for each source, repeated where that can help; publish materialises the asset golden_profile. All
    else is repeated by the next run: it fails for the same reason a second time.
    """
    asset = Asset(key=asset_key(url), properties=AssetProperties(name="golden_profile"))
    read = reading_task(delays)

    def publish(run: Run, *done: Any) -> Published:
        published = PLAIN.publish(run, *done)
        add_asset_metadata(asset, {"run_id": run.run_id, "status": published.status} | _written(published))
        return published

    def extract(run: Run) -> Extraction:
        return extract_sources(run, read)

    own = {"extract", "publish"}
    plain = {f.name: _task(getattr(PLAIN, f.name), f.name) for f in fields(Stages) if f.name not in own}
    materialise = MaterializingTask(
        hiding_values()(publish), assets=[asset], materialized_by="meibo", **_options("publish")
    )
    return replace(PLAIN, **plain, extract=extract, publish=materialise)


def reading_task(delays: Sequence[float]) -> Task[[Run, str, list[StreamReading]], None]:
    """Return the task that reads one source; repeated after `delays`, seconds, it goes on where it stopped."""
    return Task(
        hiding_values()(read_source),
        task_run_name="extract {source}",
        retries=len(delays),
        retry_delay_seconds=list(delays),
        retry_jitter_factor=0.2,
        retry_condition_fn=may_pass,
        **_options("extract"),
    )


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Return whether a failed reading may work in a minute: no connection, yes; a wrong column, no."""
    try:
        state.result()
    except SourceError as error:
        return error.is_transient
    except Exception:  # noqa: BLE001 - whatever else it was, it is not the source
        return False
    return False


def asset_key(url: URL) -> str:
    """Return the address of the golden table: host, database and table, never a user or a password."""
    scheme = "postgres" if url.get_backend_name().startswith("postgres") else url.get_backend_name()
    host = (url.host or "localhost") + (f":{url.port}" if url.port else "") if scheme != "sqlite" else ""
    place = f"{host}/{(url.database or 'memory').lstrip('/')}/golden_profile"
    return f"{scheme}://{place}".translate(UNFIT_FOR_A_KEY)


def _task(function: Callable[..., Any], name: str) -> Task[..., Any]:
    """Return a stage as a task."""
    return Task(hiding_values()(function), **_options(name))


def _options(name: str) -> dict[str, Any]:
    """Return what holds for every task: no cache, no stored result."""
    return {"name": name, "cache_policy": NO_CACHE, "persist_result": False}


def _written(published: Published) -> dict[str, int]:
    """Return what became of the rows of golden_profile."""
    change = published.changes.get("golden_profile")
    return {} if change is None else {"inserted": change.inserted, "updated": change.updated, "deleted": change.deleted}
