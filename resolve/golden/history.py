"""Touchpoints to customers: by the source record that they name, else by an identifier that one customer alone has."""

from typing import Any

import numpy as np
import pandas as pd

from resolve.golden.handed_on import find_handed_on
from resolve.schema import PUBLISHED, assemble

_TABLE = PUBLISHED["contact_history"]


def attach_touchpoints(
    touchpoints: pd.DataFrame, links: pd.DataFrame, identifiers: pd.DataFrame, before: pd.DataFrame
) -> pd.DataFrame:
    """Return contact_history without run_id (key touchpoint_id), one row per touchpoint, in their order.

    Args:
        touchpoints: TOUCHPOINTS.
        links: contact_id, golden_id.
        identifiers: profile_identifier, all rows of whoever has a value that the touchpoints name. Shared and blocked
            values attribute nothing; one that was handed on attributes by time (see `find_handed_on`).
        before: touchpoint_id, golden_id_at_event of the last run.

    `golden_id` is null while a touchpoint cannot be attributed. `golden_id_at_event` is the customer it was first
    attributed to and never changes after.
    """
    by_contact = _look_up(touchpoints["contact_id"], links["contact_id"], links["golden_id"])
    golden = np.where(pd.isna(by_contact), _by_identifier(touchpoints, identifiers), by_contact)
    believed = _look_up(touchpoints["touchpoint_id"], before["touchpoint_id"], before["golden_id_at_event"])
    first = np.where(pd.isna(believed), golden, believed)
    columns: dict[str, Any] = {name: touchpoints[name] for name in _TABLE.names if name in touchpoints.columns}
    columns |= {"golden_id": golden, "golden_id_at_event": first, "run_id": np.full(len(golden), "", dtype=object)}
    return assemble(columns, _TABLE, touchpoints.index).drop(columns="run_id")


def _by_identifier(touchpoints: pd.DataFrame, identifiers: pd.DataFrame) -> np.ndarray:
    """Return the golden ID that alone has the identifier of each touchpoint, None where there is none."""
    wanted = _labels(touchpoints["identifier_type"], touchpoints["identifier"])
    known = identifiers[identifiers["type"].isin(touchpoints["identifier_type"].dropna().unique())]
    known = known.assign(label=_labels(known["type"], known["value"]))
    own = known[~known["is_shared"].astype(bool) & ~known["is_blocked"].astype(bool)]
    found = _look_up(wanted, own["label"], own["golden_id"])
    moved = find_handed_on(known, wanted.dropna())
    at = np.flatnonzero(wanted.isin(moved["label"]).to_numpy())
    if len(at):
        events = pd.DataFrame({"row": at, "label": wanted.iloc[at], "when": touchpoints["occurred_at"].iloc[at]})
        held = events.merge(moved, on="label")
        held = held[(held["since"] <= held["when"]) & (held["when"] <= held["until"])]
        found[held["row"].to_numpy()] = held["golden_id"].to_numpy(dtype=object)
    return found


def _labels(kind: pd.Series, value: pd.Series) -> pd.Series:
    """Return type and value as one text, None where either is missing."""
    return (kind + "\t" + value).astype(object)


def _look_up(wanted: pd.Series, keys: pd.Series, values: pd.Series) -> np.ndarray:
    """Return the value under each wanted key, None where it is missing or unknown."""
    found = np.full(len(wanted), None, dtype=object)
    asked = np.flatnonzero(wanted.notna().to_numpy())
    if len(asked) and len(keys):
        at = pd.Index(keys).get_indexer(pd.Index(wanted.iloc[asked]))
        found[asked[at >= 0]] = values.to_numpy(dtype=object)[at[at >= 0]]
    return found
