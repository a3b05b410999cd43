"""What every source promises: pages of raw rows with the cursor that makes each page resumable."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

PAGE_ROWS = 5_000

Payload = dict[str, Any]  # column -> text, None, or nested JSON as received
Cursor = dict[str, Any]  # JSON; all but its key `walk` is the business of the source that wrote it
KnownIds = Callable[[], Collection[str]]  # the living ids of a stream, from the landing


class Raw(NamedTuple):
    """One row as its source gave it; `updated_at` is as received, `deleted` makes it a tombstone."""

    source_id: str
    payload: Payload
    updated_at: str | None = None
    deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that could not be used.

    `place` is where it was met: file:line, or the table or object and a hash of the content. `reason` is a code:
    missing_id, bad_id, duplicate_id, bad_deleted, ragged_row, nul_byte, bad_encoding, bad_quoting, bad_json, bad_time,
    bad_score. `detail` holds no personal value. `source_id` is that of a row which is there, and refused for something
    else; the further row of an id (duplicate_id) has none of its own.
    """

    place: str
    reason: str
    detail: str
    payload: Payload = field(default_factory=dict)
    source_id: str | None = None

    @property
    def row_key(self) -> str:
        """What the quarantine knows the row by: its id, or its place where it has none."""
        return self.place if self.source_id is None else self.source_id


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `PAGE_ROWS` rows, and the cursor to store with them: reading from it goes on with the next page.

    `reread` begins the places of rejects that were read to their end with this page, such as `sales.csv:`; "" is all of
    the stream. Rejects of such a place that this run did not meet again were mended. `note` is for the operator.
    """

    rows: list[Raw]
    rejects: list[Reject]
    cursor: Cursor
    reread: tuple[str, ...] = ()
    note: str = ""


def is_cut_off(cursor: Cursor | None) -> bool:
    """Return whether a reading from this cursor is the rest of an earlier one, up to the bounds that one began with.

    Such a cursor has a `walk`. What changed since then comes with the next reading.
    """
    return bool(cursor and cursor.get("walk"))


def mark_of(*parts: object) -> str:
    """Return a short hash of what a reading depends on: a cursor with another one is not gone on with."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Window:
    """Rows that changed in `since <= time of change < until`, both with a zone; None is without a bound."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StreamCheck:
    """What `meibo check` shows of a stream: where it is, its columns, and those that no field reads.

    `row_count` is None where counting would mean reading everything.
    """

    stream: str
    location: str
    row_count: int | None
    columns: tuple[str, ...]
    unmapped: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """A system that rows are read from. Every method raises SourceError with a hint when it cannot do its work."""

    name: str

    def read(self, stream: str, cursor: Cursor | None, *, known_ids: KnownIds | None = None) -> Iterator[Page]:
        """Yield the pages of rows that are new or changed since `cursor`; none when nothing changed.

        A stored cursor of any page resumes after that page without loss. Rows may come again; landing drops repeats.
        `known_ids` is asked by streams that are snapshots: ids that are gone come as tombstones.
        """
        ...

    def check(self, stream: str) -> StreamCheck:
        """Return what can be read of the stream without reading it all."""
        ...


@runtime_checkable
class WindowedSource(Protocol):
    """A source that can read a part of a stream again. One that cannot is read whole instead: see `catalog`.

    A window is a lower limit of what is read, not an upper one: rows outside it do no harm, landing drops repeats.
    """

    def splits(self, stream: str) -> bool:
        """Return whether a part of a window costs a part of its time, so that a long window is read in chunks."""
        ...

    def read_window(self, stream: str, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield every row that changed in the window, whatever was read before.

        `cursor` is that of a page of this window, to go on behind it; None begins. Cursors of `read` and of windows are
        never mixed.
        """
        ...
