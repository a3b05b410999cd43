"""Raw rows out of payloads: id, change time, tombstone and merge read by the plan; rows without a usable id refused."""

from collections.abc import Iterator
from typing import Any

from connectors.sources.loaders import Loader
from connectors.sources.plan import Header, StreamPlan
from connectors.sources.source import Payload, Raw, Reject
from connectors.sources.values import INEXACT, as_text, is_inexact, parse_json, read_flag

SAME_RECORD = Reject("", "same_record", "a further row of a record that was read")  # no row of its own: passed over


def unfold(payload: Payload, rows_in: str) -> list[Payload]:
    """Return the rows that a payload holds: the objects of the list at `rows_in`, each with the payload's other values.

    A value of the element goes before one of the same name around it. The list may be JSON text, as a table keeps it.
    A payload without anything at `rows_in` is a row itself.
    """
    above, _, last = rows_in.rpartition(".")
    found = parse_json(read_path({k: parse_json(v) for k, v in payload.items()} if above else payload, rows_in))
    elements = found if isinstance(found, list) else [found]
    if not elements or not all(isinstance(element, dict) for element in elements):
        return [payload] if found is None else []
    outer = {k: v for k, v in payload.items() if k != (above or last).split(".")[0]}
    return [outer | element for element in elements]


def read_path(payload: Payload, column: str) -> Any:
    """Return the value of `column`; a dotted name reaches into objects and lists: `via.channel`, `contacts.0.id`."""
    if column in payload or "." not in column:
        return payload.get(column)
    value: Any = payload
    for step in column.split("."):
        if isinstance(value, list) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def nested_columns(payload: Payload) -> list[str]:
    """Return the columns of a payload, nested objects as dotted names."""
    return [name for name, _ in flat_items(payload)]


def flat_items(payload: Payload, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the columns of a payload with their values, nested objects as dotted names."""
    for key, value in payload.items():
        if isinstance(value, dict) and value:
            yield from flat_items(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


class RowReader:
    """Turns the payloads of one file or table into Raw rows; knows the ids it has seen, so that a repeat is refused."""

    def __init__(self, plan: StreamPlan, header: Header) -> None:
        """Take the plan and the columns that there are."""
        self._id = header.choose(plan.id)
        self._updated_at = header.choose(plan.updated_at)
        told = (header.find(column) for column in plan.merged_into)
        self._merged_into = plan.merged_into if header.is_open else tuple(column for column in told if column)
        self._deleted = header.choose(plan.deleted.column if plan.deleted else ())
        self._flag = plan.deleted
        self._yes = frozenset(value.lower() for value in plan.deleted.values) if plan.deleted else frozenset()
        self._repeats = plan.repeats
        self._loader = plan.loader
        self._gone = tuple(c for c in plan.loader.deleted if header.find(c)) if plan.loader else ()
        self.seen: set[str] = set()

    def read(self, payload: Payload, place: str) -> Raw | Reject:
        """Return the row, or a Reject: missing_id, bad_id, duplicate_id (the first row of an id counts), and others.

        SAME_RECORD stands for a further row of an id where the stream's `repeats` is `first`.
        """
        source_id = self.id_of(payload)
        if source_id is None:
            return Reject(place, "missing_id", f"no value in the id column {' or '.join(self._id)}", payload)
        unfit = self._unfit_id(source_id, payload)
        if unfit:
            return Reject(place, "bad_id", unfit, payload)
        if source_id in self.seen and self._repeats != "last":
            said = Reject(place, "duplicate_id", "an earlier row of the same read has this id", payload)
            return SAME_RECORD if self._repeats == "first" else said
        self.seen.add(source_id)
        deleted = self._is_deleted(payload)
        if deleted is None:
            why = "the column that tells of deletion says neither yes nor no: name what means gone with `values`"
            return Reject(place, "bad_deleted", why, payload, source_id)
        merged_into, updated_at = _first_text(payload, self._merged_into), _first_text(payload, self._updated_at)
        if "\0" in (merged_into or "") or "\0" in (updated_at or ""):  # PostgreSQL stores none
            return Reject(place, "nul_byte", "the time of change or the merge holds a NUL", payload, source_id)
        if merged_into and is_inexact(_first(payload, self._merged_into)):
            return Reject(place, "bad_id", f"the id that it is merged into {INEXACT}", payload, source_id)
        return Raw(
            source_id=source_id,
            payload=payload if self._loader is None else self._own_columns(payload, self._loader),
            updated_at=updated_at,
            deleted=deleted,
            merged_into=merged_into.strip() if merged_into else None,  # an id as well, padded where ids are
        )

    def id_of(self, payload: Payload) -> str | None:
        """Return the id that a row has, None where its cell is blank."""
        source_id = _first_text(payload, self._id)
        return None if source_id is None else source_id.strip()

    def _unfit_id(self, source_id: str, payload: Payload) -> str:
        """Return why no row can have this id; "" for one that is fit."""
        if "\n" in source_id:  # tables list ids one a line
            return "the id has a line break in it"
        if "\0" in source_id:  # PostgreSQL stores none
            return "the id has a NUL in it"
        if ("." in source_id or "e" in source_id or "inf" in source_id) and is_inexact(_first(payload, self._id)):
            return f"the id {INEXACT}"
        return ""

    def _is_deleted(self, payload: Payload) -> bool | None:
        """Return whether the flag says yes, or a loader marks the row as gone; None where the flag says neither."""
        told: bool | None = False
        if self._flag is not None:
            value = _first_text(payload, self._deleted)
            if value is not None:
                told = value.strip().lower() in self._yes if self._yes else read_flag(value)
        if told is False and self._gone:
            told = any(read_flag(_first_text(payload, (column,)) or "") is not False for column in self._gone)
        return told

    def _own_columns(self, payload: Payload, loader: Loader) -> Payload:
        """Return a row without the columns of the loader that wrote it."""
        return {name: value for name, value in payload.items() if not loader.is_own(name)}


class PageRows:
    """Rows and rejects of the page being read; a row that is accepted takes back what was refused of its id before it.

    An id comes twice where the later row of it counts: where `repeats` is `last`, and from an API.
    """

    def __init__(self) -> None:
        self.rows: list[Raw] = []
        self.rejects: list[Reject] = []
        self._refused: set[str] = set()

    def __len__(self) -> int:
        """Return how many rows there are, refused ones included."""
        return len(self.rows) + len(self.rejects)

    def add(self, read: Raw | Reject, *, is_landed: bool = False) -> None:
        """Add what was read, SAME_RECORD excepted; a row that `is_landed` already only takes back."""
        if isinstance(read, Reject):
            if read is not SAME_RECORD:
                self.rejects.append(read)
                self._refused |= set() if read.source_id is None else {read.source_id}
            return
        if read.source_id in self._refused:
            self._refused.remove(read.source_id)
            self.rejects = [reject for reject in self.rejects if reject.source_id != read.source_id]
        if not is_landed:
            self.rows.append(read)


def _first_text(payload: Payload, columns: tuple[str, ...]) -> str | None:
    """Return the first of `columns` that has a value, as text."""
    value = _first(payload, columns)
    return value if type(value) is str else as_text(value)


def _first(payload: Payload, columns: tuple[str, ...]) -> Any:
    """Return the first of `columns` that has a value, as it is."""
    for column in columns:
        value = payload.get(column)
        if value is None and "." in column:
            value = read_path(payload, column)
        if (value and not value.isspace()) if type(value) is str else as_text(value) is not None:
            return value
    return None
