"""Which of two times that a source gave its rows is the earlier one, as far as their texts alone can tell."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.mapping.times import parse_times

_AHEAD = timedelta(days=1)  # clocks and zones differ; what lies further ahead is a mistake
_SAME = (  # what the notation of a time leaves out; digits alone keep their number: days, or epochs of several units
    (r"(:\d{2}|^\d{9,})[.]\d+", r"\1"),
    (r"(:\d{2})\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$", r"\1z"),
    (r"\b\d{1,2}\b", "0"),
    (r"\d", "0"),
)


class Moment(NamedTuple):
    """A time as one can compare it with others of its notation: nanoseconds, of UTC or of the source's own clock."""

    notation: str
    nanoseconds: int


def read_moments(times: Collection[str], now: datetime) -> dict[str, Moment]:
    """Return the times that can be compared; those are left out that no one can read, or that lie ahead of `now`."""
    if not times:
        return {}
    texts = pd.Series(list(times), dtype=object)
    notations = pc.utf8_trim_whitespace(pa.array(texts, pa.string()))
    for pattern, replacement in _SAME:
        notations = pc.replace_substring_regex(notations, pattern, replacement)
    parsed = parse_times(texts, "UTC", "JP")  # where either order may be meant, JP reads neither
    usable = (parsed.notna() & (parsed <= pd.Timestamp(now) + _AHEAD)).tolist()
    read = zip(texts, notations.to_pylist(), parsed.astype("int64").tolist(), usable, strict=True)
    return {text: Moment(notation, number) for text, notation, number, is_usable in read if is_usable}


def is_before(time: str | None, other: str | None, moments: Mapping[str, Moment]) -> bool:
    """Return whether a time is known to be earlier than another: not where their notations differ."""
    one, two = moments.get(time or ""), moments.get(other or "")
    return one is not None and two is not None and one.notation == two.notation and one.nanoseconds < two.nanoseconds
