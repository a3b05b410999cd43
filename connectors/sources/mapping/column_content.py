"""What the values of one column look like, from a sample."""

import itertools
import re
import unicodedata
from dataclasses import dataclass

import pandas as pd

from connectors.sources.mapping.times import parse_times
from connectors.sources.value_forms import ADDRESS, DATE, EMAIL, PHONE, POSTAL, PREFECTURE

SURE = 0.8  # share of values that must look alike
ENOUGH = 20  # values below which nothing is said about constants and row numbers
_REGION = re.compile(PREFECTURE)
_HONORIFIC = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof|sir|rev|様|殿|先生|御中)\.?", re.IGNORECASE)
_LONG = 60  # characters of an average value above which a column is free text


@dataclass(frozen=True, slots=True)
class Content:
    """A column's sampled values: how many are filled and distinct, and whether they are a row number or free text."""

    values: tuple[str, ...]
    distinct: int
    is_row_number: bool
    is_free_text: bool

    @property
    def is_empty(self) -> bool:
        """Whether no sampled row has a value."""
        return not self.values

    @property
    def is_constant(self) -> bool:
        """Whether all of enough values are the same."""
        return self.distinct == 1 and len(self.values) >= ENOUGH

    def is_unique(self, rows: int) -> bool:
        """Return whether each of the sample's `rows` has a value of its own."""
        return rows > 0 and self.distinct == len(self.values) == rows

    def share(self, pattern: re.Pattern[str]) -> float:
        """Return the share of values that match the pattern as a whole, 0..1."""
        return sum(bool(pattern.fullmatch(value)) for value in self.values) / max(len(self.values), 1)


def look_at(values: list[str | None]) -> Content:
    """Return the content of a column's sampled values, width folded."""
    filled = tuple(unicodedata.normalize("NFKC", v).strip() for v in values if v and not v.isspace())
    long = sum(len(value) for value in filled) > _LONG * max(len(filled), 1)
    return Content(filled, len(set(filled)), _counts_rows(filled), long)


def _counts_rows(values: tuple[str, ...]) -> bool:
    """Return whether values are whole numbers that rise by one."""
    if len(values) < ENOUGH or not all(value.isdecimal() and len(value) < 12 for value in values):
        return False
    numbers = [int(value) for value in values]
    return all(after - before == 1 for before, after in itertools.pairwise(numbers))


def guess_field(content: Content) -> tuple[str, str] | None:
    """Return the field that values show without a header word, and why; `load_date` for dates that are no birth dates.

    E-mail, phone, postal code, prefecture, Japanese address, and dates spread over decades are told by their form.
    """
    kinds = (
        ("email", EMAIL, "e-mail addresses"),
        ("postal_code", POSTAL, "postal codes"),
        ("phone", PHONE, "phone numbers"),
        ("region", _REGION, "prefectures"),
        ("address", ADDRESS, "Japanese addresses"),
    )
    dates = content.share(DATE)
    if dates >= SURE:
        return _guess_date(content, dates)
    for field, pattern, words in kinds:
        share = content.share(pattern)
        if share >= SURE:
            return field, f"{share:.0%} of its values are {words}"
    return None


def _guess_date(content: Content, share: float) -> tuple[str, str] | None:
    """Return birth_date for dates over more than 30 years, load_date for others, None for digits that are no dates."""
    years = parse_times(pd.Series(content.values, dtype=object), "UTC", "US").dropna().dt.year
    if len(years) < SURE * len(content.values):
        return None
    if years.quantile(0.95) - years.quantile(0.05) > 30 and years.min() >= 1880:
        return "birth_date", f"{share:.0%} of its values are dates over several decades"
    return "load_date", f"{share:.0%} of its values are dates, but no birth dates"


def is_honorific(content: Content) -> bool:
    """Return whether values are forms of address such as Mr, Dr, 様, not job titles."""
    return content.share(_HONORIFIC) >= SURE


def starts_with_prefecture(content: Content) -> bool:
    """Return whether most values begin with a Japanese prefecture."""
    return content.share(ADDRESS) >= 0.5
