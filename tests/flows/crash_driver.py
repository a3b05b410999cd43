"""Run nights that kill their own process: `python crash_driver.py meibo.yaml after:prepare [meibo.yaml place]…`.

Each in a fork of its own, so that what is imported is imported once; exits with 1 unless every one of them was killed.

Places: before:STAGE and after:STAGE for the four stages; landing:N and publish:N for the Nth page landed and the Nth
table written, inside their transactions; commit for the moment before the publish is committed. early/PLACE is the same
in a night that stages the tables while it still computes. whole is a run that
nobody disturbs, and random:SHARE the moment after that share of the time it took; in both pages are of seven rows, and
what changed is resolved alone. backfill/whole and backfill/random:SHARE are the same of a backfill of everything,
rebuild/… of one that resolves everything anew, full/… of a night that does.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import connectors.warehouse.publish as warehouse_publish
import flows.backfill as backfill_flow
import flows.intake.extract as extract_stage
import flows.publishing.publish as publish_stage
from connectors.sources.catalog import open_source
from connectors.warehouse import bulk, early_copies
from flows.intake.basis import Bounds
from flows.intake.prepare import prepare_frames
from flows.intake.prepared import Prepared
from flows.night import PLAIN, Stages, run_night
from flows.progress import Progress
from flows.project import open_project
from flows.run import Run

PAGE_ROWS = 7  # so that there are moments between the pages of the small files of tests


def die(*_: Any, **__: Any) -> None:
    """End the process as `kill -9` does: no clean-up of any kind."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying_stages(place: str) -> Stages:
    """Return the stages, one of which dies before or after its work."""
    when, _, name = place.partition(":")
    stage = getattr(PLAIN, name)

    def dying(*arguments: Any) -> Any:
        if when == "after":
            stage(*arguments)
        die()

    return replace(PLAIN, **{name: dying})


def dying_at(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    """Return the function so that its call number `number` dies once its work is done."""
    calls = 0

    def counting(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        result = function(*arguments, **named)
        if calls == number:
            die()
        return result

    return counting


def prepare_alone(run: Run, extraction: extract_stage.Extraction) -> Prepared:
    """Prepare what changed alone, as in a warehouse that is not small; raise RuntimeError where that was not done."""
    prepared = prepare_frames(run, extraction, bounds=Bounds(contacts=0, changed=1.0))
    if prepared.delta.full:
        raise RuntimeError("everything was prepared")
    return prepared


def run(config: Path, place: str) -> None:
    """Run the night, or the backfill, that dies."""
    stages = PLAIN
    if place.startswith("early/"):
        bulk.FILE_ROWS = 0
        place = place.removeprefix("early/")
    kind, _, number = place.partition(":")
    if kind == "landing":
        extract_stage.land_page = dying_at(extract_stage.land_page, int(number))
    elif kind == "publish":
        warehouse_publish._publish_one = dying_at(warehouse_publish._publish_one, int(number))
        early_copies.complete = dying_at(early_copies.complete, int(number))
    elif kind == "commit":
        publish_stage.end_run = dying_at(publish_stage.end_run, 1)
    elif place.endswith("whole"):
        extract_stage.open_source = backfill_flow.open_source = partial(open_source, page_rows=PAGE_ROWS)
        stages = PLAIN if place.startswith(("full/", "rebuild/")) else replace(PLAIN, prepare=prepare_alone)
    else:
        stages = dying_stages(place)
    project = open_project(config, create=True)
    kind = place.partition("/")[0]
    if kind in ("backfill", "rebuild"):
        todo = backfill_flow.Backfill(sources=tuple(project.settings.sources), rebuild=kind == "rebuild")
        backfill_flow.run_backfill(project, Progress(quiet=True), todo, stages=stages)
    else:
        run_night(project, Progress(quiet=True), stages=stages)


class Killer:
    """Runs nights in forks of this process and kills them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def went_as_told(self, config: Path, place: str) -> bool:
        """Run a night and return whether it was killed, or nobody disturbed it, as its place says."""
        began = time.monotonic()
        kind, is_random, share = place.partition("random:")
        child = os.fork()
        if child == 0:
            run(config, f"{kind}whole" if is_random else place)
            os._exit(0)
        if is_random:
            return self._killed(child, began, float(share) * self.seconds)
        ended = os.waitpid(child, 0)[1]
        if place.endswith("whole"):
            self.seconds = time.monotonic() - began
            return ended == 0
        return os.WTERMSIG(ended) == signal.SIGKILL

    def _killed(self, child: int, began: float, after: float) -> bool:
        """Kill the process after so many seconds; return False where it failed by itself, not where it was done."""
        while time.monotonic() < began + after:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:  # sooner than the undisturbed one: later moments are shares of this time
                self.seconds = time.monotonic() - began
                return status == 0
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        return os.WTERMSIG(os.waitpid(child, 0)[1]) in (0, signal.SIGKILL)


if __name__ == "__main__":
    killer = Killer()
    pairs = list(zip(map(Path, sys.argv[1::2]), sys.argv[2::2], strict=True))
    survivors = [place for config, place in pairs if not killer.went_as_told(config, place)]
    sys.exit(f"went otherwise at {survivors}" if survivors else 0)
