"""Rows that are gone from a snapshot, with a brake: a lost permission looks exactly like mass deletion."""

from collections.abc import Collection, Iterable

from connectors.sources.plan import StreamPlan
from connectors.sources.source import KnownIds, Page, Raw, Reject
from resolve.errors import SourceError

ALWAYS_ALLOWED = 10  # rows that may go whatever their share is: small tables lose a tenth easily
_ID_READ = frozenset({"duplicate_id", "missing_id"})  # read whole: the id is another row's, or there is none


def find_gone(plan: StreamPlan, seen: set[str], known_ids: KnownIds | None, max_rate: float) -> list[Raw]:
    """Return a tombstone for each known id that a whole snapshot no longer holds, by id.

    Raises SourceError when more than `max_rate` of the known rows (and more than ALWAYS_ALLOWED) would go, and when the
    caller cannot tell the known ids.
    """
    if known_ids is None:
        raise SourceError(plan.source, f"stream {plan.stream} is a snapshot, but the known ids were not given")
    known = set(known_ids())
    gone = sorted(known - seen)
    if len(gone) > max(ALWAYS_ALLOWED, max_rate * len(known)):
        raise SourceError(
            plan.source,
            f"stream {plan.stream}: {len(gone):,} of {len(known):,} known rows are gone from the snapshot",
            "Check that the export is whole; if they are really deleted, raise max_gone_rate for one run",
        )
    return [Raw(source_id, {}, None, deleted=True) for source_id in gone]


def unlike_landed(rows: Iterable[Raw], known: Collection[str]) -> list[Raw]:
    """Return rows of a whole list that are alive and not among the known ids, or deleted and among them.

    A reading passed them over, or they were hidden when all ids were compared before: no delta gives them again.
    """
    return [row for row in rows if row.deleted == (row.source_id in known)]


def list_ids(pages: Iterable[Page], known: Collection[str]) -> tuple[set[str], list[Raw]]:
    """Return all ids of a list, and its rows that are not landed so (`unlike_landed`)."""
    found, others = set[str](), list[Raw]()
    for page in pages:
        found |= ids_of([*page.rows, *page.rejects])
        others += unlike_landed(page.rows, known)
    return found, others


def hides_id(reject: Reject) -> bool:
    """Return whether a row was refused before its id could be read: any known row may be meant."""
    return reject.source_id is None and reject.reason not in _ID_READ


def ids_of(rows: Iterable[Raw | Reject]) -> set[str]:
    """Return the ids of rows that are there, those among them that were refused for something else."""
    return {row.source_id for row in rows if row.source_id is not None}


def gone_or_note(
    plan: StreamPlan, seen: set[str], known_ids: KnownIds | None, max_rate: float, hidden: int
) -> tuple[list[Raw], str]:
    """Return what `find_gone` does; none, and a note for the operator, while ids of `hidden` rows could not be read.

    Such a row is in quarantine, and its last good version stays.
    """
    gone = find_gone(plan, seen, known_ids, max_rate)
    if not hidden or not gone:
        return gone, ""
    return [], f"rows without a readable id: {hidden:,}; {len(gone):,} that are missing are not taken as deleted"
