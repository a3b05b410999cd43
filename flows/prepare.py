"""Second stage: the latest version of every landed row, mapped and standardised; the rest goes to quarantine."""

from dataclasses import dataclass

import pandas as pd

from connectors.settings import Settings
from connectors.sources.mapping import Mapped, map_contacts, map_touchpoints
from connectors.warehouse.landing import load_latest
from connectors.warehouse.quarantine import quarantine_rows
from connectors.warehouse.store import load_open_quarantine
from flows.extract import Extraction, StreamReading
from flows.run import Run
from resolve.errors import ConfigError, SourceError
from resolve.pipeline import prepare_contacts, prepare_touchpoints
from resolve.schema import Table, empty, frames

FEW = 10  # open rows of a stream that never make it fail, whatever their share is


@dataclass(frozen=True, slots=True)
class LandedStream:
    """Row ids of a stream: the living ones, the deleted ones, and living rows that by their mapping give no event."""

    source: str
    stream: str
    role: str
    living: pd.Series
    deleted: pd.Series
    silent: pd.Series


@dataclass(frozen=True, slots=True)
class Prepared:
    """CONTACTS, TOUCHPOINTS, aliases (contact_id, merged_into), what was landed, and the open quarantine."""

    contacts: pd.DataFrame
    touchpoints: pd.DataFrame
    aliases: pd.DataFrame
    landed: list[LandedStream]
    quarantine: pd.DataFrame


def prepare_frames(run: Run, extraction: Extraction) -> Prepared:
    """Map and standardise everything that is landed; put rows that cannot be mapped into quarantine.

    Raises ConfigError when a mapping does not fit the rows that are landed, or two streams give the same contact.
    """
    run.progress.stage("prepare")
    parts: dict[str, list[pd.DataFrame]] = {"contacts": [], "touchpoints": [], "aliases": []}
    landed = []
    for reading in extraction.readings:
        with run.transactions.begin() as conn:
            raw = load_latest(conn, reading.source, reading.stream)
        mapped = _map(run, raw, reading)
        parts[reading.role].append(mapped.records)
        parts["aliases"].append(mapped.aliases)
        landed.append(_landed(raw, mapped, reading))
    with run.transactions.begin() as conn:
        quarantine = load_open_quarantine(conn)
    for reading, stream in zip(extraction.readings, landed, strict=True):
        _check_rate(run, reading, stream, quarantine)
    contacts = standardise_records(run.settings, parts["contacts"], run.workers)
    aliases = pd.concat(parts["aliases"], ignore_index=True).astype(object)
    touchpoints = prepare_touchpoints(
        _joined(parts["touchpoints"], frames.TOUCHPOINTS), _countries(run.settings), aliases
    )
    return Prepared(contacts, touchpoints, aliases, landed, quarantine)


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


def _check_rate(run: Run, reading: StreamReading, stream: LandedStream, quarantine: pd.DataFrame) -> None:
    """Note as the stream's failure that too many of its rows stand in quarantine."""
    mine = (quarantine["source"] == stream.source) & (quarantine["stream"] == stream.stream)
    held = quarantine.loc[mine, "row_key"].nunique()
    limit = run.settings.quarantine.max_rate
    rate = held / max(held + len(stream.living), 1)
    if held > FEW and rate > limit and reading.error is None:
        reading.error = (
            f"source {stream.source}: stream {stream.stream}: {held} rows are in quarantine, {rate:.0%} of all "
            f"(quarantine.max_rate is {limit:.0%}). See the table quarantine for the reasons"
        )


def standardise_records(settings: Settings, records: list[pd.DataFrame], workers: int = 1) -> pd.DataFrame:
    """Return CONTACTS of all records; raise ConfigError when two streams of a source give the same id."""
    joined = _joined(records, frames.SOURCE_RECORDS)
    twice = joined.duplicated(list(frames.SOURCE_RECORDS.key))
    if twice.any():
        names = ", ".join(sorted(set(joined.loc[twice, "source"])))
        raise ConfigError(
            f"sources.{names}: two streams hold {int(twice.sum())} contacts of the same ids; make them two sources"
        )
    contacts: pd.DataFrame = prepare_contacts(joined, default_countries=_countries(settings), workers=workers)
    return contacts


def _countries(settings: Settings) -> dict[str, str]:
    """Return the default country of each source."""
    return {name: source.country or settings.default_country for name, source in settings.sources.items()}


def _joined(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Return the parts below each other; a table without rows when there are none."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty(table)
