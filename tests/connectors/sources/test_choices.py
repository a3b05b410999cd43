"""When customers chose: a day that is told without a time is a day of the source's zone."""

import pandas as pd
import pytest

from connectors.sources.mapping.choices import contact_times
from connectors.sources.mapping.times import CONTACT_TIMES


def read(text: str | None, zone: str = "Asia/Tokyo", country: str = "JP", name: str = "email_consent_at") -> str | None:
    """Return one time as text."""
    return contact_times(name, pd.Series([None, text], dtype=object), zone, country)[1]


DAY = "2026-02-28T15:00:00.000000Z/2026-03-01T14:59:59.999999Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026/3/1",
        "20260301",
        "2026年3月1日",
        "2026年3月1日(日)",
        "令和8年3月1日",
        " 2026.03.01 ",
        "２０２６／３／１",
    ],
)
def test_a_day_is_told_from_its_beginning_to_its_end(text: str) -> None:
    """However it is written."""
    assert read(text) == DAY
    assert read(text, name="phone_consent_at") == DAY


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T00:00:00Z", "2026-03-01 00:00", "2026年3月1日 0時", "20260301000000", "1772323200", "1772323200000",
     "Sun, 01 Mar 2026 00:00:00 +0000", "3/1/2026 12:34"],
)  # fmt: skip
def test_a_time_is_told_as_one(text: str) -> None:
    """Midnight too."""
    found = read(text, "UTC", "US")
    assert found is not None
    assert "/" not in found


def test_what_is_no_time_stays_missing() -> None:
    """As it is with the other times of a contact, which are times in any case."""
    assert [read(None), read("soon"), read("12345678"), read("2026-02-30")] == [None] * 4
    for name in set(CONTACT_TIMES) - {"email_consent_at", "phone_consent_at"}:
        assert read("2026-03-01", name=name) == "2026-02-28T15:00:00.000000Z"


def test_a_day_of_summer_time_has_its_own_length() -> None:
    """23 hours in spring, in a zone that changes."""
    assert read("2026-03-29", "Europe/Berlin", "DE") == "2026-03-28T23:00:00.000000Z/2026-03-29T21:59:59.999999Z"
