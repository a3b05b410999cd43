"""Packaged presets: each is sound, and each reads rows in the shapes that its vendor's exports have."""

import json
from typing import Any

import pandas as pd
import pytest

from connectors.settings.mapping import is_known_field
from connectors.settings.project import SourceSettings
from connectors.sources.mapping.event_words import CHANNELS, DIRECTIONS
from connectors.sources.mapping.streams import Mapped, map_contacts, map_touchpoints
from connectors.sources.plan import Header, check_header, plan_stream
from connectors.sources.preset import load_preset, preset_names


def mapped(preset: str, *payloads: dict[str, Any]) -> Mapped:
    """Map payloads through a preset and nothing else."""
    stream = {"path": "a.csv", "preset": preset}
    settings = SourceSettings.model_validate({"kind": "sales", "country": "JP", "streams": {"s": stream}})
    header = Header(payloads[0], is_open=any(isinstance(v, dict) for v in payloads[0].values()))
    check_header(plan_stream("crm", settings, "s"), header, "a.csv")
    rows = [("crm", str(n), json.dumps(p), None, False, None) for n, p in enumerate(payloads)]
    columns = ["source", "source_id", "payload", "updated_at", "deleted", "merged_into"]
    to_fields = map_contacts if load_preset(preset).role == "contacts" else map_touchpoints
    return to_fields(pd.DataFrame(rows, columns=columns, dtype=object), settings, "s")


def filled(frame: pd.DataFrame, row: int = 0) -> dict[str, Any]:
    """Return the filled values of one record."""
    return {str(k): v for k, v in frame.iloc[row].items() if not pd.isna(v)}


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_sound(name: str) -> None:
    """It names an id, a role and only known fields, and its value lists end in known words."""
    preset = load_preset(name)
    assert preset.id
    assert preset.role is not None
    for rules in (preset, *preset.touchpoints):
        for field in (*rules.map, *rules.constant, *rules.values):
            assert is_known_field(field, preset.role), field
        assert set(rules.values.get("channel", {}).values()) <= {*CHANNELS, ""}
        assert set(rules.values.get("direction", {}).values()) <= {*DIRECTIONS, ""}
        assert all(
            columns is None or not columns.columns or field in ("email", "phone")
            for field, columns in rules.map.items()
        )


SALESFORCE = {
    "Id": "003A",
    "LastName": "髙橋",
    "FirstName": "花子",
    "Email": "h@x.jp",
    "Phone": "03",
    "MobilePhone": "090",
}


@pytest.mark.parametrize("account", [{"Account.Name": "㈱山"}, {"AccountName": "㈱山"}, {"Account": {"Name": "㈱山"}}])
def test_salesforce_contacts_by_file_and_by_api(account: dict[str, Any]) -> None:
    """The parent account comes flattened, joined or nested, by the way it was exported."""
    record = filled(mapped("salesforce_contact", SALESFORCE | account | {"MailingState": "東京都"}).records)
    assert (record["family_name"], record["given_name"], record["organization"]) == ("髙橋", "花子", "㈱山")
    assert record["phone"] == "03\n090"
    assert record["region"] == "東京都"


def test_salesforce_tasks() -> None:
    """Calls and e-mails get their channel, direction and length."""
    call = {"Id": "00T", "WhoId": "003A", "TaskSubtype": "Call", "CallType": "Inbound", "CallDurationInSeconds": "60"}
    times = {"CompletedDateTime": None, "ActivityDate": "2026-01-02"}
    record = filled(mapped("salesforce_task", call | times).records)
    assert (record["channel"], record["type"], record["direction"]) == ("phone", "call", "inbound")
    assert record["duration_seconds"] == 60.0
    assert record["occurred_at"] == pd.Timestamp("2026-01-02", tz="UTC")


def test_salesforce_cases_open_and_close() -> None:
    """A closed case gives two events, an open one gives one that is open."""
    case = {"Id": "500", "ContactId": "003A", "Origin": "Phone", "Subject": "s", "Status": "Closed"}
    frame = mapped(
        "salesforce_case",
        case | {"IsClosed": "true", "CreatedDate": "2026-01-01", "ClosedDate": "2026-01-03"},
        case | {"IsClosed": "false", "CreatedDate": "2026-01-02", "ClosedDate": None},
    ).records
    assert list(frame["type"]) == ["ticket_opened", "ticket_opened", "ticket_solved"]
    assert list(frame["status"]) == ["closed", "open", None]


@pytest.mark.parametrize("nested", [True, False])
def test_hubspot_contacts_by_file_and_by_api(nested: bool) -> None:
    """The API nests properties; exports and tables have them flat."""
    values = {"firstname": "Ann", "lastname": "Lee", "email": "a@x", "hs_additional_emails": "b@x;c@x", "zip": "1"}
    record = filled(mapped("hubspot_contact", {"id": "1", **({"properties": values} if nested else values)}).records)
    assert (record["given_name"], record["family_name"], record["postal_code"]) == ("Ann", "Lee", "1")
    assert record["email"] == "a@x\nb@x;c@x"


ENGAGEMENTS = [
    ("hubspot_call", {"hs_timestamp": "2026-01-01T00:00:00Z", "hs_call_direction": "INBOUND", "hs_call_duration": "1500"}, ("phone", "call", "inbound", 1.5)),
    ("hubspot_email", {"hs_timestamp": "1767225600000", "hs_email_direction": "INCOMING_EMAIL"}, ("email", "message", "inbound", None)),
    ("hubspot_meeting", {"hs_meeting_start_time": "2026-01-01T00:00:00Z"}, ("meeting", "meeting", None, None)),
    ("hubspot_engagement", {"type": "EMAIL_OPEN", "hs_timestamp": "2026-01-01T00:00:00Z"}, ("email", "email_opened", None, None)),
    ("hubspot_engagement", {"type": "CALL", "direction": "OUTBOUND", "hs_timestamp": "2026-01-01T00:00:00Z", "duration_ms": "2000"}, ("phone", "call", "outbound", 2.0)),
]  # fmt: skip


@pytest.mark.parametrize(("preset", "row", "expected"), ENGAGEMENTS)
def test_hubspot_activities(preset: str, row: dict[str, str], expected: tuple[Any, ...]) -> None:
    """Each kind has its channel, type and direction; lengths are given in milliseconds."""
    record = filled(mapped(preset, {"id": "1", "contact_id": "9"} | row).records)
    assert tuple(record.get(name) for name in ("channel", "type", "direction", "duration_seconds")) == expected
    assert record["contact_id"] == "crm:9"
    assert record["occurred_at"] == pd.Timestamp("2026-01-01", tz="UTC")


def test_hubspot_feedback() -> None:
    """Submissions carry the metric, its value and the usual scale."""
    row = {
        "id": "1",
        "contact_id": "9",
        "hs_survey_type": "CES",
        "hs_value": "6",
        "hs_submission_timestamp": "2026-01-01",
    }
    record = filled(mapped("hubspot_feedback_submission", row).records)
    assert (record["metric"], record["score"], record["scale_max"]) == ("ces", 6.0, 7.0)


TICKET = {"id": 1, "requester_id": 7, "subject": "s", "status": "solved", "created_at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "rest",
    [
        {"via_channel": "voice", "solved_at": "2026-01-02T00:00:00Z", "satisfaction_score": "good"},
        {
            "via": {"channel": "voice"},
            "metric_set": {"solved_at": "2026-01-02T00:00:00Z"},
            "satisfaction_rating": {"score": "good_with_comment", "updated_at": "2026-01-03T00:00:00Z"},
        },
    ],
)
def test_zendesk_tickets_by_file_and_by_api(rest: dict[str, Any]) -> None:
    """A ticket gives its opening, its solving and the answer to the survey, once each."""
    frame = mapped("zendesk_ticket", TICKET | rest).records.set_index("touchpoint_id")
    assert set(frame.index) == {"crm:s:0", "crm:s:0:solved", "crm:s:0:csat"}
    assert frame.loc["crm:s:0", "status"] == "closed"
    assert frame.loc["crm:s:0", "channel"] == "phone"
    csat = frame.loc["crm:s:0:csat"]
    assert (csat["channel"], csat["metric"], csat["score"], csat["scale_max"]) == ("survey", "csat", 1.0, 1.0)


def test_a_ticket_without_an_answer_gives_no_survey() -> None:
    """`offered` and `unoffered` are no answers."""
    rows = [TICKET | {"satisfaction_score": score, "status": "open"} for score in ("offered", "unoffered", None)]
    assert list(mapped("zendesk_ticket", *rows).records["type"]) == ["ticket_opened"] * 3


def test_zendesk_users() -> None:
    """One name field, locale as language."""
    record = filled(mapped("zendesk_user", {"id": "1", "name": "山田 太郎", "email": "a@x", "locale": "ja"}).records)
    assert (record["full_name"], record["preferred_language"]) == ("山田 太郎", "ja")


def test_generic_survey_in_japanese() -> None:
    """A survey tool's export is understood by its header words."""
    row = {"回答ID": "1", "顧客ID": "9", "回答日時": "2026/01/02 09:00", "指標": "NPS", "点数": "9"}
    record = filled(mapped("survey", row).records)
    assert (record["contact_id"], record["metric"], record["score"]) == ("crm:9", "nps", 9.0)


def test_generic_events_in_japanese() -> None:
    """A list of contacts by phone, mail and visit is understood by its header words."""
    row = {
        "履歴ID": "1",
        "顧客ID": "9",
        "応対日時": "2026/01/02 09:00",
        "チャネル": "電話",
        "応対区分": "受電",
        "内容": "質問",
    }
    record = filled(mapped("event", row).records)
    assert (record["channel"], record["subject"], record["contact_id"]) == ("phone", "質問", "crm:9")
    assert (record["type"], record["direction"]) == ("call", "inbound")
    del row["チャネル"]
    for kind, channel, what in (
        ("架電", "phone", "call"),
        ("訪問", "in_person", "visit"),
        ("メール", "email", "message"),
    ):
        record = filled(mapped("event", row | {"応対区分": kind}).records)
        assert (record["channel"], record["type"]) == (channel, what)


def test_mailchimps_file_of_the_unsubscribed_is_a_list_of_opt_outs() -> None:
    """It has no status: the time of leaving is the opt-out, and a subscriber has none."""
    row = {"EUID": "e1", "Email Address": "a@x", "UNSUB_TIME": "2026-01-02 03:04:05"}
    assert filled(mapped("mailchimp_member", row).records)["email_opt_out"] == "2026-01-02 03:04:05"
    assert "email_opt_out" not in filled(mapped("mailchimp_member", row | {"UNSUB_TIME": ""}).records)


def test_shopify_by_api() -> None:
    """Customers and orders of GraphQL nest what the exports have flat; both name the customer by one id."""
    person = {
        "id": "gid://shopify/Customer/1",
        "lastName": "Müller",
        "defaultEmailAddress": {"emailAddress": "a@x", "marketingState": "SUBSCRIBED"},
    }
    record = filled(
        mapped("shopify_customer", person | {"defaultAddress": {"zip": "10115", "countryCodeV2": "DE"}}).records
    )
    assert (record["email"], record["email_consent"], record["country"]) == ("a@x", "yes", "DE")
    order = {
        "id": "gid://shopify/Order/5",
        "name": "#1001",
        "createdAt": "2026-07-01T00:00:00Z",
        "customer": {"id": person["id"]},
    }
    money = {
        "totalPriceSet": {"shopMoney": {"amount": "25.00", "currencyCode": "EUR"}},
        "displayFinancialStatus": "PAID",
    }
    event = filled(mapped("shopify_order", order | money).records)
    assert (event["contact_id"], event["amount"], event["currency"]) == (f"crm:{person['id']}", 25.0, "EUR")


def test_base_by_api() -> None:
    """An order of the API is its buyer and an event; times are epoch seconds, the receiver is not the buyer."""
    order = {
        "unique_key": "B1",
        "ordered": 1767225600,
        "modified": 1767225600,
        "total": 2200,
        "dispatch_status": "ordered",
    }
    buyer = {
        "last_name": "佐藤",
        "first_name": "美咲",
        "mail_address": "m@x",
        "tel": "090",
        "order_receiver": {"last_name": "鈴木"},
    }
    record = filled(mapped("base_buyer", order | buyer).records)
    assert (record["family_name"], record["email"], record["phone"]) == ("佐藤", "m@x", "090")
    event = filled(mapped("base_order", order | buyer).records)
    assert (event["contact_id"], event["amount"], event["occurred_at"]) == (
        "crm:B1",
        2200.0,
        pd.Timestamp("2026-01-01", tz="UTC"),
    )


def test_sansan_by_api() -> None:
    """Names of the Open API are read beside those of the download."""
    card = {
        "bizCardId": "7",
        "lastName": "髙橋",
        "firstName": "花子",
        "companyName": "㈱髙島商会",
        "email": "h@x",
        "mobile": "090",
        "exchangeDate": "2026-04-01",
    }
    record = filled(mapped("sansan_card", card).records)
    assert (record["family_name"], record["organization"], record["phone"]) == ("髙橋", "㈱髙島商会", "090")
    assert len(mapped("sansan_exchange", card).records) == 1
