"""Writers of small real files and tables, one for each kind, so that one suite can hold all kinds to the same promise."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import orjson
import pandas as pd

from connectors.settings.project import SourceSettings
from connectors.sources.catalog import open_source
from connectors.sources.source import Cursor, Page, Source

Row = dict[str, str | None]
COLUMNS = ("id", "name", "email", "updated", "gone", "winner")
RULES = {
    "id": "id",
    "updated_at": "updated",
    "deleted": "gone",
    "merged_into": "winner",
    "map": {"full_name": "name", "email": "email"},
}


class Kind:
    """One kind of source: how to write rows, and the stream settings that read them."""

    def __init__(self, name: str, folder: Path, write: Callable[[Path, Sequence[Row]], None], **rules: object) -> None:
        self.name = name
        self.folder = folder
        self._write = write
        self.settings = SourceSettings.model_validate(
            {"kind": "sales", "streams": {"contacts": {**RULES, **rules}}, "time_zone": "Asia/Tokyo"}
        )

    def write(self, rows: Sequence[Row]) -> None:
        """Write the whole content of the source."""
        self._write(self.folder, rows)

    def open(self, page_rows: int = 5_000) -> Source:
        """Return the source with pages of this size."""
        return open_source("crm", self.settings, self.folder, page_rows=page_rows)

    def pages(self, cursor: Cursor | None = None, page_rows: int = 5_000) -> list[Page]:
        """Return the pages since `cursor`, cursors as the landing stores them."""
        pages = list(self.open(page_rows).read("contacts", cursor))
        return [Page(p.rows, p.rejects, json.loads(json.dumps(p.cursor))) for p in pages]


def write_csv(encoding: str, delimiter: str = ",") -> Callable[[Path, Sequence[Row]], None]:
    """Return a writer of a CSV file in an encoding."""

    def write(folder: Path, rows: Sequence[Row]) -> None:
        frame = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object)
        frame.to_csv(folder / "rows.csv", index=False, encoding=encoding, sep=delimiter, lineterminator="\r\n")

    return write


def write_jsonl(folder: Path, rows: Sequence[Row]) -> None:
    """Write JSON lines."""
    (folder / "rows.jsonl").write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in rows))


def write_parquet(folder: Path, rows: Sequence[Row]) -> None:
    """Write Parquet."""
    pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object).astype("string").to_parquet(folder / "rows.parquet")


def write_excel(folder: Path, rows: Sequence[Row]) -> None:
    """Write a workbook."""
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    for row in rows:
        book.active.append([row[c] for c in COLUMNS])
    book.save(folder / "rows.xlsx")


def write_table(folder: Path, rows: Sequence[Row]) -> None:
    """Replace the rows of an SQLite table."""
    connection = sqlite3.connect(folder / "crm.db")
    with connection:
        connection.execute("DROP TABLE IF EXISTS people")
        connection.execute(f"CREATE TABLE people ({', '.join(f'{c} TEXT' for c in COLUMNS)})")
        values = [tuple(r[c] for c in COLUMNS) for r in rows]
        connection.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(COLUMNS))})", values)
    connection.close()


KINDS: dict[str, Callable[[Path], Kind]] = {
    "csv cp932": lambda f: Kind("csv cp932", f, write_csv("cp932"), path="rows.csv", encoding="cp932"),
    "csv utf-8 with BOM, encoding found": lambda f: Kind("csv bom", f, write_csv("utf-8-sig"), path="rows.csv"),
    "tsv utf-8": lambda f: Kind("tsv", f, write_csv("utf-8", "\t"), path="rows.*", format="tsv"),
    "json lines": lambda f: Kind("jsonl", f, write_jsonl, path="*.jsonl"),
    "excel": lambda f: Kind("excel", f, write_excel, path="rows.xlsx"),
    "parquet": lambda f: Kind("parquet", f, write_parquet, path="rows.parquet"),
    "table with change times": lambda f: Kind("table", f, write_table, url="sqlite:///crm.db", table="people"),
    "query with change times": lambda f: Kind(
        "query", f, write_table, url="sqlite:///crm.db", query="SELECT * FROM people;"
    ),
    "table without change times": lambda f: Kind(
        "snapshot", f, write_table, url="sqlite:///crm.db", table="people", updated_at=None
    ),
}
