"""Any dlt resource as a source: rows are iterated without a pipeline, and dlt's own state is kept in the cursor.

A resource with `dlt.sources.incremental` so gives what is new since the last run; one without gives everything, and
landing drops what did not change. The state moves with the last page only: a read that was cut off begins again.
"""

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from connectors.settings.project import SourceSettings
from connectors.sources.plan import Header, StreamPlan, plan_stream
from connectors.sources.rows import PageRows, RowReader, nested_columns, unfold
from connectors.sources.source import PAGE_ROWS, Cursor, KnownIds, Page, Payload, Raw, Reject, StreamCheck, mark_of
from connectors.sources.tombstones import gone_or_note, hides_id, ids_of
from connectors.sources.values import as_json
from resolve.errors import SourceError

_SAMPLE = 20  # rows that `check` looks at


class DltSource:
    """Reads the streams of one source that are dlt resources."""

    def __init__(self, name: str, settings: SourceSettings, folder: Path, *, page_rows: int = PAGE_ROWS) -> None:
        """Take the source's settings and the folder that files with resources are relative to."""
        self.name = name
        self._settings = settings
        self._folder = folder
        self._page_rows = page_rows

    def read(self, stream: str, cursor: Cursor | None, *, known_ids: KnownIds | None = None) -> Iterator[Page]:
        """Yield the rows that the resource gives; of a snapshot also a tombstone for each id that it gives no more."""
        plan, rules = plan_stream(self.name, self._settings, stream), self._settings.streams[stream]
        mark = mark_of(rules.resource, plan.id, plan.updated_at, plan.deleted, plan.merged_into, rules.snapshot)
        kept: Cursor = dict(cursor) if cursor and cursor.get("reader") == mark else {"reader": mark}
        begun: Cursor = {} if rules.snapshot else kept
        is_whole = not _load_state(begun)  # else rows that were refused before may not be among those that are new
        seen: set[str] = set()
        hidden = 0
        for rows, rejects, state in self._pages(plan, stream, begun):
            seen |= ids_of([*rows, *rejects])
            hidden += sum(map(hides_id, rejects))
            if state is None:
                yield Page(rows, rejects, kept)
                continue
            gone, note = list[Raw](), ""
            if rules.snapshot:
                gone, note = gone_or_note(plan, seen, known_ids, rules.max_gone_rate, hidden)
            reread = (f"{stream}#",) if is_whole else ()
            yield Page(rows + gone, rejects, {"reader": mark, "state": state}, reread, note)

    def check(self, stream: str) -> StreamCheck:
        """Return the columns of the first rows that the resource gives from its beginning."""
        plan, rules = plan_stream(self.name, self._settings, stream), self._settings.streams[stream]
        columns: dict[str, None] = {}
        items = self._items(stream, {})
        for _, item in zip(range(_SAMPLE), items, strict=False):
            columns.update(dict.fromkeys(nested_columns(item)))
        items.close()
        notes = (f"columns are those of the first {_SAMPLE} rows",)
        unmapped = Header(columns).not_among(plan.columns)
        return StreamCheck(stream, f"dlt resource {rules.resource}", None, tuple(columns), unmapped, notes)

    def _pages(
        self, plan: StreamPlan, stream: str, kept: Cursor
    ) -> Iterator[tuple[list[Raw], list[Reject], str | None]]:
        """Yield rows and rejects page by page; the last page, which may be empty, with the state behind it."""
        reader = RowReader(plan, Header((), is_open=True))
        page = PageRows()
        state: dict[str, Any] = _load_state(kept)
        for number, item in enumerate(self._items(stream, state), start=1):
            for payload in unfold(item, plan.rows_in) if plan.rows_in else [item]:
                page.add(reader.read(payload, f"{stream}#{number}"))
            if len(page) >= self._page_rows:
                yield page.rows, page.rejects, None
                page = PageRows()
        yield page.rows, page.rejects, _dump_state(state)

    def _items(self, stream: str, state: dict[str, Any]) -> Generator[Payload, None, None]:
        """Yield what the resource gives, one object after the other; `state` is dlt's and changes on the way."""
        resource = self._open(stream)
        from dlt.common.configuration.container import Container
        from dlt.common.pipeline import StateInjectableContext

        context: Any = StateInjectableContext
        with Container().injectable_context(context(state=state)):
            given = iter(resource)
            while True:
                try:
                    item = next(given, None)
                except Exception as error:  # noqa: BLE001 - code that is not ours raises what it likes
                    raise self._failed(stream, error) from None
                if item is None:
                    return
                for row in _rows_of(item):
                    yield {str(name): as_json(value) for name, value in row.items()}

    def _open(self, stream: str) -> Any:
        """Return the resource. Raises SourceError when dlt, the file or the name is not there."""
        os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # nothing is told to anybody
        try:
            import dlt
        except ImportError:
            hint = "Install Meibo with its extra for dlt: meibo[dlt]"
            raise SourceError(self.name, f"stream {stream} is a dlt resource, and dlt is not installed", hint) from None
        place, _, named = str(self._settings.streams[stream].resource).partition(":")
        name, _, inner = named.partition(":")
        module = self._load(stream, place)
        found = getattr(module, name, None)
        made = found() if callable(found) and not isinstance(found, dlt.sources.DltResource) else found
        if isinstance(made, dlt.sources.DltSource) and inner in made.resources:
            made = made.resources[inner]
        if isinstance(made, dlt.sources.DltResource):
            return made
        there = ", ".join(made.resources) if isinstance(made, dlt.sources.DltSource) else f"{type(made).__name__}"
        said = f"stream {stream}: {place} has no dlt resource {named}"
        raise SourceError(self.name, said, f"Write file.py:resource or file.py:source:resource; found {there}")

    def _load(self, stream: str, place: str) -> ModuleType:
        """Return the module at `place`: a file below the folder of the settings, or a name that can be imported."""
        path = self._folder / place
        if place.endswith(".py") and not path.is_file():
            raise SourceError(
                self.name, f"stream {stream}: there is no file {place}", f"It is taken from {self._folder}"
            )
        try:
            return _load_file(path) if place.endswith(".py") else importlib.import_module(place)
        except Exception as error:  # noqa: BLE001 - code that is not ours raises what it likes
            raise self._failed(stream, error) from None

    def _failed(self, stream: str, error: Exception) -> SourceError:
        """Return the error for a resource that raises; its text may hold values of rows, so it is not shown."""
        inner = error.__cause__ or error
        resource = self._settings.streams[stream].resource
        hint = "Iterate the resource by itself to see why"
        return SourceError(self.name, f"stream {stream}: {resource} raised {type(inner).__name__}", hint)


def _load_file(path: Path) -> ModuleType:
    """Return a file as a module, run once in this process."""
    key = f"_meibo_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(key, path)
    if spec is None or spec.loader is None:
        raise ImportError(key)
    module = sys.modules[key] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows_of(item: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of what a resource yields: an object, a list of them, or a table of Arrow or pandas."""
    if isinstance(item, dict):
        yield item
    elif hasattr(item, "to_pylist"):
        yield from item.to_pylist()
    elif hasattr(item, "to_dict") and hasattr(item, "columns"):
        yield from item.astype(object).where(item.notna(), None).to_dict("records")
    else:
        for one in item:
            yield from _rows_of(one)


def _load_state(kept: Cursor) -> dict[str, Any]:
    """Return dlt's state from a cursor."""
    if "state" not in kept:
        return {}
    from dlt.common import json

    return dict(json.typed_loads(kept["state"]))


def _dump_state(state: dict[str, Any]) -> str:
    """Return dlt's state as text that keeps the types of its values."""
    from dlt.common import json

    return str(json.typed_dumps(state))
