"""The night, from top to bottom: extract, prepare, resolve, publish; plain functions that any runner may call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.intake.extract import Extraction, extract_sources
from flows.intake.prepare import prepare_frames
from flows.intake.prepared import Prepared
from flows.intake.whole import check_whole
from flows.progress import Progress
from flows.project import Project
from flows.publishing.publish import Published, publish_run
from flows.reports.keeping import keep_facts
from flows.reports.report import describe_run
from flows.run import Run, open_run
from flows.unify import Unified, resolve_frames


@dataclass(frozen=True, slots=True)
class Stages:
    """The four stages as callables: the plain functions, or the same as tasks of Prefect (`flows.tasks.TASKS`)."""

    extract: Callable[[Run], Extraction] = extract_sources
    prepare: Callable[[Run, Extraction], Prepared] = prepare_frames
    resolve: Callable[[Run, Prepared], Unified] = resolve_frames
    publish: Callable[[Run, Extraction, Prepared, Unified], Published] = publish_run


PLAIN = Stages()


def run_night(
    project: Project,
    progress: Progress,
    *,
    stages: Stages = PLAIN,
    dry_run: bool = False,
    workers: int = 1,
    accept: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Run the four stages under the warehouse's lock and return the facts of the run (see `flows.reports.report`).

    `accept` names gates that may be over budget (`flows.publishing.gates`). Raises LockedError when another run holds
    the warehouse, GateError when a check before publishing failed, and other MeiboErrors; the published tables are then
    as before. A source that fails does not raise: see `failures`. Facts are kept either way.
    """
    with open_run(project, "nightly", progress, dry_run=dry_run, workers=workers, accept=accept) as run:
        return keep_facts(run, lambda: walk_stages(run, stages))


def walk_stages(run: Run, stages: Stages) -> dict[str, Any]:
    """Run the stages, one after the other, and return the facts; WarehouseError where tables were emptied."""
    check_whole(run)
    extraction = stages.extract(run)
    prepared = stages.prepare(run, extraction)
    unified = stages.resolve(run, prepared)
    published = stages.publish(run, extraction, prepared, unified)
    return describe_run(run, extraction, prepared, unified, published)
