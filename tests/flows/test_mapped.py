"""Processes beside the run: they read and map, and change nothing of what comes out."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from flows.intake import extract, mapped
from flows.night import run_night
from flows.progress import Progress
from flows.project import open_project


def run_shared(small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a night with two workers for which every file and every stream of events is large."""
    monkeypatch.setattr(extract, "LARGE", 0)
    monkeypatch.setattr(mapped, "LARGE", 1)
    project = open_project(small.config, create=True)
    run_night(project, Progress(quiet=True), workers=2)
    project.engine.dispose()


def test_a_night_with_processes_beside_it_writes_the_same_tables(
    build_on: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are read, and events mapped, by others; every table is as one process writes it."""
    alone, shared = build_on(tmp_path / "alone"), build_on(tmp_path / "shared")
    alone.run()
    run_shared(shared, monkeypatch)
    assert shared.tables() == alone.tables()


def test_a_process_that_is_killed_is_done_without(build: Callable, tmp_path: Path, monkeypatch) -> None:
    """Its stream is mapped by the run itself."""
    alone, shared = build(tmp_path / "alone"), build(tmp_path / "shared")
    alone.run()
    submit = ProcessPoolExecutor.submit

    def submit_broken(pool: ProcessPoolExecutor, *_: object) -> object:
        return submit(pool, break_down_here)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit_broken)
    run_shared(shared, monkeypatch)
    assert shared.tables() == alone.tables()


def break_down_here() -> None:
    """End the process at once, as a kill does."""
    os._exit(9)
