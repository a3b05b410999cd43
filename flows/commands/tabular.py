"""Files that `meibo dedupe` is given: read whole, their columns recognised, told otherwise where the user says so."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.settings.mapping import is_known_field, known_fields
from connectors.settings.types import check_country, check_encoding, suggest
from connectors.sources.files.whole_file import read_whole_file, recognise_frame, records_of
from connectors.sources.mapping.recognise import Recognition, is_record
from connectors.sources.plan import Header
from connectors.sources.source import Reject
from connectors.sources.value_forms import RECORD_NOT_HEADER
from flows.options import DedupeOptions
from resolve.errors import ConfigError, SourceError, counted
from resolve.schema import EXTRA
from resolve.standardise.default_country import guess_default_country

ZONE = "UTC"  # of times that carry no offset; only their order counts here


@dataclass(frozen=True, slots=True)
class TabularFile:
    """One file as a source: its records (SOURCE_RECORDS), what fills which field, and the rows refused.

    `country` is the one to read rows by that name none: the user's, or the one that the file shows. `notes` are what
    else a person should know of how the file was read.
    """

    path: Path
    source: str
    records: pd.DataFrame
    found: Recognition
    rejects: list[Reject]
    country: str
    notes: tuple[str, ...] = ()

    @property
    def reject_counts(self) -> dict[str, int]:
        """How many rows could not be used, by reason."""
        return dict(sorted(Counter(reject.reason for reject in self.rejects).items()))

    def as_dict(self) -> dict[str, Any]:
        """Return what was recognised, as plain data."""
        return {
            "path": str(self.path),
            "source": self.source,
            "records": len(self.records),
            "id": self.found.id_column,
            "country": self.country,
            "columns": self.found.fields,
            "not_used": self.found.left_out,
            "refused": self.reject_counts,
            "notes": list(self.notes),
        }


def read_files(options: DedupeOptions) -> list[TabularFile]:
    """Return every file, in order; raise ConfigError for what cannot be read, and for unknown columns and fields."""
    sources = [path.name.removesuffix(".gz").rpartition(".")[0] or path.name for path in options.files]
    twice = sorted(name for name, count in Counter(sources).items() if count > 1)
    if twice:
        raise ConfigError(f"two files are called {', '.join(twice)}: a file's name is its source, so rename one")
    overrides = parse_mappings(options.mappings or [])
    checked = replace(options, country=read_country(options.country), encoding=read_encoding(options.encoding))
    files = [_read(path, source, checked, overrides) for path, source in zip(options.files, sources, strict=True)]
    named = {column for columns in overrides.values() for column in columns}
    known = {column for file in files for columns in file.found.fields.values() for column in columns}
    unknown = sorted(named - known)
    if unknown:
        raise ConfigError([f"--map: no file has a column {column}" for column in unknown])
    return files


def parse_mappings(mappings: list[str]) -> dict[str, list[str]]:
    """Return field -> columns of `--map FIELD=COL`; a field may come several times, without a column it is dropped.

    Raises ConfigError with every mistake.
    """
    overrides: dict[str, list[str]] = {}
    mistakes = []
    for text in mappings:
        field, equals, column = text.partition("=")
        if not equals:
            mistakes.append(f"--map {text}: should be FIELD=COLUMN, such as email=Mail")
        elif not is_known_field(field, "contacts"):
            hint = suggest(field, known_fields("contacts"))
            mistakes.append(
                f"--map {text}: there is no field {field}{hint}; fields: {', '.join(known_fields('contacts'))}"
            )
        else:
            overrides.setdefault(field, []).extend([column] if column else [])
    if mistakes:
        raise ConfigError(mistakes)
    return overrides


def read_country(code: str | None) -> str | None:
    """Return `--country` as a code; raise ConfigError for one that no country has."""
    try:
        return code and check_country(code)
    except ValueError as error:
        raise ConfigError(f"--country {code}: {error}") from None


def read_encoding(name: str | None) -> str | None:
    """Return `--encoding` under the name that Python has for it; raise ConfigError for an unknown one."""
    try:
        return name and check_encoding(name)
    except ValueError as error:
        raise ConfigError(f"--encoding {name}: {error}") from None


def _read(path: Path, source: str, options: DedupeOptions, overrides: dict[str, list[str]]) -> TabularFile:
    """Return one file with its columns recognised and the user's own mapping on top."""
    try:
        whole = read_whole_file(path, source, options.encoding)
    except SourceError as error:
        raise ConfigError(str(error)) from error
    if is_record([str(column) for column in whole.rows.columns]):
        raise ConfigError(f"{path}: {RECORD_NOT_HEADER}")
    found = _override(recognise_frame(whole.rows), Header([str(c) for c in whole.rows.columns]), overrides)
    if options.id_column is not None:
        found = _with_id(found, whole.rows, options.id_column, path)
    is_known = any(options.model or not field.startswith(EXTRA) for field in found.fields)  # own models may compare all
    if not is_known and whole.rows.empty:
        raise ConfigError(f"{path}: there are no rows that show what its columns are; say it with --map FIELD=COL")
    if not is_known:
        names = ", ".join(str(column) for column in whole.rows.columns)
        raise ConfigError(f"{path}: no column was recognised; say what they are with --map FIELD=COL. It has: {names}")
    country = options.country or "JP"
    records = records_of(whole.rows, found, source, zone=ZONE, country=country)
    if options.country is None and (shown := guess_default_country(records)) != country:
        country, records = shown, records_of(whole.rows, found, source, zone=ZONE, country=shown)
    return TabularFile(path, source, records, found, whole.rejects, country, whole.notes)


def _override(found: Recognition, header: Header, overrides: dict[str, list[str]]) -> Recognition:
    """Return what was recognised with the user's fields on top, as far as the file has their columns."""
    own = {field: [c for name in columns if (c := header.find(name))] for field, columns in overrides.items()}
    own = {field: columns for field, columns in own.items() if columns or not overrides[field]}
    taken = {column for columns in own.values() for column in columns}
    kept = {f: [c for c in columns if c not in taken] for f, columns in found.fields.items() if f not in own}
    fields = {f: columns for f, columns in (kept | own).items() if columns}
    used = {column for columns in fields.values() for column in columns}
    left_out = {c: why for c, why in found.left_out.items() if c not in used}
    return replace(
        found, fields=fields, left_out=left_out, id_column=None if found.id_column in taken else found.id_column
    )


def _with_id(found: Recognition, rows: pd.DataFrame, name: str, path: Path) -> Recognition:
    """Return what was recognised with the column `name` as id; raise ConfigError when it cannot be one."""
    column = Header([str(c) for c in rows.columns]).find(name)
    if column is None:
        raise ConfigError(f"--id {name}: {path} has no such column; it has: {', '.join(str(c) for c in rows.columns)}")
    blank, repeated = int(rows[column].isna().sum()), int(rows[column].dropna().duplicated().sum())
    if blank or repeated:
        raise ConfigError(
            f"--id {name}: {path} has {counted(blank, 'row')} without a value and {repeated:,} that repeat one; "
            "leave --id away to number the rows"
        )
    fields = {f: [c for c in columns if c != column] for f, columns in found.fields.items()}
    left_out = {c: why for c, why in found.left_out.items() if c != column}
    if found.id_column not in (None, column):
        left_out[str(found.id_column)] = "another id"
    return replace(found, fields={f: c for f, c in fields.items() if c}, id_column=column, left_out=left_out)
