"""Source records of all streams standardised together, each source by its own default country."""

import pandas as pd

from connectors.settings.project import Settings
from resolve.errors import ConfigError
from resolve.pipeline import prepare_contacts
from resolve.schema import Table, empty, frames
from resolve.schema.rows import join_rows


def standardise_records(settings: Settings, records: list[pd.DataFrame], workers: int = 1) -> pd.DataFrame:
    """Return CONTACTS of all records; raise ConfigError when two streams of a source give the same id."""
    parts = [part for part in records if len(part)]
    del records  # a caller that keeps nothing spares the memory of a second copy
    each = (parts.pop(0) for _ in range(len(parts)))
    contacts: pd.DataFrame = prepare_contacts(each, default_countries=country_defaults(settings), workers=workers)
    twice = contacts.duplicated(list(frames.SOURCE_RECORDS.key))
    if twice.any():
        names = ", ".join(sorted(set(contacts.loc[twice, "source"])))
        raise ConfigError(
            f"sources.{names}: two streams hold {int(twice.sum())} contacts of the same ids; make them two sources"
        )
    return contacts


def country_defaults(settings: Settings) -> dict[str, str]:
    """Return the default country of each source."""
    return {name: source.country or settings.default_country for name, source in settings.sources.items()}


def joined(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Return the parts below each other; a table without rows when there are none."""
    filled = [part for part in parts if len(part)]
    return join_rows(filled) if filled else empty(table)
