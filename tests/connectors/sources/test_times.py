"""Times as sources write them, read to UTC."""

import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.mapping.times import iso_texts, parse_times


def parse(text: str | None, zone: str = "Asia/Tokyo", country: str = "JP") -> str | None:
    """Return one time as ISO text in UTC."""
    return iso_texts(parse_times(pd.Series([text], dtype=object), zone, country))[0]


READ = [
    ("2026-11-20T03:04:05Z", "2026-11-20T03:04:05"),
    ("2026-11-20T03:04:05.000+0000", "2026-11-20T03:04:05"),
    ("2026-11-20T12:04:05.678+09:00", "2026-11-20T03:04:05.678"),
    ("2026-11-20 12:04:05", "2026-11-20T03:04:05"),
    ("2026-11-20 12:04", "2026-11-20T03:04:00"),
    ("2026-11-20", "2026-11-19T15:00:00"),
    ("2026/11/20 12:04:05", "2026-11-20T03:04:05"),
    ("2026/1/2 9:05", "2026-01-02T00:05:00"),
    ("2026.1.2", "2026-01-01T15:00:00"),
    ("2026年11月20日", "2026-11-19T15:00:00"),
    ("2026年11月20日(金) 12時04分05秒", "2026-11-20T03:04:05"),
    ("２０２６／１１／２０　１２：０４", "2026-11-20T03:04:00"),
    ("20261120", "2026-11-19T15:00:00"),
    ("20261120120405", "2026-11-20T03:04:05"),
    ("1795143845", "2026-11-20T03:04:05"),
    ("1795143845678", "2026-11-20T03:04:05.678"),
    ("1795143845678901", "2026-11-20T03:04:05.678901"),
    ("Fri, 20 Nov 2026 03:04:05 +0000", "2026-11-20T03:04:05"),
    (" 2026-11-20T03:04:05Z ", "2026-11-20T03:04:05"),
    ("20/11/2026 12:04", "2026-11-20T03:04:00"),
    ("令和8年11月20日", "2026-11-19T15:00:00"),
    ("令和元年5月1日 10時5分", "2019-05-01T01:05:00"),
    ("R8.11.20 12:04", "2026-11-20T03:04:00"),
    ("H31/4/30", "2019-04-29T15:00:00"),
    ("2026年11月20日 午後3時5分", "2026-11-20T06:05:00"),
    ("2026/11/20 午前0:05", "2026-11-19T15:05:00"),
    ("2026年11月20日 12時", "2026-11-20T03:00:00"),
    ("Fri, 20 Nov 2026 12:04:05", "2026-11-20T03:04:05"),
    ("Fri, 20 Nov 2026 03:04:05 -0000", "2026-11-20T03:04:05"),
]


@pytest.mark.parametrize(("text", "utc"), READ)
def test_a_notation_is_read(text: str, utc: str) -> None:
    """Notations with and without an offset become the same instant; without one they are local to the zone."""
    read = parse(text)
    assert read is not None
    assert pd.Timestamp(read) == pd.Timestamp(utc, tz="UTC")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "0000-00-00 00:00:00",
        "04/05/2026",
        "12",
        "9999-12-31",
        "99999999",
        "平成32年1月1日",
        "令和0年1月1日",
    ],
)
def test_what_is_no_time_stays_missing(text: str) -> None:
    """Impossible, ambiguous and out-of-range values are not guessed."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("country", "utc"), [("US", "2026-04-05T00:00:00"), ("GB", "2026-05-04T00:00:00"), ("DE", "2026-05-04T00:00:00")]
)
def test_the_country_decides_the_order_of_month_and_day(country: str, utc: str) -> None:
    """04/05/2026 is April in the US and May elsewhere; a dot is always day first."""
    assert parse("04/05/2026", "UTC", country) == f"{utc}.000000Z"
    assert parse("04.05.2026", "UTC", country) == "2026-05-04T00:00:00.000000Z"


def test_am_and_pm_are_understood() -> None:
    """Twelve-hour clocks of report exports are read."""
    assert parse("11/20/2026, 12:04 AM", "UTC", "US") == "2026-11-20T00:04:00.000000Z"
    assert parse("11/20/2026 3:04 PM", "UTC", "US") == "2026-11-20T15:04:00.000000Z"


def test_summer_time_is_settled() -> None:
    """Of two equal local hours the first is meant; an hour that does not exist moves forward."""
    assert parse("2026-11-01 01:30:00", "America/New_York") == "2026-11-01T05:30:00.000000Z"
    assert parse("2026-03-08 02:30:00", "America/New_York") == "2026-03-08T07:00:00.000000Z"


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H時%M分"])
def test_summer_time_does_not_depend_on_the_notation(form: str) -> None:
    """The hour that there is not, and the one that there is twice, are the same instants however they are written."""
    gap, twice = (pd.Timestamp(day).strftime(form) for day in ("2026-03-29 02:30", "2026-10-25 02:30"))
    assert parse(gap, "Europe/Berlin", "DE") == "2026-03-29T01:00:00.000000Z"
    assert parse(twice, "Europe/Berlin", "DE") == "2026-10-25T00:30:00.000000Z"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("end", ["", "Z", "-09:00", "+09:00"])
@pytest.mark.parametrize("text", ["2262-04-11T23:00:00", "1677-09-21T00:12:44", "2262-01-01T00:00:00"])
def test_the_ends_of_what_can_be_counted_stop_nothing(text: str, end: str, zone: str) -> None:
    """A source's word for never is no time in any zone, and the rows beside it are read."""
    assert parse(text + end, zone) is None or (text.startswith("2262-01") and end == "+09:00")


def test_a_time_without_an_offset_is_not_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever zone the machine has, the header of a mail that names none is of the source's zone."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert parse("Fri, 20 Nov 2026 12:04:05") == "2026-11-20T03:04:05.000000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.lists(st.sampled_from([text for text, _ in READ] + [None, "", "soon"]), max_size=30))
def test_a_time_does_not_depend_on_its_neighbours(texts: list[str | None]) -> None:
    """Reading a column gives what reading each value alone gives."""
    together = iso_texts(parse_times(pd.Series(texts, dtype=object), "Asia/Tokyo", "JP"))
    assert together == [parse(text) for text in texts]


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    """Any text is read or missing."""
    parse(text)
