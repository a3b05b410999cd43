"""Files that a command or a run writes for whoever asked: each appears whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from resolve.errors import ConfigError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` to write to; it takes the target's place at the end, or is removed where that fails.

    Folders that are not there are made. Raises ConfigError where the file cannot be written.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        beside.replace(target)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written ({error.strerror or type(error).__name__})") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
