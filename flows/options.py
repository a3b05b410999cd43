"""Command-line options as frozen dataclasses: a command takes one object, however many options it has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = Path("meibo.yaml")


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Options that every command has."""

    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False
    debug: Annotated[bool, typer.Option("--debug", help="Show the trace back of an error.")] = False


@dataclass(frozen=True, kw_only=True)
class Configured(Shared):
    """Options of commands that work on a project."""

    config: Annotated[Path, typer.Option("--config", help="The project's settings.")] = DEFAULT_CONFIG
