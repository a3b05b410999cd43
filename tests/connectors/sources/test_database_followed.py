"""Tables followed by their time of change: blank-padded ids, settings that change, and mixed notations of the time."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.settings.project import SourceSettings
from connectors.sources.database.database_source import DatabaseSource
from connectors.sources.mapping.streams import map_contacts, map_touchpoints
from connectors.sources.source import Cursor, Page, Raw
from connectors.warehouse.canonical import payload_text


def settings_of(**rules: Any) -> SourceSettings:
    """Return settings with one stream on the table `people` of crm.db, followed by `at`."""
    stream = {
        "url": "sqlite:///crm.db",
        "table": "people",
        "id": "id",
        "updated_at": "at",
        "map": {"full_name": "name"},
    }
    stream |= rules
    if "query" in rules:
        stream.pop("table")
    return SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": stream}})


def followed(folder: Path, page_rows: int = 5_000, **rules: Any) -> DatabaseSource:
    """Return a source with the stream of `settings_of`."""
    return DatabaseSource("crm", settings_of(**rules), folder, page_rows=page_rows)


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


def landed(pages: list[Page]) -> pd.DataFrame:
    """Return the rows as the landing gives them."""
    rows: list[Raw] = [raw for page in pages for raw in page.rows]
    frame = pd.DataFrame(rows, columns=list(Raw._fields)).assign(source="crm")
    return frame.assign(payload=frame["payload"].map(payload_text)).astype(object)


def test_ids_that_the_column_pads_with_blanks_still_tell_merges(tmp_path: Path) -> None:
    """CHAR(8): the id of the winner loses its blanks as every other id does, told by the loser or listed."""
    execute(
        tmp_path,
        "CREATE TABLE people (id TEXT, name TEXT, at TEXT, into_id TEXT, others TEXT)",
        "INSERT INTO people VALUES ('A1      ', 'n', '2026-01-01', '        ', 'C3      ')",
        "INSERT INTO people VALUES ('B2      ', 'n', '2026-01-01', 'A1      ', NULL)",
        "INSERT INTO people VALUES ('C3      ', 'n', '2026-01-01', 'C3      ', NULL)",
    )
    rules = {"merged_into": "into_id", "merged_ids": "others"}
    pages = read(followed(tmp_path, **rules))
    assert [raw.merged_into for page in pages for raw in page.rows] == [None, "A1", "C3"]
    frame = landed(pages)
    before = frame.assign(merged_into=[None, "A1      ", "C3      "])  # as earlier versions landed them
    for rows in (frame, before):
        mapped = map_contacts(rows, settings_of(**rules), "contacts")
        assert sorted(map(tuple, mapped.aliases.to_numpy())) == [("crm:B2", "crm:A1"), ("crm:C3", "crm:A1")]


def test_an_event_names_the_source_of_its_contact_with_blanks_around(tmp_path: Path) -> None:
    """CHAR(8) again: the name of the source loses its blanks, as the contact's id beside it does."""
    execute(
        tmp_path,
        "CREATE TABLE people (id TEXT, who TEXT, src TEXT, at TEXT)",
        "INSERT INTO people VALUES ('1', 'A1      ', 'shop    ', '2026-01-01')",
    )
    names = {"contact_id": "who", "contact_source": "src", "occurred_at": "at"}
    rules = {"role": "touchpoints", "map": names, "constant": {"channel": "phone"}}
    mapped = map_touchpoints(landed(read(followed(tmp_path, **rules))), settings_of(**rules), "contacts")
    assert mapped.records["contact_id"].tolist() == ["shop:A1"]
