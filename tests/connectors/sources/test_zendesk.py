"""Zendesk alone: the end of the stream, staff, organisations, tickets with their metrics, both ways to log in."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from fakes.kinds import PEOPLE, ZendeskKind, all_of, load
from fakes.landing import Landed
from fakes.server import Reply, Request, refuse

from connectors.settings.types import SecretText
from connectors.sources.source import Window
from resolve.errors import SourceError


@pytest.fixture
def account() -> Iterator[ZendeskKind]:
    """An account with people."""
    made = ZendeskKind()
    made.fill(PEOPLE)
    yield made
    made.fake.close()


def ticket(number: int, **changes: object) -> dict[str, object]:
    """Return a ticket as the export gives it."""
    row = {"id": number, "requester_id": 1_500_000_000_001, "subject": "配送の遅れ", "status": "open"}
    return row | {"via": {"channel": "email"}, "satisfaction_rating": {"score": "unoffered"}} | changes


def test_the_read_ends_although_the_next_link_never_does(account: ZendeskKind, landed: Landed) -> None:
    """`end_of_stream` counts, and its cursor is where the next run goes on."""
    landed.pull(account.open(page_rows=5))
    assert len(account.fake.asked("GET .*/incremental/")) == 5
    account.time.tick(hours=1)
    landed.pull(account.open(page_rows=5))
    assert "cursor" in account.fake.asked("GET .*/incremental/")[-1].query
    assert len(account.fake.asked("GET .*/incremental/")) == 6


def test_staff_stay_out_and_leave_when_they_become_staff(account: ZendeskKind, landed: Landed) -> None:
    """Agents are no contacts; an end user who turns into one becomes a tombstone without his data."""
    account.account.put("users", {"id": 1, "role": "agent", "name": "Agent", "email": "agent@example.com"})
    landed.pull(account.open())
    assert landed.living() == all_of(account)
    account.time.tick(days=1)
    account.account.put("users", {"id": int(account.id_of(3)), "role": "agent"})
    account.time.tick()
    landed.pull(account.open())
    assert landed.living() == all_of(account) - {account.id_of(3)}
    assert landed.rows()[account.id_of(3)]["payload"] == "{}"


def test_an_end_user_who_becomes_staff_while_he_is_read_leaves_too(account: ZendeskKind, landed: Landed) -> None:
    """He comes twice in one export, as a contact and as staff; who was known before it began does not tell."""
    agent = {"id": 1, "role": "agent", "name": "Agent", "updated_at": "2026-11-01T00:00:00Z"}
    account.account.put("users", agent)  # so that the known users are asked for with the first page

    def promote(_request: Request, reply: Reply) -> Reply:
        account.account.put("users", {"id": int(account.id_of(3)), "role": "agent"})
        return reply

    account.fake.script("GET .*/incremental/users", promote, skip=2)
    landed.pull(account.open(page_rows=5))
    assert landed.living() == all_of(account) - {account.id_of(3)}


@pytest.mark.parametrize("rules", ["users, id: id, map: {full_name: name}", "tickets, id: id, map: {subject: subject}"])
def test_what_is_gone_is_known_without_a_preset(account: ZendeskKind, landed: Landed, rules: str) -> None:
    """Rules of one's own need not say how Zendesk marks users and tickets that were deleted."""
    stream = "contacts" if "users" in rules else "events"
    api = f"{{system: zendesk, base_url: '{account.fake.url}', client_id: client-id, client_secret: client-secret}}"
    account.settings = load(api, f"{{{stream}: {{object: {rules}}}}}", "support")
    account.account.put("tickets", ticket(1001))
    account.time.tick()
    landed.pull(account.open(), stream)
    before = landed.living(stream)
    account.time.tick(days=1)
    account.delete(3)
    account.account.put("tickets", ticket(1001, status="deleted"))
    account.time.tick()
    landed.pull(account.open(), stream)
    assert before - landed.living(stream) == {account.id_of(3) if stream == "contacts" else "1001"}


def test_other_roles_can_be_asked_for(account: ZendeskKind, landed: Landed) -> None:
    """`roles` says who counts as a contact."""
    account.account.put("users", {"id": 1, "role": "agent", "name": "Agent", "email": "agent@example.com"})
    account.set_api(roles=("end-user", "agent"))
    landed.pull(account.open())
    assert landed.living() == all_of(account) | {"1"}


def test_organisations_come_by_name(account: ZendeskKind, landed: Landed) -> None:
    """Users hold an id only; names are asked for once each."""
    landed.pull(account.open(page_rows=5))
    rows = landed.rows()
    found = {json.loads(row["payload"]).get("organization.name") for row in rows.values()}
    assert found == {"㈱山", "Acme", None}
    asked = [one for request in account.fake.asked("GET .*/show_many") for one in request.query["ids"].split(",")]
    assert sorted(asked) == ["7", "8"]


def test_tickets_bring_their_metrics_and_survey(account: ZendeskKind, landed: Landed) -> None:
    """What the ticket preset reads is there, flat: the solving time and the score."""
    rating = {"score": "good", "comment": "thanks", "updated_at": "2026-11-02T00:00:00Z"}
    account.account.put("tickets", ticket(1001, status="solved", satisfaction_rating=rating))
    account.account.put("tickets", ticket(1002))
    account.account.metric_sets = {1001: {"ticket_id": 1001, "solved_at": "2026-11-01T09:00:00Z"}}
    account.time.tick(minutes=5)
    landed.pull(account.open(), "tickets")
    solved, open_ = (json.loads(landed.rows("tickets")[name]["payload"]) for name in ("1001", "1002"))
    assert solved["metric_set.solved_at"] == "2026-11-01T09:00:00Z"
    assert (solved["satisfaction_rating.score"], solved["via.channel"]) == ("good", "email")
    assert "thanks" not in json.dumps(solved)
    assert "metric_set.solved_at" not in open_


def test_a_deleted_ticket_is_a_tombstone(account: ZendeskKind, landed: Landed) -> None:
    """It comes with the status `deleted`."""
    account.account.put("tickets", ticket(1001))
    account.time.tick()
    landed.pull(account.open(), "tickets")
    account.account.put("tickets", ticket(1001, status="deleted"))
    account.time.tick()
    landed.pull(account.open(), "tickets")
    assert landed.living("tickets") == set()


def test_what_is_withheld_at_first_comes_later(account: ZendeskKind, landed: Landed) -> None:
    """Zendesk holds the newest minute back; the next run has it."""
    account.account.withheld = 60
    account.account.put("tickets", ticket(1001))
    landed.pull(account.open(), "tickets")
    assert landed.living("tickets") == set()
    account.time.tick(minutes=5)
    landed.pull(account.open(), "tickets")
    assert landed.living("tickets") == {"1001"}


def test_the_exports_own_limit_is_kept(account: ZendeskKind, landed: Landed) -> None:
    """45 pages at 20 a minute take two minutes of waiting, and no 429."""
    account.fill(45)
    landed.pull(account.open(page_rows=1))
    assert len(account.fake.asked("GET .*/incremental/users")) == 45
    assert 100 <= sum(account.time.waits) <= 130


def test_the_older_api_token_still_works(account: ZendeskKind, landed: Landed) -> None:
    """Basic, with the e-mail of an agent."""
    account.set_api(
        client_id=None,
        client_secret=None,
        email=SecretText(account.account.basic[0]),
        api_token=SecretText(account.account.basic[1]),
    )
    landed.pull(account.open())
    assert landed.living() == all_of(account)
    assert not account.fake.asked("POST")


def test_users_who_were_deleted_for_good_are_listed_once_a_week(account: ZendeskKind, landed: Landed) -> None:
    """Not every night: the list has everyone who was ever deleted."""
    for _ in range(9):
        landed.pull(account.open())
        account.time.tick(days=1)
    assert len(account.fake.asked("GET /api/v2/deleted_users")) == 2


UNKNOWN = {"error": "InvalidCursor", "description": "cursor is invalid"}


def refuse_cursor(account: ZendeskKind, known: str | None) -> None:
    """Let Zendesk know no cursor but those that it gives from now on."""

    def act(request: Request, reply: Reply) -> Reply:
        return Reply(UNKNOWN, 400) if request.query.get("cursor") == known else reply

    account.fake.script("GET .*/incremental/", act, times=10**6)


def test_a_cursor_that_zendesk_no_longer_takes_is_given_up(account: ZendeskKind, landed: Landed) -> None:
    """The export begins at the newest change that was read, less the overlap; the page says so, and nothing is lost."""
    landed.pull(account.open(page_rows=5))
    newest = max(row["updated_at"] for row in account.account.rows["users"].values())
    account.put(2, email="changed@example.jp")
    account.time.tick(hours=5)
    stored = landed.cursor()
    assert stored is not None
    refuse_cursor(account, stored["after"])
    pages = list(account.open(page_rows=5).read("contacts", stored))
    start = datetime.fromisoformat(newest) - timedelta(seconds=300)
    assert [page.note for page in pages if page.note] == [
        f"Zendesk no longer takes the cursor of the export: it was read again from {start:%Y-%m-%dT%H:%M:%S.000Z}"
    ]
    assert account.fake.asked("GET .*/incremental/")[-5].query["start_time"] == str(int(start.timestamp()))
    landed.pull(account.open(page_rows=5))
    assert "changed@example.jp" in landed.rows()[account.id_of(2)]["payload"]
    assert landed.versions() == PEOPLE + 1
    account.time.tick(hours=5)
    landed.pull(account.open())
    assert account.fake.asked("GET .*/incremental/")[-1].query["cursor"] != stored["after"]


def test_a_refused_cursor_of_an_older_version_begins_at_the_beginning(account: ZendeskKind, landed: Landed) -> None:
    """It does not tell when it was; rows that are landed are landed once."""
    landed.pull(account.open())
    cursor = {name: value for name, value in (landed.cursor() or {}).items() if name != "newest"}
    refuse_cursor(account, cursor["after"])
    pages = list(account.open().read("contacts", cursor))
    assert "read again from the beginning" in pages[0].note
    assert len(pages[0].rows) == PEOPLE


def test_a_window_goes_on_from_its_beginning_where_its_cursor_is_refused(account: ZendeskKind) -> None:
    """A backfill that was cut off for long."""
    window = Window(since=account.time.at - timedelta(days=1))
    first = next(account.open(page_rows=5).read_window("contacts", window, None))
    account.fake.script("GET .*/incremental/", refuse(400, UNKNOWN))
    rest = list(account.open(page_rows=5).read_window("contacts", window, first.cursor))
    ids = {row.source_id for page in (first, *rest) for row in page.rows}
    assert ids == all_of(account)


def test_a_check_with_a_refused_cursor_says_what_the_next_run_does(account: ZendeskKind, landed: Landed) -> None:
    """It is no error of the settings."""
    landed.pull(account.open())
    cursor = landed.cursor() or {}
    refuse_cursor(account, cursor["after"])
    assert any("no longer takes the cursor" in note for note in account.open().check("contacts", cursor).notes)


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_that_is_not_the_cursors_is_told(account: ZendeskKind, landed: Landed, status: int) -> None:
    """What is refused without a cursor too; a missing right is not asked for twice."""
    landed.pull(account.open())
    account.fake.script("GET .*/incremental/", refuse(status), times=10**6)
    before = len(account.fake.requests)
    with pytest.raises(SourceError, match=f"answered {status}"):
        landed.pull(account.open())
    assert len(account.fake.asked("GET .*/incremental/")) == 1 + (2 if status == 400 else 1)
    assert before < len(account.fake.requests)


def test_a_cursor_refused_in_the_middle_ends_the_run(account: ZendeskKind, landed: Landed) -> None:
    """Only one that was stored may be too old; the pages before stay."""
    account.fake.script("GET .*/incremental/", lambda _q, _r: Reply(UNKNOWN, 400), skip=2, times=10**6)
    with pytest.raises(SourceError, match="InvalidCursor"):
        landed.pull(account.open(page_rows=5))
    assert len(landed.rows()) == 10
