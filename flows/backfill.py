"""A backfill: windows of sources read again, chunk by chunk, and what differs resolved; or everything resolved anew.

The path is the nightly one: rows that differ are landed, mapped, resolved and published as if a night had read them.
The cursors of the nights stay where they are. A window that is read twice changes nothing the second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.sources.catalog import open_source
from connectors.sources.drift import kinds_of
from connectors.sources.source import KnownIds, Page, Window
from connectors.warehouse.chunks import Chunk, end_chunk, land_chunk, last_backfill, open_chunks, plan_chunks
from connectors.warehouse.landed import living_ids
from flows.clock import CLOCK
from flows.intake.extract import Extraction, StreamReading, landed_before, watch_columns
from flows.intake.prepare import prepare_everything
from flows.mistakes import read_guarded
from flows.night import PLAIN, Stages, walk_stages
from flows.progress import Progress
from flows.project import Project
from flows.reports.keeping import keep_facts
from flows.run import Run, open_run
from resolve.errors import ConfigError, SourceError

WEEK = timedelta(days=7)
MOST_WINDOWS = 2_000  # of a stream; each is a call of its source, and a row of backfill_chunk


@dataclass(frozen=True, slots=True)
class Backfill:
    """What to do: read `since` <= time of change < `until` of the sources (none named: all) in chunks, and resolve.

    rebuild: resolve everything anew, with IDs kept; it reads sources only where some, or a window, are named. resume:
    go on with the last backfill that was cut off, with its windows. accept: gates that may be over budget.
    """

    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    chunk: timedelta = WEEK
    rebuild: bool = False
    resume: bool = False
    dry_run: bool = False
    workers: int = 1
    accept: frozenset[str] = frozenset()

    @property
    def reads(self) -> bool:
        """Whether sources are read."""
        return not self.rebuild or bool(self.sources or self.since or self.until or self.resume)


def run_backfill(project: Project, progress: Progress, todo: Backfill, *, stages: Stages = PLAIN) -> dict[str, Any]:
    """Run a backfill under the warehouse's lock; return the facts of the run, with `backfill` (see `_extract`).

    Raises ConfigError for a source that is not there, a window without length or nothing to resume; otherwise as
    `run_night`. A source that fails does not stop the others, and its windows stay open for `resume`.
    """
    check_backfill(project, todo)
    notes: dict[str, Any] = {"rebuild": todo.rebuild}
    stages = replace(stages, extract=lambda run: _extract(run, todo, notes))
    if todo.rebuild:
        stages = replace(stages, prepare=partial(prepare_everything, is_rebuild=True))
    with open_run(project, "backfill", progress, dry_run=todo.dry_run, workers=todo.workers, accept=todo.accept) as run:
        return keep_facts(run, lambda: walk_stages(run, stages) | {"backfill": notes})


def check_backfill(project: Project, todo: Backfill) -> None:
    """Raise ConfigError when a source is unknown, or the window has no length or too many parts."""
    known = project.settings.sources
    mistakes = [f"--source {name}: there is no such source; there are {', '.join(known)}" for name in todo.sources
                if name not in known]  # fmt: skip
    if todo.since and todo.until and todo.since >= todo.until:
        mistakes.append("--since has to be before --until")
    if todo.since and todo.since > CLOCK.now():
        mistakes.append(f"--since {todo.since.isoformat()} is still to come: there is nothing to read yet")
    if todo.chunk <= timedelta(0):
        mistakes.append("--chunk has to be longer than nothing, such as 7d or 12h")
    if todo.since and todo.chunk > timedelta(0):
        mistakes += _too_many((todo.until or CLOCK.now()) - todo.since, todo.chunk)
    if todo.resume and (todo.sources or todo.since or todo.until):
        mistakes.append("--resume goes on with the windows of the backfill that was cut off; leave out the others")
    if mistakes:
        raise ConfigError(mistakes)


def _too_many(whole: timedelta, length: timedelta) -> list[str]:
    """Return what to do about a window that would be read in more parts than is meant; nothing where it is not."""
    parts = -(-whole // length)
    if parts <= MOST_WINDOWS:
        return []
    hours = -(-whole // (MOST_WINDOWS * timedelta(hours=1)))
    enough = f"{hours}h" if hours <= 48 else f"{-(-hours // 24)}d"
    return [
        f"--chunk cuts this window into {parts:,} parts, more than {MOST_WINDOWS:,}. Write --chunk {enough} or longer"
    ]


def _extract(run: Run, todo: Backfill, notes: dict[str, Any]) -> Extraction:
    """Read the windows and land what differs; `notes` tell the backfill's name and its windows, done and open.

    `gone` are the streams of windows that the settings do not name any more: these stay open.
    """
    extraction = landed_before(run)
    run.notes["extraction"] = extraction
    if not todo.reads:
        return extraction
    readings = {(reading.source, reading.stream): reading for reading in extraction.readings}
    chunks = _resumed(run) if todo.resume else _planned(run, todo)
    gone = sorted({f"{c.source}.{c.stream}" for c in chunks if (c.source, c.stream) not in readings})
    if chunks and all((c.source, c.stream) not in readings for c in chunks):
        said = f"what is left is of {', '.join(gone)}, no longer in the settings"
        raise ConfigError(f"--resume: {said}. Put it back to read it")
    notes |= {"backfill_id": chunks[0].backfill_id if chunks else None, "windows": len(chunks), "open": 0, "gone": gone}
    for number, chunk in enumerate(chunks):
        run.progress.stage("extract", number, len(chunks))
        reading = readings.get((chunk.source, chunk.stream))
        if reading is None or reading.error is not None:  # gone, or it failed before
            notes["open"] += 1
            continue
        try:
            _read_chunk(run, chunk, reading)
        except SourceError as error:
            reading.error = str(error)
            notes["open"] += 1
    return extraction


def _planned(run: Run, todo: Backfill) -> list[Chunk]:
    """Return the windows of a new backfill, and note them."""
    chunks = []
    for source in todo.sources or run.settings.sources:
        settings = run.settings.sources[source]
        opened = open_source(source, settings, run.settings.folder, clock=CLOCK)
        for stream in settings.streams:
            whole = Window(todo.since, todo.until)
            windows = list(split_window(whole, todo.chunk, run.at)) if opened.splits(stream) else [whole]
            chunks += [Chunk(run.run_id, source, stream, number, one) for number, one in enumerate(windows)]
    with run.transactions.writing() as conn:
        plan_chunks(conn, chunks, run.run_id)
    return chunks


def split_window(window: Window, length: timedelta, now: datetime) -> Iterator[Window]:
    """Yield a window in parts of a length, the oldest first; one without a beginning stays whole."""
    if window.since is None:
        yield window
        return
    until, since = window.until or now, window.since
    while since < until:
        end = since + length if length < until - since else until
        # the last one stays open where the whole is: rows go on changing while it is read
        yield Window(since, end if end < until else window.until)
        since = end


def _resumed(run: Run) -> list[Chunk]:
    """Return the open windows of the last backfill; raise ConfigError when there are none."""
    with run.transactions.begin() as conn:
        last = last_backfill(conn)
        chunks = open_chunks(conn, last) if last else []
    if not chunks:
        raise ConfigError("--resume: no backfill was cut off; every window of the last one was read to its end")
    return chunks


def _read_chunk(run: Run, chunk: Chunk, reading: StreamReading) -> None:
    """Land the pages of one window, going on where its cursor stands."""
    opened = open_source(chunk.source, run.settings.sources[chunk.source], run.settings.folder, clock=CLOCK)

    def known_ids() -> set[str]:
        with run.transactions.begin() as conn:
            return living_ids(conn, chunk.source, chunk.stream)

    def read(ids: KnownIds) -> Iterator[Page]:
        return opened.read_window(chunk.stream, chunk.window, chunk.cursor, known_ids=ids)

    watch = watch_columns(run, reading)
    for page in read_guarded(chunk.source, chunk.stream, read, known_ids):
        watch.see(kinds_of(page.rows))
        with run.transactions.writing() as conn:
            counts = land_chunk(conn, chunk, page, run.run_id, run.at)
        reading.read += counts.read
        reading.new += counts.new
        reading.refused += counts.quarantined
        run.progress.reading(reading.source, reading.stream, reading.read, reading.new)
    with run.transactions.writing() as conn:
        end_chunk(conn, chunk, run.at)
