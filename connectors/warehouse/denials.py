"""Stored contacts that deny, of many that may not: what a run has to know of those that left."""

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from connectors.warehouse.asked import parts_of
from connectors.warehouse.bodies import contacts_of
from connectors.warehouse.bulk import fetch, stored
from connectors.warehouse.tables import SCHEMAS, TABLES
from resolve.schema.rows import join_rows

_READ = ("contact_id", "source", "source_id", "content_hash", "body")
_DENIED = tuple(f'"{channel}":"denied"' for channel in ("email_consent", "phone_consent"))  # as `bodies` writes it


def load_denying(conn: sa.Connection, contact_ids: Sequence[str]) -> pd.DataFrame:
    """Return CONTACTS of those of the stored contacts that deny e-mail or calls, as the last run saw them."""
    table, kinds = TABLES["contact"], {column.name: column for column in SCHEMAS["contact"].columns}
    says_so = sa.or_(*(table.c.body.contains(text, autoescape=True) for text in _DENIED))
    query = sa.select(*(stored(table.c[name]) for name in _READ)).where(says_so)
    columns = [kinds[name] for name in _READ]
    found = [fetch(conn, query.where(table.c.contact_id.in_(ids)), columns) for ids in parts_of(contact_ids)]
    return contacts_of(join_rows(found) if found else fetch(conn, query.where(sa.false()), columns))
