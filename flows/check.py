"""`meibo check`: settings, model, sources and warehouse tried out without writing anything."""

from pathlib import Path
from typing import Any

from connectors.settings import Settings
from connectors.sources.catalog import open_source
from connectors.warehouse.dialects import explained
from connectors.warehouse.versions import has_tables
from flows import console, exits
from flows.project import load_project_settings, masked_url, open_without_creating
from resolve.errors import SourceError, WarehouseError


def check_project(config: Path, *, as_json: bool) -> int:
    """Print what a nightly run would find; return 0 when ready, 1 for the warehouse, 4 for a source.

    Raises ConfigError with every mistake of the settings and of the model.
    """
    settings = load_project_settings(config)
    from flows.models import read_model  # late: wrong settings are told at once

    model = read_model(settings.model)
    streams = [
        _check_stream(settings, name, stream) for name, source in settings.sources.items() for stream in source.streams
    ]
    warehouse = _check_warehouse(settings)
    code = exits.PARTIAL if any(s["error"] for s in streams) else 0
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


def _check_stream(settings: Settings, name: str, stream: str) -> dict[str, Any]:
    """Return what is found of one stream: where it is, its columns, those no field reads, hints, or the error."""
    facts: dict[str, Any] = {"source": name, "stream": stream, "rows": None, "columns": [], "unmapped": [], "notes": []}
    try:
        found = open_source(name, settings.sources[name], settings.folder).check(stream)
    except SourceError as error:
        return facts | {"location": "", "error": str(error)}
    return facts | {
        "location": found.location,
        "rows": found.row_count,
        "columns": list(found.columns),
        "unmapped": list(found.unmapped),
        "notes": list(found.notes),
        "error": None,
    }


def _check_warehouse(settings: Settings) -> dict[str, Any]:
    """Return where the warehouse is, whether it holds Meibo's tables yet, or why it cannot be used."""
    try:
        engine = open_without_creating(settings)
        with explained(engine), engine.connect() as conn:
            state = "ready" if has_tables(conn) else "new: the first nightly run makes its tables"
        return {"url": masked_url(settings.warehouse), "state": state, "error": None}
    except WarehouseError as error:
        return {"url": "", "state": "", "error": str(error)}


def _print(facts: dict[str, Any]) -> None:
    """Print what was found as a person reads it."""
    rows = [
        (
            s["source"],
            s["stream"],
            s["location"],
            s["rows"],
            len(s["columns"]) - len(s["unmapped"]),
            ", ".join(s["unmapped"]),
        )
        for s in facts["streams"]
    ]
    console.print_table(("source", "stream", "where", "rows", "columns read", "columns not read"), rows)
    out = console.out()
    for stream in facts["streams"]:
        for note in stream["notes"]:
            out.print(f"{stream['source']}.{stream['stream']}: {note}", markup=False)
    for stream in facts["streams"]:
        if stream["error"]:
            out.print(f"cannot be read: {stream['error']}", markup=False, style="red")
    warehouse = facts["warehouse"]
    shown = (
        f"cannot be used: {warehouse['error']}" if warehouse["error"] else f"{warehouse['url']} ({warehouse['state']})"
    )
    out.print(f"warehouse: {shown}", markup=False, style="red" if warehouse["error"] else None)
    out.print(f"model: {facts['model']}")
    if facts["exit_code"] == 0:
        out.print("[bold]Ready.[/bold] Next: meibo nightly")
