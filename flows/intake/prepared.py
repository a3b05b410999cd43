"""What preparing hands on: contacts and events, all of them or those that changed, and the books of their rows."""

from dataclasses import dataclass, field

import pandas as pd

from connectors.sources.mapping.merges import Merge
from flows.intake.basis import Basis, Watermark
from flows.intake.delta import Delta
from resolve.schema import OPERATIONS, empty

Stream = tuple[str, str]  # source, stream


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
class ChangedStream:
    """What changed in a stream since the last published run, in rows.

    landed: rows that were never landed before. living, deleted: by how many rows in use, or tombstones, are more than
    before; for streams of events `living` counts every row that is no tombstone.
    """

    source: str
    stream: str
    role: str
    landed: int
    living: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Books:
    """What publishing notes about what went in.

    landed: every stream, when all of it was mapped. changed: the streams of a difference, with the `basis` that it
    starts from, and `more`: by how many rows some tables grow. merges: by stream, the rows that were mapped (None:
    all) and the merges that they tell. is_rebuild: everything is to be resolved, even where nothing differs.
    """

    watermark: Watermark
    basis: Basis | None = None
    landed: list[LandedStream] = field(default_factory=list)
    changed: list[ChangedStream] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    merges: dict[Stream, tuple[set[str] | None, list[Merge]]] = field(default_factory=dict)
    is_rebuild: bool = False

    @property
    def before(self) -> pd.DataFrame:
        """The run_ledger as the basis left it; without rows where there is none."""
        return empty(OPERATIONS["run_ledger"]) if self.basis is None else self.basis.ledger

    def living(self, source: str, stream: str) -> int:
        """Return how many rows of a stream were in use in the basis."""
        mine = (self.before["source"] == source) & (self.before["stream"] == stream)
        return int(self.before.loc[mine, ["linked_count", "single_count"]].to_numpy().sum())

    def held(self, source: str, stream: str) -> int:
        """Return how many rows of a stream its source had in the basis: landed, not deleted, in use or not."""
        mine = self.before[(self.before["source"] == source) & (self.before["stream"] == stream)]
        return int((mine["row_count"] - mine["deleted_count"] - mine["erased_count"] - mine["unread_count"]).sum())


@dataclass(frozen=True, slots=True)
class Prepared:
    """CONTACTS, TOUCHPOINTS and aliases (contact_id, merged_into): all there are, or those of the `delta` alone.

    quarantine: the open rows, without payload. delta: what differs from the last published run.
    """

    contacts: pd.DataFrame
    touchpoints: pd.DataFrame
    aliases: pd.DataFrame
    quarantine: pd.DataFrame
    delta: Delta
    books: Books

    @property
    def landed(self) -> list[LandedStream]:
        """Every stream, when all of it was mapped."""
        return self.books.landed
