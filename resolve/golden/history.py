"""Touchpoints to customers: by the source record that they name, else by an identifier that one customer alone has."""

import numpy as np
import pandas as pd

from resolve.schema import PUBLISHED, conform

_TABLE = PUBLISHED["contact_history"]


def attach_touchpoints(
    touchpoints: pd.DataFrame, links: pd.DataFrame, identifiers: pd.DataFrame, before: pd.DataFrame
) -> pd.DataFrame:
    """Return contact_history without run_id (key touchpoint_id), one row per touchpoint, in their order.

    Args:
        touchpoints: TOUCHPOINTS.
        links: contact_id, golden_id.
        identifiers: profile_identifier; shared and blocked ones attribute nothing.
        before: touchpoint_id, golden_id_at_event of the last run.

    `golden_id` is null while a touchpoint cannot be attributed. `golden_id_at_event` is the customer it was first
    attributed to and never changes after.
    """
    by_contact = _look_up(touchpoints["contact_id"], links["contact_id"], links["golden_id"])
    golden = np.where(pd.isna(by_contact), _by_identifier(touchpoints, identifiers), by_contact)
    believed = _look_up(touchpoints["touchpoint_id"], before["touchpoint_id"], before["golden_id_at_event"])
    first = np.where(pd.isna(believed), golden, believed)
    rows = touchpoints.reindex(columns=_TABLE.names).assign(golden_id=golden, golden_id_at_event=first, run_id="")
    return conform(rows, _TABLE).drop(columns="run_id")


def _by_identifier(touchpoints: pd.DataFrame, identifiers: pd.DataFrame) -> np.ndarray:
    """Return the golden ID that alone has the identifier of each touchpoint, None where there is none."""
    own = identifiers[~identifiers["is_shared"].astype(bool) & ~identifiers["is_blocked"].astype(bool)]
    own = own[own["type"].isin(touchpoints["identifier_type"].dropna().unique())]
    return _look_up(
        _labels(touchpoints["identifier_type"], touchpoints["identifier"]),
        _labels(own["type"], own["value"]),
        own["golden_id"],
    )


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
