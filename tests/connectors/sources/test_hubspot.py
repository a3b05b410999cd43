"""HubSpot alone: list and search with one form, the wall of 10,000 rows, archives, merges, links, OAuth, versions."""

import json
from collections.abc import Iterator

import pytest
from fakes import hubspot as fake_hubspot
from fakes.kinds import PEOPLE, HubSpotKind, all_of
from fakes.landing import Landed

from connectors.settings.types import SecretText
from resolve.errors import SourceError


@pytest.fixture
def portal() -> Iterator[HubSpotKind]:
    """A portal with people."""
    made = HubSpotKind()
    made.fill(PEOPLE)
    yield made
    made.fake.close()


def test_a_record_by_list_and_by_search_lands_byte_equal(portal: HubSpotKind, landed: Landed) -> None:
    """A delta that finds every row again by search brings not one new version."""
    landed.pull(portal.open())
    stream = portal.settings.streams["contacts"].model_copy(update={"overlap_seconds": 10**7})
    rules = stream.model_validate(stream.model_dump(by_alias=True, exclude_unset=True) | {"overlap_seconds": 10**7})
    portal.settings = portal.settings.model_copy(update={"streams": {"contacts": rules}})
    pulled = landed.pull(portal.open())
    assert portal.fake.asked("POST .*/search")
    assert (pulled.read, pulled.new) == (PEOPLE, 0)


@pytest.mark.parametrize("stamps", ["equal", "rising"])
def test_search_goes_past_its_wall(
    portal: HubSpotKind, landed: Landed, monkeypatch: pytest.MonkeyPatch, stamps: str
) -> None:
    """More changed rows than a query may give, also with one and the same change time, all come."""
    monkeypatch.setattr(fake_hubspot, "WALL", 12)
    landed.pull(portal.open())
    portal.time.tick(days=1)
    for number in range(1, PEOPLE + 1):
        portal.put(number, email=f"import{number}@example.jp")
        portal.time.tick(seconds=1 if stamps == "rising" else 0)
    portal.time.tick()
    assert landed.pull(portal.open(page_rows=5)).new == PEOPLE


def test_merged_ids_are_not_deleted(portal: HubSpotKind, landed: Landed) -> None:
    """They vanish from every list, yet comparing all ids leaves them alive: the survivor names them."""
    landed.pull(portal.open())
    portal.merge(5, 6)
    portal.merge(6, 7)
    portal.time.tick(days=8)
    landed.pull(portal.open())
    assert portal.id_of(5) in landed.living()
    assert portal.id_of(6) in landed.living()


def test_erased_ids_are_found_once_a_week(portal: HubSpotKind, landed: Landed) -> None:
    """A privacy deletion leaves no trace; only a comparison of all ids finds it, and not every night."""
    landed.pull(portal.open())
    portal.portal.erase("contacts", portal.id_of(9))
    portal.time.tick(days=1)
    landed.pull(portal.open())
    assert portal.id_of(9) in landed.living()
    portal.time.tick(days=6)
    landed.pull(portal.open())
    assert landed.living() == all_of(portal) - {portal.id_of(9)}


def test_how_often_ids_are_compared_is_a_setting(portal: HubSpotKind, landed: Landed) -> None:
    """Every other day, or never."""
    portal.set_api(reconcile_days=None)
    landed.pull(portal.open())
    portal.portal.erase("contacts", portal.id_of(9))
    portal.time.tick(days=30)
    landed.pull(portal.open())
    assert portal.id_of(9) in landed.living()
    portal.set_api(reconcile_days=2)
    landed.pull(portal.open())
    assert landed.living() == all_of(portal) - {portal.id_of(9)}
    portal.portal.erase("contacts", portal.id_of(10))
    portal.time.tick(days=1)
    landed.pull(portal.open())
    assert portal.id_of(10) in landed.living()


def test_a_mass_deletion_is_not_believed(portal: HubSpotKind, landed: Landed) -> None:
    """When a dozen of two dozen ids are gone, the stream fails, with everything else landed."""
    landed.pull(portal.open())
    for number in range(1, 13):
        portal.portal.erase("contacts", portal.id_of(number))
    portal.time.tick(days=8)
    portal.put(20, email="late@example.jp")
    portal.time.tick()
    with pytest.raises(SourceError, match="12 of 23 known rows are gone"):
        landed.pull(portal.open())
    assert "late@" in landed.rows()[portal.id_of(20)]["payload"]
    assert landed.living() == all_of(portal)


def test_an_object_without_a_list_of_archived_rows_is_read_all_the_same(portal: HubSpotKind, landed: Landed) -> None:
    """Some objects refuse `archived=true`."""
    portal.portal.without_archive = {"contacts"}
    landed.pull(portal.open())
    assert landed.living() == all_of(portal)


def test_activities_name_the_contact_they_belong_to(portal: HubSpotKind, landed: Landed) -> None:
    """By the associations, past their own paging; of several contacts the smallest id, as a number."""
    for row, contacts in (("7001", ["113", "101", "92", "1000"]), ("7002", []), ("7003", ["95"])):
        portal.portal.put("calls", row, {"hs_timestamp": portal.time.stamp(), "hs_call_title": "見積"})
        portal.portal.links["calls", row] = contacts
    portal.time.tick(hours=1)
    landed.pull(portal.open(), "calls")
    rows = landed.rows("calls")
    assert [json.loads(rows[row]["payload"])["contact_id"] for row in ("7001", "7002", "7003")] == ["92", None, "95"]
    portal.portal.put("calls", "7003", {"hs_call_title": "再見積"})
    portal.time.tick()
    landed.pull(portal.open(), "calls")
    payload = json.loads(landed.rows("calls")["7003"]["payload"])
    assert (payload["contact_id"], payload["hs_call_title"]) == ("95", "再見積")


def test_the_older_version_can_be_set(portal: HubSpotKind, landed: Landed) -> None:
    """v3 paths give the same rows."""
    landed.pull(portal.open())
    portal.set_api(version="v3")
    portal.time.tick(days=1)
    portal.put(1, email="v3@example.jp")
    portal.time.tick()
    assert landed.pull(portal.open()).new == 1
    assert portal.fake.asked("POST /crm/v3/objects/contacts/search")


def test_oauth_tokens_are_fetched_and_renewed_before_they_end(portal: HubSpotKind, landed: Landed) -> None:
    """With the refresh token of an app, and without waiting for a 401."""
    oauth = {"client_id": "client-id", "client_secret": "client-secret", "refresh_token": "refresh-me"}
    portal.set_api(token=None, **{name: SecretText(value) for name, value in oauth.items()})
    source = portal.open()
    landed.pull(source)
    portal.time.tick(hours=1)
    landed.pull(source)
    assert len(portal.fake.asked("POST /oauth/2026-09/token")) == 2
    assert not any(reply for reply in portal.fake.requests if reply.headers.get("Authorization") == "Bearer None")


def test_a_service_key_that_ended_is_told(portal: HubSpotKind, landed: Landed) -> None:
    """It cannot be renewed, so a person has to."""
    portal.fake.expire()
    with pytest.raises(SourceError, match="not authorised: GET /crm/properties/2026-09/contacts answered 401"):
        landed.pull(portal.open())


def test_properties_are_asked_for_by_name_and_flat(portal: HubSpotKind, landed: Landed) -> None:
    """Only what is mapped leaves HubSpot; the payload has internal names, as exports have them."""
    landed.pull(portal.open())
    asked = portal.fake.asked("GET .*/objects/")[0].query["properties"].split(",")
    assert "hs_analytics_num_visits" not in asked
    assert {"email", "hs_merged_object_ids", "lastmodifieddate"} <= set(asked)
    payload = json.loads(landed.rows()[portal.id_of(1)]["payload"])
    assert (payload["firstname"], payload["phone"], payload["archived"]) == ("花1", None, "false")


def test_a_nested_name_in_the_mapping_is_understood(portal: HubSpotKind, landed: Landed) -> None:
    """`properties.tier__jp` and `tier__jp` are the same property."""
    portal.portal.put("contacts", portal.id_of(1), {"tier__jp": "金"})
    portal.time.tick()
    stream = portal.settings.streams["contacts"]
    rules = stream.model_validate(
        {"object": "contacts", "preset": "hubspot_contact", "map": {"x_tier": "properties.tier__jp"}}
    )
    portal.settings = portal.settings.model_copy(update={"streams": {"contacts": rules}})
    landed.pull(portal.open())
    assert json.loads(landed.rows()[portal.id_of(1)]["payload"])["properties.tier__jp"] == "金"


def test_an_object_that_is_not_there_is_told(portal: HubSpotKind, landed: Landed) -> None:
    """A misspelt object is named."""
    rules = portal.settings.streams["contacts"].model_copy(update={"object": "contactz"})
    portal.settings = portal.settings.model_copy(update={"streams": {"contacts": rules}})
    with pytest.raises(SourceError, match="there is no object contactz"):
        landed.pull(portal.open())
