"""What our servers serve, read by the clients that others wrote for the real systems: their models must accept it."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from fakes.kinds import HubSpotKind, SalesforceKind, ZendeskKind
from fakes.server import Reply, Request
from requests.adapters import HTTPAdapter

PEOPLE = 23


@pytest.fixture
def hubspot() -> Iterator[tuple[HubSpotKind, Any]]:
    """A portal with people and a call, and HubSpot's own client on it, with the checks of its models switched on."""
    package = pytest.importorskip("hubspot", reason="hubspot-api-client of the dev group is not installed")
    kind = HubSpotKind()
    kind.fill(PEOPLE)
    kind.portal.put("calls", "7001", {"hs_timestamp": kind.time.stamp(), "hs_call_title": "見積"})
    kind.portal.links["calls", "7001"] = ["113", "101", "92"]
    yield (
        kind,
        package.Client.create(access_token="service-key-of-hubspot", host=kind.fake.url, client_side_validation=True),
    )
    kind.fake.close()


def test_hubspots_models_are_strict(hubspot: tuple[HubSpotKind, Any]) -> None:
    """A row without its change time is refused: the tests below would notice."""
    kind, client = hubspot

    def without(_request: Request, reply: Reply) -> Reply:
        rows = [{name: row[name] for name in row if name != "updatedAt"} for row in reply.data["results"]]
        return Reply({"results": rows})

    kind.fake.script("GET .*/contacts$", without)
    with pytest.raises(ValueError, match="updated_at"):
        client.crm.contacts.basic_api.get_page()


def test_hubspots_client_lists_searches_and_finds_archived_rows(hubspot: tuple[HubSpotKind, Any]) -> None:
    """Pages of a list and of a search, to their end; the deleted person is among the archived."""
    kind, client = hubspot
    kind.delete(3)
    rows = client.crm.contacts.get_all(properties=["email"])
    assert [row.id for row in rows] == [kind.id_of(n) for n in range(1, PEOPLE + 1) if n != 3]
    page = client.crm.contacts.basic_api.get_page(limit=5, properties=["email"])
    assert (len(page.results), page.paging.next.after) == (5, page.results[-1].id)
    archived = client.crm.contacts.basic_api.get_page(archived=True)
    assert [(row.id, row.archived) for row in archived.results] == [(kind.id_of(3), True)]
    assert archived.results[0].archived_at.tzinfo
    asked = {
        "filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": kind.id_of(5)}]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["email"],
        "limit": 10,
    }
    found = client.crm.contacts.search_api.do_search(public_object_search_request=asked)
    assert (found.total, len(found.results), found.paging.next.after) == (PEOPLE - 5, 10, "10")


def test_hubspots_client_reads_properties_activities_and_links(hubspot: tuple[HubSpotKind, Any]) -> None:
    """Every property has what its model requires; associations come with their types and their own paging."""
    _, client = hubspot
    properties = client.crm.properties.core_api.get_all(object_type="contacts")
    assert "email" in {one.name for one in properties.results}
    calls = client.crm.objects.basic_api.get_page(object_type="calls", properties=["hs_call_title"])
    assert calls.results[0].properties["hs_call_title"] == "見積"
    linked = client.crm.associations.v4.batch_api.get_page(
        from_object_type="calls",
        to_object_type="contacts",
        batch_input_public_fetch_associations_batch_request={"inputs": [{"id": "7001"}]},
    )
    assert [to.to_object_id for to in linked.results[0].to] == ["113", "101"]
    assert linked.results[0].paging.next.after == "2"
    assert linked.results[0].to[0].association_types[0].category == "HUBSPOT_DEFINED"


def test_hubspots_client_understands_errors(hubspot: tuple[HubSpotKind, Any]) -> None:
    """A refusal has the fields of its Error model."""
    kind, client = hubspot
    kind.fake.expire()
    contacts = importlib.import_module("hubspot.crm.contacts")
    with pytest.raises(contacts.ApiException) as caught:
        client.crm.contacts.basic_api.get_page()
    reply = type("Reply", (), {"data": caught.value.body})
    told = contacts.ApiClient().deserialize(reply, "Error")
    assert (caught.value.status, told.category) == (401, "EXPIRED_AUTHENTICATION")
    assert told.correlation_id


class _ToServer(HTTPAdapter):
    """Sends every call to our server: the client knows https and its own hosts alone."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send to the server what was meant for a host."""
        request.url = self._url + request.path_url
        return super().send(request, *args, **options)


@pytest.fixture
def salesforce() -> Iterator[tuple[SalesforceKind, Any]]:
    """An org with people, one deleted, one merged, one purged, and simple-salesforce logged in to it."""
    package = pytest.importorskip("simple_salesforce", reason="simple-salesforce of the dev group is not installed")
    kind = SalesforceKind()
    kind.fill(PEOPLE)
    kind.delete(3)
    kind.merge(5, 6)
    kind.purge(7)
    kind.time.tick(hours=1)
    session = requests.Session()
    session.mount("https://", _ToServer(kind.fake.url))
    login = {"consumer_key": "client-id", "consumer_secret": "client-secret", "domain": "ours.my"}
    yield kind, package.Salesforce(**login, session=session, version="68.0")
    session.close()
    kind.fake.close()


def test_simple_salesforce_logs_in_and_follows_a_query(salesforce: tuple[SalesforceKind, Any]) -> None:
    """Client credentials, then pages of 5 rows to the last, deleted and merged ones included."""
    kind, client = salesforce
    soql = "SELECT Id, LastName, Account.Name, MasterRecordId, IsDeleted FROM Contact ORDER BY SystemModstamp, Id"
    found = client.query_all(soql, include_deleted=True)
    rows = {row["Id"]: row for row in found["records"]}
    assert (found["totalSize"], found["done"], len(rows)) == (PEOPLE - 1, True, PEOPLE - 1)
    assert (rows[kind.id_of(5)]["MasterRecordId"], rows[kind.id_of(5)]["IsDeleted"]) == (kind.id_of(6), True)
    assert rows[kind.id_of(1)]["Account"]["Name"] == '㈱山 "A", B'
    assert rows[kind.id_of(1)]["attributes"]["type"] == "Contact"
    assert len(client.query_all(soql)["records"]) == PEOPLE - 3


def test_simple_salesforce_describes_and_reads_the_delete_log(salesforce: tuple[SalesforceKind, Any]) -> None:
    """Types of fields, and who was deleted, merged or purged."""
    kind, client = salesforce
    types = {field["name"]: field["type"] for field in client.Contact.describe()["fields"]}
    assert (types["Email"], types["SystemModstamp"], types["MailingAddress"]) == ("email", "datetime", "address")
    log = client.Contact.deleted(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
    assert {row["id"] for row in log["deletedRecords"]} == {kind.id_of(n) for n in (3, 5, 7)}


def test_simple_salesforce_reads_a_bulk_job(salesforce: tuple[SalesforceKind, Any]) -> None:
    """Job, polls, pages with a header each, to the locator `null`."""
    _, client = salesforce
    pages = list(client.bulk2.Contact.query_all("SELECT Id, LastName FROM Contact"))
    assert len(pages) == 5
    assert all(page.startswith('"Id","LastName"\n') for page in pages)
    assert sum(page.count("0035g") for page in pages) == PEOPLE - 1


def test_simple_salesforce_understands_errors(salesforce: tuple[SalesforceKind, Any]) -> None:
    """A wrong column is told; a session that ended is known as one, for the client logs in again."""
    kind, client = salesforce
    errors = importlib.import_module("simple_salesforce.exceptions")
    with pytest.raises(errors.SalesforceMalformedRequest, match="INVALID_FIELD"):
        client.query("SELECT Nonsense__c FROM Contact")
    kind.fake.expire()
    assert client.query("SELECT Id FROM Contact")["totalSize"] == PEOPLE - 3
    assert len(kind.fake.asked("POST /services/oauth2/token")) == 2


@pytest.fixture
def zendesk(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ZendeskKind, Any]]:
    """An account with people, one deleted and one purged, and zenpy on it."""
    package = pytest.importorskip(
        "zenpy", reason="zenpy is GPL-3, so it is not a dependency: pip install zenpy to run this"
    )
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    kind = ZendeskKind()
    kind.fill(PEOPLE)
    kind.delete(3)
    kind.purge(4)
    kind.account.tokens.add("token")
    host = kind.fake.url.removeprefix("http://")
    subdomain, _, domain = host.partition(".")  # it puts both together again
    yield kind, package.Zenpy(subdomain=subdomain, domain=domain, oauth_token="token")
    kind.fake.close()


def test_zenpy_follows_the_exports_and_the_deleted_users(zendesk: tuple[ZendeskKind, Any]) -> None:
    """Users with their fields to the end of the stream; deleted ones, also for good, apart; organisations by id."""
    kind, client = zendesk
    users = {user.id: user for user in client.users.incremental(start_time=0, paginate_by_time=False)}
    assert len(users) == PEOPLE - 1
    assert (users[int(kind.id_of(3))].active, users[int(kind.id_of(1))].role) == (False, "end-user")
    assert users[int(kind.id_of(1))].created.tzinfo
    deleted = {user.id: user.name for user in client.users.deleted()}
    assert deleted[int(kind.id_of(4))] == "Permanently Deleted User"
    assert [one.name for one in client.organizations(ids=[7, 8])] == ["㈱山", "Acme"]


def test_zenpy_reads_tickets(zendesk: tuple[ZendeskKind, Any]) -> None:
    """Requester, channel and rating are where its model looks for them."""
    kind, client = zendesk
    ticket = {"id": 1, "requester_id": int(kind.id_of(1)), "subject": "配送の遅れ", "status": "open"}
    kind.account.put("tickets", ticket | {"via": {"channel": "email"}, "satisfaction_rating": {"score": "good"}})
    kind.time.tick(minutes=5)
    (found,) = client.tickets.incremental(start_time=0, paginate_by_time=False)
    assert (found.requester_id, found.subject, found.status) == (int(kind.id_of(1)), "配送の遅れ", "open")
    assert (found.via.channel, found.satisfaction_rating.score) == ("email", "good")
