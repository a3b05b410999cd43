"""Where files lie: in a folder of this machine, or in an S3 store; listed with a mark, and lent as a local path."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

Mark = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as its store lists it.

    `name`: what row keys and cursors call it. `address`: where its store finds it. `mark`: its size and what changes
    when it is written again, without reading it. `written_at`: UTC.
    """

    name: str
    address: str
    mark: Mark
    written_at: datetime

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.mark["size"])


class FileStore(Protocol):
    """A place that holds files. Methods raise OSError, or SourceError with a hint, when it cannot be reached."""

    is_remote: bool

    def find(self, pattern: str) -> list[StoredFile]:
        """Return the files that a path, or a pattern with `*`, `?`, `[…]` and `**`, names; sorted by name."""
        ...

    def explain(self, pattern: str) -> str:
        """Return what is there instead, for the message that no file was found."""
        ...

    def lend(self, file: StoredFile) -> AbstractContextManager[Path]:
        """Yield a local path with the file's bytes, which stay the same while it is lent."""
        ...


class LocalFiles:
    """Files of this machine, named by their path below `folder` where they lie there."""

    is_remote = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, pattern: str) -> list[StoredFile]:
        """Return the files by name; a file whose own name looks like a pattern is found as it is."""
        whole = self._folder / pattern
        found = [whole] if whole.is_file() else _matches(whole)
        return [self._stored(path) for path in sorted((path for path in found if path.is_file()), key=str)]

    def explain(self, pattern: str) -> str:
        """Return what the folder of the pattern holds."""
        folder = (self._folder / pattern).parent
        if not folder.is_dir():
            return f"There is no folder {folder}"
        there = sorted(path.name for path in folder.iterdir())
        return f"{folder} holds: {', '.join(there[:8]) + (' …' if len(there) > 8 else '') if there else 'nothing'}"

    @contextmanager
    def lend(self, file: StoredFile) -> Iterator[Path]:
        """Yield the file's own path."""
        yield Path(file.address)

    def _stored(self, path: Path) -> StoredFile:
        """Return a path as its store lists it."""
        stat = path.stat()
        name = path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else path.as_posix()
        mark: Mark = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
        return StoredFile(name, str(path), mark, datetime.fromtimestamp(stat.st_mtime, UTC))


def _matches(pattern: Path) -> list[Path]:
    """Return the paths that an absolute pattern with `*`, `?`, `[…]` and `**` matches."""
    root = Path(pattern.anchor)
    return list(root.glob(str(pattern.relative_to(root))))
