"""Pages with their rows as the landing writes them: payloads as text, each with the hash that tells it from others.

It needs no connection: where reading is work, a process of its own can do it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connectors.sources.drift import Kinds, kinds_of
from connectors.sources.source import Cursor, Page, Raw, Reject
from connectors.warehouse.canonical import payload_hash, payload_text, storable


class Version(NamedTuple):
    """One row as it would be landed."""

    source_id: str
    hash: str
    payload: str
    updated_at: str | None
    deleted: bool
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """A Page whose rows are versions; `kinds` counts its rows by the columns that they have."""

    versions: list[Version]
    rejects: list[Reject]
    cursor: Cursor
    reread: tuple[str, ...] = ()
    note: str = ""
    kinds: Kinds = field(default_factory=Counter)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pack the rows as columns, for another process: row by row it takes as long as to read them."""
        columns = list(zip(*self.versions, strict=True))
        return _unpack, (columns, self.rejects, self.cursor, self.reread, self.note, self.kinds)


def write_page(page: Page) -> WrittenPage:
    """Return a page with its rows written."""
    versions, kinds = list(map(_version, page.rows)), kinds_of(page.rows)
    return WrittenPage(versions, page.rejects, page.cursor, page.reread, page.note, kinds)


def _unpack(columns: list[tuple[Any, ...]], *others: Any) -> WrittenPage:
    """Return a page from the columns of its rows."""
    return WrittenPage(list(map(Version, *columns)) if columns else [], *others)


def _version(row: Raw) -> Version:
    """Return a raw row with its text and hash."""
    text = payload_text(row.payload)
    code = payload_hash(text, deleted=row.deleted, merged_into=row.merged_into)
    return Version(storable(row.source_id), code, text, row.updated_at, row.deleted, row.merged_into)
