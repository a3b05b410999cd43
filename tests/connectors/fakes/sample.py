"""The bundled sample project put behind the three APIs: the same people as in its files, in the vendors' own shapes."""

import csv
import itertools
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fakes.hubspot import FakeHubSpot
from fakes.salesforce import FIELDS, FakeSalesforce
from fakes.server import SimulatedTime
from fakes.zendesk import FakeZendesk

FOLDER = Path(__file__).parents[3] / "flows" / "sample"
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def part_of_sample(folder: Path, most: int) -> None:
    """Write the first rows of each file and table of the sample into a folder, in the same shapes."""
    for file in FOLDER.glob("*.csv"):
        encoding = "cp932" if file.name.startswith("sales") else "utf-8-sig"
        with (
            file.open(encoding=encoding, newline="") as source,
            (folder / file.name).open("w", encoding=encoding, newline="") as target,
        ):
            csv.writer(target).writerows(itertools.islice(csv.reader(source), most + 1))
    shutil.copy(FOLDER / "marketing.db", folder)
    connection = sqlite3.connect(folder / "marketing.db")
    with connection:
        for table in ("contact", "feedback_submission"):
            connection.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM {table} ORDER BY id LIMIT {most})")
    connection.close()


def read_csv(folder: Path, name: str, encoding: str) -> list[dict[str, Any]]:
    """Return the rows of a file of the sample that are whole."""
    with (folder / name).open(encoding=encoding, newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if None not in row and None not in row.values() and next(iter(row.values()))]


def read_table(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table of the sample."""
    connection = sqlite3.connect(folder / "marketing.db")
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]
    connection.close()
    return rows


def sample_salesforce(folder: Path = FOLDER) -> FakeSalesforce:
    """Return an org with the contacts and tasks of the sample."""
    org = FakeSalesforce(SimulatedTime(NOW))
    for object_, name in (("Contact", "sales.csv"), ("Task", "sales_tasks.csv")):
        for row in read_csv(folder, name, "cp932"):
            typed = {field: _typed(FIELDS[object_].get(field, "string"), cell) for field, cell in row.items()}
            account = typed.pop("Account.Name", None)
            org.put(object_, typed | ({"Account": {"Name": account}} if account else {"Account": None}))
    return org


def _typed(kind: str, cell: str) -> Any:
    """Return a cell of a file as REST gives it."""
    if not cell:
        return None
    return cell == "true" if kind == "boolean" else int(cell) if kind == "int" else cell


def sample_hubspot(folder: Path = FOLDER) -> FakeHubSpot:
    """Return a portal with the contacts and surveys of the sample."""
    portal = FakeHubSpot(SimulatedTime(NOW))
    for row in read_table(folder, "contact"):
        row.pop("archived")
        portal.put("contacts", str(row.pop("id")), row)
    for row in read_table(folder, "feedback_submission"):
        name = str(row.pop("id"))
        portal.links["feedback_submissions", name] = [str(row.pop("contact_id"))]
        portal.put("feedback_submissions", name, row)
    return portal


def sample_zendesk(folder: Path = FOLDER) -> FakeZendesk:
    """Return an account with the users and tickets of the sample."""
    account = FakeZendesk(SimulatedTime(NOW))
    numbers: dict[str, int] = {}
    for row in read_csv(folder, "support_users.csv", "utf-8-sig"):
        name = row.pop("organization")
        number = numbers.setdefault(name, len(numbers) + 1) if name else None
        plain = {field: cell or None for field, cell in row.items()}
        account.put(
            "users", plain | {"id": int(row["id"]), "active": row["active"] == "true", "organization_id": number}
        )
    account.organizations = {number: name for name, number in numbers.items()}
    for row in read_csv(folder, "support_tickets.csv", "utf-8-sig"):
        name = int(row["id"])
        solved, score, channel = (row.pop(field) for field in ("solved_at", "satisfaction_score", "via_channel"))
        account.metric_sets[name] = {"ticket_id": name, "solved_at": solved or None}
        parts = {"satisfaction_rating": {"score": score}, "via": {"channel": channel}}
        account.put("tickets", row | parts | {"id": name, "requester_id": int(row["requester_id"])})
    return account
