"""Amounts, scores and lengths as people and systems write them."""

import math

import pytest

from connectors.sources.mapping.numbers import read_number, read_seconds


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("120,000円", 120_000), ("￥１，２３４", 1_234), ("¥5,000-", 5_000), ("約5000円", 5_000), ("8点", 8), ("50%", 50),
        ("▲5,000", -5_000), ("△500円", -500), ("−5", -5), ("-¥5,000", -5_000), ("¥-5,000", -5_000), ("(5,000)", -5_000),
        ("12万円", 120_000), ("1.5億円", 150_000_000), ("300千円", 300_000), ("3百万円", 3_000_000),
        ("12,50 €", 12.5), ("0,5", 0.5), ("1.234,56", 1_234.56), ("1,234,567.89", 1_234_567.89), ("1,00,000", 100_000),
        ("$1.2M", 1_200_000), ("5k", 5_000), ("€3 bn", 3e9), ("1.5 million USD", 1_500_000), ("2,5 mio €", 2_500_000),
        ("5 km", 5), ("3 Mbit", 3), ("80 kg", 80), ("5 m", 5), ("£1.2m", 1_200_000), ("Rs.500", 500), ("USD 12.50", 12.5), (".5", 0.5), ("-.5", -0.5), ("+5", 5),
    ],
)  # fmt: skip
def test_the_number_of_a_text_is_read(cell: str, number: float) -> None:
    """Signs of accounts, units of ten thousand, decimal commas, currencies before and behind."""
    assert read_number(cell) == number


@pytest.mark.parametrize(
    "cell", ["", "-", "5/5", "1e5", "1,2345", "12,345,67", "1億2000万円", "2026-01-02", "9" * 400, f"{'a' * 200}5"]
)
def test_what_may_be_several_numbers_is_none(cell: str) -> None:
    """Better empty and counted than wrong."""
    assert math.isnan(read_number(cell))


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("1.5", 90), ("1,200", 72_000), ("1:30", 90), ("１：３０", 90), ("01:30:00", 5_400), ("0:01:30.5", 90.5),
        ("5 min", 300), ("90分", 5_400), ("約5分間", 300), ("30秒", 30), ("500ms", 0.5), ("1時間30分", 5_400),
        ("1h 5m", 3_900), ("2,5 Std", 9_000), ("PT5M", 300), ("PT1H30M", 5_400),
    ],
)  # fmt: skip
def test_a_length_is_of_its_own_unit_or_of_the_streams(cell: str, seconds: float) -> None:
    """The stream says minutes: that is what a bare number counts, and no other."""
    assert read_seconds(cell, 60.0) == seconds


@pytest.mark.parametrize("cell", ["", "-1", "-0:30", "²:x", "1時間半", "12 apples", "PT", "1.2.3h"])
def test_what_is_no_length_is_none(cell: str) -> None:
    """No call lasts less than nothing: systems write -1 for a length that they do not know."""
    assert math.isnan(read_seconds(cell, 60.0))
