"""Files as a source, here or in an S3 store, one or many; unchanged files are not read again."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.settings.project import SourceSettings, StreamSettings
from connectors.settings.storage import StorageSettings, is_remote
from connectors.sources.files.file_rows import FileRows
from connectors.sources.files.formats import explained, file_format, open_rows
from connectors.sources.files.stored import FileStore, LocalFiles, Mark, StoredFile
from connectors.sources.files.text_encoding import content_hash
from connectors.sources.files.windows import may_hold, rows_inside
from connectors.sources.plan import Header, StreamPlan, check_header, plan_stream
from connectors.sources.rows import SAME_RECORD, RowReader
from connectors.sources.source import PAGE_ROWS, Cursor, KnownIds, Page, Raw, Reject, StreamCheck, Window
from connectors.sources.tombstones import find_gone
from resolve.errors import SourceError

_FETCHED_BY_CHECK = 3  # files


class FileSource:
    """Reads the file streams of one source.

    The cursor holds, per file, its store's mark and its SHA-256: a file is read again when its bytes change, or when
    a setting changes how it is read. A row that is gone from a file stays, unless the stream is a snapshot.
    """

    def __init__(self, name: str, settings: SourceSettings, folder: Path, *, page_rows: int = PAGE_ROWS) -> None:
        """Take the source's settings and the folder that its paths are relative to."""
        self.name = name
        self._settings = settings
        self._folder = folder
        self._page_rows = page_rows
        self._remote: FileStore | None = None

    def read(self, stream: str, cursor: Cursor | None, *, known_ids: KnownIds | None = None) -> Iterator[Page]:
        """Yield the rows of new and changed files, files in the order of their names."""
        plan = plan_stream(self.name, self._settings, stream)
        settings = self._settings.streams[stream]
        with explained(self.name, f"stream {stream}: a file"):
            walk = _Walk(self, plan, settings, cursor)
            yield from walk.read_snapshot(known_ids) if settings.snapshot else walk.read_changed()

    def splits(self, stream: str) -> bool:
        """Return False: a file is read whole, whatever is wanted of it."""
        del stream
        return False

    def read_window(self, stream: str, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the rows that changed in the window; of a stream without a time of change, files written in it.

        Files written before the window hold no row that changed in it. Rows without a readable time are given, too.
        """
        plan = plan_stream(self.name, self._settings, stream)
        settings = self._settings.streams[stream]
        with explained(self.name, f"stream {stream}: a file"):
            for page in _Walk(self, plan, settings, cursor, window).read_changed():
                wanted = rows_inside(page.rows, window, plan) if plan.updated_at else page.rows
                yield Page(wanted, page.rejects, page.cursor, page.reread)

    def check(self, stream: str) -> StreamCheck:
        """Return the columns of the stream's files; headers are tried, no rows are read.

        Of files that have to be fetched first, only the last few by name are.
        """
        plan = plan_stream(self.name, self._settings, stream)
        settings = self._settings.streams[stream]
        columns: dict[str, None] = {}
        files = self.list_files(stream)
        tried = files[-_FETCHED_BY_CHECK:] if self.store(settings).is_remote else files
        for file in tried:
            with self.open_file(file, plan, settings) as opened:
                columns.update(dict.fromkeys(opened.header.columns))
        size = sum(file.size for file in files)
        notes = [f"{len(files)} file{'s'[: len(files) != 1]}, {size:,} bytes"]
        if len(tried) < len(files):
            notes.append(f"columns are those of the last {len(tried)} files")
        if file_format(files[0].name, self.name, settings) in ("jsonl", "json"):
            notes.append("columns are those of the first 200 rows")
        unmapped = Header(columns).not_among(plan.columns)
        return StreamCheck(stream, str(settings.path), None, tuple(columns), unmapped, tuple(notes))

    def list_files(self, stream: str) -> list[StoredFile]:
        """Return the stream's files by name. Raises SourceError, naming what is there, when there is none."""
        settings = self._settings.streams[stream]
        store, pattern = self.store(settings), str(settings.path)
        files = store.find(pattern)
        if not files:
            raise SourceError(self.name, f"no file {pattern}", store.explain(pattern))
        return files[-1:] if settings.snapshot == "latest" else files

    def unread_bytes(self, stream: str, cursor: Cursor | None) -> int:
        """Return how many bytes the files of this machine have that seem changed since `cursor`; 0 for a snapshot."""
        settings = self._settings.streams[stream]
        if settings.snapshot or self.store(settings).is_remote:
            return 0
        known = (cursor or {}).get("files", {})
        return sum(
            file.size for file in self.list_files(stream) if not known.get(file.name, {}).items() >= file.mark.items()
        )

    @contextmanager
    def open_file(self, file: StoredFile, plan: StreamPlan, settings: StreamSettings) -> Iterator[FileRows]:
        """Yield the rows of one file, its header checked against the plan."""
        with self.store(settings).lend(file) as path:
            with explained(self.name, file.name):
                opened = open_rows(path, file.name, self.name, settings, plan.rows_in)
            check_header(plan, opened.header, file.name)
            yield opened

    def content_hash(self, file: StoredFile, settings: StreamSettings) -> str:
        """Return the SHA-256 of a file's bytes, hex."""
        with self.store(settings).lend(file) as path:
            return content_hash(path)

    def store(self, settings: StreamSettings) -> FileStore:
        """Return the place that holds the stream's files."""
        if not is_remote(str(settings.path)):
            return LocalFiles(self._folder)
        if self._remote is None:
            from connectors.sources.files.s3 import S3Files

            self._remote = S3Files(self.name, self._settings.storage or StorageSettings())
        return self._remote

    @property
    def page_rows(self) -> int:
        """Rows of a page."""
        return self._page_rows


class _Walk:
    """One reading of a stream's files."""

    def __init__(
        self,
        source: FileSource,
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
        self._done: dict[str, Mark] = {file.name: known[file.name] for file in self._files if file.name in known}
        self._reading = usable.get("reading") or {}
        self._touched = False  # a file's time changed, but not its bytes: worth storing

    def read_changed(self) -> Iterator[Page]:
        """Yield the pages of files whose bytes changed; a file that was being read goes on where it stopped."""
        for file in self._files:
            mark = self._changed(file)
            if mark is None:
                continue
            is_resumed = self._reading.get("path") == file.name and self._reading.get("sha256") == mark["sha256"]
            skip = int(self._reading["items"]) if is_resumed else 0
            yield from self._read_file(file, mark, skip)
        if self._touched:
            yield Page([], [], self._cursor())

    def read_snapshot(self, known_ids: KnownIds | None) -> Iterator[Page]:
        """Yield all rows when any file changed, then a tombstone for each known id that is gone.

        The cursor moves only with the last page: a walk that was cut off starts again, so that no tombstone is missed.
        """
        marks = {file.name: self._changed(file) for file in self._files}
        if not any(marks.values()):
            return
        seen: set[str] = set()
        before = self._cursor()
        for file in self._files:
            with self._source.open_file(file, self._plan, self._settings) as opened:
                reader = RowReader(self._plan, opened.header)
                for rows, rejects, _ in self._pages(opened, reader, 0):
                    yield Page(rows, rejects, before)
            seen |= reader.seen
        gone = find_gone(self._plan, seen, known_ids, self._settings.max_gone_rate)
        self._done |= {name: mark for name, mark in marks.items() if mark is not None}
        yield Page(gone, [], self._cursor(), ("",))

    def _changed(self, file: StoredFile) -> Mark | None:
        """Return the file's new mark when its bytes are not those that were read, else None."""
        known = self._done.get(file.name, {})
        if known.items() >= file.mark.items():
            return None
        mark: Mark = file.mark | {"sha256": self._source.content_hash(file, self._settings)}
        if known.get("sha256") == mark["sha256"]:
            self._done[file.name] = mark
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
                self._done[name] = mark
                self._touched = False
                yield Page(rows, rejects, self._cursor(), (f"{name}:",))

    def _pages(
        self, opened: FileRows, reader: RowReader, skip: int
    ) -> Iterator[tuple[list[Raw], list[Reject], int | None]]:
        """Yield rows, rejects and how many rows were read so far; None in the last page."""
        rows: list[Raw] = []
        rejects: list[Reject] = []
        page_rows = self._source.page_rows
        for number, item in enumerate(opened.items, start=1):
            result = item if isinstance(item, Reject) else reader.read(item[1], item[0])
            if isinstance(result, Reject):
                if result is SAME_RECORD:
                    continue
                rejects.append(result)  # again where they are skipped: the last page tells which were met
            elif number > skip:  # the others are read all the same: the reader must know these ids
                rows.append(result)
            if number <= skip:
                continue
            if len(rows) + len(rejects) >= page_rows:
                yield rows, rejects, number
                rows, rejects = [], []
        yield rows, rejects, None

    def _cursor(self, reading: dict[str, object] | None = None) -> Cursor:
        """Return the cursor after what was read so far."""
        cursor: Cursor = {"reader": self._reader, "files": dict(self._done)}
        return cursor | {"reading": reading} if reading else cursor


def _fingerprint(plan: StreamPlan, settings: StreamSettings) -> str:
    """Return a hash of the settings that change how bytes become raw rows."""
    read_by: tuple[object, ...] = (settings.format, settings.encoding, settings.delimiter, settings.snapshot)
    later = (settings.sheet, plan.rows_in, plan.repeats)  # left out while they are not set: older cursors stay good
    read_by += later if later != (None, None, "refuse") else ()
    parts = (*read_by, plan.id, plan.updated_at, plan.deleted, plan.merged_into)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
