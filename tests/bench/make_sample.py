"""Write the data of the sample project, flows/sample: `python tests/bench/make_sample.py [DIR]`.

The data are committed with this script; a test writes them again and compares. To keep the sample honest, nothing in it
is picked by hand but the few dirty rows that `_spoil` adds.
"""

import csv
import sqlite3
import sys
import unicodedata
from pathlib import Path

import numpy as np
from generator.draw import Draw, texts
from generator.vendors import Columns, rows_of
from generator.world import Settings, make_world

SAMPLE = Path(__file__).resolve().parents[2] / "flows" / "sample"
SETTINGS = Settings(people=1000, seed=20)
_FALLBACK = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "𠮷": "吉"})


def write_sample(folder: Path) -> None:
    """Write sales.csv, sales_tasks.csv, marketing.db, support_users.csv, support_tickets.csv and truth.csv to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    world = make_world(SETTINGS)
    sales, gone = _merge_in_source(Draw(SETTINGS.seed, 1), world["sales"], world["truth"])
    write_csv(folder / "sales.csv", sales, "cp932", _spoil_sales(sales))
    write_csv(folder / "sales_tasks.csv", world["sales_tasks"], "cp932")
    write_database(
        folder / "marketing.db",
        {
            "contact": world["marketing"],
            "engagement": world["marketing_engagements"],
            "feedback_submission": world["marketing_feedback"],
        },
    )
    write_csv(folder / "support_users.csv", world["support_users"], "utf-8-sig", _spoil_users(world["support_users"]))
    write_csv(folder / "support_tickets.csv", world["support_tickets"], "utf-8-sig")
    truth = world["truth"]
    living = ~((truth["source"] == "sales") & np.isin(truth["source_id"].astype(str), gone))
    kept = ("source", "source_id", "person_id", "household_id", "kind")
    write_csv(folder / "truth.csv", rows_of({name: truth[name] for name in kept}, living), "utf-8")


def _merge_in_source(draw: Draw, sales: Columns, truth: Columns) -> tuple[Columns, list[str]]:
    """Return the sales contacts with a few merged and a few deleted by their users, and the ids of those.

    A merged contact stays in the export: IsDeleted is true and MasterRecordId names the one that took over.
    """
    own = truth["source"] == "sales"
    person = dict(zip(truth["source_id"][own], truth["person_id"][own], strict=True))
    order = [person[key] for key in sales["Id"]]
    first = {name: i for i, name in reversed(list(enumerate(order)))}
    repeated = [i for i, name in enumerate(order) if first[name] != i][:6]
    alone = [i for i in draw.order(len(order)) if order.count(order[i]) == 1][:4]
    sales = {name: column.copy() for name, column in sales.items()}
    for i in (*repeated, *alone):
        sales["IsDeleted"][i] = "true"
    for i in repeated:
        sales["MasterRecordId"][i] = sales["Id"][first[order[i]]]
    return sales, [sales["Id"][i] for i in (*repeated, *alone)]


def _spoil_sales(sales: Columns) -> dict[int, list[list[str]]]:
    """Return bad rows to write before a row number: one without an id, one cut short, one with a cell too many."""
    sound = [cell or "" for cell in (column[40] for column in sales.values())]
    return {
        60: [["", *sound[1:]]],
        200: [["0035g00000000ZZAAA", "株式会社途中", "途中"]],
        420: [["0035g00000000ZYAAA", *sound[1:], "余分な列"]],
    }


def _spoil_users(users: Columns) -> dict[int, list[list[str]]]:
    """Return bad rows to write before a row number: one without an id."""
    sound = [cell or "" for cell in (column[40] for column in users.values())]
    return {300: [["", *sound[1:]]]}


def write_csv(path: Path, columns: Columns, encoding: str, bad_rows: dict[int, list[list[str]]] | None = None) -> None:
    """Write a table as CSV; letters that the encoding lacks are written without their accent."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for number, row in enumerate(zip(*columns.values(), strict=True)):
            for bad in (bad_rows or {}).get(number, ()):
                writer.writerow(bad)
            writer.writerow([_within(encoding, cell or "") for cell in row])


def _within(encoding: str, cell: str) -> str:
    """Return a cell with every letter that the encoding lacks replaced by its plain form."""
    try:
        cell.encode(encoding)
    except UnicodeEncodeError:
        bare = "".join(
            mark for mark in unicodedata.normalize("NFD", cell.translate(_FALLBACK)) if not unicodedata.combining(mark)
        )
        return unicodedata.normalize("NFC", bare)
    return cell


def write_database(path: Path, tables: dict[str, Columns]) -> None:
    """Write tables to a new SQLite file; the column `id` is the key, everything else is text."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    for name, columns in tables.items():
        body = ", ".join(
            f'"{column}" INTEGER PRIMARY KEY' if column == "id" else f'"{column}" TEXT' for column in columns
        )
        connection.execute(f'CREATE TABLE "{name}" ({body})')
        marks = ", ".join("?" * len(columns))
        order = np.argsort(texts(columns["id"]).astype(np.int64), kind="stable")
        rows = zip(*(column[order] for column in columns.values()), strict=True)
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
    connection.commit()
    connection.execute("VACUUM")
    connection.close()


if __name__ == "__main__":
    write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
