"""Why two records are one customer, or two, whatever the verdict on the two alone says: for `meibo explain`."""

from typing import Any

from sqlalchemy import Connection, func, select

from connectors.warehouse.tables import TABLES
from resolve.golden.judge import Verdict

_LINK = TABLES["profile_link"].c


def count_records(conn: Connection, golden_id: str | None) -> int:
    """Return how many records a customer has."""
    return conn.scalar(select(func.count()).where(_LINK.golden_id == golden_id)) or 0


def tell_outcome(facts: dict[str, Any]) -> str | None:
    """Return why the facts' `is_one_customer` is not what their `verdict` says; None where it is."""
    is_linked, records = facts["verdict"] == Verdict.LINK, facts["customer_records"]
    if facts["is_one_customer"] == is_linked or None in facts["golden_ids"]:
        return None
    if is_linked:
        return "two customers all the same: their other records speak against it"
    if records == 2:
        return "one customer all the same: neither had a better partner (see `lone` in docs/matching.md)"
    return f"one customer all the same: what its {records} records say of each other outweighs this pair"
