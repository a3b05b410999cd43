"""docs/matching.md says what the shipped model does: every example row of it is run."""

import re
from pathlib import Path

import pandas as pd
import pytest

from resolve.model import MatchModel
from resolve.quality.cases import COLUMNS, KINDS, run_cases

PAGE = Path(__file__).parent.parent / "docs" / "matching.md"
TABLE = re.compile(r"<!-- cases: (\w+) -->\n\| left \| right \| verdict \| why \|\n\|(?:-+\|)+\n((?:\|.*\|\n)+)")


def examples():
    """Return the example rows of the page as cases."""
    rows = []
    for kind, body in TABLE.findall(PAGE.read_text(encoding="utf-8")):
        for line in body.splitlines():
            left, right, verdict, why = (cell.strip().strip("`") for cell in line.strip("|").split("|"))
            rows.append((f"{kind} {len(rows) + 1}", kind, left, right, verdict, why))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def test_every_example_of_the_page_is_what_the_model_says():
    """The verdict of each example row is the verdict of the shipped model."""
    found = run_cases(examples(), MatchModel.shipped())
    wrong = found[found["verdict"] != found["expect"]]
    lines = [
        f"{r.left} | {r.right}: the page says {r.expect}, the model {r.verdict} ({r.because})"
        for r in wrong.itertuples()
    ]
    assert not lines, "\n" + "\n".join(lines)


def test_every_table_of_the_page_is_an_example_table():
    """No example escapes the test: each table has its kind, and every kind has a table."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("| left | right |") == len(TABLE.findall(text))
    assert {kind for kind, _ in TABLE.findall(text)} == set(KINDS)
    assert len(examples()) >= 80


@pytest.mark.parametrize("threshold", ["link", "review_low", "review_high", "unmet", "lone"])
def test_the_thresholds_of_the_page_are_those_of_the_model(threshold):
    """The page names the shipped thresholds with their values."""
    value = getattr(MatchModel.shipped().thresholds, threshold)
    assert re.search(rf"`{threshold}` (?:bits\s+on\s+)?\({value:g}\b", PAGE.read_text(encoding="utf-8"))
