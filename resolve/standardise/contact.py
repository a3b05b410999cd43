"""Source records in, contacts out: every field standardised once per distinct value, raw values untouched."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from resolve.errors import SchemaError
from resolve.schema import EXTRA, conform, frames
from resolve.standardise import contact_fields as fields
from resolve.standardise.cells import clean_cell
from resolve.standardise.contact_country import find_countries
from resolve.standardise.contact_distinct import Column, fill, map_distinct, map_values, missing
from resolve.standardise.contact_hash import hash_records
from resolve.standardise.names import NameParts

_NONE = np.array(None, dtype=object)
_WORTH_A_POOL = 20_000  # records; below it, starting processes costs more than they save
Columns = dict[str, Any]  # arrays, and Series for times


def standardise_contacts(
    records: pd.DataFrame, *, default_countries: Mapping[str, str] | str = "JP", workers: int = 1
) -> pd.DataFrame:
    """Return one contact (CONTACTS) per source record (SOURCE_RECORDS), in the same order and on the same index.

    `default_countries` is an ISO alpha-2 code, or one per source, by which values are read where a record does not
    tell its country. `workers` above 1 spreads distinct values over processes; the result is the same. Columns `x_…`
    are kept, cleaned. Never raises on any text; raises SchemaError where `records` is no SOURCE_RECORDS frame.
    """
    raw = _raw_columns(records)
    if workers > 1 and len(records) >= _WORTH_A_POOL:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            built = _build(raw, len(records), default_countries, pool)
    else:
        built = _build(raw, len(records), default_countries, None)
    built |= {name: _clean_extra(raw.get(name), len(records)) for name in records.columns if name.startswith(EXTRA)}
    raw.clear()
    contacts = pd.DataFrame(built, index=records.index, copy=False)
    built.clear()
    return conform(contacts, frames.CONTACTS)


def _raw_columns(records: pd.DataFrame) -> Columns:
    """Return the columns of a SOURCE_RECORDS frame that hold anything; raises SchemaError for other frames."""
    conform(records.head(0), frames.SOURCE_RECORDS)
    needed = [column.name for column in frames.SOURCE_RECORDS.columns if column.required]
    absent = [name for name in needed if name not in records.columns or bool(records[name].isna().any())]
    if absent and len(records):
        raise SchemaError(frames.SOURCE_RECORDS.name, "required column is absent or holds nulls", absent)
    raw: Columns = {}
    for name in records.columns:
        column = records[name].to_numpy(dtype=object)
        empty = missing(column)
        if not empty.all():
            raw[name] = np.where(empty, _NONE, column)
    return raw


def _build(raw: Columns, length: int, defaults: Mapping[str, str] | str, pool: Executor | None) -> Columns:
    """Return the columns of CONTACTS for raw columns; absent columns are empty everywhere."""
    cells = _Cells(raw, length)
    built: Columns = {name: cells[name] for name in ("source", "source_id")}
    built["contact_id"] = _ids(built["source"], built["source_id"])
    country, seen = find_countries(raw, _default_column(built["source"], defaults))
    built |= _groups(cells, country, seen, pool)
    built |= _names_and_companies(cells, built, pool)
    built["party_type"] = _party_types(cells, built)
    built |= _flags(cells)
    built["blocked_identifiers"] = _join_lines(
        [built.pop(f"blocked_{kind}") for kind in ("emails", "phones", "numbers")]
    )
    for name in ("created_at", "updated_at"):
        built[name] = _times(cells[name])
    merged = cells["merged_into"]
    built["merged_into"] = _only_with(merged, _ids(built["source"], merged))
    built["content_hash"] = hash_records(raw, length)
    return built


class _Cells:
    """The raw columns by name; a column that the frame lacks is all None."""

    def __init__(self, raw: Columns, length: int) -> None:
        self._raw = raw
        self._none = np.full(length, None, dtype=object)

    def __getitem__(self, name: str) -> Column:
        column: Column = self._raw.get(name, self._none)
        return column


def _groups(cells: _Cells, country: Column, seen: Column, pool: Executor | None) -> Columns:
    """Return the columns of channels, addresses, dates and numbers."""
    built: Columns = {}
    place = [cells[name] for name in fields.ADDRESS_IN]
    empty = np.logical_and.reduce([missing(cell) for cell in place])
    where = np.where(empty, seen, country)
    built |= zip(fields.ADDRESS_OUT, map_distinct(fields.address_row, [where, *place], pool), strict=True)
    built |= zip(fields.EMAIL_OUT, map_distinct(fields.email_row, [cells["email"]], pool), strict=True)
    phone = cells["phone"]
    read_in = _only_with(phone, country)
    built |= zip(fields.PHONE_OUT, map_distinct(fields.phone_row, [phone, read_in], pool), strict=True)
    born = cells["birth_date"]
    read_in = _only_with(born, country)
    built |= zip(fields.DATE_OUT, map_distinct(fields.date_row, [born, read_in], pool), strict=True)
    numbers = map_distinct(fields.corporate_row, [cells["corporate_number"]], pool)
    built |= zip(fields.CORPORATE_OUT, numbers, strict=True)
    return built


def _names_and_companies(cells: _Cells, built: Columns, pool: Executor | None) -> Columns:
    """Return the name and company columns; a company in a name cell is a company."""
    columns = [cells[name] for name in NameParts._fields[:-1]]
    mailboxes = _mailboxes(columns, built["email_keys"], built["emails"])
    names = dict(zip(fields.NAME_OUT, map_distinct(fields.name_row, [*columns, mailboxes], pool), strict=True))
    company = names.pop("company")
    organization = fill(cells["organization"], company)
    companies = dict(zip(fields.COMPANY_OUT, map_distinct(fields.company_row, [organization], pool), strict=True))
    department = map_values(clean_cell, cells["department"])
    companies["department"] = fill(department, companies["department"])
    companies["job_title"] = map_values(clean_cell, cells["job_title"])
    return names | companies


def _mailboxes(names: list[Column], keys: Column, emails: Column) -> Column:
    """Return the local parts of a record's addresses where its name is one word that might only repeat them."""
    full, family, given = names[:3]
    word = np.where(missing(full) & missing(family), given, full)
    single = map_values(lambda name: True if " " not in name.strip() and name.isascii() else None, word)
    rows = np.flatnonzero(~missing(single) & ~missing(emails))
    boxes = np.full(len(full), None, dtype=object)
    for row in rows:
        addresses = f"{emails[row]} {keys[row] or ''}".split()
        boxes[row] = " ".join(dict.fromkeys(address.partition("@")[0] for address in addresses))
    return boxes


def _party_types(cells: _Cells, built: Columns) -> Column:
    """Return what the source says, else organization where there is a company and no person's name, else person."""
    said = map_values(fields.party_cell, cells["party_type"])
    nameless = missing(built["name_key"]) & ~missing(built["org_key"])
    return fill(said, np.where(nameless, "organization", "person"))


def _flags(cells: _Cells) -> Columns:
    """Return gender, language, consents and the LINE id."""
    flags: Columns = {
        "gender": map_values(fields.gender_cell, cells["gender"]),
        "preferred_language": map_values(fields.language_cell, cells["preferred_language"]),
        "line_user_id": map_values(fields.line_cell, cells["line_user_id"]),
    }
    for kind in ("email", "phone"):
        flags[f"{kind}_consent"] = map_distinct(
            fields.consent_row, [cells[f"{kind}_consent"], cells[f"{kind}_opt_out"]]
        )[0]
    return flags


def _only_with(column: Column, values: Column) -> Column:
    """Return the values where the column has one, else None."""
    kept = values.copy()
    kept[missing(column)] = None
    return kept


def _ids(sources: Column, ids: Column) -> Column:
    """Return contact ids, `source:source_id`; where the id is None the result is not used."""
    result = np.empty(len(ids), dtype=object)
    result[:] = [f"{source}:{number}" for source, number in zip(sources, ids, strict=True)]
    return result


def _default_column(sources: Column, defaults: Mapping[str, str] | str) -> Column:
    """Return the default country of each row."""
    look: Callable[[str], str] = (
        (lambda _: defaults) if isinstance(defaults, str) else lambda name: defaults.get(name, "JP")
    )
    return map_values(look, sources)


def _join_lines(columns: list[Column]) -> Column:
    """Return columns of lines joined by line ends, None where all are None."""
    joined = columns[0].copy()
    for column in columns[1:]:
        for row in np.flatnonzero(~missing(column)):
            joined[row] = column[row] if joined[row] is None else f"{joined[row]}\n{column[row]}"
    return joined


def _times(column: Column) -> pd.Series:
    """Return ISO times in UTC; what is no time, or outside the years 1678 to 2262, is missing."""
    codes, values = pd.factorize(column)
    parsed = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601", errors="coerce")
    times = parsed.astype("datetime64[ns, UTC]").reindex([*range(len(values)), -1])
    return times.iloc[codes].reset_index(drop=True)


def _clean_extra(column: Column | None, length: int) -> Column:
    """Return an extra column cleaned, None for nothing."""
    return np.full(length, None, dtype=object) if column is None else map_values(lambda v: clean_cell(str(v)), column)
