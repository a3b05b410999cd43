"""The `meibo` command: its list of commands. Nothing heavy is imported before a command needs it.

Data goes to stdout, everything else to stderr. Exit codes: 0 ok, 1 run or gate failed, 2 usage or configuration,
3 changes pending (with --detailed-exitcode), 4 finished without some source, 75 another run holds the lock.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from flows.command import add_command, report_usage
from flows.commands import matching, projects, running

UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # typer gives its base class no name of its own


class Commands(TyperGroup):
    """The commands; what is wrong on the command line is told as JSON where --json is on it."""

    def make_context(self, info_name: str | None, args: list[str], *others: Any, **extra: Any) -> Any:
        """Read the options before the command's name."""
        as_json = "--json" in args
        with _usage_told(as_json):
            context = super().make_context(info_name, args, *others, **extra)
        context.obj = as_json
        return context

    def invoke(self, ctx: Any) -> Any:
        """Read the rest of the command line, and run the command."""
        with _usage_told(ctx.obj):
            return super().invoke(ctx)


@contextmanager
def _usage_told(as_json: bool) -> Iterator[None]:
    """Print a usage error as one JSON object, and end with its code."""
    try:
        yield
    except UsageError as error:
        if not as_json:
            raise
        raise typer.Exit(report_usage(error)) from None


app = typer.Typer(
    name="meibo",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"meibo {version('meibo')}")
        raise typer.Exit


@app.callback()
def meibo(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """One golden profile per customer, every night, in your warehouse (名寄せ).

    Start with `meibo demo`; then `meibo init` for your own sources.
    """


for _body in (*running.COMMANDS, *projects.COMMANDS, *matching.COMMANDS):
    add_command(app, _body)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    if "--debug" not in sys.argv:  # warnings of libraries are for developers; ours are errors in the tests
        warnings.simplefilter("ignore")
    app()


if __name__ == "__main__":
    main()
