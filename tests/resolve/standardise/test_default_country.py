"""The country of rows that name none, seen from the other rows of their source."""

import pandas as pd
import pytest

from resolve.schema import conform
from resolve.schema.frames import SOURCE_RECORDS
from resolve.standardise.default_country import guess_default_country


@pytest.mark.parametrize(
    ("column", "cells", "country"),
    [
        ("full_name", ["山田太郎", "Laura King", "Peter Young"], "JP"),
        ("phone", ["090-1111-2222", "555"], "JP"),
        ("address", ["221 E. 51st St.", "412 S. Keeler"], "US"),
        ("postal_code", ["SW1A 1AA", "M1 1AE", "M1"], "GB"),
        ("country", ["Germany", "Germany", "Japan", None], "DE"),
        ("email", ["a@example.com", "b@example.com"], "US"),
    ],
)
def test_most_rows_that_show_a_country_decide_for_the_rest(column, cells, country):
    """Without any sign of Japan, Latin letters are read by the rules of the United States; row order is no matter."""
    rows = pd.DataFrame({"source": "file", "source_id": [str(i) for i in range(len(cells))], column: cells})
    records = conform(rows, SOURCE_RECORDS)
    assert guess_default_country(records) == country
    assert guess_default_country(records.iloc[::-1]) == country


def test_no_rows_mean_japan():
    """The product's own default."""
    assert guess_default_country(conform(pd.DataFrame(), SOURCE_RECORDS)) == "JP"
