"""Keys, variants and readings of names that are split already, once per distinct part."""

from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np

from resolve.standardise.contact_codes import Coded, fill_codes, start_distinct
from resolve.standardise.names_rows import family_row, given_row, join_keys, key_of_whole, source_row

Rows = np.ndarray[Any, np.dtype[np.intp]]

_FAMILY = ("family_key", "family_variants", "family_readings", "family_script", "family_name_kana")
_GIVEN = ("given_key", "given_variants", "given_readings", "given_script", "given_name_kana")


class Plain(NamedTuple):
    """Names that their cells tell one by one: rows of the frame, and for each the parts, their readings, the whole."""

    rows: Rows
    family: Coded
    given: Coded
    family_kana: Coded
    given_kana: Coded
    shown: Coded


def describe_names(names: Plain, pool: Executor | None) -> dict[str, Coded]:
    """Return columns of Name, by name, for names in their parts.

    What a name cannot have that is told by its cells one by one (middle name, suffix, company) is left out.
    """
    finish_family = start_distinct(family_row, [names.family, names.family_kana], pool)
    finish_given = start_distinct(given_row, [names.given, names.given_kana], pool)
    *left, family_source = finish_family()
    *right, given_source = finish_given()
    found = dict(zip((*_FAMILY, *_GIVEN), (*left, *right), strict=True))
    found["family_name"] = names.family.only_where(~left[0].missing())  # without a letter there is no name
    found["given_name"] = names.given.only_where(~right[0].missing())
    found["reading_source"] = start_distinct(source_row, [family_source, given_source])()[0]
    key = start_distinct(join_keys, [left[0], right[0]])()[0]
    if key.missing().any():
        key = fill_codes(key, start_distinct(key_of_whole, [names.shown.only_where(key.missing())])()[0])
    found["name_key"] = key
    found["full_name"] = names.shown
    if key.missing().any():
        found = {name: column.only_where(~key.missing()) for name, column in found.items()}
    return found
