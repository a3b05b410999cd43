"""Nights over web APIs: the same golden tables as from exports, failures that stay with their source, secrets that stay put."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fakes.kinds import SalesforceKind
from fakes.sample import FOLDER, part_of_sample, sample_hubspot, sample_salesforce, sample_zendesk
from fakes.server import FakeServer, Reply, Request, refuse

from connectors.settings.template import init_text
from connectors.warehouse.store import load_table
from flows.night import run_night
from flows.progress import Progress
from flows.project import open_project
from resolve.schema import PUBLISHED

HEAD = "warehouse: sqlite:///meibo.db\ntraining: never\npublish: {report: report.html}\n"
FILES = """sources:
  salesforce:
    kind: sales
    streams:
      contacts: {{path: {folder}/sales.csv, encoding: cp932, preset: salesforce_contact}}
      tasks: {{path: {folder}/sales_tasks.csv, encoding: cp932, preset: salesforce_task}}
  hubspot:
    kind: marketing
    url: sqlite:///{folder}/marketing.db
    streams:
      contacts: {{table: contact, preset: hubspot_contact}}
      surveys: {{table: feedback_submission, preset: hubspot_feedback_submission}}
  zendesk:
    kind: support
    streams:
      contacts: {{path: {folder}/support_users.csv, preset: zendesk_user}}
      tickets: {{path: {folder}/support_tickets.csv, preset: zendesk_ticket}}
"""
SECRETS = {
    "SALESFORCE_CLIENT_ID": "client-id",
    "SALESFORCE_CLIENT_SECRET": "client-secret",
    "HUBSPOT_TOKEN": "service-key-of-hubspot",
    "ZENDESK_CLIENT_ID": "client-id",
    "ZENDESK_CLIENT_SECRET": "client-secret",
}
PLANTED = SECRETS | {
    "SALESFORCE_CLIENT_SECRET": "planted-sales-4711",
    "HUBSPOT_TOKEN": "planted-marketing-0815",
    "ZENDESK_CLIENT_SECRET": "planted-support-9",
}
CHANGING = {
    "run_id",
    "updated_at",
    "linked_at",
    "since",
    "valid_from",
    "valid_to",
    "at",
    "first_seen_at",
    "retired_at",
    "last_seen_at",
}
Servers = dict[str, FakeServer]


@contextmanager
def serve(folder: Path = FOLDER) -> Iterator[Servers]:
    """Yield the three systems with the people of the sample."""
    made: Servers = {
        "salesforce": sample_salesforce(folder),
        "hubspot": sample_hubspot(folder),
        "zendesk": sample_zendesk(folder),
    }
    yield made
    for server in made.values():
        server.close()


@pytest.fixture
def servers() -> Iterator[Servers]:
    """The three systems with all people of the sample."""
    with serve() as made:
        yield made


def write(folder: Path, sources: str) -> Path:
    """Write a project and return its settings file."""
    folder.mkdir()
    (folder / "meibo.yaml").write_text(HEAD + sources, "utf-8")
    return folder / "meibo.yaml"


def api_project(folder: Path, servers: Servers) -> Path:
    """Write what `meibo init --source` writes, as the README says, with the addresses of the three servers."""
    text = init_text(("salesforce", "hubspot", "zendesk")).partition("sources:\n")[2].partition("\n# model:")[0]
    for name in ("salesforce", "zendesk"):
        text = re.sub(rf"base_url: \$\{{{name.upper()}_URL.*?\}}", f"base_url: {servers[name].url}", text)
    text = text.replace("system: hubspot\n", f"system: hubspot\n      base_url: {servers['hubspot'].url}\n")
    return write(folder, "sources:\n" + re.sub(r"# (surveys:|  object: feedback|  preset: hubspot_feed)", r"\1", text))


def night(config: Path) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Run a night without Prefect; return its facts and the published tables, without what names a run."""
    project = open_project(config, create=True)
    facts = run_night(project, Progress(quiet=True))
    tables = {}
    with project.reading() as conn:
        for name, table in PUBLISHED.items():
            frame = load_table(conn, name)
            kept = [column for column in frame.columns if column not in CHANGING]
            keys = [column for column in table.key if column in kept] or kept
            tables[name] = frame[kept].sort_values(keys, ignore_index=True)
    project.engine.dispose()
    return facts, tables


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Set variables for one test."""

    def set_all(values: dict[str, str]) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_all


@pytest.mark.parametrize("most", [60, pytest.param(None, marks=pytest.mark.slow)])
def test_apis_and_exports_of_the_same_people_give_the_same_golden_tables(
    tmp_path: Path, environment: Callable[[dict[str, str]], None], most: int | None
) -> None:
    """Every published table agrees, cell by cell, and a second night over the APIs changes none."""
    environment(SECRETS)
    folder = FOLDER
    if most is not None:
        folder = tmp_path / "sample"
        folder.mkdir()
        part_of_sample(folder, most)
    with serve(folder) as servers:
        _, by_files = night(write(tmp_path / "files", FILES.format(folder=folder)))
        facts, by_apis = night(api_project(tmp_path / "apis", servers))
        assert facts["failures"] == []
        assert len(by_files["golden_profile"]) > 100
        for name, table in by_files.items():
            pd.testing.assert_frame_equal(by_apis[name], table, obj=name)
        for server in servers.values():
            server.time.tick(days=1)
        again, later = night(tmp_path / "apis" / "meibo.yaml")
    assert again["status"] == "unchanged"
    pd.testing.assert_frame_equal(later["golden_profile"], by_files["golden_profile"])


@pytest.mark.slow
def test_a_night_goes_on_without_a_source_that_fails_and_tells_no_secret(
    servers: Servers, tmp_path: Path, meibo: Any, environment: Callable[[dict[str, str]], None]
) -> None:
    """Two systems refuse and echo what they were sent; the third is published, and no file or stream holds a secret."""

    def echo(request: Request, reply: Reply) -> Reply:
        said = f"{request.body.decode()} {request.headers.get('Authorization')}"
        error = {"errorCode": "X", "error": "invalid", "error_description": said, "message": said, "category": "X"}
        return Reply([error] if reply.status == 401 and isinstance(reply.data, list) else error, 401)

    for name in ("salesforce", "hubspot"):
        servers[name].script(".", echo, times=10**6)
    servers["zendesk"].secrets = ("client-id", PLANTED["ZENDESK_CLIENT_SECRET"])
    forbidden = refuse(403, {"error": "Forbidden", "description": "no"})
    servers["zendesk"].script("GET .*/incremental/tickets", forbidden, times=10**6)
    config = api_project(tmp_path / "project", servers)
    check = meibo("check", cwd=config.parent, **PLANTED)
    done = meibo("nightly", "--debug", cwd=config.parent, **PLANTED)
    assert (check.returncode, done.returncode) == (4, 4)
    assert "not authorised" in check.stdout
    assert "not authorised" in done.stdout + done.stderr
    assert "the right to read this" in done.stdout + done.stderr
    planted = [value for name, value in PLANTED.items() if value.startswith("planted")]
    secrets = [*planted, *servers["zendesk"].tokens]
    texts = {"stdout": done.stdout + check.stdout, "stderr": done.stderr + check.stderr}
    texts |= {str(path): path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()}
    assert {f"{secret} in {name}" for secret in secrets for name, text in texts.items() if secret in text} == set()
    assert any("meibo.db" in name for name in texts)
    environment(PLANTED)
    project = open_project(config)
    with project.reading() as conn:
        assert set(load_table(conn, "profile_link")["source"]) == {"zendesk"}
    project.engine.dispose()


def test_the_night_after_a_cut_off_reads_what_changed_since_then_too(tmp_path: Path) -> None:
    """The rest of the first reading goes up to its own bound; what changed behind that bound is no night late."""
    org = SalesforceKind()
    org.org.page_rows = 2
    org.fill(5)
    api = f"{{system: salesforce, base_url: '{org.fake.url}', client_id: client-id, client_secret: client-secret}}"
    stream = "contacts: {object: Contact, preset: salesforce_contact}"
    config = write(tmp_path / "p", f"sources:\n  sales:\n    kind: sales\n    api: {api}\n    streams: {{{stream}}}\n")
    org.fake.script("GET .*/query/", refuse(403), skip=1)
    facts, _ = night(config)
    assert "403" in facts["failures"][0]
    org.put(1, email="new@example.jp")
    org.put(6)
    org.delete(2)
    org.time.tick(days=1)
    facts, tables = night(config)
    org.fake.close()
    assert facts["failures"] == []
    assert set(tables["profile_link"]["source_id"]) == {org.id_of(number) for number in (1, 3, 4, 5, 6)}
    assert "new@example.jp" in set(tables["profile_identifier"]["value"])


def test_a_converted_lead_is_its_contact(tmp_path: Path) -> None:
    """However little both look alike: the lead, its history and its contact are one customer."""
    org = SalesforceKind()
    org.fill(2)
    lead = {"LastName": "全然違う", "FirstName": "名前", "Company": "別会社", "Email": "lead@other.example"}
    org.org.put("Lead", lead | {"Id": "00Q1AAA", "IsConverted": True, "ConvertedContactId": org.id_of(2)})
    org.org.put("Task", {"Id": "00T1AAA", "WhoId": "00Q1AAA", "TaskSubtype": "Call", "ActivityDate": "2026-10-01"})
    org.time.tick(hours=1)
    api = f"{{system: salesforce, base_url: '{org.fake.url}', client_id: client-id, client_secret: client-secret}}"
    streams = "".join(
        f"      {name}: {{object: {object_}, preset: salesforce_{object_.lower()}}}\n"
        for name, object_ in (("contacts", "Contact"), ("leads", "Lead"), ("tasks", "Task"))
    )
    _, tables = night(
        write(tmp_path / "p", f"sources:\n  sales:\n    kind: sales\n    api: {api}\n    streams:\n{streams}")
    )
    org.fake.close()
    links = tables["profile_link"].set_index("source_id")
    assert links.loc["00Q1AAA", "link_type"] == "rule"
    customer = links.loc[org.id_of(2), "golden_id"]
    assert links.loc["00Q1AAA", "golden_id"] == customer
    assert tables["contact_history"]["golden_id"].tolist() == [customer]
