"""Denials that outlive their record: somebody who opted out stays so when the record that said it is gone.

Such a denial stays with the records that were one customer with the one that left, and goes wherever each of them goes.
That needs no golden ID, so merges, splits and a resolution of everything lead to the same customers.
"""

import pandas as pd

from resolve.golden.consent import CHANNELS
from resolve.schema.rows import join_rows

ERASED = "erased"  # why a contact left of whom nothing is to be kept
_KEY = ["contact_id", "field", "source", "source_id"]
_COLUMNS = [*_KEY, "denied_at", "kept_at"]


def list_denials(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return what CONTACTS deny: contact_id, field, source, source_id, denied_at (missing where they do not say)."""
    parts = []
    for channel in CHANNELS:
        denying = contacts[contacts[channel] == "denied"]
        parts.append(
            denying[["contact_id", "source", "source_id"]].assign(field=channel, denied_at=denying[f"{channel}_at"])
        )
    return pd.concat(parts, ignore_index=True).astype({"field": object})


def keep_denials(
    kept: pd.DataFrame, left: pd.DataFrame, links: pd.DataFrame, living: pd.Series, at: pd.Timestamp
) -> pd.DataFrame:
    """Return kept_denial without run_id, sorted by its key: what was kept, and what those who left hand on.

    Args:
        kept: kept_denial as it was.
        left: denials (`list_denials`) of contacts that left.
        links: contact_id, golden_id as they were, of all contacts of the customers of whoever left.
        living: contact_ids of now.
        at: the time of the run.

    A contact that leaves hands on its own denials, and those that it kept of others, to the living contacts that were
    one customer with it. It keeps its own in case it comes back. A record that is there again speaks for itself: what
    was kept of it is dropped.
    """
    stayed = links["contact_id"].isin(living)
    gone, stays = links.loc[~stayed, ["contact_id", "golden_id"]], links.loc[stayed, ["contact_id", "golden_id"]]
    known = kept[_COLUMNS]
    if len(gone):
        said = left.assign(kept_at=pd.Series(at, index=left.index, dtype=known["kept_at"].dtype))[_COLUMNS]
        leaving = join_rows([said, known[known["contact_id"].isin(gone["contact_id"])]])
        handed = leaving.merge(gone, on="contact_id").rename(columns={"contact_id": "former"})
        handed = handed.merge(stays, on="golden_id")
        known = join_rows([known, handed[_COLUMNS]]).drop_duplicates(_KEY)
    if len(known):
        known = known[~(known["source"] + ":" + known["source_id"]).isin(living)]
    return known.sort_values(_KEY, ignore_index=True)


def as_sayings(kept: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return kept denials of members (contact_id) as rows that say nothing else, and the position of each one's member.

    One without a time is as old as the run that kept it: then it was known, so whoever agreed later overrules it.
    """
    at = pd.Index(members["contact_id"]).get_indexer(pd.Index(kept["contact_id"]))
    mine, holder = kept[at >= 0].reset_index(drop=True), pd.Series(at[at >= 0])
    since = mine["denied_at"].fillna(mine["kept_at"])
    said = {"source": mine["source"], "source_id": mine["source_id"]}
    for channel in CHANNELS:
        own = mine["field"] == channel
        said[channel] = own.map({True: "denied", False: None}).astype(object)
        said[f"{channel}_at"] = since.where(own)
    return pd.DataFrame(said), holder
