"""What values look like that tell what they are: mail addresses, numbers, postal codes, addresses, dates."""

import re
import unicodedata
from collections.abc import Sequence

EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"(?:\+|0|\(0)[\d\s\-()./]{8,18}|\(\d{3}\) ?\d{3}-\d{4}|\d{3}[-. ]\d{3}[-. ]\d{4}")
POSTAL = re.compile(r"〒?\s*\d{3}-\d{4}|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}")
PREFECTURE = r"(?:北海道|東京都|(?:大阪|京都)府|[^\s\d]{2,3}県)"
ADDRESS = re.compile(PREFECTURE + r".{2,}")
DATE = re.compile(r"(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8})(?:[T ].*)?")

RECORD_NOT_HEADER = "the first line looks like a record, not like column names: add a header line"


UNNAMED = "column_"  # a column without a name is column_ and its number


def is_title(names: Sequence[str]) -> bool:
    """Return whether a first line that names the columns so is rather a title: one name alone, if any."""
    return sum(re.fullmatch(rf"{UNNAMED}\d+", name) is None for name in names) <= 1


def looks_like_record(names: Sequence[str], *, known: bool) -> bool:
    """Return whether a first line holds values: mail addresses, phone numbers, postal codes, addresses or dates.

    `known`: one of the names is a known header word; then most names have to be values, and dates are none: columns of
    days are common. Else a single value tells it, dates only where they are most of the names.
    """
    folded = [unicodedata.normalize("NFKC", name).strip() for name in names]
    sure = sum(any(form.fullmatch(name) for form in (EMAIL, PHONE, POSTAL, ADDRESS)) for name in folded)
    dates = sum(DATE.fullmatch(name) is not None for name in folded)
    if known:
        return 2 * sure > len(folded)
    return sure > 0 or 2 * dates > len(folded)
