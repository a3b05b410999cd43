"""Values that nothing could be made of: where they are most of a column, its mapping is likely wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from flows.intake.extract import StreamReading
from resolve.errors import counted

STANDARDISED = {"email": "emails", "phone": "phones", "birth_date": "birth_date"}  # by field of a source record
LEAST = 20  # values of a column; fewer say nothing of it
SHARE = 0.5  # of them; placeholders are common, but not the rule


def count_given(records: pd.DataFrame) -> Counter[str]:
    """Return how many source records have a value, by field."""
    return Counter({name: int(records[name].notna().sum()) for name in STANDARDISED if name in records})


def note_unread(
    readings: Iterable[StreamReading], given: Mapping[str, Counter[str]], times: Counter[tuple[str, str, str]],
    contacts: pd.DataFrame,
) -> None:  # fmt: skip
    """Note with the streams what could not be read.

    given: by source, how many of its contacts had a value, by field. times: how many times could not be read, by
    source, stream and what mapping says of them. contacts: CONTACTS of all sources.
    """
    kept = contacts.groupby("source")[list(STANDARDISED.values())].count().to_dict("index")
    told: set[str] = set()
    for reading in readings:
        mine = [(what, count) for (*name, what), count in times.items() if name == [reading.source, reading.stream]]
        texts = [f"{what} in {counted(count, 'row')}" for what, count in mine]
        if reading.role == "contacts" and reading.source not in told:
            told.add(reading.source)
            texts += _mostly_lost(given.get(reading.source, Counter()), kept.get(reading.source, {}))
        reading.unread = "; ".join(texts)


def _mostly_lost(given: Mapping[str, int], kept: Mapping[Any, int]) -> list[str]:
    """Return a text for each field most of whose values gave nothing."""
    lost = {name: count - int(kept.get(STANDARDISED[name], 0)) for name, count in given.items()}
    return [
        f"{name} unreadable in {lost[name]:,} of {counted(count, 'contact')}: is it the right column?"
        for name, count in given.items()
        if count >= LEAST and lost[name] > SHARE * count
    ]
