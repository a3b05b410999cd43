"""Every identifier of a customer, with what is known of its worth as evidence."""

import numpy as np
import pandas as pd

from resolve.schema import PUBLISHED, conform

_TABLE = PUBLISHED["profile_identifier"]
_LISTED = {"email": "email_keys", "phone": "phone_keys"}
_SINGLE = {"line_user_id": "line_user_id", "corporate_number": "corporate_number"}
_KEY = ["golden_id", "type", "value"]
_NO_PRIMARIES = pd.DataFrame({"golden_id": [], "type": [], "value": []}, dtype=object)
_TYPES = [*_LISTED, *_SINGLE, "external_id"]


def list_identifiers(
    contacts: pd.DataFrame, links: pd.DataFrame, hot: pd.DataFrame, primaries: pd.DataFrame = _NO_PRIMARIES
) -> pd.DataFrame:
    """Return profile_identifier without run_id (key golden_id, type, value), sorted by key.

    Args:
        contacts: CONTACTS.
        links: contact_id, golden_id.
        hot: type, value, reason of values that linking left out because too many share them.
        primaries: golden_id, type, value shown on the profile, from `Survival.primaries`.

    A blocked value keeps the reason of the contact that dropped it, else `role`, else the reason in `hot`. It is shared
    when another customer has it too, blocked or not. Times are those of the records that carry the value.
    """
    carried = pd.concat(
        [_carried(contacts, kind) for kind in (*_LISTED, *_SINGLE)] + [_blocked(contacts)], ignore_index=True
    )
    at = pd.Index(links["contact_id"]).get_indexer(pd.Index(contacts["contact_id"]))[carried["row"].to_numpy()]
    carried = carried[at >= 0].assign(golden_id=links["golden_id"].to_numpy(dtype=object)[at[at >= 0]])
    if not len(carried):
        return conform(pd.DataFrame(columns=_TABLE.names), _TABLE).drop(columns="run_id")
    found = _aggregate(carried, contacts)
    owners = found.groupby(["type", "value"], sort=False)["golden_id"].transform("size")
    found["is_shared"] = owners > 1
    found = found.merge(_distinct(hot), how="left", on=["type", "value"])
    found["block_reason"] = found["block_reason"].fillna(found.pop("reason"))
    found["is_blocked"] = found["block_reason"].notna()
    shown = pd.MultiIndex.from_frame(primaries[_KEY])
    found["is_primary"] = pd.MultiIndex.from_frame(found[_KEY]).isin(shown) if len(shown) else False
    found = conform(found.assign(run_id=""), _TABLE).drop(columns="run_id")
    return found.sort_values(_KEY, ignore_index=True)


def _carried(contacts: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return row, type, value, block_reason of one kind of identifier."""
    cells = contacts[_LISTED.get(kind, _SINGLE.get(kind, kind))]
    rows = np.flatnonzero(cells.notna().to_numpy())
    filled = cells.iloc[rows]
    lists = filled.str.split(" ") if kind in _LISTED else filled
    exploded = pd.Series(lists.to_numpy(), index=rows, dtype=object).explode()
    frame = pd.DataFrame({"row": exploded.index, "type": kind, "value": exploded.to_numpy(), "block_reason": None})
    if kind == "email":
        roles = contacts["role_emails"].dropna().str.split(" ").explode().unique()
        frame["block_reason"] = frame["block_reason"].mask(frame["value"].isin(roles), "role")
    return frame


def _blocked(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return row, type, value, block_reason of values that were dropped when the contact was standardised."""
    cells = contacts["blocked_identifiers"].reset_index(drop=True).dropna().str.split("\n").explode()
    parts = [str(line).split("\t") for line in cells]
    rows = [
        (row, *part[:3]) for row, part in zip(cells.index, parts, strict=True) if len(part) == 3 and part[0] in _TYPES
    ]
    return pd.DataFrame(rows, columns=["row", "type", "value", "block_reason"], dtype=object).astype({"row": "int64"})


def _aggregate(carried: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return one row per identifier of a customer: times, sources, the reason of a block."""
    rows = carried["row"].to_numpy()
    created, updated = contacts["created_at"], contacts["updated_at"]
    carried = carried.assign(
        first_seen_at=created.fillna(updated).to_numpy()[rows],
        last_seen_at=updated.fillna(created).to_numpy()[rows],
        source=contacts["source"].to_numpy(dtype=object)[rows],
    )
    several = carried.duplicated(_KEY, keep=False)
    single = carried[~several].assign(source_count=1)
    group = carried[several].groupby(_KEY, sort=False)
    joined = pd.DataFrame(
        {
            "first_seen_at": group["first_seen_at"].min(),
            "last_seen_at": group["last_seen_at"].max(),
            "source_count": group["source"].nunique(),
            "block_reason": group["block_reason"].min(),
        }
    ).reset_index()
    parts = [part.drop(columns=["row", "source"], errors="ignore") for part in (single, joined) if len(part)]
    return pd.concat([part.astype({"block_reason": object}) for part in parts], ignore_index=True)


def _distinct(hot: pd.DataFrame) -> pd.DataFrame:
    """Return type, value, reason of hot values, once each."""
    rows = hot.reindex(columns=["type", "value", "reason"]).astype(object)
    return rows.sort_values(["type", "value", "reason"]).drop_duplicates(["type", "value"])
