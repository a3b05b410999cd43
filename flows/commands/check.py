"""`meibo check`: settings, model, sources and warehouse tried out; nothing that is written stays."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from connectors.settings.project import Settings, SourceSettings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.plan import Header, StreamPlan, absent_columns, plan_stream
from connectors.sources.source import Cursor
from connectors.warehouse.landing import load_cursor
from connectors.warehouse.lock import is_held
from connectors.warehouse.trial import try_writing
from connectors.warehouse.versions import has_tables
from flows import console, exits
from flows.clock import CLOCK
from flows.mistakes import read_guarded
from flows.project import Project, load_project_settings, masked_url, open_without_creating
from resolve.errors import SourceError, WarehouseError

Cursors = dict[tuple[str, str], Cursor]
_SHOWN = 20  # columns of a stream that the table names


def check_project(config: Path, *, as_json: bool) -> int:
    """Print what a nightly run would find; return 0 when ready, 1 for the warehouse, 4 for a source.

    Raises ConfigError with every mistake of the settings and of the model.
    """
    settings = load_project_settings(config)
    from flows.models import read_model  # late: wrong settings are told at once

    model = read_model(settings.model)
    warehouse, cursors = _check_warehouse(settings)
    streams = [found for name in settings.sources for found in _check_source(settings, name, cursors)]
    code = exits.PARTIAL if any(s["error"] for s in streams) else exits.OK
    code = exits.FAILED if warehouse["error"] else code
    facts = {
        "config": str(config),
        "model": model.version,
        "warehouse": warehouse,
        "streams": streams,
        "exit_code": code,
    }
    if as_json:
        console.print_json(facts)
    else:
        _print(facts)
    return code


def _check_source(settings: Settings, name: str, cursors: Cursors) -> Iterator[dict[str, Any]]:
    """Yield what is found of each stream of a source; one that cannot be read does not hide the next."""
    source = open_source(name, settings.sources[name], settings.folder, clock=CLOCK)
    for stream in settings.sources[name].streams:
        yield _check_stream(source, settings.sources[name], stream, cursors.get((name, stream)))


def _check_stream(source: OpenSource, settings: SourceSettings, stream: str, cursor: Cursor | None) -> dict[str, Any]:
    """Return what is found of one stream: where it is, its columns, those no field reads, hints, or the error."""
    named = {"source": source.name, "stream": stream}
    plan = plan_stream(source.name, settings, stream)
    facts: dict[str, Any] = named | {"rows": None, "time_zone": plan.time_zone, "columns": [], "fields": {}}
    facts |= {"unmapped": [], "unseen": [], "notes": []}
    try:
        (found,) = read_guarded(source.name, stream, lambda _: [source.check(stream, cursor)], frozenset)
    except SourceError as error:
        return facts | {"location": "", "error": str(error)}
    # A resource's rows are unfolded where they are read: what was seen of it are the rows around them.
    is_unfolded = plan.rows_in is not None and settings.streams[stream].resource is not None
    absent = absent_columns(plan, Header(found.columns)) if found.columns and not is_unfolded else ()
    unseen = [] if absent or is_unfolded else _unseen(plan, found.columns)
    return facts | {
        "location": found.location,
        "rows": found.row_count,
        "columns": list(found.columns),
        "fields": _fields(plan, Header(found.columns)),
        "unmapped": list(found.unmapped),
        "unseen": unseen,
        "notes": list(found.notes),
        "error": f"source {source.name}: stream {stream} has no column {_listed(absent)}" if absent else None,
    }


def _unseen(plan: StreamPlan, columns: Sequence[str]) -> list[str]:
    """Return what the mapping of the settings names and no row that was looked at has.

    Rows of JSON differ, so that none is refused for it; tables, CSV files and vendors that list their columns are.
    What leads into a list, or into an object that was null in all of these rows, may be there.
    """
    header = Header(columns)
    objects = {column[:at] for column in columns for at, sign in enumerate(column) if sign == "."}
    return [
        column
        for column in plan.required
        if columns
        and header.find(column.removeprefix("properties.")) is None  # as HubSpot lists what its rows hold there
        and header.find(column) is None
        and column not in objects
        and not (header.holds(column) and column.partition(".")[0] not in objects)
    ]


def _fields(plan: StreamPlan, header: Header) -> dict[str, list[str]]:
    """Return field -> the columns of the stream that fill it, as the stream spells them; `id` is the row's own."""
    named = [("id", plan.id), ("updated_at", plan.updated_at), ("deleted", plan.deleted.column if plan.deleted else ())]
    named += [("merged_into", plan.merged_into), ("merged_ids", plan.merged_ids)]
    named += [(field, columns.names) for part in plan.parts for field, columns in part.fields.items()]
    fields: dict[str, dict[str, None]] = {}
    for field, columns in named:
        for column in columns:
            spelt = header.find(column) or (column if header.holds(column) else None)
            if spelt is not None:
                fields.setdefault(field, {})[spelt] = None
    return {field: list(columns) for field, columns in fields.items()}


def _check_warehouse(settings: Settings) -> tuple[dict[str, Any], Cursors]:
    """Return where the warehouse is, whether it holds Meibo's tables yet, or why it cannot be used; and its cursors."""
    from flows.intake.whole import find_emptied, refuse_lost  # late, as above

    cursors: Cursors = {}
    try:
        with Project(settings, open_without_creating(settings)) as project:
            with project.reading() as conn:
                state = "new: the first nightly run makes its tables"
                is_new = not has_tables(conn)
                if not is_new:
                    state = "ready"
                    refuse_lost(find_emptied(conn))
                    streams = [(name, stream) for name, source in settings.sources.items() for stream in source.streams]
                    cursors = {names: cursor for names in streams if (cursor := load_cursor(conn, *names)) is not None}
            if is_held(project.engine):
                state = "a run is at work"
            else:
                with project.reading() as conn:  # what is tried is rolled back
                    try_writing(conn, is_new=is_new)
        return {"url": masked_url(settings.warehouse), "state": state, "error": None}, cursors
    except WarehouseError as error:
        return {"url": "", "state": "", "error": str(error)}, cursors


def _print(facts: dict[str, Any]) -> None:
    """Print what was found as a person reads it."""
    rows = [
        (
            s["source"],
            s["stream"],
            s["location"],
            s["rows"],
            len(s["columns"]) - len(s["unmapped"]),
            _listed(s["unmapped"]),
        )
        for s in facts["streams"]
    ]
    console.print_table(("source", "stream", "where", "rows", "columns read", "columns not read"), rows)
    out = console.out()
    for stream in facts["streams"]:
        if stream["fields"]:
            zone = f"times without an offset are in {stream['time_zone']}"
            out.print(f"{stream['source']}.{stream['stream']} reads ({zone})", markup=False)
        for field, columns in stream["fields"].items():
            out.print(f"  {field:<20} {', '.join(columns)}", markup=False)
    for stream in facts["streams"]:
        for note in stream["notes"]:
            out.print(f"{stream['source']}.{stream['stream']}: {note}", markup=False)
        if stream["unseen"]:
            said = f"no row that was looked at has {_listed(stream['unseen'])}, which the mapping names"
            out.print(f"{stream['source']}.{stream['stream']}: {said}", markup=False, style="yellow")
    for stream in facts["streams"]:
        if stream["error"]:
            out.print(f"cannot be read: {stream['error']}", markup=False, style="red")
    warehouse = facts["warehouse"]
    shown = (
        f"cannot be used: {warehouse['error']}" if warehouse["error"] else f"{warehouse['url']} ({warehouse['state']})"
    )
    out.print(f"warehouse: {shown}", markup=False, style="red" if warehouse["error"] else None)
    out.print(f"model: {facts['model']}")
    if facts["exit_code"] == exits.OK:
        out.print("[bold]Ready.[/bold] Next: meibo nightly")


def _listed(names: Sequence[str]) -> str:
    """Return names as a person reads them: a few of many."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" … and {more} more (--json lists all)" if more > 0 else "")
