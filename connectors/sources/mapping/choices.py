"""The times of a contact as text; when a customer chose may be a day, from its beginning to its end."""

import re
import unicodedata

import numpy as np
import pandas as pd

from connectors.sources.mapping.times import iso_texts, parse_times

CHOICE_TIMES = ("email_consent_at", "phone_consent_at")  # of the times of a contact


def contact_times(name: str, values: "pd.Series[str]", zone: str, country: str) -> list[str | None]:
    """Return a time of contacts (one of CONTACT_TIMES) as ISO text in UTC, None for what is missing or no time."""
    if name in CHOICE_TIMES:
        return choice_texts(values, zone, country)
    return iso_texts(parse_times(values, zone, country))


def choice_texts(values: "pd.Series[str]", zone: str, country: str) -> list[str | None]:
    """Return when customers chose as ISO text in UTC, None for missing values and for what is no time.

    A day that is told without a time is an interval, `2026-02-28T15:00:00.000000Z/2026-03-01T14:59:59.999999Z`: that
    day in `zone`. Times are read as `parse_times` reads them.
    """
    codes, distinct = pd.factorize(values)
    if not len(distinct):
        return [None] * len(values)
    told = pd.Series(distinct, dtype=object).astype(str)
    times = parse_times(told, zone, country)
    texts = iso_texts(times)
    days = np.flatnonzero(times.notna() & _are_days(told, times, zone, country))
    if len(days):
        local = times.iloc[days].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize() + pd.Timedelta(days=1)
        ends = iso_texts(parse_times(local.dt.strftime("%Y-%m-%d"), zone, country) - pd.Timedelta(microseconds=1))
        for at, end in zip(days.tolist(), ends, strict=True):
            texts[at] = texts[at] if end is None else f"{texts[at]}/{end}"
    texts.append(None)  # where the code is -1
    return [texts[code] for code in codes.tolist()]


def _are_days(
    told: "pd.Series[str]", times: "pd.Series[pd.Timestamp]", zone: str, country: str
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which texts tell a day alone: a clock behind it counts; behind a time it is no time, or passed over."""
    digits = told.map(lambda text: re.fullmatch(r"\d{8}", unicodedata.normalize("NFKC", text).strip()) is not None)
    clocked = parse_times(told + " 12:34", zone, country)
    return (digits | (clocked.notna() & (clocked != times))).to_numpy(dtype=bool)
