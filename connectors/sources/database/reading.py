"""What identifies the reading of a table or query, so that a cursor of other settings is not gone on with."""

import sqlalchemy as sa

from connectors.settings.project import StreamSettings
from connectors.sources.plan import StreamPlan
from connectors.sources.source import mark_of


def fingerprint(plan: StreamPlan, settings: StreamSettings, url: str) -> str:
    """Return a hash of where the rows come from, and of the settings that change how they become raw rows.

    The login is left out: it says nothing about the rows, and passwords change.
    """
    place = sa.make_url(url)
    where = (place.get_backend_name(), place.host, place.port, place.database, sorted(place.query.items()))
    read_by = (settings.table, settings.query and settings.query.strip(), plan.repeats, plan.updated_at)
    return mark_of(*where, *read_by, plan.deleted, plan.merged_into, plan.merged_ids)
