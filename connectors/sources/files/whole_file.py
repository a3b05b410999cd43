"""One file read whole, for commands that work without settings: `meibo dedupe`."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from connectors.settings.project import StreamSettings
from connectors.sources.files.file_rows import FileRows
from connectors.sources.files.formats import explained, open_rows
from connectors.sources.mapping.cells import RowBlock, cell_text
from connectors.sources.mapping.choices import contact_times
from connectors.sources.mapping.recognise import Recognition, names_id, recognise_columns
from connectors.sources.mapping.times import CONTACT_TIMES
from connectors.sources.plan import PartPlan
from connectors.sources.rows import flat_items
from connectors.sources.source import Reject
from resolve.errors import SourceError, counted
from resolve.schema import conform, text_series
from resolve.schema.frames import SOURCE_RECORDS

SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class WholeFile:
    """A file's usable rows as text columns (None for blank), in order, its unusable ones, and notes for a person."""

    rows: pd.DataFrame
    rejects: list[Reject]
    notes: tuple[str, ...] = ()


def read_whole_file(path: Path, source: str, encoding: str | None = None) -> WholeFile:
    """Return all rows of a CSV, TSV, Parquet, JSON or Excel file.

    Of a JSON document that is one object with one list of objects, that list holds the rows; titles above the header
    are passed over; notes say so. `encoding` is that of text, found where none is given. Raises SourceError, under the
    name `source`, when there is no such file, it cannot be read, or it holds several such lists.
    """
    if not path.is_file():
        raise SourceError(source, f"there is no file {path}", "Check the path")
    settings = StreamSettings(path=path.name, encoding=encoding)
    with explained(source, path.name):
        opened = open_rows(path, path.name, source, settings, titled=True)
        if len(opened.inner) > 1:
            said = f"{path.name} is one object that holds several lists of rows: {', '.join(opened.inner)}"
            raise SourceError(source, said, "Save the list that is meant as a file of its own")
        titled = f"line {opened.header_line} names the columns; what stands above it is not read"
        notes: tuple[str, ...] = (titled,) if opened.header_line else ()
        notes += tuple(f"the rows are those of the list `{place}`" for place in opened.inner)
        notes += tuple(f"not read: sheet {name} (save it as a file of its own)" for name in opened.other_sheets)
        return _read_all(next(iter(opened.inner.values()), opened), notes)


def _read_all(opened: FileRows, notes: tuple[str, ...]) -> WholeFile:
    """Return the rows of an opened file as columns."""
    columns: dict[str, list[str | None]] = {name: [] for name in opened.header.columns}
    rejects: list[Reject] = []
    count = 0
    for item in opened.items:
        if isinstance(item, Reject):
            rejects.append(item)
            continue
        for name, value in flat_items(item[1]):
            cells = columns.setdefault(name, [])
            cells += [None] * (count - len(cells))
            cells.append(value if type(value) is str and value.strip() else cell_text(value))
        count += 1
    filled = {name: cells + [None] * (count - len(cells)) for name, cells in columns.items()}
    return WholeFile(pd.DataFrame(filled, dtype=object), rejects, notes)


def recognise_frame(rows: pd.DataFrame) -> Recognition:
    """Return what the columns of a file are, from up to SAMPLE_ROWS rows spread evenly over it.

    A column counts as an id only when its values are unique over all rows.
    """
    step = max(1, len(rows) // SAMPLE_ROWS)
    names = [str(name) for name in rows.columns]
    sampled = rows.iloc[::step].head(SAMPLE_ROWS)
    sample = [dict(zip(names, row, strict=True)) for row in sampled.itertuples(index=False, name=None)]
    found = recognise_columns(names, sample)
    id_column = found.id_column or next((name for name in names if _is_id_but_for_blanks(name, rows[name])), None)
    why = "" if id_column is None else _why_no_id(rows[id_column])
    if id_column is None or not why:
        return found
    without = recognise_columns([name for name in names if name != id_column], sample)
    said = f"looks like an id, but {why}; record_id is {without.id_column or 'the row number'}"
    return Recognition(without.fields, without.id_column, without.reasons, without.left_out | {id_column: said})


def _is_id_but_for_blanks(name: str, values: pd.Series) -> bool:
    """Return whether a column would be the id of a row if all, not most of them, had a value."""
    filled = values.dropna()
    return names_id(name) and len(values) < 2 * len(filled) < 2 * len(values) and filled.is_unique


def _why_no_id(values: pd.Series) -> str:
    """Return why a column cannot be the id of each row, empty where it can."""
    blank, shared = int(values.isna().sum()), int(values.dropna().duplicated(keep=False).sum())
    reasons = {f"{counted(blank, 'row has', 'rows have')} none": blank, f"{counted(shared, 'row')} share one": shared}
    return " and ".join(reason for reason, count in reasons.items() if count)


def records_of(rows: pd.DataFrame, found: Recognition, source: str, *, zone: str, country: str) -> pd.DataFrame:
    """Return a file's rows as SOURCE_RECORDS, in order; without an id column the row number, from 1, is the id.

    `zone` and `country` read times as `parse_times` does; unreadable ones are left empty.
    """
    block = RowBlock.of_columns({str(name): list(rows[name]) for name in rows.columns}, len(rows))
    part = PartPlan("", {}, found.rules(), {}, {}, 1.0)
    frame = pd.DataFrame({field: block.field(field, part) for field in found.fields}, index=rows.index, dtype=object)
    for name in CONTACT_TIMES:
        if name in frame:
            frame[name] = text_series(contact_times(name, frame[name], zone, country), frame.index)
    numbers = (str(number) for number in range(1, len(rows) + 1))
    frame["source_id"] = rows[found.id_column] if found.id_column else text_series(numbers, rows.index)
    return conform(frame.assign(source=source), SOURCE_RECORDS)
