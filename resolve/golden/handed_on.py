"""Identifiers that moved from one person to another: whose they were, and when.

Most values that two customers have are shared: a family's mailbox, an office's line. One was handed on, as phone
numbers are, when no two had it at a time: each holder's records last told it half a year or more before the next one's
first did, and every former holder has told another value of its type since. Then each held it in its own time.
"""

import pandas as pd

TYPES = ("email", "phone")
APART = pd.Timedelta(days=180)  # numbers lie idle for months before they are given out again
FOR_EVER = pd.Timestamp.max.tz_localize("UTC")


def find_handed_on(identifiers: pd.DataFrame, asked: pd.Series) -> pd.DataFrame:
    """Return label, golden_id, since, until of the asked values that were handed on, one row per holder.

    Args:
        identifiers: profile_identifier, all rows of every holder of the values; its column `label` names the values.
        asked: labels of values.

    The present holder has a value for ever; between two holders nobody has it. Blocked values were never handed on.
    """
    known = identifiers[identifiers["type"].isin(TYPES) & ~identifiers["is_blocked"].astype(bool)]
    rows = known[known["is_shared"].astype(bool) & known["label"].isin(asked)]
    blocked = identifiers.loc[identifiers["is_blocked"].astype(bool), "label"]
    rows = rows[~rows["label"].isin(blocked)]
    newest = known[known["golden_id"].isin(rows["golden_id"])].groupby(["golden_id", "type"])["last_seen_at"].max()
    rows = rows.join(newest.rename("newest"), on=["golden_id", "type"])
    rows = rows.sort_values(["label", "first_seen_at", "golden_id"], ignore_index=True)
    is_last = ~rows.duplicated("label", keep="last")
    next_first = rows["first_seen_at"].shift(-1)
    gave_up = (rows["last_seen_at"] + APART <= next_first) & (rows["newest"] > rows["last_seen_at"])
    wrong = rows["first_seen_at"].isna() | rows["last_seen_at"].isna() | ~(gave_up | is_last)
    moved = ~wrong.groupby(rows["label"]).transform("any") & rows.duplicated("label", keep=False)
    until = rows["last_seen_at"].mask(is_last, FOR_EVER)
    found = pd.DataFrame({"label": rows["label"], "golden_id": rows["golden_id"], "since": rows["first_seen_at"]})
    return found.assign(until=until)[moved.to_numpy(dtype=bool)].reset_index(drop=True)
