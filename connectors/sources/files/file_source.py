"""Files as a source, here or in an S3 store, one or many; unchanged files are not read again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.settings.project import SourceSettings, StreamSettings
from connectors.settings.storage import StorageSettings, is_remote
from connectors.sources.files.file_rows import FileRows
from connectors.sources.files.formats import explained, file_format, open_rows
from connectors.sources.files.stored import FileStore, LocalFiles, StoredFile
from connectors.sources.files.text_encoding import content_hash
from connectors.sources.files.walk import FileWalk
from connectors.sources.files.windows import rows_inside
from connectors.sources.plan import Header, StreamPlan, absent_columns, check_header, plan_stream
from connectors.sources.source import PAGE_ROWS, Cursor, KnownIds, Page, StreamCheck, Window
from resolve.errors import SourceError, counted

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
            walk = FileWalk(self, plan, settings, cursor)
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
            for page in FileWalk(self, plan, settings, cursor, window).read_changed():
                wanted = rows_inside(page.rows, window, plan) if plan.updated_at else page.rows
                yield Page(wanted, page.rejects, page.cursor, page.reread)

    def check(self, stream: str) -> StreamCheck:
        """Return the columns of the stream's files; headers are tried, no rows are read.

        Of files that have to be fetched first, only the last few by name are.
        """
        plan = plan_stream(self.name, self._settings, stream)
        settings = self._settings.streams[stream]
        columns: dict[str, None] = {}
        sheets: dict[str, None] = {}
        files = self.list_files(stream)
        tried = files[-_FETCHED_BY_CHECK:] if self.store(settings).is_remote else files
        for file in tried:
            with self.open_file(file, plan, settings) as opened:
                columns.update(dict.fromkeys(opened.header.columns))
                sheets.update(dict.fromkeys(opened.other_sheets))
        size = sum(file.size for file in files)
        notes = [f"{counted(len(files), 'file')}, {size:,} bytes"]
        if len(tried) < len(files):
            notes.append(f"columns are those of the last {counted(len(tried), 'file')}")
        if file_format(files[0].name, self.name, settings) in ("jsonl", "json"):
            notes.append("columns are those of the first 200 rows")
        notes += [f"not read: sheet {name} (name it with `sheet`)" for name in sheets]
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
            if opened.inner and absent_columns(plan, opened.header):
                named = " or ".join(f"`rows_in: {place}`" for place in opened.inner)
                raise SourceError(
                    self.name,
                    f"stream {plan.stream}: {file.name} is one object that holds rows, and no row itself",
                    f"Name the list of rows: {named}",
                )
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
