"""Source records of all streams standardised together, each source by its own default country."""

from collections.abc import Collection

import pandas as pd

from connectors.settings.project import Settings
from resolve.errors import ConfigError
from resolve.pipeline import prepare_contacts
from resolve.schema import Table, empty, frames
from resolve.schema.rows import join_rows

_NAMED = 3  # contacts that a message names


def standardise_records(settings: Settings, records: list[pd.DataFrame], workers: int = 1) -> pd.DataFrame:
    """Return CONTACTS of all records; raise ConfigError when two streams of a source give the same id."""
    parts = [part for part in records if len(part)]
    del records  # a caller that keeps nothing spares the memory of a second copy
    each = (parts.pop(0) for _ in range(len(parts)))
    contacts: pd.DataFrame = prepare_contacts(each, default_countries=country_defaults(settings), workers=workers)
    twice = contacts.duplicated(list(frames.SOURCE_RECORDS.key))
    if twice.any():
        refuse_same_ids(contacts.loc[twice, "contact_id"])
    return contacts


def refuse_same_ids(contact_ids: Collection[str]) -> None:
    """Raise ConfigError that names contacts, some of many, which stand in two streams of their source."""
    some = ", ".join(sorted(contact_ids)[:_NAMED])
    more = f" and {len(contact_ids) - _NAMED:,} more" if len(contact_ids) > _NAMED else ""
    raise ConfigError(
        f"two streams of one source hold contacts of the same ids ({some}{more}). Make the streams two sources, or, "
        "where a file or table no longer has them, its stream a `snapshot`"
    )


def country_defaults(settings: Settings) -> dict[str, str]:
    """Return the default country of each source."""
    return {name: source.country or settings.default_country for name, source in settings.sources.items()}


def joined(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Return the parts below each other; a table without rows when there are none."""
    filled = [part for part in parts if len(part)]
    return join_rows(filled) if filled else empty(table)
