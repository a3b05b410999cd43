"""Second stage: landed rows mapped and standardised, all or those that changed; unusable ones go to quarantine."""

import pandas as pd

from connectors.sources.mapping.merges import Merge
from connectors.sources.mapping.streams import Mapped, map_contacts, map_touchpoints
from connectors.warehouse.landed import load_latest
from connectors.warehouse.quarantine import quarantine_rows
from connectors.warehouse.store import load_active_model, load_open_quarantine
from flows.intake.basis import SMALL, Watermark, find_basis, read_watermark, why_full
from flows.intake.delta import Delta
from flows.intake.difference import OPEN, prepare_difference
from flows.intake.extract import Extraction, StreamReading
from flows.intake.incremental import why_not_alone
from flows.intake.prepared import Books, LandedStream, Prepared, Stream
from flows.intake.standardise import country_defaults, joined, standardise_records
from flows.models import stored_model
from flows.run import Run
from resolve.errors import ConfigError, SourceError
from resolve.golden.order import ordered
from resolve.pipeline import prepare_touchpoints
from resolve.schema import frames

__all__ = ["LandedStream", "Prepared", "prepare_everything", "prepare_frames"]

FEW = 10  # open rows of a stream that never make it fail, whatever their share is


def prepare_frames(run: Run, extraction: Extraction, *, small: int = SMALL) -> Prepared:
    """Map and standardise what changed since the last published run; everything where that does not do.

    `small`: a warehouse of fewer contacts is always prepared whole, unless nothing changed. Raises ConfigError when a
    mapping does not fit the rows that are landed, or two streams give the same contact.
    """
    run.progress.stage("prepare")
    with run.transactions.begin() as conn:
        basis = find_basis(conn)
        reason = "nothing is published yet" if basis is None else why_full(run, conn, basis, small)
    if basis is not None and not reason:
        prepared = prepare_difference(run, extraction, basis)
        reason = _why_not_alone(run, extraction, prepared) if len(prepared.delta) else ""
        if not reason:
            for reading in extraction.readings:
                living = prepared.books.living(reading.source, reading.stream)
                _check_rate(run, reading, living, prepared.quarantine)
            return prepared
    return prepare_everything(run, extraction, reason=reason)


def _why_not_alone(run: Run, extraction: Extraction, prepared: Prepared) -> str:
    """Return why the difference cannot be resolved alone, empty where it can."""
    streams = [(r.source, r.stream) for r in extraction.readings if r.role == "contacts"]
    known = sum(prepared.books.living(*stream) for stream in streams)
    with run.transactions.begin() as conn:
        stored = load_active_model(conn)
        if stored is None:
            return "there is no model yet"
        return why_not_alone(conn, stored_model(stored.body)[0], known - len(prepared.delta.gone))


def prepare_everything(
    run: Run, extraction: Extraction, *, reason: str = "all was asked for", is_rebuild: bool = False
) -> Prepared:
    """Map and standardise everything that is landed. Raises ConfigError as `prepare_frames` does.

    `is_rebuild` asks for resolving it, even where nothing differs from the last published run.
    """
    parts: dict[str, list[pd.DataFrame]] = {"contacts": [], "touchpoints": [], "aliases": []}
    landed = []
    merges: dict[Stream, tuple[set[str] | None, list[Merge]]] = {}
    with run.transactions.begin() as conn:
        watermark: Watermark = read_watermark(conn)
    for reading in extraction.readings:
        with run.transactions.begin() as conn:
            raw = load_latest(conn, reading.source, reading.stream)
        mapped = _map(run, raw, reading)
        parts[reading.role].append(mapped.records)
        parts["aliases"].append(mapped.aliases)
        merges[reading.source, reading.stream] = (None, mapped.merges)
        landed.append(_landed(raw, mapped, reading))
    with run.transactions.begin() as conn:
        quarantine = load_open_quarantine(conn, OPEN)
    for reading, stream in zip(extraction.readings, landed, strict=True):
        _check_rate(run, reading, len(stream.living), quarantine)
    contacts = ordered(standardise_records(run.settings, parts.pop("contacts"), run.workers), ["contact_id"])
    aliases = pd.concat(parts["aliases"], ignore_index=True).astype(object)
    touchpoints = prepare_touchpoints(
        joined(parts["touchpoints"], frames.TOUCHPOINTS), country_defaults(run.settings), aliases
    )
    delta = Delta(contacts=contacts, touchpoints=touchpoints, aliases=aliases, full=True, reason=reason)
    books = Books(watermark, landed=landed, merges=merges, is_rebuild=is_rebuild)
    return Prepared(contacts, touchpoints, aliases, quarantine, delta, books)


def _map(run: Run, raw: pd.DataFrame, reading: StreamReading) -> Mapped:
    """Return what the rows give; note in the quarantine what could not be mapped."""
    to_fields = map_contacts if reading.role == "contacts" else map_touchpoints
    try:
        mapped = to_fields(raw, run.settings.sources[reading.source], reading.stream)
    except (
        SourceError
    ) as error:  # rows are landed, but the mapping does not fit them: without them profiles would vanish
        raise ConfigError(str(error)) from error
    with run.transactions.writing() as conn:
        quarantine_rows(conn, reading.source, reading.stream, mapped.rejects, run_id=run.run_id, at=run.at)
    return mapped


def _landed(raw: pd.DataFrame, mapped: Mapped, reading: StreamReading) -> LandedStream:
    """Return the fate of a stream's rows as far as mapping decides it."""
    gone = raw["source_id"].isin(mapped.gone["source_id"])
    living = raw.loc[~gone, "source_id"]
    refused = mapped.rejects["row_key"]
    refused = pd.concat([refused, refused.str.rpartition(":")[0]]) if len(refused) else refused
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


def _check_rate(run: Run, reading: StreamReading, living: int, quarantine: pd.DataFrame) -> None:
    """Note as the stream's failure that too many of its rows stand in quarantine."""
    mine = (quarantine["source"] == reading.source) & (quarantine["stream"] == reading.stream)
    held = quarantine.loc[mine, "row_key"].nunique()
    limit = run.settings.quarantine.max_rate
    rate = held / max(held + living, 1)
    if held > FEW and rate > limit and reading.error is None:
        reading.error = (
            f"source {reading.source}: stream {reading.stream}: {held} rows are in quarantine, {rate:.0%} of all "
            f"(quarantine.max_rate is {limit:.0%}). See the table quarantine for the reasons"
        )
