"""`meibo backfill`: the options of the command line as a backfill, its summary and its exit code."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flows import console
from flows.commands.launch import accepted, check_exit_code, exit_code
from flows.options import BackfillOptions
from flows.progress import Progress
from flows.project import Project, open_dry, open_project
from flows.reports.summary import print_summary
from resolve.errors import ConfigError, counted

_LENGTH = re.compile(r"(\d+)([dhw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def launch_backfill(options: BackfillOptions) -> int:
    """Run the backfill in this process, print its summary (or JSON) and return the exit code."""
    began = time.monotonic()
    check_exit_code(options)
    with open_dry(options.config) if options.dry_run else open_project(options.config, create=True) as project:
        facts = _run(project, options)
    code = exit_code(facts, detailed=options.detailed_exitcode)
    if options.json:
        console.print_json(facts | {"exit_code": code})
        return code
    print_summary(facts, project.warehouse, time.monotonic() - began)
    console.out().print(describe_backfill(facts), markup=False)
    return code


def _run(project: Project, options: BackfillOptions) -> dict[str, Any]:
    """Run the backfill that the options ask for, and return its facts."""
    from flows.backfill import Backfill, run_backfill  # late: wrong settings are told at once

    zone = project.settings.time_zone
    todo = Backfill(
        sources=tuple(options.source or ()),
        since=read_time(options.since, "--since", zone),
        until=read_time(options.until, "--until", zone),
        chunk=read_length(options.chunk),
        rebuild=options.rebuild,
        resume=options.resume,
        dry_run=options.dry_run,
        workers=options.workers,
        accept=accepted(options),
    )
    with Progress(quiet=options.json) as progress:
        return run_backfill(project, progress, todo)


def describe_backfill(facts: dict[str, Any]) -> str:
    """Return what was read and what it changed as one line."""
    notes = facts["backfill"]
    windows, left = notes.get("windows"), notes.get("open")
    read = (
        "nothing was read again"
        if windows is None
        else f"{windows - left} of {counted(windows, 'window')} {'was' if windows - left == 1 else 'were'} read again"
    )
    tables = facts["tables"].items()
    changed = ", ".join(f"{name} {rows}" for name, t in tables if (rows := t["inserted"] + t["updated"] + t["deleted"]))
    missing = "; `meibo backfill --resume` reads the others" if left else ""
    if gone := notes.get("gone"):
        missing += f", those of {', '.join(gone)} only when the settings have it again"
    return f"{read}{missing}. Rows that {'would change' if facts['dry_run'] else 'changed'}: {changed or 'none'}"


def read_time(text: str | None, option: str, zone: str) -> datetime | None:
    """Return the moment that an ISO date or time names; one without a zone is local to `zone`. Raises ConfigError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{option} {text}: write a date such as 2026-10-01, or a time such as 2026-10-01T03:00Z"
        ) from None


def read_length(text: str) -> timedelta:
    """Return the length that a number with a unit names: 12h, 7d, 4w. Raises ConfigError."""
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        raise ConfigError(f"--chunk {text}: write a number and a unit, such as 12h, 7d or 4w")
    try:
        return int(match.group(1)) * _UNITS[match.group(2)]
    except OverflowError:
        raise ConfigError(f"--chunk {text}: that is longer than time is counted") from None
