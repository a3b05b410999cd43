"""Two records side by side, as a person needs them who is to say whether they are one."""

from typing import Any

import pandas as pd

from flows import console

_LISTS = ("emails", "phones")
_SHOWN = (
    "party_type", "full_name", "middle_name", "name_suffix", "family_name_kana", "given_name_kana", "birth_date",
    "gender", *_LISTS, "line_user_id", "organization", "department", "job_title", "corporate_number", "country_code",
    "postal_code", "region", "city", "street", "building", "created_at", "updated_at", "merged_into",
)  # fmt: skip


def describe_records(contacts: pd.DataFrame, pair: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Return what each record of a pair says in CONTACTS, cleaned, by contact_id; missing values are left out."""
    rows = contacts.set_index("contact_id").loc[list(pair), list(_SHOWN)]
    return dict(zip(pair, console.plain_rows(rows), strict=True))


def print_records(records: dict[str, dict[str, Any]]) -> None:
    """Print the fields that either record has, and what both say."""
    left, right = records.values()
    fields = [name for name in _SHOWN if name in left or name in right]
    console.print_table(("field", *records), [(f, _shown(f, left.get(f)), _shown(f, right.get(f))) for f in fields])


def _shown(field: str, value: object) -> str | None:
    """Return a value as people read it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return None if value is None else str(value).replace(" ", ", ") if field in _LISTS else str(value)
