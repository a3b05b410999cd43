"""Every identifier of a customer, with what is known of its worth as evidence."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.lists import all_values
from resolve.golden.order import find_rows, names_of, rank_texts, take_cells
from resolve.schema import DTYPES, PUBLISHED, conform

_TABLE = PUBLISHED["profile_identifier"]
_COLUMNS = {
    "email": "email_keys",
    "phone": "phone_keys",
    "line_user_id": "line_user_id",
    "corporate_number": "corporate_number",
}
_LISTS = ("email", "phone")
_NO_PRIMARIES = pd.DataFrame({"golden_id": [], "type": [], "value": []}, dtype=object)
_LATE, _EARLY = np.iinfo(np.int64).max, np.iinfo(np.int64).min  # _EARLY is also what NaT is as an integer


@dataclass(frozen=True, slots=True)
class Carriers:
    """The linked contacts: code of the golden ID (-1 unlinked), code of the source, first and last seen, ns."""

    golden: np.ndarray
    names: np.ndarray
    source: np.ndarray
    first: np.ndarray
    last: np.ndarray


def list_identifiers(
    contacts: pd.DataFrame, links: pd.DataFrame, hot: pd.DataFrame, primaries: pd.DataFrame = _NO_PRIMARIES
) -> pd.DataFrame:
    """Return profile_identifier without run_id, sorted by its key: golden_id, type, value.

    Args:
        contacts: CONTACTS.
        links: contact_id, golden_id.
        hot: type, value, reason of values that linking left out because too many share them.
        primaries: golden_id, type, value shown on the profile, from `Survival.primaries`.

    A blocked value keeps the reason of the contact that dropped it, else `role`, else the reason in `hot`. It is shared
    when another customer has it too, blocked or not. Times are those of the records that carry the value.
    """
    carriers = _carriers(contacts, links)
    dropped = _dropped(contacts)
    parts, holders = [], []
    for kind, column in sorted(_COLUMNS.items()):
        row, value = (all_values if kind in _LISTS else _present)(contacts[column])
        mine = dropped[dropped["type"] == kind]
        values = pd.Series(np.append(value, mine["value"].to_numpy(dtype=object)), dtype=object)
        reasons = np.append(np.full(len(value), None, dtype=object), mine["reason"].to_numpy(dtype=object))
        rows = np.append(row, mine["row"].to_numpy(dtype=np.int64))
        reasons = _known_reasons(values, reasons, _role_reasons(contacts, kind), hot[hot["type"] == kind])
        shown = primaries[primaries["type"] == kind]
        part, holder = _of_type(kind, carriers, (rows, values, reasons), shown)
        if len(part):
            parts.append(part)
            holders.append(holder)
    if not parts:
        return conform(pd.DataFrame(columns=_TABLE.names), _TABLE).drop(columns="run_id")
    order = np.argsort(np.concatenate(holders), kind="stable")
    kinds = {column.name: DTYPES[column.kind] for column in _TABLE.columns if column.name != "run_id"}
    columns = {name: take_cells(pd.concat([part[name] for part in parts]).astype(kinds[name]), order) for name in kinds}
    return pd.DataFrame(columns, copy=False)


def _carriers(contacts: pd.DataFrame, links: pd.DataFrame) -> Carriers:
    """Return what is needed of the contacts, along their rows."""
    at = find_rows(links["contact_id"], contacts["contact_id"])
    code, names = rank_texts(links["golden_id"])
    golden = np.where(at >= 0, code[np.maximum(at, 0)], -1) if len(code) else np.full(len(at), -1)
    created, updated = (
        contacts[c].astype("datetime64[ns, UTC]").astype("int64").to_numpy() for c in ("created_at", "updated_at")
    )
    first, last = np.where(created == _EARLY, updated, created), np.where(updated == _EARLY, created, updated)
    source = pd.factorize(contacts["source"])[0].astype(np.int64)
    return Carriers(golden, names, source, first, last)


def _present(cells: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return (position, cell) of every cell that is not missing."""
    row = np.flatnonzero(cells.notna().to_numpy())
    return row, cells.to_numpy(dtype=object)[row]


def _dropped(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return row, type, value, reason of values that were dropped when the contact was standardised."""
    row, cells = _present(contacts["blocked_identifiers"])
    parts = [(at, *line.split("\t")) for at, cell in zip(row.tolist(), cells, strict=True) for line in cell.split("\n")]
    whole = [part for part in parts if len(part) == 4]
    return pd.DataFrame(whole, columns=["row", "type", "value", "reason"], dtype=object)


def _role_reasons(contacts: pd.DataFrame, kind: str) -> dict[str, str]:
    """Return the reason `role` by value, for e-mail."""
    if kind != "email":
        return {}
    return dict.fromkeys((one for cell in contacts["role_emails"].dropna().unique() for one in cell.split(" ")), "role")


def _known_reasons(values: pd.Series, own: np.ndarray, roles: dict[str, str], hot: pd.DataFrame) -> np.ndarray:
    """Return the reason why each value is blocked, None where it is not."""
    much = hot.sort_values("reason", ascending=False)
    reason = dict(zip(much["value"], much["reason"], strict=True)) | roles
    if not reason:
        return own
    hit = np.flatnonzero(values.isin(list(reason)).to_numpy() & pd.isna(own))
    known = own.copy()
    known[hit] = [reason[value] for value in values.iloc[hit]]
    return known


def _of_type(
    kind: str, carriers: Carriers, carried: tuple[np.ndarray, pd.Series, np.ndarray], shown: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the identifiers of one type, one row per golden ID and value, in their order, and the code of each ID."""
    linked = np.flatnonzero(carriers.golden[carried[0]] >= 0)
    row, reasons = carried[0][linked], carried[2][linked]
    code, values = rank_texts(carried[1].iloc[linked])
    width = np.int64(max(len(values), 1))
    key = carriers.golden[row] * width + code
    order = np.lexsort((carriers.source[row], key))
    key, row, reasons = key[order], row[order], reasons[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(starts):
        return pd.DataFrame(), starts
    unique = key[starts]
    reason_code, names = rank_texts(reasons)
    blocked = np.minimum.reduceat(np.where(reason_code < 0, _LATE, reason_code), starts)
    fresh = (np.diff(key, prepend=-1) != 0) | (np.diff(carriers.source[row], prepend=-1) != 0)
    owners = np.bincount(unique % width, minlength=int(width))
    main = pd.Index(carriers.names).get_indexer(pd.Index(shown["golden_id"])) * width
    main = main + pd.Index(values).get_indexer(pd.Index(shown["value"]))
    first = np.minimum.reduceat(np.where(carriers.first[row] == _EARLY, _LATE, carriers.first[row]), starts)
    found = pd.DataFrame(
        {
            "golden_id": carriers.names[unique // width],
            "type": np.full(len(unique), kind, dtype=object),
            "value": values[unique % width],
            "is_primary": np.isin(unique, main),
            "is_shared": owners[unique % width] > 1,
            "is_blocked": blocked != _LATE,
            "block_reason": names_of(names, np.where(blocked == _LATE, -1, blocked)),
            "first_seen_at": pd.to_datetime(np.where(first == _LATE, _EARLY, first), utc=True),
            "last_seen_at": pd.to_datetime(np.maximum.reduceat(carriers.last[row], starts), utc=True),
            "source_count": np.add.reduceat(fresh.astype(np.int64), starts),
        },
        copy=False,
    )
    return found, unique // width
