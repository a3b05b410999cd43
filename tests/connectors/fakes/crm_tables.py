"""A database with the tables of a source, and the pages that are read of it."""

import json
import sqlite3
from pathlib import Path

from connectors.sources.database.database_source import DatabaseSource
from connectors.sources.source import Cursor, Page


def execute(folder: Path, *statements: str, file: str = "crm.db") -> None:
    """Run statements on a database in the folder."""
    connection = sqlite3.connect(folder / file)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def read(reader: DatabaseSource, cursor: Cursor | None = None) -> list[Page]:
    """Return the pages since a cursor that went through JSON."""
    return list(reader.read("contacts", json.loads(json.dumps(cursor))))


def ids(pages: list[Page]) -> list[str]:
    """Return the ids of all rows."""
    return [raw.source_id for page in pages for raw in page.rows]
