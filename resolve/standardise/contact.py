"""Source records in, contacts out: every field standardised once per distinct value, raw values untouched."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from resolve.errors import SchemaError
from resolve.processes import end_with_parent
from resolve.schema import EXTRA, assemble, conform, frames
from resolve.standardise import contact_fields as fields
from resolve.standardise.cells import clean_cell
from resolve.standardise.contact_codes import (
    Coded,
    Column,
    Flags,
    encode,
    fill_codes,
    map_codes,
    nothing,
    objects,
    start_distinct,
)
from resolve.standardise.contact_country import see_countries
from resolve.standardise.contact_hash import hash_records
from resolve.standardise.contact_times import read_choices, read_times
from resolve.standardise.names import NameParts
from resolve.standardise.names_columns import start_names

_WORTH_A_POOL = 20_000  # records; below it, starting processes costs more than they save
Columns = dict[str, Any]  # as codes, as arrays, and times
Finish = Callable[[], list[Coded]]


def standardise_contacts(
    records: pd.DataFrame | Iterator[pd.DataFrame],
    *,
    default_countries: Mapping[str, str] | str = "JP",
    workers: int = 1,
) -> pd.DataFrame:
    """Return one contact (CONTACTS) per source record (SOURCE_RECORDS), in the same order and on the same index.

    Several frames count as one below the other, numbered anew; who hands them over one by one and keeps none spares the
    memory of a second copy.

    `default_countries` is an ISO alpha-2 code, or one per source, by which values are read where a record does not
    tell its country. `workers` above 1 spreads distinct values over processes; the result is the same. Columns `x_…`
    are kept, cleaned. Never raises on any text; raises SchemaError where `records` is no SOURCE_RECORDS frame.
    """
    parts = [records] if isinstance(records, pd.DataFrame) else list(records)
    index = records.index if isinstance(records, pd.DataFrame) else pd.RangeIndex(sum(map(len, parts)))
    raw = _raw_columns(parts)
    extra = list(dict.fromkeys(name for part in parts for name in part.columns if name.startswith(EXTRA)))
    parts.clear()
    del records  # where the caller keeps nothing either, a million rows of pointers
    if workers > 1 and len(index) >= _WORTH_A_POOL:
        with ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent) as pool:
            built = _build(raw, len(index), default_countries, pool)
    else:
        built = _build(raw, len(index), default_countries, None)
    for name in extra:
        column = raw.get(name)
        built[name] = nothing(len(index)) if column is None else map_codes(_clean_extra, column)
    raw.clear()
    for name, column in built.items():
        built[name] = column.texts() if isinstance(column, Coded) else column
    return assemble(built, frames.CONTACTS, index)


def _raw_columns(parts: list[pd.DataFrame]) -> dict[str, Coded]:
    """Return the columns of SOURCE_RECORDS frames that hold anything; raises SchemaError for other frames."""
    for part in parts:
        conform(part.head(0), frames.SOURCE_RECORDS)
    names = dict.fromkeys(name for part in parts for name in part.columns)
    raw = {name: encode(np.concatenate([_cells_of(part, name) for part in parts])) for name in names}
    needed = [column.name for column in frames.SOURCE_RECORDS.columns if column.required]
    absent = [name for name in needed if name not in raw or bool((raw[name].codes < 0).any())]
    if absent and any(map(len, parts)):
        raise SchemaError(frames.SOURCE_RECORDS.name, "required column is absent or holds nulls", absent)
    return {name: column for name, column in raw.items() if len(column.values) > 1}


def _cells_of(part: pd.DataFrame, name: str) -> Column:
    """Return a column as objects, None everywhere where the frame lacks it."""
    if name in part.columns:
        return part[name].to_numpy(dtype=object)
    return np.full(len(part), None, dtype=object)


def _build(raw: dict[str, Coded], length: int, defaults: Mapping[str, str] | str, pool: Executor | None) -> Columns:
    """Return the columns of CONTACTS for raw columns; absent columns are empty everywhere."""
    cells = _Cells(raw, length)
    built: Columns = {name: cells[name] for name in ("source", "source_id")}
    country, said = see_countries(raw, _default_column(cells["source"], defaults))
    groups = _start_groups(cells, country, said, pool)
    emails = groups.pop(fields.EMAIL_OUT)
    built |= zip(fields.EMAIL_OUT, emails(), strict=True)
    names = _start_names(cells, built, pool)
    built["content_hash"] = hash_records(raw, length)
    built["contact_id"] = _ids(cells["source"], cells["source_id"])
    built["merged_into"] = _merged_into(cells)
    for name in ("created_at", "updated_at"):
        built[name] = read_times(cells[name])
    built |= _flags(cells)
    built |= _finish_names(cells, names(), pool)
    for fields_out, finish in groups.items():
        built |= zip(fields_out, finish(), strict=True)
    built["party_type"] = _party_types(cells, built)
    built["blocked_identifiers"] = _join_lines(
        [built.pop(f"blocked_{kind}") for kind in ("emails", "phones", "numbers")]
    )
    return built


class _Cells:
    """The raw columns by name; a column that the frame lacks is all None."""

    def __init__(self, raw: dict[str, Coded], length: int) -> None:
        self._raw = raw
        self._none = nothing(length)

    def __getitem__(self, name: str) -> Coded:
        return self._raw.get(name, self._none)


def _start_groups(cells: _Cells, country: Coded, said: Coded, pool: Executor | None) -> dict[tuple[str, ...], Finish]:
    """Start on the columns of channels, addresses, dates and numbers; e-mails first, because names wait for them."""
    place = [cells[name] for name in fields.ADDRESS_IN]
    empty = np.logical_and.reduce([cell.codes < 0 for cell in place])
    where = Coded(np.where(empty, said.codes, country.codes), country.values)
    phone, born = cells["phone"], cells["birth_date"]
    return {
        fields.EMAIL_OUT: start_distinct(fields.email_row, [cells["email"]], pool),
        fields.ADDRESS_OUT: start_distinct(fields.address_row, [where, *place], pool),
        fields.PHONE_OUT: start_distinct(fields.phone_row, [phone, country.only_where(phone.codes >= 0)], pool),
        fields.DATE_OUT: start_distinct(fields.date_row, [born, country.only_where(born.codes >= 0)], pool),
        fields.CORPORATE_OUT: start_distinct(fields.corporate_row, [cells["corporate_number"]], pool),
    }


def _start_names(cells: _Cells, built: Columns, pool: Executor | None) -> Callable[[], Columns]:
    """Start on the name columns."""
    columns = [cells[name] for name in NameParts._fields[:-1]]
    mailboxes = _mailboxes(columns, built["email_keys"], built["emails"])
    return start_names(columns, mailboxes, pool)


def _finish_names(cells: _Cells, names: Columns, pool: Executor | None) -> Columns:
    """Return the name and company columns; a company in a name cell is a company."""
    organization = fill_codes(cells["organization"], names.pop("company"))
    companies = dict(zip(fields.COMPANY_OUT, start_distinct(fields.company_row, [organization], pool)(), strict=True))
    department = map_codes(clean_cell, cells["department"])
    companies["department"] = fill_codes(department, companies["department"])
    companies["job_title"] = map_codes(clean_cell, cells["job_title"])
    return names | companies


def _mailboxes(names: list[Coded], keys: Coded, emails: Coded) -> Coded:
    """Return the local parts of a record's addresses where its name is one word that might only repeat them."""
    full, family, given = names[:3]
    nameless = (full.codes < 0) & (family.codes < 0)
    single = np.where(nameless, _one_word(given), _one_word(full))
    rows = np.flatnonzero(single & ~emails.missing())
    boxes = np.full(len(full), None, dtype=object)
    for row, email, key in zip(rows, emails.values[emails.codes[rows]], keys.values[keys.codes[rows]], strict=True):
        addresses = f"{email} {key or ''}".split()
        boxes[row] = " ".join(dict.fromkeys(address.partition("@")[0] for address in addresses))
    return encode(boxes)


def _one_word(names: Coded) -> Flags:
    """Return where a name is one word of ASCII letters."""
    return np.array([n is not None and n.isascii() and " " not in n.strip() for n in names.values], np.bool_)[
        names.codes
    ]


def _party_types(cells: _Cells, built: Columns) -> Coded:
    """Return what the source says, else organization where there is a company and no person's name, else person."""
    said = map_codes(fields.party_cell, cells["party_type"])
    nameless = built["name_key"].missing() & ~built["org_key"].missing()
    return fill_codes(said, Coded(nameless.astype(np.int32), objects(["person", "organization", None])))


def _flags(cells: _Cells) -> Columns:
    """Return gender, language, consents with their times, and the LINE id."""
    flags: Columns = {
        "gender": map_codes(fields.gender_cell, cells["gender"]),
        "preferred_language": map_codes(fields.language_cell, cells["preferred_language"]),
        "line_user_id": map_codes(fields.line_cell, cells["line_user_id"]),
    }
    for kind in ("email", "phone"):
        given = [cells[f"{kind}_consent"], cells[f"{kind}_opt_out"]]
        consent = flags[f"{kind}_consent"] = start_distinct(fields.consent_row, given)()[0]
        flags[f"{kind}_consent_at"] = read_choices(cells[f"{kind}_consent_at"], consent)
    return flags


def _ids(sources: Coded, ids: Coded) -> Column:
    """Return contact ids, `source:source_id`."""
    pairs = zip(sources.texts().tolist(), ids.texts().tolist(), strict=True)
    return objects([f"{source}:{number}" for source, number in pairs])


def _merged_into(cells: _Cells) -> Coded:
    """Return the contact ids of the records that others were merged into."""
    merged = cells["merged_into"]
    return start_distinct(_merged_id, [cells["source"].only_where(merged.codes >= 0), merged])()[0]


def _merged_id(source: str | None, number: str | None) -> tuple[str | None]:
    """Return the contact id of a record that was merged into another, None where it was not."""
    return (None if number is None else f"{source}:{number}",)


def _default_column(sources: Coded, defaults: Mapping[str, str] | str) -> Coded:
    """Return the default country of each row."""
    return map_codes(lambda name: defaults if isinstance(defaults, str) else defaults.get(name, "JP"), sources)


def _join_lines(columns: list[Coded]) -> Column:
    """Return columns of lines joined by line ends, None where all are None."""
    joined = columns[0].texts()
    for column in columns[1:]:
        for row in np.flatnonzero(~column.missing()):
            line = column.values[column.codes[row]]
            joined[row] = line if joined[row] is None else f"{joined[row]}\n{line}"
    return joined


def _clean_extra(value: object) -> str | None:
    """Return an extra cell cleaned."""
    return clean_cell(str(value))
