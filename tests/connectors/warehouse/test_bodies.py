"""Contacts as rows of the table `contact`."""

import orjson
import pandas as pd

from connectors.warehouse.bodies import contact_rows
from resolve.schema import conform, frames


def test_the_body_holds_what_the_contact_holds_and_nothing_that_is_missing() -> None:
    """Text, times and extra columns are kept; missing values leave no key."""
    at = pd.Timestamp("2026-01-02 03:04:05", tz="UTC")
    row = {"contact_id": "crm:1", "source": "crm", "source_id": "1", "party_type": "person", "content_hash": "ab"}
    contacts = conform(
        pd.DataFrame([row | {"full_name": "髙橋", "updated_at": at, "x_tier": "gold"}, row | {"contact_id": "crm:2"}]),
        frames.CONTACTS,
    )
    rows = contact_rows(contacts)
    first, second = (orjson.loads(body) for body in rows["body"])
    assert first == {
        "party_type": "person", "full_name": "髙橋", "updated_at": "2026-01-02T03:04:05.000000Z", "x_tier": "gold",
    }  # fmt: skip
    assert second == {"party_type": "person"}
    assert rows["contact_id"].tolist() == ["crm:1", "crm:2"]
