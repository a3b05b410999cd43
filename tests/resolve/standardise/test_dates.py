"""Dates of any notation: ISO, national orders, Japanese eras, partial dates, sentinels."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.dates import standardise_date

FULL = [
    ("1964-10-10", None, "1964-10-10"),
    ("1964/10/10", "JP", "1964-10-10"),
    ("1964.10.10", "JP", "1964-10-10"),
    ("19641010", None, "1964-10-10"),
    ("1999-03-04T00:00:00.000Z", None, "1999-03-04"),
    ("1999-03-04 00:00:00", None, "1999-03-04"),
    ("1964年10月10日", None, "1964-10-10"),
    ("１９６４年１０月１０日（土）", None, "1964-10-10"),
    ("昭和39年10月10日", None, "1964-10-10"),
    ("昭和三十九年十月十日", None, "1964-10-10"),
    ("㍼39年10月10日", None, "1964-10-10"),
    ("1964年10月10日生", None, "1964-10-10"),
    ("昭和39年10月10日生まれ", None, "1964-10-10"),
    ("1964年（昭和39年）10月10日", None, "1964-10-10"),
    ("1964(昭和39)年10月10日生", None, "1964-10-10"),
    ("昭和39年（1964年）10月10日", None, "1964-10-10"),
    ("昭39.10.10", None, "1964-10-10"),
    ("S39.10.10", "JP", "1964-10-10"),
    ("S39/10/10", "JP", "1964-10-10"),
    ("s391010", "JP", "1964-10-10"),
    ("H12.2.29", "JP", "2000-02-29"),
    ("平成元年1月8日", None, "1989-01-08"),
    ("R1.5.1", "JP", "2019-05-01"),
    ("令和6年4月1日", None, "2024-04-01"),
    ("㋿元年五月一日", None, "2019-05-01"),
    ("T15.12.24", "JP", "1926-12-24"),
    ("M45.7.1", "JP", "1912-07-01"),
    ("二〇〇〇年二月二十九日", None, "2000-02-29"),
    ("03/04/1999", "US", "1999-03-04"),
    ("03/04/1999", "GB", "1999-04-03"),
    ("3-4-1999", "AU", "1999-04-03"),
    ("4.3.1999", "DE", "1999-03-04"),
    ("25/12/1999", "JP", "1999-12-25"),
    ("12/25/1999", "GB", "1999-12-25"),
    ("05/05/1999", "JP", "1999-05-05"),
    ("Oct 10, 1964", None, "1964-10-10"),
    ("10 October 1964", None, "1964-10-10"),
    ("10. Oktober 1964", "DE", "1964-10-10"),
    ("Saturday, 10 Oct 1964", None, "1964-10-10"),
]


@pytest.mark.parametrize(("cell", "country", "iso"), FULL)
def test_a_full_date_is_shown_and_compared_as_iso(cell: str, country: str | None, iso: str) -> None:
    """The notation does not matter where it leaves no doubt."""
    assert standardise_date(cell, country) == (iso, iso)


@pytest.mark.parametrize(
    ("cell", "country", "iso"),
    [
        ("1964-10", None, "1964-10"),
        ("昭和39年10月", None, "1964-10"),
        ("1964年", None, "1964"),
        ("S63", "JP", "1988"),
        ("1964", None, "1964"),
        ("October 1964", None, "1964-10"),
        ("--10-10", None, "--10-10"),
        ("10月10日", "JP", "--10-10"),
        ("03/04/1999", "JP", "1999"),
        ("03/04/1999", None, "1999"),
        ("3/4/64", "US", "--03-04"),
        ("1964-10-00", None, "1964-10"),
    ],
)
def test_a_partial_or_doubtful_date_is_shown_and_not_compared(cell: str, country: str | None, iso: str) -> None:
    """What is certain is kept; a date whose month and day might be swapped is its year."""
    assert standardise_date(cell, country) == (iso, None)


@pytest.mark.parametrize(
    "cell",
    ["1900-01-01", "1970-01-01", "9999-12-31", "0000-00-00", "1899/12/30", "1999-02-30", "2001-13-01", "S99.1.1", "昭和65年1月1日",
     "64/10/10", "なし", "不明", "", None, "n/a", "abc", "12345", "99999999"],
)  # fmt: skip
def test_sentinels_and_impossible_dates_give_nothing(cell: str | None) -> None:
    """Systems write 1900-01-01 where they have no date; the 30th of February is a mistake."""
    assert standardise_date(cell, "JP") == (None, None)


def test_one_date_does_not_equal_the_swapped_one_in_an_unknown_order() -> None:
    """03/04/1999 and 04/03/1999 stay undecided: neither has a key."""
    assert standardise_date("03/04/1999", "JP").key is None
    assert standardise_date("04/03/1999", "JP").key is None


@given(st.text(max_size=40), st.sampled_from([None, "JP", "US", "DE"]))
def test_no_text_raises(cell: str, country: str | None) -> None:
    """Whatever a cell holds, the key is a full date that exists, and equals the shown one."""
    found = standardise_date(cell, country)
    if found.key is not None:
        assert dt.date.fromisoformat(found.key)
        assert found.key == found.iso


@given(st.sampled_from(FULL), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_dates_do_not_depend_on_width_case_composition_or_invisible_characters(
    case: tuple[str, str | None, str], form: str
) -> None:
    """Full-width, upper case, decomposed or interspersed with zero-width characters, a date is the same."""
    cell, country, iso = case
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in cell)
    for text in (wide, cell.upper(), unicodedata.normalize(form, cell), "\u200b".join(cell)):  # type: ignore[arg-type]
        assert standardise_date(text, country).key == iso


@given(
    st.dates(min_value=dt.date(1901, 1, 2), max_value=dt.date(2100, 1, 1)),
    st.sampled_from(["JP", "US", "DE", None]),
)
def test_every_iso_date_is_itself(day: dt.date, country: str | None) -> None:
    """ISO dates need no country, and standardising twice is once."""
    found = standardise_date(day.isoformat(), country)
    assert found.iso == day.isoformat() or day.isoformat() == "1970-01-01"
    assert standardise_date(found.iso, country) == found
