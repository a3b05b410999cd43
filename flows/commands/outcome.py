"""Why two records are one customer, or two, whatever the verdict on the two alone says: for `meibo explain`."""

from typing import Any

from resolve.golden.judge import Verdict


def tell_outcome(facts: dict[str, Any]) -> str | None:
    """Return why the facts' `is_one_customer` is not what their `verdict` says; None where it is."""
    is_linked, records = facts["verdict"] == Verdict.LINK, facts["record_count"]
    if facts["is_one_customer"] == is_linked or None in facts["golden_ids"]:
        return None
    if is_linked:
        return "two customers all the same: their other records speak against it"
    if records == 2:
        return "one customer all the same: neither had a better partner (see `lone` in docs/matching.md)"
    return f"one customer all the same: what its {records} records say of each other outweighs this pair"
