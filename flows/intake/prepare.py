"""Second stage: landed rows mapped and standardised, all or those that changed; unusable ones go to quarantine."""

from collections import Counter, defaultdict

import pandas as pd

from connectors.sources.mapping.merges import Merge
from connectors.warehouse.quarantine import quarantine_rows
from connectors.warehouse.store import load_active_model, load_open_quarantine
from flows.intake.basis import BOUNDS, Bounds, Watermark, check_judgements, find_basis, read_watermark, why_full
from flows.intake.delta import FIRST, Delta
from flows.intake.difference import OPEN, prepare_difference
from flows.intake.extract import Extraction, StreamReading
from flows.intake.incremental import why_not_alone
from flows.intake.mapped import MappedStream, mapping
from flows.intake.prepared import Books, LandedStream, Prepared, Stream
from flows.intake.standardise import country_defaults, joined, standardise_records
from flows.intake.unread import count_given, note_unread
from flows.intake.whole import why_anew
from flows.models import stored_model
from flows.run import Run
from resolve.errors import counted
from resolve.golden.order import ordered
from resolve.pipeline import prepare_touchpoints
from resolve.schema import frames

FEW = 10  # open rows of a stream that never make it fail, whatever their share is


def prepare_frames(run: Run, extraction: Extraction, *, bounds: Bounds = BOUNDS) -> Prepared:
    """Map and standardise what changed since the last published run; everything where that does not do.

    `bounds`: beyond them everything is prepared, unless nothing changed. Raises ConfigError when a mapping does not fit
    the rows that are landed, or two streams give the same contact; WarehouseError for judgements that say nothing.
    """
    run.progress.stage("prepare")
    with run.transactions.begin() as conn:
        basis, anew = find_basis(conn), why_anew(conn)
        reason = FIRST if basis is None else anew or why_full(run, conn, basis, bounds)
    if basis is not None and not reason:
        prepared = prepare_difference(run, extraction, basis)
        reason = _why_not_alone(run, extraction, prepared) if len(prepared.delta) else ""
        if not reason:
            for reading in extraction.readings:
                held = prepared.books.held(reading.source, reading.stream)
                _check_rate(run, reading, held, prepared.quarantine)
            return prepared
    return prepare_everything(run, extraction, reason=reason, is_rebuild=bool(anew))


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
    with run.transactions.begin() as conn:
        check_judgements(run, conn)
        watermark: Watermark = read_watermark(conn)
    taken = _Taken(run)
    readings = extraction.readings
    with mapping(run, readings) as finish:
        for reading in (r for r in readings if r.role == "contacts"):
            taken.take(reading, finish(reading))
        streams = [(r.source, r.stream) for r in readings if r.role == "contacts"]
        records = standardise_records(run.settings, taken.parts.pop("contacts"), streams, run.workers)
        contacts = ordered(records, ["contact_id"])
        del records
        for reading in (r for r in readings if r.role != "contacts"):
            taken.take(reading, finish(reading))
    note_unread(readings, taken.given, taken.times, contacts)
    with run.transactions.begin() as conn:
        quarantine = load_open_quarantine(conn, OPEN)
    landed = [taken.landed[reading.source, reading.stream] for reading in readings]
    for reading, stream in zip(readings, landed, strict=True):
        _check_rate(run, reading, len(stream.living), quarantine)
    aliases = pd.concat(taken.parts["aliases"], ignore_index=True).astype(object)
    touchpoints = prepare_touchpoints(
        joined(taken.parts.pop("touchpoints"), frames.TOUCHPOINTS), country_defaults(run.settings), aliases
    )
    delta = Delta(contacts=contacts, touchpoints=touchpoints, aliases=aliases, full=True, reason=reason)
    books = Books(watermark, landed=landed, merges=taken.merges, is_rebuild=is_rebuild)
    return Prepared(contacts, touchpoints, aliases, quarantine, delta, books)


class _Taken:
    """What mapped streams gave so far: frames by role, merges, and the fate of the rows of each stream."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.parts: dict[str, list[pd.DataFrame]] = {"contacts": [], "touchpoints": [], "aliases": []}
        self.merges: dict[Stream, tuple[set[str] | None, list[Merge]]] = {}
        self.landed: dict[Stream, LandedStream] = {}
        self.given: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.times: Counter[tuple[str, str, str]] = Counter()

    def take(self, reading: StreamReading, found: MappedStream) -> None:
        """Add a stream; note in the quarantine what could not be mapped."""
        mapped, name = found.mapped, (reading.source, reading.stream)
        with self._run.transactions.writing() as conn:
            quarantine_rows(conn, *name, mapped.rejects, run_id=self._run.run_id, at=self._run.at)
        self.parts[reading.role].append(mapped.records)
        self.parts["aliases"].append(mapped.aliases)
        self.merges[name] = (None, mapped.merges)
        self.landed[name] = found.landed
        self.times.update({(*name, what): count for what, count in mapped.notes.items()})
        if reading.role == "contacts":
            self.given[reading.source] += count_given(mapped.records)


def _check_rate(run: Run, reading: StreamReading, living: int, quarantine: pd.DataFrame) -> None:
    """Note as the stream's failure that too many of its rows stand in quarantine."""
    mine = (quarantine["source"] == reading.source) & (quarantine["stream"] == reading.stream)
    held = quarantine.loc[mine, "row_key"].nunique()
    limit = run.settings.quarantine.max_rate
    rate = held / max(held + living, 1)
    if held > FEW and rate > limit and reading.error is None:
        reading.error = (
            f"source {reading.source}: stream {reading.stream}: "
            f"{counted(held, 'row is', 'rows are')} in quarantine, {rate:.0%} of all "
            f"(quarantine.max_rate is {limit:.0%}). See the table quarantine for the reasons"
        )
