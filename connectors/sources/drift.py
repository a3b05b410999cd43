"""Columns of a stream that come and go: all are reported, and one that is mapped and lost stops the stream.

A field that an administrator hides, or a header that somebody renames, would otherwise empty a value of every customer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.sources.plan import StreamPlan, squash_header
from connectors.sources.source import Raw
from resolve.errors import SourceError

USUAL = 0.95  # share of the rows that had a column, from which on every row is expected to have it
LEAST_ROWS = 20  # fewer rows tell nothing
MEMORY = 50_000  # rows from which on counts are halved: what was long ago is forgotten


Kinds = Counter[tuple[str, ...]]


def kinds_of(rows: Iterable[Raw]) -> Kinds:
    """Return how many rows have which columns; tombstones without content do not count."""
    return Counter(tuple(row.payload) for row in rows if row.payload)


@dataclass(slots=True)
class Columns:
    """How many of a stream's rows had each column; `rows` were counted. `id` is where their ids were read from."""

    rows: int = 0
    held: Counter[str] = field(default_factory=Counter)
    id: str | None = None

    def share(self, names: Iterable[str]) -> float:
        """Return the share of rows that had the most frequent one of these columns, 0..1."""
        return max((self.held[name] for name in names), default=0) / max(self.rows, 1)

    def add(self, kinds: Kinds) -> None:
        """Count the columns of rows."""
        for names, count in kinds.items():
            self.rows += count
            for name in names:
                self.held[name] += count


class ColumnWatch:
    """Compares the columns of one reading with those that the stream had before it."""

    def __init__(self, plan: StreamPlan, known: Columns, most_lost: float | None) -> None:
        """Take what is known of the stream; a column may be lost in a share of `most_lost` rows, None: in all."""
        self._plan = plan
        self._known = known
        self._most_lost = most_lost
        self._seen = Columns()

    def see(self, kinds: Kinds) -> None:
        """Count a page before it is landed. Raises SourceError when the reading lost a column that is mapped."""
        self._seen.add(kinds)
        if self._most_lost is None or min(self._seen.rows, self._known.rows) < LEAST_ROWS:
            return
        lost = {" or ".join(names): fields for names, fields in self._mapped().items() if self._is_lost(names)}
        if lost:
            named = ", ".join(f"{name} ({', '.join(sorted(fields))})" for name, fields in sorted(lost.items()))
            raise SourceError(
                self._plan.source,
                f"stream {self._plan.stream}: rows had the column {named} until now, and have it no more; nothing of "
                "the page was landed",
                "Check the rights of the account, or the export. If it is meant to be so, take the column out of the "
                "mapping, or run once with --accept-gate lost_columns",
            )

    @property
    def was_read(self) -> bool:
        """Whether an earlier reading of rows came to its end: until then all ids are new."""
        return self._known.rows > 0

    @property
    def new(self) -> list[str]:
        """Columns that the stream did not have before; none in a first reading."""
        return sorted(set(self._seen.held) - set(self._known.held)) if self.was_read else []

    @property
    def lost(self) -> list[str]:
        """Columns that every row used to have, and none of this reading has."""
        if min(self._seen.rows, self._known.rows) < LEAST_ROWS:
            return []
        usual = (name for name in self._known.held if self._known.share([name]) >= USUAL)
        return sorted(name for name in usual if not self._seen.held[name])

    @property
    def rekeyed(self) -> str:
        """A note where ids are read from another column than before; empty otherwise."""
        before, now = self._known.id, self._id()
        if before is None or now is None or squash_header(before) == squash_header(now):
            return ""
        return (
            f"ids are read from {now}, and were from {before}: where these are other ids, what was read by the former "
            "stays beside it as records of their own (docs/runbook.md, Change a source)"
        )

    def after(self) -> Columns | None:
        """Return what is known behind this reading; None when it had no rows. Lost columns are forgotten."""
        if not self._seen.rows:
            return None
        held, rows = self._known.held + self._seen.held, self._known.rows + self._seen.rows
        for name in self.lost:
            del held[name]
        while rows > MEMORY:
            held, rows = Counter({name: count // 2 for name, count in held.items()}), rows // 2
        return Columns(rows, held, self._id() or self._known.id)

    def _id(self) -> str | None:
        """Return the column of the plan that ids of this reading come from; None where the vendor's own is."""
        spelt = _by_spelling(self._seen.held)
        return next((column for column in self._plan.id if _find(spelt, column)), None)

    def _is_lost(self, names: Sequence[str]) -> bool:
        """Return whether rows that used to have one of these columns lack all of them."""
        missing = 1 - self._seen.share(names)
        return self._known.share(names) >= USUAL and self._most_lost is not None and missing > self._most_lost

    def _mapped(self) -> dict[tuple[str, ...], set[str]]:
        """Return the columns that are mapped, as the rows spell them, with the fields that they fill.

        Alternatives, of which one is enough, stand together.
        """
        plan, flag = self._plan, self._plan.deleted
        groups = [
            (name, group)
            for part in plan.parts
            for name, columns in part.fields.items()
            for group in (*((column,) for column in columns.columns), columns.any_of)
        ]
        groups += [("deleted", flag.column if flag else ()), ("merged_into", plan.merged_into)]
        groups += [("merged_ids", plan.merged_ids), ("updated_at", plan.updated_at)]
        spelt = _by_spelling((*self._known.held, *self._seen.held))
        fields: dict[tuple[str, ...], set[str]] = {}
        for name, group in groups:
            there = tuple(dict.fromkeys(found for column in group for found in _find(spelt, column)))
            if there:
                fields.setdefault(there, set()).add(name)
        return fields


def _by_spelling(names: Iterable[str]) -> dict[str, list[str]]:
    """Return column names by what is left of them without case, width and separators."""
    spelt: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        spelt.setdefault(squash_header(name), []).append(name)
    return spelt


def _find(spelt: Mapping[str, Sequence[str]], column: str) -> Sequence[str]:
    """Return a column as the rows spell it; of a name that reaches into objects the outer one."""
    return spelt.get(squash_header(column)) or spelt.get(squash_header(column.partition(".")[0]), ())
