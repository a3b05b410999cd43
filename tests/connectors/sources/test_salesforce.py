"""Salesforce alone: two APIs with one form, the delete log, jobs that fail or vanish, locators that expire."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.kinds import PEOPLE, SalesforceKind, all_of
from fakes.landing import Landed
from fakes.server import Reply, Request, refuse

from connectors.sources.web.http_client import TRIES
from resolve.errors import SourceError


@pytest.fixture
def org() -> Iterator[SalesforceKind]:
    """An org that is read by REST."""
    made = SalesforceKind()
    made.fill(PEOPLE)
    yield made
    made.fake.close()


@pytest.fixture
def bulk() -> Iterator[SalesforceKind]:
    """An org that is read by Bulk jobs."""
    made = SalesforceKind(bulk=True)
    made.fill(PEOPLE)
    yield made
    made.fake.close()


def test_a_record_by_rest_and_by_bulk_lands_byte_equal(org: SalesforceKind, landed: Landed) -> None:
    """A first load by Bulk and a second one by REST give not one new version: numbers, times and blanks agree."""
    org.set_api(bulk_above=0)
    org.delete(2)
    org.merge(3, 4)
    org.time.tick()
    landed.pull(org.open())
    org.set_api(bulk_above=None)
    org.time.tick(hours=1)
    again = Landed()
    again.pull(org.open())
    assert again.rows() == landed.rows()
    payload = json.loads(landed.rows()[org.id_of(2)]["payload"])
    assert payload["Rating__c"] == "0.25"
    assert payload["SystemModstamp"].endswith("Z")
    assert (payload["IsDeleted"], payload["Phone"], payload["HasOptedOutOfEmail"]) == ("true", None, "false")
    assert payload["Account.Name"] == '㈱山 "A", B'


def test_the_size_decides_between_both_apis(org: SalesforceKind, landed: Landed) -> None:
    """Up to bulk_above rows by REST, more by a job, and the job is removed afterwards."""
    org.set_api(bulk_above=PEOPLE)
    landed.pull(org.open())
    assert not org.fake.asked("POST .*/jobs")
    org.set_api(bulk_above=PEOPLE - 1)
    Landed().pull(org.open())
    assert len(org.fake.asked("POST .*/jobs")) == 1
    assert org.org.jobs == {}


def test_only_fields_that_are_read_are_asked_for(org: SalesforceKind, landed: Landed) -> None:
    """Neither compound fields nor what no mapping names leaves Salesforce."""
    landed.pull(org.open())
    query = org.fake.asked("GET .*/queryAll")[-1].query["q"]
    assert "Account.Name" in query
    assert "Rating__c" in query
    assert "MailingAddress" not in query
    assert "AccountId" not in query


def test_a_mapped_field_that_is_not_there_is_told(org: SalesforceKind, landed: Landed) -> None:
    """A field that the user named and the object lacks, or the account may not see, stops the stream."""
    stream = org.settings.streams["contacts"]
    rules = stream.model_validate(
        {"object": "Contact", "preset": "salesforce_contact", "map": {"department": "Division__c"}}
    )
    org.settings = org.settings.model_copy(update={"streams": {"contacts": rules}})
    with pytest.raises(SourceError, match="object Contact has no column Division__c"):
        landed.pull(org.open())


def test_an_object_that_is_not_there_is_told(org: SalesforceKind, landed: Landed) -> None:
    """A misspelt object is named with what to do."""
    rules = org.settings.streams["contacts"].model_copy(update={"object": "Kontact"})
    org.settings = org.settings.model_copy(update={"streams": {"contacts": rules}})
    with pytest.raises(SourceError, match=r"stream contacts: there is no object Kontact\. Correct its name"):
        landed.pull(org.open())


def test_a_locator_that_expires_is_replaced_by_a_new_query(org: SalesforceKind, landed: Landed) -> None:
    """The walk goes on behind the last row."""

    def forget(_request: Request, reply: Reply) -> Reply:
        org.org.locators = {"": []}
        return reply

    org.fake.script("GET .*/query/", forget)
    assert landed.pull(org.open(page_rows=5)).read == PEOPLE
    assert landed.living() == all_of(org)


def test_rows_of_one_second_are_ordered_by_id(org: SalesforceKind, landed: Landed) -> None:
    """A crash inside a run of equal stamps loses none of them."""
    for number in range(1, PEOPLE + 1):
        org.put(number, email=f"same{number}@example.jp")
    org.time.tick()
    landed.pull(org.open(page_rows=5), pages=2)
    landed.pull(org.open(page_rows=5))
    assert landed.living() == all_of(org)


def test_a_row_that_changes_as_the_last_of_its_page_moves_no_position(org: SalesforceKind, landed: Landed) -> None:
    """Its new stamp lies behind the walk: a crash right after it must not skip what is between."""

    def change(request: Request) -> None:
        if "/query/" in request.path:
            org.put(10, email="late@example.jp")
            org.time.tick()

    org.fake.before = change
    landed.pull(org.open(page_rows=5), pages=2)
    org.fake.before = lambda _: None
    landed.pull(org.open(page_rows=5))
    assert landed.living() == all_of(org)


def test_a_job_that_failed_is_made_again_by_the_next_run(bulk: SalesforceKind, landed: Landed) -> None:
    """The error gives Salesforce's reason."""

    def fail(_request: Request, reply: Reply) -> Reply:
        return Reply(reply.data | {"state": "Failed", "errorMessage": "InvalidBatch : too complicated"})

    bulk.fake.script(r"GET .*/jobs/query/\w+$", fail)
    with pytest.raises(SourceError, match="ended as Failed: InvalidBatch : too complicated"):
        landed.pull(bulk.open())
    landed.pull(bulk.open())
    assert landed.living() == all_of(bulk)


def test_a_job_that_vanished_is_made_again(bulk: SalesforceKind, landed: Landed) -> None:
    """Salesforce removes jobs after seven days; a crash that long ago costs a second reading, no row."""
    landed.pull(bulk.open(page_rows=5), pages=3)
    bulk.org.jobs.clear()
    landed.pull(bulk.open(page_rows=5))
    assert landed.living() == all_of(bulk)
    assert landed.versions() == PEOPLE


def test_a_crash_while_a_job_is_made_ready_waits_for_the_same_job(bulk: SalesforceKind, landed: Landed) -> None:
    """The job's id is stored before anyone waits for it."""
    bulk.org.polls = TRIES + 3
    bulk.fake.script(r"GET .*/jobs/query/\w+$", refuse(500), times=TRIES)
    with pytest.raises(SourceError, match="given up"):
        landed.pull(bulk.open())
    bulk.time.waits.clear()
    landed.pull(bulk.open())
    assert len(bulk.fake.asked("POST .*/jobs")) == 1
    assert landed.living() == all_of(bulk)
    assert [wait for wait in bulk.time.waits if wait > 1] == [2.0, 4.0, 8.0]


def test_a_page_with_fewer_rows_than_it_says_is_asked_again(bulk: SalesforceKind, landed: Landed) -> None:
    """A body that ends early between two rows looks whole, but for the header."""

    def shorten(_request: Request, reply: Reply) -> Reply:
        lines = reply.content.splitlines(keepends=True)
        return Reply(body=b"".join(lines[:-1]), headers=reply.headers)

    bulk.fake.script("GET .*/results", shorten)
    landed.pull(bulk.open(page_rows=5))
    assert landed.living() == all_of(bulk)


def test_a_limit_of_concurrent_calls_is_waited_for(org: SalesforceKind, landed: Landed) -> None:
    """Unlike the daily quota, which has the same code."""
    body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn Limit exceeded."}]
    org.fake.script("GET .*/query", refuse(403, body), times=2)
    landed.pull(org.open())
    assert landed.living() == all_of(org)


def test_purged_rows_are_found_by_comparing_when_the_log_is_too_short(org: SalesforceKind, landed: Landed) -> None:
    """After more than 15 days without a run the delete log no longer reaches back."""
    landed.pull(org.open())
    org.org.purge("Contact", org.id_of(8))
    org.time.tick(days=20)
    landed.pull(org.open())
    assert not org.fake.asked("GET .*/deleted/")
    assert landed.living() == all_of(org) - {org.id_of(8)}


def test_a_log_that_starts_too_late_is_noticed(org: SalesforceKind, landed: Landed) -> None:
    """`earliestDateAvailable` behind the start of the window means that ids have to be compared."""
    landed.pull(org.open())
    org.org.purge("Contact", org.id_of(8))
    org.time.tick(days=1)

    def late(_request: Request, reply: Reply) -> Reply:
        return Reply({**reply.data, "deletedRecords": [], "earliestDateAvailable": org.time.stamp()})

    org.fake.script("GET .*/deleted/", late)
    landed.pull(org.open())
    assert landed.living() == all_of(org) - {org.id_of(8)}


def test_a_log_that_is_too_full_is_replaced_by_comparing(org: SalesforceKind, landed: Landed) -> None:
    """More than 600,000 ids in a window are refused, and would be every night."""
    landed.pull(org.open())
    org.org.purge("Contact", org.id_of(8))
    org.time.tick(days=1)
    org.fake.script("GET .*/deleted/", refuse(400, [{"errorCode": "EXCEEDED_ID_LIMIT", "message": "too many"}]))
    landed.pull(org.open())
    assert landed.living() == all_of(org) - {org.id_of(8)}


def test_a_row_that_was_taken_out_of_the_recycle_bin_again_lives(org: SalesforceKind, landed: Landed) -> None:
    """The log may tell of its deletion; a row that is purged stays gone."""
    landed.pull(org.open())
    org.time.tick(days=1)
    org.delete(8)
    org.org.purge("Contact", org.id_of(9))
    org.time.tick(minutes=5)
    org.org.put("Contact", {"Id": org.id_of(8), "IsDeleted": False})
    org.time.tick(minutes=5)
    for _ in range(2):
        landed.pull(org.open())
        assert landed.living() == all_of(org) - {org.id_of(9)}
        org.time.tick(days=1)


def test_a_mass_deletion_is_not_believed(org: SalesforceKind, landed: Landed) -> None:
    """A lost permission looks the same: the stream fails, but what changed is landed, and every night anew."""
    landed.pull(org.open())
    for number in range(1, 13):
        org.org.purge("Contact", org.id_of(number))
    org.time.tick(days=20)
    for night in range(2):
        org.put(20, email=f"night{night}@example.jp")
        org.time.tick()
        with pytest.raises(SourceError, match="12 of 23 known rows are gone"):
            landed.pull(org.open())
        assert f"night{night}@" in landed.rows()[org.id_of(20)]["payload"]
        org.time.tick(days=1)
    assert landed.living() == all_of(org)


def test_the_loser_of_a_merge_keeps_its_mark_when_it_is_purged(org: SalesforceKind, landed: Landed) -> None:
    """The delete log lists losers too; the row that names the winner stays the latest."""
    landed.pull(org.open())
    org.time.tick(days=1)
    org.merge(5, 6)
    org.time.tick()
    landed.pull(org.open())
    org.org.purge("Contact", org.id_of(5))
    for _ in range(2):
        org.time.tick(days=1)
        landed.pull(org.open())
    row = landed.rows()[org.id_of(5)]
    assert (row["deleted"], row["merged_into"]) == (True, org.id_of(6))
    assert '"LastName"' in row["payload"]


@pytest.mark.parametrize("where", ["https://elsewhere.example", "http://elsewhere.example", "http://127.0.0.1.example"])
def test_no_token_goes_to_a_host_that_an_answer_names(org: SalesforceKind, landed: Landed, where: str) -> None:
    """Neither plain http nor another host than the login's own gets a call."""

    def lead_away(_request: Request, reply: Reply) -> Reply:
        data: dict[str, Any] = dict(reply.data)
        return Reply(data | {"nextRecordsUrl": where + data["nextRecordsUrl"]} if "nextRecordsUrl" in data else data)

    org.fake.script("GET .*/queryAll", lead_away, times=9)
    with pytest.raises(SourceError, match="leads to another host or off https"):
        landed.pull(org.open())


def test_an_unsafe_instance_url_is_refused(org: SalesforceKind, landed: Landed) -> None:
    """The login may name the host to use, but not one without encryption."""
    org.fake.script("POST .*/token", lambda _q, r: Reply(r.data | {"instance_url": "http://elsewhere.example"}))
    with pytest.raises(SourceError, match=r"off https \(elsewhere.example\)"):
        landed.pull(org.open())


def test_tasks_name_their_contact(org: SalesforceKind, landed: Landed) -> None:
    """The history is read like any object, whole numbers as text without a point."""
    call = {"Id": "00T5g0000000000EAA", "WhoId": org.id_of(1), "CallDurationInSeconds": 365, "TaskSubtype": "Call"}
    org.org.put("Task", call)
    org.time.tick()
    landed.pull(org.open(), "tasks")
    payload = json.loads(landed.rows("tasks")[call["Id"]]["payload"])
    assert (payload["WhoId"], payload["CallDurationInSeconds"]) == (org.id_of(1), "365")


def test_check_tells_the_quota_and_a_read_that_was_cut_off(org: SalesforceKind, landed: Landed) -> None:
    """Notes hold what an operator wants to know before the night."""
    landed.pull(org.open(page_rows=5), pages=2)
    check = org.open().check("contacts", landed.cursor())
    assert any("API calls used in 24 hours" in note for note in check.notes)
    assert any("cut off" in note for note in check.notes)
    assert "Title" not in check.unmapped
    assert "AccountId" in check.unmapped


@pytest.mark.parametrize("days", [7, None])
def test_rows_that_no_log_tells_of_are_found_once_a_week(org: SalesforceKind, landed: Landed, days: int | None) -> None:
    """All ids are compared every reconcile_days, and not in between; null: never."""
    org.set_api(reconcile_days=days)
    landed.pull(org.open())
    del org.org.rows["Contact"][org.id_of(9)]
    for _ in range(6):
        org.time.tick(days=1)
        landed.pull(org.open())
    assert org.id_of(9) in landed.living()
    assert not org.fake.asked("GET .*/query$")
    org.time.tick(days=1)
    landed.pull(org.open())
    assert (org.id_of(9) in landed.living()) is (days is None)
    org.time.tick(days=1)
    landed.pull(org.open())
    assert len(org.fake.asked("GET .*/query$")) == (0 if days is None else 1)
