"""Packaged presets: each is sound, and each reads rows in the shapes that its vendor's exports have."""

import json
from typing import Any

import pandas as pd
import pytest

from connectors.settings.declared import load_declaration
from connectors.settings.mapping import is_known_field
from connectors.settings.project import SourceSettings
from connectors.sources.mapping.event_words import CHANNELS, DIRECTIONS
from connectors.sources.mapping.streams import Mapped, map_contacts, map_touchpoints
from connectors.sources.plan import Header, check_header, plan_stream
from connectors.sources.preset import load_preset, preset_names
from resolve.standardise.consent import standardise_consent


def mapped(preset: str, *payloads: dict[str, Any], loader: str | None = None) -> Mapped:
    """Map payloads through a preset and nothing else, of a file or of a table that a loader keeps."""
    stream = {"table": "a", "loader": loader, "preset": preset} if loader else {"path": "a.csv", "preset": preset}
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


MANY = ("email", "phone", "email_opt_out", "phone_opt_out")  # fields of several columns


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
        assert all(columns is None or not columns.columns or field in MANY for field, columns in rules.map.items())


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


def test_every_number_of_a_hubspot_contact_counts() -> None:
    """That of WhatsApp is a property of its own."""
    row = {"id": "1", "phone": "03-1234-5678", "hs_whatsapp_phone_number": "090-1234-5679"}
    assert filled(mapped("hubspot_contact", row).records)["phone"] == "03-1234-5678\n090-1234-5679"


ENGAGEMENTS = [
    ("hubspot_call", {"hs_timestamp": "2026-01-01T00:00:00Z", "hs_call_direction": "INBOUND", "hs_call_duration": "1500"}, ("phone", "call", "inbound", 1.5)),
    ("hubspot_email", {"hs_timestamp": "1767225600000", "hs_email_direction": "INCOMING_EMAIL"}, ("email", "message", "inbound", None)),
    ("hubspot_meeting", {"hs_meeting_start_time": "2026-01-01T00:00:00Z"}, ("meeting", "meeting", None, None)),
    ("hubspot_engagement", {"type": "EMAIL_OPEN", "hs_timestamp": "2026-01-01T00:00:00Z"}, ("email", "email_opened", None, None)),
    ("hubspot_email", {"hs_timestamp": "1767225600000", "hs_email_direction": "FORWARDED_EMAIL"}, ("email", "message", "inbound", None)),
    ("hubspot_engagement", {"engagement_type": "communications", "hs_communication_channel_type": "SMS", "hs_timestamp": "2026-01-01T00:00:00Z"}, ("sms", "message", None, None)),
    ("hubspot_engagement", {"engagement_type": "communications", "hs_timestamp": "2026-01-01T00:00:00Z"}, ("chat", "message", None, None)),
    ("hubspot_engagement", {"type": "OPEN", "created": "2026-01-01T00:00:00Z"}, ("email", "email_opened", None, None)),
    ("hubspot_engagement", {"type": "CALL", "direction": "OUTBOUND", "hs_timestamp": "2026-01-01T00:00:00Z", "duration_ms": "2000"}, ("phone", "call", "outbound", 2.0)),
]  # fmt: skip


@pytest.mark.parametrize(("preset", "row", "expected"), ENGAGEMENTS)
def test_hubspot_activities(preset: str, row: dict[str, str], expected: tuple[Any, ...]) -> None:
    """Each kind has its channel, type and direction; lengths are given in milliseconds."""
    record = filled(mapped(preset, {"id": "1", "contact_id": "9"} | row).records)
    assert tuple(record.get(name) for name in ("channel", "type", "direction", "duration_seconds")) == expected
    assert record["contact_id"] == "crm:9"
    assert record["occurred_at"] == pd.Timestamp("2026-01-01", tz="UTC")


FROM_TO = {"hs_email_from_email": "from@x.jp", "hs_email_to_email": "to@x.jp", "hs_timestamp": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(("direction", "address"), [("EMAIL", "to@x.jp"), ("INCOMING_EMAIL", "from@x.jp")])
@pytest.mark.parametrize("prefix", ["", "properties.", "property_", "properties_"])
def test_hubspot_emails_without_a_contact_are_of_the_other_side(prefix: str, direction: str, address: str) -> None:
    """The recipient of an e-mail that came in is the own inbox, not the customer."""
    values = {"hs_email_direction": direction, **FROM_TO}
    loader = {"property_": "fivetran", "properties_": "airbyte"}.get(prefix)
    payload = (
        {"id": "1", "properties": values} if prefix == "properties." else {prefix + k: v for k, v in values.items()}
    )
    found = mapped("hubspot_email", {"id": "1"} | payload, loader=loader).records
    assert list(found["identifier"]) == [address]


@pytest.mark.parametrize("kind", ["call", "email", "meeting", "engagement"])
def test_fivetrans_tables_of_one_kind_of_activity_have_their_id(kind: str) -> None:
    """They name it engagement_id, and have no other."""
    row = {"engagement_id": "7", "type": kind.upper(), "property_hs_timestamp": "2026-01-01T00:00:00Z"}
    assert len(mapped(f"hubspot_{kind}", row, loader="fivetran").records) == 1


def test_hubspot_engagements_without_a_contact_are_of_the_other_side() -> None:
    """As e-mails are; the recipient of a marketing e-mail is the customer."""
    sent = {"id": "1", "type": "EMAIL", "hs_email_direction": "EMAIL", **FROM_TO}
    opened = {"id": "1", "type": "OPEN", "recipient": "r@x.jp", "created": "2026-01-01T00:00:00Z"}
    found = mapped("hubspot_engagement", sent, sent | {"hs_email_direction": "INCOMING_EMAIL"}, opened).records
    assert dict(zip(found["source_id"], found["identifier"], strict=True)) == {
        "0": "to@x.jp", "1": "from@x.jp", "2": "r@x.jp"
    }  # fmt: skip


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


def test_a_ticket_of_zendesks_mobile_app_is_no_call() -> None:
    """Elsewhere `mobile` is a telephone."""
    assert list(mapped("zendesk_ticket", TICKET | {"via": {"channel": "mobile"}}).records["channel"]) == ["other"]


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


def test_a_mobile_number_of_kintone_is_a_phone_under_each_of_its_names() -> None:
    """Apps call the field 携帯 as often as 携帯電話; beside 電話 both are kept."""
    for name in ("携帯", "携帯電話", "携帯番号", "携帯電話番号"):
        record = filled(
            mapped("kintone_customer", {"レコード番号": "1", "電話": "03-1111-2222", name: "090-1"}).records
        )
        assert "090-1" in record["phone"], name


OPT_OUTS = [
    ("salesforce_contact", {"取引先責任者 ID": "1", "メール送信除外": "1"}, "email"),
    ("salesforce_lead", {"リード ID": "1", "メール送信除外": "1"}, "email"),
    ("hubspot_contact", {"レコードID": "1", "Eメールをオプトアウト": "true"}, "email"),
    ("marketo_lead", {"id": "1", "unsubscribed": "false", "blackListed": "true"}, "email"),
    ("marketo_lead", {"Id": "1", "Unsubscribed": "false", "Marketing Suspended": "true"}, "email"),
    ("intercom_contact", {"id": "1", "unsubscribed_from_emails": "false", "marked_email_as_spam": "true"}, "email"),
    ("saaske_customer", {"サスケ顧客番号": "1", "メール配信停止": "いいえ", "メール配信不可": "はい"}, "email"),
    ("saaske_customer", {"サスケ顧客番号": "1", "架電禁止": "なし", "電話不可": "あり"}, "phone"),
    ("saaske_customer", {"サスケ顧客番号": "1", "メール配信": "不可"}, "email"),
    ("kintone_customer", {"レコード番号": "1", "メール配信停止": "停止"}, "email"),
    ("kintone_customer", {"レコード番号": "1", "架電禁止": "あり"}, "phone"),
    ("kintone_customer", {"レコード番号": "1", "メール配信": "希望しない"}, "email"),
]


@pytest.mark.parametrize(("preset", "row", "channel"), OPT_OUTS)
def test_no_state_that_means_do_not_send_is_lost(preset: str, row: dict[str, str], channel: str) -> None:
    """Also where another column of the row says no."""
    record = filled(mapped(preset, row).records)
    assert standardise_consent(record.get(f"{channel}_consent"), record.get(f"{channel}_opt_out")) == "denied"


@pytest.mark.parametrize("field", ["email_opt_out", "phone_opt_out", "birth_date", "department"])
def test_leads_of_the_api_have_what_the_preset_reads(field: str) -> None:
    """Marketo gives no field that is not asked for."""
    asked = load_declaration("marketo").defaults["fields"].split(",")
    columns = load_preset("marketo_lead").map[field]
    assert columns is not None
    names = [name for name in columns.names if name[0].islower()]
    assert names
    assert set(names) <= set(asked)


MARKETO = [("27", "email_bounced", "outbound"), ("39", "email_sent", "outbound"), ("45", "message", "inbound")]


@pytest.mark.parametrize(("kind", "expected", "direction"), MARKETO)
def test_marketos_soft_bounces_and_sales_emails_are_email(kind: str, expected: str, direction: str) -> None:
    """They have types of their own beside those of marketing e-mail."""
    row = {"marketoGUID": "1", "leadId": "9", "activityDate": "2026-01-01T00:00:00Z", "activityTypeId": kind}
    record = filled(mapped("marketo_activity", row).records)
    assert (record["channel"], record["type"], record["direction"]) == ("email", expected, direction)


def test_an_intercom_rating_is_of_the_time_it_was_given() -> None:
    """It was created when the customer was asked."""
    rating = {"rating": 4, "created_at": 1767225600, "updated_at": 1767312000}
    row = {"id": "1", "state": "open", "created_at": 1767225600, "conversation_rating": rating}
    found = mapped("intercom_conversation", row).records.set_index("type")
    assert found.loc["survey_response", "occurred_at"] == pd.Timestamp("2026-01-02", tz="UTC")


def test_an_invalid_address_is_no_choice() -> None:
    """Bounces and addresses that do not work deny nothing."""
    lead = {"id": "1", "unsubscribed": "false", "emailInvalid": "true", "marketingSuspended": "false"}
    contact = {"id": "1", "unsubscribed_from_emails": "false", "has_hard_bounced": "true"}
    for preset, row in (("marketo_lead", lead), ("intercom_contact", contact)):
        assert standardise_consent(None, filled(mapped(preset, row).records)["email_opt_out"]) is None


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


@pytest.mark.parametrize(
    ("state", "consent"),
    [
        ("SUBSCRIBED", "granted"),
        ("UNSUBSCRIBED", "denied"),
        ("REDACTED", "denied"),
        *((s, None) for s in ("NOT_SUBSCRIBED", "INVALID", "PENDING")),
    ],
)
def test_only_who_left_shopifys_mailing_has_opted_out(state: str, consent: str | None) -> None:
    """Never having subscribed is the state that customers begin with."""
    row = {"id": "gid://shopify/Customer/1", "defaultEmailAddress": {"emailAddress": "a@x", "marketingState": state}}
    record = filled(mapped("shopify_customer", row).records)
    assert standardise_consent(record.get("email_consent")) == consent


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


def test_shopifys_buyer_has_no_company_or_building_of_the_receiver() -> None:
    """A present goes to another address, whose second line is no part of the buyer's."""
    billing = {
        "Billing Name": "田中 一郎",
        "Billing Address1": "神宮前1-2-3",
        "Billing Address2": "",
        "Billing Company": "",
    }
    shipping = {
        "Shipping Name": "鈴木 花子",
        "Shipping Address1": "梅田1-1",
        "Shipping Address2": "5F",
        "Shipping Company": "㈱鈴木",
    }
    record = filled(mapped("shopify_buyer", {"Name": "#1"} | billing | shipping).records)
    assert (record["full_name"], record["street"]) == ("田中 一郎", "神宮前1-2-3")
    assert not {"building", "organization"} & set(record)


def test_sansan_by_the_names_of_its_data_hub() -> None:
    """Its help names the items of a card so."""
    card = {"名刺ID": "7", "TEL1": "03-1234-5678", "TEL2": "03-9999-5678", "携帯番号": "090-1", "email1": "a@x.jp"}
    record = filled(mapped("sansan_card", card | {"国コード": "JP", "町域・番地": "神宮前1-2-3"}).records)
    assert (record["phone"].count("\n"), record["email"]) == (2, "a@x.jp")
    assert (record["country"], record["street"]) == ("JP", "神宮前1-2-3")


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
