"""Mistakes of our own: told by their kind and place alone, for the text of an unforeseen error may hold values."""

from collections.abc import Callable, Collection, Generator, Iterable
from pathlib import Path
from traceback import walk_tb
from typing import TypeVar

from connectors.sources.source import KnownIds
from resolve.errors import MeiboError, SourceError

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
