"""`meibo demo`: the sample project in a folder of one's own, and a nightly run on it."""

import time
from importlib import resources
from pathlib import Path

from flows import console
from flows.commands.launch import exit_code, run_flow
from flows.options import NightlyOptions
from flows.project import open_project
from flows.reports.summary import print_summary
from resolve.errors import ConfigError


def run_demo(folder: Path, *, as_json: bool, debug: bool) -> int:
    """Write the sample project to `folder` if it is not there, run the nightly flow on it, and return the exit code."""
    began = time.monotonic()
    config = folder / "meibo.yaml"
    written = write_sample(folder)
    if not as_json:
        console.say(f"sample project {'written to' if written else 'found in'} {folder}")
    with open_project(config, create=True) as project:
        facts = run_flow(project, NightlyOptions(config=config, workers=1, json=as_json, debug=debug))
    code = exit_code(facts, detailed=False)
    if as_json:
        console.print_json(facts | {"folder": str(folder), "exit_code": code})
        return code
    print_summary(facts, project.warehouse, time.monotonic() - began)
    console.print_next(_next_steps(folder))
    return code


def write_sample(folder: Path) -> bool:
    """Copy the packaged sample project to `folder`, unless a meibo.yaml is there; return whether it was copied.

    Raises ConfigError when the folder holds other things, or cannot be written.
    """
    if (folder / "meibo.yaml").exists():
        return False
    sample = resources.files("flows") / "sample"
    names = {item.name for item in sample.iterdir() if item.is_file() and not item.name.endswith(".py")}
    if folder.exists() and (not folder.is_dir() or {item.name for item in folder.iterdir()} - names):
        raise ConfigError(f"{folder}: is there already and is no sample project; name another folder: `meibo demo DIR`")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(names, key=lambda n: n == "meibo.yaml"):  # the settings last: with them the copy is whole
            (folder / name).write_bytes((sample / name).read_bytes())
    except OSError as error:
        raise ConfigError(f"{folder}: the sample project cannot be written there ({error.strerror})") from error
    return True


def _next_steps(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return what to try after the demo."""
    return (
        (f"cd {folder}", ""),
        ("meibo nightly", "again: it says that nothing changed"),
        ("meibo evaluate truth.csv", "precision and recall against the sample's labels"),
        ("meibo status", "runs, cursors, and where every row ended"),
        ("meibo init ../my-project", "start with your own sources"),
    )
