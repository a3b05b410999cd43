"""docs/benchmarks.md: sections that are measured one by one; what is not measured anew keeps its figures and their date."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tables import as_table

Rows = list[dict[str, object]]
Section = tuple[str, str, Rows]  # title, what the figures mean, the table

HEAD = """# Benchmarks

Written by `make bench`; do not edit by hand. Parts can be measured by themselves (`tests/bench/run.py speed growth`): each
says when, and of which commit, it was. Times on a shared machine are noisy: compare within a table, not between tables.
"""


def stamp(root: Path) -> str:
    """Return the day, the commit and the machine, as a line."""
    packages = ("numpy", "pandas", "pyarrow", "rapidfuzz", "recordlinkage")
    listed = ", ".join(f"{name} {version(name)}" for name in packages)
    commit = _git(root, "rev-parse", "--short", "HEAD") or "unknown"
    changed = " with changes" if _git(root, "status", "--porcelain", "--untracked-files=no", "--", "resolve") else ""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {listed}"
    return f"Measured on {day} at `{commit}`{changed}: {machine}; load at the start {os.getloadavg()[0]:.1f}."


def _git(root: Path, *command: str) -> str:
    """Return what git says, nothing where there is no repository."""
    done = subprocess.run(["git", *command], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def read_sections(page: Path) -> dict[str, str]:
    """Return the text of each section of the page by its title, in order; nothing where there is no page."""
    if not page.exists():
        return {}
    parts = re.split(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (text.strip() for text in parts[1::2]), strict=True))


def write_page(page: Path, measured: list[Section], line: str, titles: tuple[str, ...]) -> None:
    """Write the page with the sections measured now and the others as they were, in the order of `titles`."""
    sections = read_sections(page)
    sections |= {title: f"{text}\n\n{line}\n\n{as_table(rows)}" for title, text, rows in measured if rows}
    parts = [f"## {title}\n\n{sections[title]}\n" for title in titles if title in sections]
    page.write_text("\n".join([HEAD, *parts]), "utf-8")
