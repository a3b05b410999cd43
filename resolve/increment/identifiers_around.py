"""Identifiers of the customers a change can move, and the few rows of others whose standing moves with them."""

from dataclasses import dataclass

import pandas as pd

from resolve.golden.identifiers import list_identifiers
from resolve.increment.relink import Relinked
from resolve.increment.stored import Stored
from resolve.increment.survivors import Survivors
from resolve.link.engine import SHARED_BY_MANY
from resolve.schema.rows import join_rows

_VALUE = ["type", "value"]
_ROW = ["golden_id", *_VALUE]


@dataclass(frozen=True, slots=True)
class AroundIdentifiers:
    """Rows of profile_identifier: `now` of the customers, `others` of other customers that must change.

    known: both, and rows of others that stay as they are. inside: golden_ids, of before and now, all of whose rows are
    in `now`. owners_changed: type, value of identifiers that another customer than before has for itself, or none; and
    of those that the customers, or the others, share with somebody: they may have been handed on, which what else
    their holders have decides.
    """

    now: pd.DataFrame
    others: pd.DataFrame
    known: pd.DataFrame
    inside: pd.Index
    owners_changed: pd.DataFrame


def list_around(stored: Stored, survivors: Survivors, relinked: Relinked, primaries: pd.DataFrame) -> AroundIdentifiers:
    """Return the identifiers of the customers, and the rows of others that must change."""
    inside = pd.Index([*survivors.former["golden_id"], *survivors.links["golden_id"]], dtype=object).unique()
    before = stored.rows("profile_identifier", "golden_id", inside)
    hot = _hot(before, relinked)
    now = list_identifiers(survivors.contacts, survivors.links, hot, primaries)
    values = join_rows([before[_VALUE], now[_VALUE]]).drop_duplicates(ignore_index=True)
    beyond = stored.holders(values, inside)
    beyond = beyond[beyond["first"].notna()].reset_index(drop=True)
    also = pd.MultiIndex.from_frame(now[_VALUE]).isin(pd.MultiIndex.from_frame(beyond[_VALUE]))
    now = now.assign(is_shared=(now["is_shared"].to_numpy(dtype=bool) | also))
    stored_others = _rows_of_others(stored, beyond)
    others = _patched(stored, stored_others, now, (beyond, relinked))
    others = others[~others["golden_id"].isin(inside)].reset_index(drop=True)
    same = pd.MultiIndex.from_frame(stored_others[_ROW]).isin(pd.MultiIndex.from_frame(others[_ROW]))
    fresh = join_rows([now, others, stored_others[~same]])
    moved = _moved_owners(join_rows([before, stored_others]), fresh)
    changed = join_rows([moved, _shared(before), _shared(now), _shared_by_others(stored, others)])
    return AroundIdentifiers(now, others, fresh, inside, changed.drop_duplicates(ignore_index=True))


def _hot(before: pd.DataFrame, relinked: Relinked) -> pd.DataFrame:
    """Return the values that many share: as found now, and as stored where the change did not touch them."""
    many = before.loc[before["block_reason"] == SHARED_BY_MANY, _VALUE].drop_duplicates()
    touched = pd.MultiIndex.from_frame(many).isin(pd.MultiIndex.from_frame(relinked.values))
    kept = many[~touched].assign(reason=SHARED_BY_MANY)
    return join_rows([relinked.hot, kept]).astype(object)


def _rows_of_others(stored: Stored, beyond: pd.DataFrame) -> pd.DataFrame:
    """Return the stored row of the first other customer of each value."""
    rows = stored.rows("profile_identifier", "golden_id", beyond["first"].unique())
    wanted = pd.MultiIndex.from_frame(beyond[["first", *_VALUE]])
    return rows[pd.MultiIndex.from_frame(rows[_ROW]).isin(wanted)].reset_index(drop=True)


def _patched(
    stored: Stored, firsts: pd.DataFrame, now: pd.DataFrame, around: tuple[pd.DataFrame, Relinked]
) -> pd.DataFrame:
    """Return rows of other customers as they have to be: whether they share, whether many share."""
    beyond, relinked = around
    hot = pd.MultiIndex.from_frame(relinked.hot[_VALUE])
    value = pd.MultiIndex.from_frame(firsts[_VALUE])
    touched = value.isin(pd.MultiIndex.from_frame(relinked.values))
    flips = touched & ((firsts["block_reason"] == SHARED_BY_MANY).to_numpy() != value.isin(hot))
    flips &= firsts["block_reason"].isna().to_numpy() | (firsts["block_reason"] == SHARED_BY_MANY).to_numpy()
    every = stored.identifiers(firsts.loc[flips, _VALUE].drop_duplicates())
    every = every[~every["golden_id"].isin([*now["golden_id"].unique()])]
    rows = join_rows([firsts, every]).drop_duplicates(_ROW, ignore_index=True)
    row_value = pd.MultiIndex.from_frame(rows[_VALUE])
    single = beyond.loc[beyond["first"] == beyond["last"], _VALUE]
    alone = row_value.isin(pd.MultiIndex.from_frame(single))
    shared = rows["is_shared"].to_numpy(dtype=bool).copy()
    shared[alone] = row_value.isin(pd.MultiIndex.from_frame(now[_VALUE]))[alone]
    reason = rows["block_reason"].to_numpy(dtype=object).copy()
    open_ = row_value.isin(pd.MultiIndex.from_frame(relinked.values)) & (pd.isna(reason) | (reason == SHARED_BY_MANY))
    reason[open_] = [SHARED_BY_MANY if many else None for many in row_value.isin(hot)[open_]]
    fresh = rows.assign(is_shared=shared, is_blocked=~pd.isna(reason), block_reason=reason)
    differs = (shared != rows["is_shared"].to_numpy(dtype=bool)) | (
        fresh["block_reason"].fillna("") != rows["block_reason"].fillna("")
    )
    patched: pd.DataFrame = fresh[differs.to_numpy()].astype(rows.dtypes.to_dict()).reset_index(drop=True)
    return patched


def own_values(rows: pd.DataFrame) -> pd.DataFrame:
    """Return golden_id, type, value of identifiers that attribute a touchpoint: neither shared nor blocked."""
    return rows.loc[~rows["is_shared"].astype(bool) & ~rows["is_blocked"].astype(bool), _ROW]


def _shared(rows: pd.DataFrame) -> pd.DataFrame:
    """Return type, value of identifiers that several customers have and that are not blocked."""
    return rows.loc[rows["is_shared"].astype(bool) & ~rows["is_blocked"].astype(bool), _VALUE]


def _shared_by_others(stored: Stored, others: pd.DataFrame) -> pd.DataFrame:
    """Return type, value of what other customers share, those of whom some row changes."""
    theirs = stored.rows("profile_identifier", "golden_id", others["golden_id"].unique())
    return join_rows([_shared(others), _shared(theirs)])


def _moved_owners(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return type, value of identifiers whose only holder changes."""
    old, new = own_values(before).drop_duplicates(), own_values(now).drop_duplicates()
    both = old.merge(new, on=_ROW, how="outer", indicator=True)
    return both.loc[both["_merge"] != "both", _VALUE].drop_duplicates(ignore_index=True)
