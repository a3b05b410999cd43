"""`meibo init --source` and `meibo check` on web APIs: from nothing to a project that says it is ready."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.kinds import SalesforceKind, ZendeskKind

Made = tuple[SalesforceKind, ZendeskKind]


@pytest.fixture
def made() -> Iterator[Made]:
    """An org and an account with people."""
    kinds = (SalesforceKind(), ZendeskKind())
    for kind in kinds:
        kind.fill(4)
    yield kinds
    for kind in kinds:
        kind.fake.close()


@pytest.fixture
def environ(made: Made) -> dict[str, str]:
    """What the blocks of both systems read from the environment."""
    org, account = made
    login = {"CLIENT_ID": "client-id", "CLIENT_SECRET": "client-secret"}
    urls = {"SALESFORCE": org.fake.url, "ZENDESK": account.fake.url}
    return {f"{s}_{name}": value for s in urls for name, value in {**login, "URL": urls[s]}.items()}


def test_a_project_that_init_wrote_is_checked_as_it_is(
    made: Made, environ: dict[str, str], inside: Any, json_of: Callable[[Any], Any], tmp_path: Path
) -> None:
    """No line of it is edited: the variables are set, and check reaches every stream."""
    made[0].org.hidden = {"Case"}
    done = inside("init", "new", "--source", "salesforce", "--source", "zendesk")
    assert done.returncode == 0
    assert (
        "set in the environment: SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET, SALESFORCE_URL, ZENDESK_"
        in done.stderr
    )
    checked = inside("check", "--json", cwd=tmp_path / "new", **environ)
    streams = {(s["source"], s["stream"]): s for s in json_of(checked)["streams"]}
    assert streams["salesforce", "contacts"]["rows"] == 4
    assert streams["zendesk", "contacts"]["rows"] == 4
    assert "Title" not in streams["salesforce", "contacts"]["unmapped"]
    assert "AccountId" in streams["salesforce", "contacts"]["unmapped"]
    errors = {name: s["error"] for name, s in streams.items() if s["error"]}
    assert set(errors) == {
        ("salesforce", "cases")
    }  # the account may not see them: the error says so, the others are told
    assert "there is no object Case" in errors["salesforce", "cases"]
    assert checked.returncode == 4
    assert "client-secret" not in checked.stdout + checked.stderr


def test_check_says_what_is_wrong_and_what_to_do(
    made: Made, environ: dict[str, str], inside: Any, tmp_path: Path
) -> None:
    """Credentials that are refused are told once for each stream, with the key to correct."""
    inside("init", "new", "--source", "zendesk")
    made[1].account.secrets = ("client-id", "another")
    checked = inside("check", cwd=tmp_path / "new", **environ)
    assert checked.returncode == 4
    assert "not authorised" in checked.stdout
    assert "Check the credentials in sources.zendesk.api" in checked.stdout
    assert len(made[1].fake.requests) == 1


def test_a_variable_that_is_not_set_is_named(inside: Any, tmp_path: Path) -> None:
    """Before anything is asked."""
    inside("init", "new", "--source", "hubspot")
    checked = inside("check", cwd=tmp_path / "new")
    assert checked.returncode == 2
    assert "environment variable HUBSPOT_TOKEN is not set" in checked.stderr


def test_an_unknown_system_is_refused(inside: Any, tmp_path: Path) -> None:
    """With the ones that there are, and without writing anything."""
    done = inside("init", "new", "--source", "zendsk")
    assert done.returncode == 2
    assert "there is no such system; did you mean zendesk?; systems: salesforce, hubspot, zendesk" in done.stderr
    assert not (tmp_path / "new").exists()


def test_init_lists_what_it_has_blocks_for(inside: Any, tmp_path: Path) -> None:
    """Systems, exports of others, and tables that loaders keep."""
    done = inside("init", "new")
    assert done.returncode == 0
    listed = done.stderr.replace("\n", " ")
    assert all(name in listed for name in ("salesforce", "sansan", "saaske", "kintone_csv", "line", "fivetran"))


def test_a_project_of_files_is_checked_as_it_was_written(inside: Any, json_of: Any, tmp_path: Path) -> None:
    """Business cards in the folder that the block names are read without a line edited."""
    inside("init", "new", "--source", "sansan")
    cards = tmp_path / "new" / "data" / "sansan"
    cards.mkdir(parents=True)
    (cards / "cards.csv").write_bytes(
        "名刺ID,会社名,姓,名,e-mail,名刺交換日\n1,㈱山,髙橋,花子,h@x.example,2026/04/01\n".encode("cp932")
    )
    checked = inside("check", "--json", cwd=tmp_path / "new")
    assert checked.returncode == 0
    assert [(s["stream"], s["error"]) for s in json_of(checked)["streams"]] == [("contacts", None), ("exchanges", None)]


def test_check_tells_no_secret_of_any_kind_of_source(inside: Any, tmp_path: Path) -> None:
    """A store, a declared API and a database that refuse: each is named with what to do, none shows its key."""
    (tmp_path / "meibo.yaml").write_text(
        "sources:\n"
        "  store:\n    kind: sales\n    storage: {endpoint_url: 'http://127.0.0.1:9', access_key: a, secret_key: \"${PLANTED}\"}\n"
        "    streams: {contacts: {path: 's3://b/a.csv', preset: sansan_card}}\n"
        "  shop:\n    kind: sales\n    api: {system: shopify, base_url: 'http://127.0.0.1:9', token: \"${PLANTED}\", max_wait_seconds: 0.1}\n"
        "    streams: {contacts: {object: customers, preset: shopify_customer}}\n"
        "  table:\n    kind: sales\n    url: 'postgresql://u:${PLANTED}@127.0.0.1:9/d?connect_timeout=1'\n"
        "    streams: {contacts: {table: t, preset: hubspot_contact}}\n",
        "utf-8",
    )
    checked = inside("check", cwd=tmp_path, PLANTED="planted-secret-4711")
    assert checked.returncode == 4
    assert "planted-secret-4711" not in checked.stdout + checked.stderr
    told = checked.stdout.replace("\n", " ")
    assert all(f"cannot be read: source {name}: " in told for name in ("store", "shop", "table"))
