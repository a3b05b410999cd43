"""One reading of a stream's files: those whose bytes changed, a window of them, or everything, page by page."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from connectors.settings.project import StreamSettings
from connectors.sources.files.file_rows import FileRows
from connectors.sources.files.stored import Mark, StoredFile
from connectors.sources.files.windows import may_hold
from connectors.sources.plan import StreamPlan
from connectors.sources.rows import PageRows, RowReader
from connectors.sources.source import Cursor, KnownIds, Page, Raw, Reject, Window, mark_of
from connectors.sources.tombstones import gone_or_note, hides_id
from resolve.errors import counted

FEWEST_ROWS = 20  # of a file that may have shrunk; fewer come and go
SHRUNK = 0.5  # of the rows that a file had


class Files(Protocol):
    """Where the files are, and how they are opened."""

    def list_files(self, stream: str) -> list[StoredFile]:
        """Return the stream's files by name."""
        ...

    def open_file(
        self, file: StoredFile, plan: StreamPlan, settings: StreamSettings
    ) -> AbstractContextManager[FileRows]:
        """Yield the rows of one file, its header checked against the plan."""
        ...

    def content_hash(self, file: StoredFile, settings: StreamSettings) -> str:
        """Return the SHA-256 of a file's bytes, hex."""
        ...

    @property
    def page_rows(self) -> int:
        """Rows of a page."""
        ...


class FileWalk:
    """One reading of a stream's files."""

    def __init__(
        self,
        source: Files,
        plan: StreamPlan,
        settings: StreamSettings,
        cursor: Cursor | None,
        window: Window | None = None,
    ) -> None:
        self._source = source
        self._plan = plan
        self._settings = settings
        self._reader = _fingerprint(plan, settings)
        usable = cursor if cursor and cursor.get("reader") == self._reader else {}
        self._files = source.list_files(plan.stream)
        if window is not None:
            has_times = bool(plan.updated_at)
            self._files = [file for file in self._files if may_hold(file, window, has_times=has_times)]
        known = usable.get("files", {})
        listed = {file.name for file in self._files}
        gone = known if window is None else {}  # a window leaves files out
        self._vanished: dict[str, Mark] = {name: mark for name, mark in gone.items() if name not in listed}
        self._items = 0  # of the file that was read last
        self._done: dict[str, Mark] = {file.name: known[file.name] for file in self._files if file.name in known}
        self._reading = usable.get("reading") or {}
        self._touched = False  # a file's time changed, but not its bytes: worth storing

    def read_changed(self) -> Iterator[Page]:
        """Yield the pages of files whose bytes changed; a file that was being read goes on where it stopped.

        What was refused in files that are gone can never be met again: it is told as read with the last page.
        """
        for file in self._files:
            mark = self._changed(file)
            if mark is None:
                continue
            is_resumed = self._reading.get("path") == file.name and self._reading.get("sha256") == mark["sha256"]
            skip = int(self._reading["items"]) if is_resumed else 0
            yield from self._read_file(file, mark, skip)
        gone, self._vanished = tuple(f"{name}:" for name in self._vanished), {}
        if self._touched or gone:
            yield Page([], [], self._cursor(), gone)

    def read_snapshot(self, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield all rows when any file changed or is gone, then a tombstone for each known id that is gone.

        The cursor moves only with the last page: a walk that was cut off starts again, so that no tombstone is missed.
        """
        marks = {file.name: self._changed(file) for file in self._files}
        if not any(marks.values()) and not self._vanished:
            return
        seen: set[str] = set()
        hidden = 0
        before = self._cursor()
        for file in self._files:
            with self._source.open_file(file, self._plan, self._settings) as opened:
                reader = RowReader(self._plan, opened.header)
                for rows, rejects, _ in self._pages(opened, reader, 0):
                    hidden += sum(map(hides_id, rejects))
                    yield Page(rows, rejects, before)
            seen |= reader.seen
        gone, note = gone_or_note(self._plan, seen, known_ids, self._settings.max_gone_rate, hidden)
        self._done |= {name: mark for name, mark in marks.items() if mark is not None}
        self._vanished = {}
        yield Page(gone, [], self._cursor(), ("",), note)

    def _changed(self, file: StoredFile) -> Mark | None:
        """Return the file's new mark when its bytes are not those that were read, else None."""
        known = self._done.get(file.name, {})
        if known.items() >= file.mark.items():
            return None
        mark: Mark = file.mark | {"sha256": self._source.content_hash(file, self._settings)}
        if known.get("sha256") == mark["sha256"]:
            self._done[file.name] = known | mark
            self._touched = True
            return None
        return mark

    def _read_file(self, file: StoredFile, mark: Mark, skip: int) -> Iterator[Page]:
        """Yield the pages of one file, leaving out its first `skip` rows."""
        name = file.name
        with self._source.open_file(file, self._plan, self._settings) as opened:
            for rows, rejects, items in self._pages(opened, RowReader(self._plan, opened.header), skip):
                if items is not None:
                    yield Page(rows, rejects, self._cursor({"path": name, "sha256": mark["sha256"], "items": items}))
                    continue
                note = _shrunk(name, int(self._done.get(name, {}).get("rows", 0)), self._items)
                self._done[name] = mark | {"rows": self._items}
                self._touched = False
                yield Page(rows, rejects, self._cursor(), (f"{name}:",), note)

    def _pages(
        self, opened: FileRows, reader: RowReader, skip: int
    ) -> Iterator[tuple[list[Raw], list[Reject], int | None]]:
        """Yield rows, rejects and how many rows were read so far; None in the last page."""
        page = PageRows()
        page_rows = self._source.page_rows
        number = 0
        for number, item in enumerate(opened.items, start=1):
            result = item if isinstance(item, Reject) else reader.read(item[1], item[0])
            # What is skipped is read all the same: the reader must know its ids, and the last page tells which rejects
            # were met.
            page.add(result, is_landed=number <= skip)
            if number > skip and len(page) >= page_rows:
                yield page.rows, page.rejects, number
                page = PageRows()
        self._items = number
        yield page.rows, page.rejects, None

    def _cursor(self, reading: dict[str, object] | None = None) -> Cursor:
        """Return the cursor after what was read so far; files that are gone leave it with the last page."""
        cursor: Cursor = {"reader": self._reader, "files": self._vanished | self._done}
        return cursor | {"reading": reading} if reading else cursor


def _shrunk(name: str, before: int, now: int) -> str:
    """Return a note on a file that has far fewer rows than when it was last read: no row of it was deleted for that."""
    if before < FEWEST_ROWS or now >= SHRUNK * before:
        return ""
    return f"{name} has {counted(now, 'row')} and had {before:,}: is it whole?"


def _fingerprint(plan: StreamPlan, settings: StreamSettings) -> str:
    """Return a hash of the settings that change how bytes become raw rows."""
    read_by: tuple[object, ...] = (settings.format, settings.encoding, settings.delimiter, settings.snapshot)
    later = (settings.sheet, plan.rows_in, plan.repeats)  # left out while they are not set: older cursors stay good
    read_by += later if later != (None, None, "refuse") else ()
    read_by += (f"header {settings.header_line}",) if settings.header_line else ()
    return mark_of(*read_by, plan.id, plan.updated_at, plan.deleted, plan.merged_into)
