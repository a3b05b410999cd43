"""A project of three sources as CSV exports, and nights of changes as further files beside the first ones.

Everything is drawn from a seed, so that the same nights can be lived through in several warehouses.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
from generator.world import TABLES, Settings, make_blocks
from generator.write import write_blocks

RECORDS_PER_PERSON = 2.168
SETTINGS = """warehouse: {url}
default_country: JP
sources:
  sales:
    kind: sales
    streams:
      contacts: {{path: data/sales/*.csv, preset: salesforce_contact}}
      tasks: {{path: data/sales_tasks/*.csv, preset: salesforce_task}}
  marketing:
    kind: marketing
    streams:
      contacts: {{path: data/marketing/*.csv, preset: hubspot_contact}}
      engagements: {{path: data/marketing_engagements/*.csv, preset: hubspot_engagement}}
      surveys: {{path: data/marketing_feedback/*.csv, preset: hubspot_feedback_submission}}
  support:
    kind: support
    streams:
      contacts: {{path: data/support_users/*.csv, preset: zendesk_user}}
      tickets: {{path: data/support_tickets/*.csv, preset: zendesk_ticket}}
"""


@dataclass(frozen=True)
class Contacts:
    """A table of contacts: its key, how a row is marked as deleted, its mailbox, its number, and columns of names.

    times: columns that tell when a row changed last. plain: columns, with a value, that are no evidence.
    """

    key: str
    deleted: tuple[str, str]
    email: str
    phone: str
    name: tuple[str, ...]
    times: tuple[str, ...]
    plain: tuple[tuple[str, str], ...] = ()


CONTACTS = {
    "sales": Contacts(
        "Id", ("IsDeleted", "true"), "Email", "MobilePhone", ("LastName", "LastNameLocal"),
        ("LastModifiedDate", "SystemModstamp"), (("Title", "課長"), ("HasOptedOutOfEmail", "true")),
    ),
    "marketing": Contacts(
        "id", ("archived", "true"), "email", "mobilephone", ("lastname",),
        ("lastmodifieddate",), (("jobtitle", "Director"), ("hs_email_optout", "true")),
    ),
    "support_users": Contacts(
        "id", ("active", "false"), "email", "phone", ("name",), ("updated_at",), (("locale", "en-GB"),)
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Night:
    """A night of changes: of how many contacts, and whether only what is no evidence of who somebody is changes."""

    contacts: int
    is_plain: bool = False

    @property
    def words(self) -> str:
        """What the tables call it."""
        return f"{self.contacts:,} contacts" + (", other fields" if self.is_plain else "")


def write_world(folder: Path, records: int, seed: int = 1, events: float = 1.0) -> dict[str, int]:
    """Write the exports of about so many contacts below `folder`; return the rows of each table.

    events: how many times as much happens as usual; usual is about one event a contact.
    """
    people = round(records / RECORDS_PER_PERSON)
    counts = write_blocks(make_blocks(Settings(people, seed, events=events)), folder, "csv")
    for name in TABLES:
        (folder / name).mkdir()
        (folder / f"{name}.csv").rename(folder / name / "0000.csv")
    return counts


def write_project(folder: Path, data: Path, url: str) -> Path:
    """Make a project in `folder` that reads the exports in `data`, by links; return its settings file."""
    for name in TABLES:
        (folder / "data" / name).mkdir(parents=True)
        (folder / "data" / name / "0000.csv").symlink_to(data / name / "0000.csv")
    config = folder / "meibo.yaml"
    config.write_text(SETTINGS.format(url=url), "utf-8")
    return config


def read_exports(data: Path) -> dict[str, pa.Table]:
    """Return the first export of every table as text."""
    tables = {}
    for name in TABLES:
        path = data / name / "0000.csv"
        names = pa_csv.open_csv(path).schema.names
        options = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
        tables[name] = pa_csv.read_csv(path, convert_options=options)
    return tables


def write_night(config: Path, exports: dict[str, pa.Table], number: int, night: Night) -> None:
    """Write the exports of one night: about so many contacts, and as large a share of the events.

    Of the contacts 60 % are edited, 30 % are new, each a second record of someone with one edit, 10 % are deleted. An
    edit gives a new mailbox or number (two in five each), another's surname (one in ten), or another's mailbox and
    number (one in ten). In a plain night all get a new time of change instead, and one in five another job, language
    or consent; whom an earlier night edited gets back what it had. Events are given to other contacts.
    """
    share = night.contacts / sum(len(exports[name]) for name in CONTACTS)
    for order, name in enumerate(TABLES):
        draw = np.random.default_rng([number, order])
        table = exports[name]
        count = max(round(len(table) * share), 1)
        rows = table.take(pa.array(np.sort(draw.choice(len(table), count, replace=False)))).to_pandas()
        if name in CONTACTS and night.is_plain:
            rows = _restate_contacts(rows, CONTACTS[name], draw)
        elif name in CONTACTS:
            others = table.take(pa.array(draw.integers(0, len(table), count))).to_pandas()
            rows = _change_contacts(rows, others, CONTACTS[name], (draw, number))
        else:
            rows = _change_events(rows, draw)
        path = config.parent / "data" / name / f"{number:04d}.csv"
        pa_csv.write_csv(pa.Table.from_pandas(rows, preserve_index=False), path)


def _change_events(rows: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Return events, each with another's content under its own id."""
    other = draw.permutation(len(rows))
    return pd.DataFrame({name: rows[name] if at == 0 else rows[name].to_numpy()[other] for at, name in enumerate(rows)})


def _restate_contacts(rows: pd.DataFrame, kind: Contacts, draw: np.random.Generator) -> pd.DataFrame:
    """Return rows of contacts that changed in nothing that tells who somebody is."""
    rows = rows.copy()
    for column in kind.times:
        rows[column] = "2026-10-01T00:00:00.000Z"
    for column, value in kind.plain:
        rows.loc[draw.random(len(rows)) < 0.2, column] = value
    return rows


def _change_contacts(
    rows: pd.DataFrame, others: pd.DataFrame, kind: Contacts, how: tuple[np.random.Generator, int]
) -> pd.DataFrame:
    """Return changed, new and deleted rows of contacts."""
    draw, number = how
    rows = rows.copy()
    fate, edit = draw.random(len(rows)), draw.random(len(rows))
    living = fate < 0.9
    mail, phone = living & (edit < 0.4), living & (edit >= 0.4) & (edit < 0.8)
    rows.loc[mail, kind.email] = [f"n{number}.{value}" if value else value for value in rows.loc[mail, kind.email]]
    rows.loc[phone, kind.phone] = [f"090{value:08d}" for value in draw.integers(0, 10**8, int(phone.sum()))]
    for columns, share in ((kind.name, 0.8), ((kind.email, kind.phone), 0.9)):
        mine = living & (edit >= share) & (edit < share + 0.1)
        for column in columns:
            rows.loc[mine, column] = others.loc[mine, column]
    new = fate < 0.3
    rows.loc[new, kind.key] = [f"9{number}{at:09d}" for at in np.flatnonzero(new)]
    rows.loc[~living, kind.deleted[0]] = kind.deleted[1]
    return rows
