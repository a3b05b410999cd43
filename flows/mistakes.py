"""Mistakes of our own: told by their kind and place alone, for the text of an unforeseen error may hold values."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import TypeVar

from connectors.sources.source import KnownIds
from resolve.errors import MeiboError, MistakeError, SourceError

MISTAKE = "this is a mistake in Meibo: run again with --debug and report it"
ROOT = Path(__file__).resolve().parents[1]
OURS = {"flows", "connectors", "resolve"}

Item = TypeVar("Item")


def place_of(error: BaseException) -> str:
    """Return where in our own code an error was raised: ` at flows/run.py:12`; empty where it was nowhere there."""
    place = ""
    for frame, line in walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS:
            place = f" at {path.relative_to(ROOT).as_posix()}:{line}"
    return place


@contextmanager
def hiding_values(but: type[Exception] | tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Let no text of an unforeseen error, or of one that led to an error of ours, leave the block.

    Prefect keeps what flows and tasks raise, with all that led to it, on its server. A person finds it in `hidden`.
    What is one of `but` passes as it is: that a server is lost is no mistake.
    """
    try:
        yield
    except but:
        raise
    except MeiboError as error:
        error.hidden = error.hidden or error.__cause__
        error.__cause__, error.__suppress_context__ = None, True
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold values
        mistake = MistakeError(f"{type(error).__name__}{place_of(error)}; {MISTAKE}")
        mistake.hidden = error
        raise mistake from None


def read_guarded(
    source: str, stream: str, read: Callable[[KnownIds], Iterable[Item]], known_ids: KnownIds
) -> Generator[Item]:
    """Yield what a reader of a source gives; whatever it raises without meaning to is a failure of that source alone.

    `read` gets `known_ids`, which asks the warehouse: errors of that are not the reader's, and pass as they are.
    """
    asked: list[Exception] = []

    def ask() -> Collection[str]:
        try:
            return known_ids()
        except Exception as error:
            asked.append(error)
            raise

    try:
        yield from read(ask)
    except MeiboError:
        raise
    except Exception as error:
        if asked:
            raise
        said = f"stream {stream}: {type(error).__name__}{place_of(error)}"
        raise SourceError(source, said, "This is a mistake in Meibo, please report it; the cursor stays") from error
