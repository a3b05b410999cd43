"""Commands that run the job: demo, nightly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from flows.options import Configured, Shared


@dataclass(frozen=True, kw_only=True)
class DemoOptions(Shared):
    """Options of `meibo demo`."""

    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the sample project goes.")] = Path("meibo-demo")


def demo(options: DemoOptions) -> int:
    """Run the nightly flow on a sample project, and say where to look.

    Three sources of about 700 contacts each, Japanese and Western, with calls, campaigns and survey answers.
    Run it again: nothing changes.
    """
    from flows.demo import run_demo

    return run_demo(options.folder, as_json=options.json, debug=options.debug)


@dataclass(frozen=True, kw_only=True)
class NightlyOptions(Configured):
    """Options of `meibo nightly`."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="With --dry-run: exit 3 when changes are pending.")
    ] = False
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes for the heavy stages.")] = 1


def nightly(options: NightlyOptions) -> int:
    """Read what is new in every source, resolve identities, publish the golden profiles.

    Exit codes: 0 done, or nothing changed; 1 failed, the tables are as before; 2 configuration; 3 changes pending
    (--dry-run --detailed-exitcode); 4 done without some source; 75 another run holds the warehouse.
    """
    from flows.launch import launch_nightly

    return launch_nightly(options)


COMMANDS = (demo, nightly)
