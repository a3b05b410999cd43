"""Turn a function of one options object into a command: its options, its exit code, its errors."""

import inspect
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from threading import current_thread, main_thread
from typing import Any, get_type_hints

import typer

from flows import console, exits
from flows.mistakes import MISTAKE, place_of
from flows.options import Shared
from resolve.errors import ConfigError, GateError, MeiboError


def add_command(app: typer.Typer, body: Callable[..., int]) -> None:
    """Add `body(options) -> exit code` to the app, named after it, with one option for each field of its options.

    The options class is the annotation of its only parameter; the docstring of `body` is the help text.
    """
    hints = get_type_hints(body)
    hints.pop("return")
    (options_class,) = hints.values()

    def call(**values: Any) -> None:
        raise typer.Exit(run_command(body, options_class(**values)))

    call.__signature__ = inspect.Signature(_parameters(options_class))  # type: ignore[attr-defined]  # typer reads it
    call.__annotations__ = get_type_hints(options_class, include_extras=True)
    call.__doc__ = _unwrapped(body.__doc__ or "")
    app.command(body.__name__.rstrip("_").replace("_", "-"))(call)


def _unwrapped(text: str) -> str:
    """Return a docstring with each paragraph on one line: typer keeps line ends, wherever a terminal's are."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def _parameters(options_class: type) -> list[inspect.Parameter]:
    """Return a keyword parameter for each field of a dataclass; arguments and options of its own before shared ones."""
    hints = get_type_hints(options_class, include_extras=True)
    own = sorted(fields(options_class), key=lambda f: f.name in {shared.name for shared in fields(Shared)})
    return [
        inspect.Parameter(
            f.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if f.default is MISSING else f.default,
            annotation=hints[f.name],
        )
        for f in own
    ]


def run_command(body: Callable[..., int], options: Shared) -> int:
    """Run a command and return its exit code; an error is explained once, its traceback shown only with --debug.

    SIGTERM stops a command as Ctrl-C does, so that a run is noted as failed and leaves no staging file.
    """
    try:
        with _stopping():
            return body(options)
    except MeiboError as error:
        return report_error(error, options)
    except KeyboardInterrupt:
        return _report_stop(exits.INTERRUPTED, options)
    except SystemExit as end:
        if end.code != exits.TERMINATED:
            raise
        return _report_stop(exits.TERMINATED, options)
    except BrokenPipeError:
        sys.stderr.close()
        return exits.FAILED
    except Exception as error:  # noqa: BLE001 - the last place where an error can be explained
        return report_error(error, options)


@contextmanager
def _stopping() -> Iterator[None]:
    """Let SIGTERM raise SystemExit inside the block, where this is the main thread and nobody else has a use for it."""
    if current_thread() is not main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def stop(*_: object) -> None:
        raise SystemExit(exits.TERMINATED)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _report_stop(code: int, options: Shared) -> int:
    """Say that a command was stopped, and return its exit code."""
    kept = "what was read so far is kept, the published tables are as before"
    message = f"stopped; {kept}, or have all of the run (`meibo status`)"  # it may have been the export after it
    if options.json:
        console.print_json({"status": "error", "error": "Stopped", "messages": [message], "exit_code": code})
    else:
        console.say(message)
    return code


def report_error(error: Exception, options: Shared) -> int:
    """Print an error for a person (stderr) or a program (--json, stdout) and return its exit code."""
    code = error.exit_code if isinstance(error, MeiboError) else exits.FAILED
    if options.debug:
        console.print_traceback(getattr(error, "hidden", None) or error)
    if options.json:
        console.print_json(
            {"status": "error", "error": type(error).__name__, "messages": _messages(error), "exit_code": code}
        )
    else:
        console.print_error(_title(error), _messages(error))
    return code


def report_usage(error: Any) -> int:
    """Print what is wrong on the command line for a program and return the exit code."""
    messages = [error.format_message()]
    console.print_json({"status": "error", "error": "UsageError", "messages": messages, "exit_code": exits.USAGE})
    return exits.USAGE


def _messages(error: Exception) -> list[str]:
    """Return the lines that explain an error; unforeseen ones may hold personal values."""
    if isinstance(error, ConfigError):
        return error.mistakes
    if isinstance(error, GateError):
        return error.tripped
    if isinstance(error, MeiboError):
        return [str(error)]
    return [f"{type(error).__name__}{place_of(error)}", MISTAKE]


def _title(error: Exception) -> str:
    """Return the headline of an error; errors of sources and warehouses begin with their own."""
    if isinstance(error, ConfigError):
        return "configuration" if len(error.mistakes) == 1 else f"configuration: {len(error.mistakes)} mistakes"
    names = {"LockedError": "locked", "GateError": "stopped before publishing", "MistakeError": "unforeseen"}
    return names.get(type(error).__name__, "" if isinstance(error, MeiboError) else "unforeseen")
