"""The country that a source's records come from where nobody says: most of those that show one decide for the rest."""

import re

import numpy as np
import pandas as pd

from resolve.standardise.contact_codes import Column
from resolve.standardise.contact_country import find_countries

FEWEST = 0.01  # share of the records that must show a country
_SCRIPT = re.compile("[\u3041-\u30ff\u4e00-\u9fff\uff66-\uff9f]")
_MOBILE = re.compile("(?<![0-9])0[5-9]0-?[0-9]{4}-?[0-9]{4}(?![0-9])")


def guess_default_country(records: pd.DataFrame) -> str:
    """Return the ISO alpha-2 code to read SOURCE_RECORDS by that show no country of their own.

    The country that most of the records show; where hardly any shows one, JP if a cell holds Japanese script or a
    Japanese mobile number, else US, by whose rules most addresses in Latin letters can be read.
    """
    columns: dict[str, Column] = {name: records[name].to_numpy(dtype=object) for name in records.columns}
    if not len(records):
        return "JP"
    _, seen = find_countries(columns, np.full(len(records), None, dtype=object))
    shown = pd.Series(seen).dropna().value_counts()
    if int(shown.sum()) >= max(FEWEST * len(records), 2):
        return str(min(shown.items(), key=lambda item: (-item[1], str(item[0])))[0])
    return "JP" if any(_is_japanese(name, column) for name, column in columns.items()) else "US"


def _is_japanese(name: str, column: Column) -> bool:
    """Return whether a cell of a column holds Japanese script, or is a Japanese mobile number."""
    cells = pd.unique(column[column != None])  # noqa: E711 - cell by cell
    if name == "phone":
        return any(_MOBILE.search(cell) for cell in cells)
    return any(not cell.isascii() and _SCRIPT.search(cell) for cell in cells)
