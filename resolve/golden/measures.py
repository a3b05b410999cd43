"""Measures of contact per customer: first, last, counts, open cases, latest answers."""

import numpy as np
import pandas as pd

from resolve.golden.order import ordered, take_rows

_METRICS = ("csat", "nps", "ces")
_USED = ["touchpoint_id", "golden_id", "occurred_at", "channel", "metric", "score"]


def measure_contacts(history: pd.DataFrame, touchpoints: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Return one row per golden_id that had contacts up to a time, sorted: the measures of golden_profile.

    first_contact_at, last_contact_at, last_contact_channel, contact_count: over all contacts but duplicates.
    open_case_count: cases (source, stream, source_id) with an open touchpoint that is no duplicate, and no closed one,
    which may be a duplicate: that another system logged the answer as well leaves the case closed. latest_csat,
    latest_nps, latest_ces: the newest score, on its own scale. Of two at one time the larger touchpoint_id counts as
    later.

    `history`: contact_history. `touchpoints`: TOUCHPOINTS, for the status of cases. `at`: the time of the run; what
    is planned for later counts in none of them yet.
    """
    own = history["golden_id"].notna().to_numpy() & history["duplicate_of"].isna().to_numpy()
    counted = np.flatnonzero(own & (history["occurred_at"] <= at).to_numpy())
    rows = ordered(take_rows(history[_USED], counted), ["golden_id", "occurred_at", "touchpoint_id"])
    group = rows.groupby("golden_id", sort=True)
    last = group.tail(1).set_index("golden_id")
    measures = pd.DataFrame(
        {
            "first_contact_at": group["occurred_at"].min(),
            "last_contact_at": last["occurred_at"],
            "last_contact_channel": last["channel"],
            "contact_count": group.size(),
        }
    )
    measures["open_case_count"] = _open_cases(history, touchpoints).reindex(measures.index).fillna(0)
    for metric in _METRICS:
        answers = rows[(rows["metric"] == metric) & rows["score"].notna()]
        latest = answers.groupby("golden_id")["score"].last().astype("float64")
        measures[f"latest_{metric}"] = latest.reindex(measures.index)
    measures = measures.rename_axis("golden_id").reset_index()
    return measures.astype({"golden_id": object, "contact_count": "Int64", "open_case_count": "Int64"})


def list_planned(history: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Return planned_contact without run_id: touchpoint_id, occurred_at of contacts that are to come at a time."""
    ahead = np.flatnonzero((history["occurred_at"] > at).to_numpy())
    return take_rows(history[["touchpoint_id", "occurred_at"]], ahead)


def _open_cases(history: pd.DataFrame, touchpoints: pd.DataFrame) -> pd.Series:
    """Return the number of open cases per golden_id."""
    cases = touchpoints[touchpoints["status"].notna()]
    at = pd.Index(history["touchpoint_id"]).get_indexer(pd.Index(cases["touchpoint_id"]))
    cases, at = cases[at >= 0], at[at >= 0]
    stream = cases["touchpoint_id"].str.split(":", n=2).str[1]  # source:stream:…
    cases = cases.assign(golden_id=history["golden_id"].to_numpy(dtype=object)[at])
    case = [cases["golden_id"], cases["source"], stream.rename("stream"), cases["source_id"]]  # of nobody is no group
    counts = history["duplicate_of"].isna().to_numpy()[at]
    closed = (cases["status"] == "closed").groupby(case).any()
    is_open = ((cases["status"] == "open") & counts).groupby(case).any()
    still = is_open[is_open & ~closed]
    open_cases: pd.Series = pd.Series(np.ones(len(still)), index=still.index).groupby(level="golden_id").sum()
    return open_cases
