"""Raw rows to contacts and touchpoints: joins, alternatives, constants, value lists, times, scores, merges."""

import json
from typing import Any

import pandas as pd
import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.mapping import streams
from connectors.sources.mapping.streams import REJECT_COLUMNS, Mapped, map_contacts, map_touchpoints
from resolve.errors import SourceError
from resolve.schema import check_key
from resolve.schema.frames import SOURCE_RECORDS, TOUCHPOINTS


def settings(stream: str, rules: dict[str, Any]) -> SourceSettings:
    """Return a source with one stream."""
    both = {"path": "a.csv", "id": "id"} | rules
    return SourceSettings.model_validate({"kind": "sales", "time_zone": "Asia/Tokyo", "streams": {stream: both}})


def raw(*payloads: dict[str, Any]) -> pd.DataFrame:
    """Return raw rows as the landing gives them; keys with an underscore in front are not part of the payload."""
    rows = [
        {
            "source": "crm",
            "source_id": str(payload.get("id")),
            "payload": json.dumps({k: v for k, v in payload.items() if not k.startswith("_")}, ensure_ascii=False),
            "updated_at": payload.get("_updated_at"),
            "deleted": payload.get("_deleted", False),
            "merged_into": payload.get("_merged_into"),
        }
        for payload in payloads
    ]
    columns = ["source", "source_id", "payload", "updated_at", "deleted", "merged_into"]
    return pd.DataFrame(rows, columns=columns).astype(object)


def contacts(rules: dict[str, Any], *payloads: dict[str, Any]) -> Mapped:
    """Map rows of a contact stream."""
    return map_contacts(raw(*payloads), settings("contacts", rules), "contacts")


def events(rules: dict[str, Any], *payloads: dict[str, Any]) -> Mapped:
    """Map rows of an event stream."""
    return map_touchpoints(raw(*payloads), settings("calls", rules), "calls")


def first(mapped: Mapped) -> dict[str, Any]:
    """Return the filled values of the first record."""
    return {str(k): v for k, v in mapped.records.iloc[0].items() if not pd.isna(v)}


def test_columns_become_fields() -> None:
    """Several columns are kept one a line, address parts on one line; the rest as received."""
    rules = {
        "map": {
            "full_name": ["姓", "名"],
            "phone": ["電話", "携帯", "代表"],
            "street": ["番地", "丁目"],
            "email": {"columns": ["a", "b"], "join": "; "},
            "x_tier": "tier",
        },
        "constant": {"country": "JP", "department": "x"},
    }
    row = {"id": 1, "姓": "山田", "名": "太郎", "電話": "03-1", "携帯": None, "代表": "03-1", "番地": "1", "丁目": "2"}
    record = first(contacts(rules, row | {"a": "p@x", "b": "q@x", "tier": 3}))
    assert record["full_name"] == "山田 太郎"
    assert record["phone"] == "03-1"
    assert record["street"] == "1 2"
    assert record["email"] == "p@x; q@x"
    assert record["country"] == "JP"
    assert record["x_tier"] == "3"


def test_the_first_alternative_with_a_value_counts() -> None:
    """`any` looks row by row; alternatives that no row has are passed over."""
    rules = {"map": {"organization": {"any": ["Account.Name", "AccountName", "Nowhere"]}}}
    mapped = contacts(rules, {"id": 1, "AccountName": "B"}, {"id": 2, "Account": {"Name": "A"}, "AccountName": "B"})
    assert list(mapped.records["organization"]) == ["B", "A"]


def test_nested_json_is_reached_by_dots() -> None:
    """API rows are mapped as they are; lists give one value a line."""
    rules = {"map": {"email": "properties.email", "phone": "phones", "city": "a.b"}}
    row = {"id": 1, "properties": {"email": "a@x"}, "phones": ["1", 2, None], "a.b": "flat"}
    record = first(contacts(rules, row))
    assert (record["email"], record["phone"], record["city"]) == ("a@x", "1\n2", "flat")


def test_blank_is_missing_and_words_stay() -> None:
    """Spaces are no value; NA, None and 0 are."""
    rules = {"map": {"full_name": "n", "gender": "g"}}
    mapped = contacts(
        rules, {"id": 1, "n": " 　", "g": "0"}, {"id": 2, "n": "NA", "g": ""}, {"id": 3, "n": None, "g": False}
    )
    assert list(mapped.records["full_name"]) == [None, "NA", None]
    assert list(mapped.records["gender"]) == ["0", None, "false"]


def test_records_keep_schema_order_and_key() -> None:
    """The frame is SOURCE_RECORDS in the order of the rows."""
    mapped = contacts({"map": {"email": "e"}}, {"id": "b", "e": "1"}, {"id": "a", "e": "2"})
    assert list(mapped.records.columns) == SOURCE_RECORDS.names
    assert list(mapped.records["source_id"]) == ["b", "a"]
    assert list(mapped.rejects.columns) == list(REJECT_COLUMNS)
    check_key(mapped.records, SOURCE_RECORDS)


def test_no_rows_give_empty_frames() -> None:
    """An empty stream is mapped without an error."""
    assert len(contacts({"map": {"email": "e"}}).records) == 0
    assert len(events({"map": {"occurred_at": "t"}}).records) == 0


def test_times_of_contacts_become_utc() -> None:
    """Created and changed times are ISO text in UTC; unreadable ones are counted, not fatal."""
    rules = {"map": {"created_at": "c", "email": "e"}}
    mapped = contacts(
        rules, {"id": 1, "c": "2026/11/20 12:00", "e": "x", "_updated_at": "soon"}, {"id": 2, "c": "x", "e": "x"}
    )
    assert list(mapped.records["created_at"]) == ["2026-11-20T03:00:00.000000Z", None]
    assert mapped.notes == {"created_at unreadable": 1, "updated_at unreadable": 1}


def test_a_mapped_column_that_no_row_has_is_an_error() -> None:
    """A lost column must not empty a field silently; a column that some rows lack is fine."""
    rules = {"map": {"email": "mail", "phone": "tel"}}
    assert len(contacts(rules, {"id": 1, "mail": "a"}, {"id": 2, "tel": "1"}).records) == 2
    with pytest.raises(SourceError, match=r"source crm: stream contacts: no row has a column tel"):
        contacts(rules, {"id": 1, "mail": "a"})


def test_an_element_of_a_list_that_nobody_has_today_is_no_error() -> None:
    """The list has to be there, however short it is."""
    rules = {"map": {"email": "mail", "phone": ["tels.0", "tels.1"]}}
    mapped = contacts(rules, {"id": 1, "mail": "a", "tels": ["1"]}, {"id": 2, "mail": "b", "tels": []})
    assert list(mapped.records["phone"]) == ["1", None]
    with pytest.raises(SourceError, match=r"no row has a column tels.0, tels.1"):
        contacts(rules, {"id": 1, "mail": "a", "tel": ["1"]})


def test_deleted_rows_are_gone_and_merged_ones_follow_their_winner() -> None:
    """A tombstone leaves the contacts; a loser whose winner lives stays with a pointer to it, chains included."""
    mapped = contacts(
        {"map": {"email": "e"}},
        {"id": 1, "e": "a"},
        {"id": 2, "e": "b", "_deleted": True},
        {"id": 3, "e": "c", "_deleted": True, "_merged_into": "4"},
        {"id": 4, "e": "d", "_deleted": True, "_merged_into": "1"},
        {"id": 5, "e": "e", "_deleted": True, "_merged_into": "2"},
        {"id": 6, "e": "f", "_merged_into": "6"},
    )
    assert list(mapped.records["source_id"]) == ["1", "3", "4", "6"]
    assert list(mapped.records["merged_into"]) == [None, "1", "1", None]
    assert list(mapped.gone["source_id"]) == ["2", "5"]
    assert list(map(tuple, mapped.aliases.to_numpy())) == [("crm:3", "crm:1"), ("crm:4", "crm:1"), ("crm:5", "crm:2")]


def test_a_winner_may_list_its_losers() -> None:
    """HubSpot names the merged ids at the survivor; losers that were landed before follow it."""
    mapped = contacts(
        {"map": {"email": "e"}, "merged_ids": "m"}, {"id": 1, "e": "a", "m": "2;9"}, {"id": 2, "e": "b", "m": None}
    )
    assert list(mapped.records["merged_into"]) == [None, "1"]
    assert list(mapped.aliases["contact_id"]) == ["crm:2", "crm:9"]


CALL = {"map": {"contact_id": "who", "occurred_at": "at"}, "constant": {"channel": "phone"}}


def test_an_event_becomes_a_touchpoint() -> None:
    """Words become codes, numbers numbers, times UTC."""
    rules = {
        "map": {
            "contact_id": "who",
            "occurred_at": "at",
            "channel": "ch",
            "type": "kind",
            "direction": "dir",
            "subject": ["s1", "s2"],
            "amount": "yen",
            "duration_seconds": "len",
            "status": "st",
        },
        "values": {"direction": {"受信": "inbound", "*": "internal"}, "status": {"済": "closed"}},
        "duration_unit": "min",
    }
    row = {"id": 7, "who": "c1", "at": "2026-11-20 12:00", "ch": "電話", "kind": "Support Call", "dir": "受信"}
    record = first(events(rules, row | {"s1": "見積", "s2": "の件", "yen": "¥12,300", "len": "1.5", "st": "済"}))
    assert record["touchpoint_id"] == "crm:calls:7"
    assert record["contact_id"] == "crm:c1"
    assert (record["channel"], record["type"], record["direction"]) == ("phone", "support_call", "inbound")
    assert record["occurred_at"] == pd.Timestamp("2026-11-20 03:00", tz="UTC")
    assert record["subject"] == "見積 の件"
    assert (record["amount"], record["duration_seconds"], record["status"]) == (12_300.0, 90.0, "closed")


@pytest.mark.parametrize(
    ("row", "contact", "kind", "value"),
    [
        ({"who": "c1", "mail": "a@x"}, "crm:c1", None, None),
        ({"who": "c1", "src": "shop"}, "shop:c1", None, None),
        ({"mail": "a@x", "tel": "1"}, None, "email", "a@x"),
        ({"tel": "1"}, None, "phone", "1"),
        ({"it": "line_user_id", "iv": "U1"}, None, "line_user_id", "U1"),
        ({"mail": "なし", "tel": "０３"}, None, "phone", "０３"),
        ({"it": "email", "iv": "-", "mail": "a＠x", "tel": "1"}, None, "email", "a＠x"),
        ({"mail": "-", "tel": "－"}, None, None, None),
        ({"it": "cookie", "iv": "z"}, None, None, None),
        ({}, None, None, None),
    ],
)
def test_an_event_names_a_contact_or_an_identifier(row: dict[str, str], contact: Any, kind: Any, value: Any) -> None:
    """A contact id counts before identifiers; an event of nobody is kept."""
    names = {"contact_id": "who", "contact_source": "src", "email": "mail", "phone": "tel"}
    rules = {"map": {"occurred_at": "at", "identifier_type": "it", "identifier": "iv"} | names}
    every = dict.fromkeys(("who", "src", "mail", "tel", "it", "iv"))
    record = events(rules, {"id": 1, "at": "2026-01-01"} | every | row).records.iloc[0]
    assert (record["contact_id"], record["identifier_type"], record["identifier"]) == (contact, kind, value)


def test_an_event_without_a_usable_time_is_refused() -> None:
    """It cannot stand in a history; it goes to quarantine with its payload."""
    mapped = events(
        CALL, {"id": 1, "who": "c", "at": "soon"}, {"id": 2, "who": "c", "at": None}, {"id": 3, "at": "2026-01-01"}
    )
    assert list(mapped.records["source_id"]) == ["3"]
    assert list(mapped.rejects["row_key"]) == ["1", "2"]
    assert set(mapped.rejects["reason"]) == {"bad_time"}
    assert "soon" not in " ".join(mapped.rejects["detail"])
    assert json.loads(mapped.rejects["payload"][0])["at"] == "soon"


SURVEY = {"map": {"occurred_at": "at", "metric": "m", "score": "s"}, "constant": {"channel": "survey"}}


@pytest.mark.parametrize(
    ("metric", "score", "expected"),
    [
        ("CSAT", "4", ("csat", 4.0, 1.0, 5.0)),
        ("nps", "０", ("nps", 0.0, 0.0, 10.0)),
        ("Customer Effort Score", 7, ("ces", 7.0, 1.0, 7.0)),
        ("満足度", "3.5", ("csat", 3.5, 1.0, 5.0)),
        ("mood", "3", (None, 3.0, None, None)),
        ("NPS", None, (None, None, None, None)),
    ],
)
def test_a_score_stands_on_the_scale_of_its_metric(metric: str, score: Any, expected: tuple[Any, ...]) -> None:
    """CSAT 1-5, NPS 0-10, CES 1-7; a survey without an answer has no metric."""
    record = events(SURVEY, {"id": 1, "at": "2026-01-01", "m": metric, "s": score}).records.iloc[0]
    names = ("metric", "score", "scale_min", "scale_max")
    assert tuple(None if pd.isna(record[name]) else record[name] for name in names) == expected
    assert record["type"] == "survey_response"


@pytest.mark.parametrize(("metric", "score"), [("NPS", "11"), ("CSAT", "0"), ("CES", "good"), ("NPS", "-1")])
def test_a_score_outside_its_scale_is_refused(metric: str, score: str) -> None:
    """A wrong score would move the average of a customer: quarantine."""
    mapped = events(
        SURVEY,
        {"id": 1, "at": "2026-01-01", "m": metric, "s": score},
        {"id": 2, "at": "2026-01-01", "m": metric, "s": None},
    )
    assert list(mapped.rejects["reason"]) == ["bad_score"]
    assert list(mapped.records["source_id"]) == ["2"]


def test_a_scale_may_be_mapped() -> None:
    """A survey on another scale says so."""
    rules = SURVEY | {"constant": {"metric": "csat", "scale_min": 1, "scale_max": "10"}}
    record = first(events(rules, {"id": 1, "at": "2026-01-01", "m": None, "s": "9"}))
    assert (record["score"], record["scale_max"]) == (9.0, 10.0)


def test_one_row_may_give_several_touchpoints() -> None:
    """Parts apply where their `when` holds and they have a time; each has an id of its own."""
    rules = {
        "map": {"contact_id": "who"},
        "touchpoints": [
            {"map": {"occurred_at": "opened"}, "constant": {"type": "ticket_opened"}},
            {"name": "solved", "when": {"closed": "*"}, "map": {"occurred_at": "closed"}, "constant": {"type": "ticket_solved"}},
            {"name": "vip", "when": {"tier": ["gold", "Ｇｏｌｄ+"]}, "map": {"occurred_at": "opened"}},
        ],
    }  # fmt: skip
    day = "2026-01-01"
    mapped = events(
        rules,
        {"id": 1, "who": "c", "opened": day, "closed": None, "tier": "GOLD+"},
        {"id": 2, "who": "c", "opened": day, "closed": day, "tier": "silver"},
        {"id": 3, "who": "c", "opened": None, "closed": "x", "tier": None},
    )
    assert sorted(mapped.records["touchpoint_id"]) == [
        "crm:calls:1",
        "crm:calls:1:vip",
        "crm:calls:2",
        "crm:calls:2:solved",
    ]
    assert sorted(mapped.rejects["row_key"]) == ["3", "3:solved"]
    check_key(mapped.records, TOUCHPOINTS)


def test_unknown_words_fall_back() -> None:
    """An unknown channel is other, an unknown direction missing; types are kept as codes."""
    rules = {"map": {"occurred_at": "at", "channel": "ch", "direction": "d", "type": "t", "duration_seconds": "l"}}
    rows = [{"id": n, "at": "2026-01-01", "ch": c, "d": "sideways", "t": t, "l": length} for n, (c, t, length) in
            enumerate([("pigeon", "Coo!", "1:02:03"), ("VOICE", None, "long"), (None, None, None)])]  # fmt: skip
    mapped = events(rules, *rows)
    assert list(mapped.records["channel"]) == ["other", "phone", "other"]
    assert list(mapped.records["type"]) == ["coo", "call", "message"]
    assert mapped.records["direction"].isna().all()
    assert mapped.records["duration_seconds"][0] == 3_723.0
    assert mapped.notes == {"duration_seconds unreadable": 1}


def test_words_of_closed_lists_are_known_in_both_languages() -> None:
    """Directions and channels as systems write them, currencies as ISO codes; a stage that is none of the seven is none."""
    names = {"occurred_at": "at", "direction": "d", "channel": "c", "currency": "m", "journey_stage": "s"}
    rows = [
        {"id": n, "at": "2026-01-01", "d": d, "c": c, "m": m, "s": s}
        for n, (d, c, m, s) in enumerate(
            [
                ("受電", "Ｅメール", "jpy", "Purchase"),
                ("Outgoing", "入電", "円", "購入"),
                ("発信", "Web会議", " Eur ", "closed won"),
                (None, "打合せ", "points", None),
            ]
        )
    ]
    mapped = events({"map": names}, *rows)
    found = mapped.records[["direction", "channel", "currency", "journey_stage"]].to_numpy(dtype=object)
    assert [[None if pd.isna(cell) else cell for cell in row] for row in found] == [
        ["inbound", "email", "JPY", "purchase"],
        ["outbound", "phone", "JPY", "purchase"],
        ["outbound", "meeting", "EUR", None],
        [None, "meeting", "points", None],
    ]
    assert mapped.notes == {"journey_stage unknown": 1}


def test_a_user_rule_replaces_the_preset() -> None:
    """A field of the preset may be mapped anew or dropped; constants fill what columns leave empty."""
    rules = {
        "preset": "zendesk_user",
        "map": {"phone": "mobile", "organization": None},
        "constant": {"email": "none@x"},
    }
    record = first(
        contacts(rules, {"id": 1, "name": "A", "phone": "1", "mobile": "2", "organization": "O", "email": None})
    )
    assert (record["full_name"], record["phone"], record["email"]) == ("A", "2", "none@x")
    assert "organization" not in record


def test_a_part_of_the_user_stands_above_the_stream_and_one_of_a_preset_below() -> None:
    """What is said of one event counts before what is said of all; the user's word before the preset's."""
    own: dict[str, Any] = {"map": {"occurred_at": "at", "subject": "s"}, "constant": {"type": "call"}}
    part = {"name": "opened", "map": {"occurred_at": "opened"}, "constant": {"type": "ticket"}}
    row = {
        "id": 1,
        "at": "2026-01-01T12:00:00Z",
        "opened": "2026-01-05T12:00:00Z",
        "s": "x",
        "created_at": "2026-01-09T12:00:00Z",
    }
    event = first(events(own | {"touchpoints": [part]}, row))
    assert (event["occurred_at"].day, event["type"], event["subject"]) == (5, "ticket", "x")
    assert first(events(own | {"preset": "zendesk_ticket"}, row))["occurred_at"].day == 1


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are unpacked block by block; where a block ends does not matter."""
    rows = [{"id": n, "who": f"c{n}", "at": f"2026-01-{n + 1:02}"} for n in range(9)]
    whole = events(CALL, *rows).records
    monkeypatch.setattr("connectors.sources.mapping.streams.BLOCK_ROWS", 2)
    pd.testing.assert_frame_equal(events(CALL, *rows).records, whole)


def test_wide_rows_are_unpacked_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of hundreds of columns takes a hundred times the memory of a narrow one, unpacked; one is always read."""
    rows = [{"id": n, "who": f"c{n}", "at": f"2026-01-{n + 1:02}", "wide": "x" * (90 * n)} for n in range(9)]
    whole = events(CALL, *rows).records
    sizes: list[int] = []
    unpack = streams.RowBlock.of_payloads

    def count(payloads: list[str]) -> Any:
        sizes.append(len(payloads))
        return unpack(payloads)

    monkeypatch.setattr(streams, "BLOCK_CHARACTERS", 500)
    monkeypatch.setattr(streams.RowBlock, "of_payloads", staticmethod(count))
    pd.testing.assert_frame_equal(events(CALL, *rows).records, whole)
    assert sizes == [3, 1, 1, 1, 1, 1, 1]
