"""The times of a source record: ISO text to UTC."""

import numpy as np
import pandas as pd
import pyarrow as pa

from resolve.standardise.contact_codes import Coded, Column, objects

_FORM = "0000-00-00T00:00:00Z"  # what most systems write
_FIRST, _LAST = np.datetime64("1678-01-01", "s"), np.datetime64("2262-01-01", "s")  # what nanoseconds can tell


def read_times(column: Coded) -> pd.api.extensions.ExtensionArray:
    """Return ISO times in UTC; what is no time, or outside the years 1678 to 2262, is missing."""
    texts = column.values[:-1]
    known = _read_plain(texts)
    if known is None:
        known = _read_zoned(texts)
    if known is None:
        parsed = pd.to_datetime(pd.Series(texts, dtype=object), utc=True, format="ISO8601", errors="coerce")
        known = parsed.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
    times = np.append(known, np.datetime64("NaT", "ns"))[column.codes]
    return pd.Series(times).dt.tz_localize("UTC").array


def read_choices(column: Coded, consent: Coded) -> pd.api.extensions.ExtensionArray:
    """Return when customers chose, as `read_times` does; of a day (an ISO interval) the end where they denied.

    So a denial of a day overrules whatever was granted on it, and a grant of a day nothing of that day.
    """
    ends = [text.partition("/")[::2] if isinstance(text, str) else (text, "") for text in column.values[:-1]]
    if not any(end for _, end in ends):
        return read_times(column)
    first, last = (
        Coded(column.codes, objects([*texts, None]))
        for texts in ([start for start, _ in ends], [end or start for start, end in ends])
    )
    denied = consent.texts() == "denied"
    times = pd.Series(read_times(first))
    chosen: pd.api.extensions.ExtensionArray = times.mask(denied, pd.Series(read_times(last))).array
    return chosen


def _read_plain(texts: Column) -> Column | None:
    """Return times that are all written like 2017-01-01T03:26:03Z; None where one is not, or is no time."""
    if not all(type(text) is str and len(text) == len(_FORM) for text in texts):
        return None
    fixed = texts.astype(f"U{len(_FORM)}")
    signs = fixed.view(np.uint32).reshape(len(texts), len(_FORM))
    form = np.array([ord(sign) for sign in _FORM], dtype=np.uint32)
    ranges = np.where(form == ord("0"), np.uint32(9), np.uint32(0))
    if not (signs - form <= ranges).all():  # below the form's sign it wraps round to a large number
        return None
    try:
        times = np.ascontiguousarray(signs[:, :-1]).view(f"U{len(_FORM) - 1}").ravel().astype("datetime64[s]")
    except ValueError:
        return None
    if not ((times >= _FIRST) & (times < _LAST)).all():
        return None
    return times.astype("datetime64[ns]")


def _read_zoned(texts: Column) -> Column | None:
    """Return times that all are ISO texts with a zone and up to six decimals, by Arrow; None where one is not."""
    try:
        times = pa.array(texts, type=pa.string()).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("ns", "UTC"))
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    read: Column = times.to_numpy(zero_copy_only=False)
    return read
