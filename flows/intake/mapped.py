"""Landed streams mapped whole: in this process, or large streams of events in one beside it, which nobody waits for."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context

import pandas as pd
from sqlalchemy import make_url

from connectors.settings.project import SourceSettings
from connectors.sources.mapping.streams import Mapped, map_contacts, map_touchpoints
from connectors.sources.plan import plan_stream
from connectors.warehouse.dialects import explained, open_engine
from connectors.warehouse.landed import count_landed, load_latest
from connectors.warehouse.quarantine import row_of
from flows.intake.extract import StreamReading
from flows.intake.prepared import LandedStream, Stream
from flows.run import Run
from resolve.errors import ConfigError, SourceError
from resolve.processes import end_with_parent

LARGE = 50_000  # landed rows of events; mapping them takes longer than starting a process


@dataclass(frozen=True, slots=True)
class MappedStream:
    """What mapping made of all rows of a stream, and the fate of each as far as mapping decides it."""

    mapped: Mapped
    landed: LandedStream


Finish = Callable[[StreamReading], MappedStream]


@contextmanager
def mapping(run: Run, readings: list[StreamReading]) -> Iterator[Finish]:
    """Yield the function that gives a stream mapped; large streams of events are begun at once, in another process.

    Not in a dry run: nobody else sees what it landed. Raises ConfigError where a mapping does not fit the landed rows.
    """
    begun: dict[Stream, Future[MappedStream]] = {}

    def finish(reading: StreamReading) -> MappedStream:
        name = reading.source, reading.stream
        if name in begun:
            with suppress(BrokenExecutor):  # killed, say for want of memory: then it is done here
                return begun.pop(name).result()
        with run.transactions.begin() as conn:
            raw = load_latest(conn, *name)
        return _map(raw, run.settings.sources[reading.source], reading)

    large = _large_events(run, readings)
    if not large:
        yield finish
        return
    pool = ProcessPoolExecutor(1, get_context("spawn"), end_with_parent)
    try:
        for reading in large:
            settings = run.settings.sources[reading.source]
            begun[reading.source, reading.stream] = pool.submit(_map_apart, run.settings.warehouse, settings, reading)
        yield finish
    finally:
        pool.shutdown(cancel_futures=True)


def _large_events(run: Run, readings: list[StreamReading]) -> list[StreamReading]:
    """Return the streams of events that another process can map, and is worth its start for."""
    if run.workers <= 1 or run.dry_run or make_url(run.settings.warehouse).database in (None, ""):
        return []
    with run.transactions.begin() as conn:
        landed = count_landed(conn, 0)
    return [r for r in readings if r.role == "touchpoints" and landed.get((r.source, r.stream), 0) >= LARGE]


def _map_apart(url: str, settings: SourceSettings, reading: StreamReading) -> MappedStream:
    """Map a stream on a connection of its own."""
    engine = open_engine(url, create=False)
    with explained(engine), engine.connect() as conn:
        raw = load_latest(conn, reading.source, reading.stream)
    engine.dispose()
    return _map(raw, settings, reading)


def _map(raw: pd.DataFrame, settings: SourceSettings, reading: StreamReading) -> MappedStream:
    """Return what the rows give."""
    to_fields = map_contacts if reading.role == "contacts" else map_touchpoints
    try:
        mapped = to_fields(raw, settings, reading.stream)
    except SourceError as error:
        # The rows are landed, but the mapping does not fit them: without them profiles would vanish.
        raise ConfigError(str(error)) from error
    parts = {part.name for part in plan_stream(reading.source, settings, reading.stream).parts}
    return MappedStream(mapped, _landed(raw, mapped, reading, parts))


def _landed(raw: pd.DataFrame, mapped: Mapped, reading: StreamReading, parts: Collection[str]) -> LandedStream:
    """Return the fate of a stream's rows as far as mapping decides it; `parts`: names of the events of a row."""
    gone = raw["source_id"].isin(mapped.gone["source_id"])
    living = raw.loc[~gone, "source_id"]
    keys = zip(mapped.rejects["row_key"], mapped.rejects["reason"], strict=True)
    refused = {row_of(key, reason, parts) for key, reason in keys}
    silent = living[~living.isin(mapped.records["source_id"]) & ~living.isin(refused)]
    is_event = reading.role == "touchpoints"
    return LandedStream(
        reading.source,
        reading.stream,
        reading.role,
        living,
        raw.loc[gone, "source_id"],
        silent[is_event & silent.notna()],
    )
