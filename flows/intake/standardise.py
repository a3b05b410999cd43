"""Source records of all streams standardised together, each source by its own default country."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations

import pandas as pd

from connectors.settings.project import Settings
from flows.intake.prepared import Stream
from resolve.errors import ConfigError, counted
from resolve.pipeline import prepare_contacts
from resolve.schema import Table, empty, frames
from resolve.schema.rows import join_rows

_NAMED = 3  # contacts that a message names


def standardise_records(
    settings: Settings, records: list[pd.DataFrame], streams: Sequence[Stream], workers: int = 1
) -> pd.DataFrame:
    """Return CONTACTS of all records; `streams`: whose each part is.

    Raises ConfigError when two streams of a source give the same id.
    """
    parts = [part for part in records if len(part)]
    several = Counter(source for source, _ in streams)
    ids = [(s, part["source_id"]) for s, part in zip(streams, records, strict=True) if several[s[0]] > 1 and len(part)]
    del records  # a caller that keeps nothing spares the memory of a second copy
    each = (parts.pop(0) for _ in range(len(parts)))
    contacts: pd.DataFrame = prepare_contacts(each, default_countries=country_defaults(settings), workers=workers)
    if contacts.duplicated(list(frames.SOURCE_RECORDS.key)).any():
        mistakes = [
            same_ids(one, other, set(own).intersection(others))
            for (one, own), (other, others) in combinations(ids, 2)
            if one[0] == other[0] and not own[own.isin(others)].empty
        ]
        raise ConfigError(mistakes)
    return contacts


def same_ids(stream: Stream, other: Stream, ids: Collection[str]) -> str:
    """Return the mistake that two streams of a source hold contacts of the same ids; names some of many."""
    source = stream[0]
    some = ", ".join(f"{source}:{one}" for one in sorted(ids)[:_NAMED])
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return (
        f"source {source}: its streams {stream[1]} and {other[1]} both hold "
        f"{counted(len(ids), 'contact of the same id', 'contacts of the same ids')} ({some}{more}). Where these are "
        "other people, make the streams two sources; where they are the same rows, read them by one; where a file or "
        "table no longer has them, make its stream a `snapshot`"
    )


def country_defaults(settings: Settings) -> dict[str, str]:
    """Return the default country of each source."""
    return {name: source.country or settings.default_country for name, source in settings.sources.items()}


def joined(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Return the parts below each other; a table without rows when there are none."""
    filled = [part for part in parts if len(part)]
    return join_rows(filled) if filled else empty(table)
