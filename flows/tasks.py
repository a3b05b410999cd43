"""The stages of a run as Prefect tasks: few and coarse; frames pass in memory and are never cached or hashed."""

from collections.abc import Callable
from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE

from flows.night import PLAIN, Stages


def _task(function: Callable[..., Any], name: str) -> Task[..., Any]:
    """Return a stage as a task; the stages note and isolate failures of sources themselves."""
    return Task(function, name=name, cache_policy=NO_CACHE, persist_result=False)


TASKS = Stages(
    extract=_task(PLAIN.extract, "extract"),
    prepare=_task(PLAIN.prepare, "prepare"),
    resolve=_task(PLAIN.resolve, "resolve"),
    publish=_task(PLAIN.publish, "publish"),
)
