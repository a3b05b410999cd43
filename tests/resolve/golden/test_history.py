"""Contact history: who a touchpoint belongs to, what was believed then, and the measures of it."""

import pandas as pd

from resolve.golden.history import attach_touchpoints
from resolve.golden.identifiers import list_identifiers
from resolve.golden.measures import list_planned, measure_contacts
from resolve.schema import PUBLISHED, check_key, conform, empty, frames

DAY = pd.Timestamp("2026-01-01", tz="UTC")
AT = DAY + pd.Timedelta(days=365)
LINKS = pd.DataFrame({"contact_id": ["s:1", "s:2", "z:1"], "golden_id": ["GA", "GB", "GA"]}, dtype=object)
NEVER = pd.DataFrame({"touchpoint_id": [], "golden_id_at_event": []}, dtype=object)
HOT = pd.DataFrame({"type": ["phone"], "value": ["+819"], "count": [50], "reason": ["shared_by_many"]})


def contacts() -> pd.DataFrame:
    """Return three contacts of two customers: own, shared, role, blocked and much shared identifiers."""
    rows = [
        {"contact_id": "s:1", "email_keys": "a@x.jp home@x.jp", "phone_keys": "+819", "created_at": DAY, "line_user_id": "U1"},
        {"contact_id": "s:2", "email_keys": "home@x.jp info@x.jp", "role_emails": "info@x.jp", "updated_at": DAY},
        {
            "contact_id": "z:1", "email_keys": "a@x.jp", "updated_at": DAY + pd.Timedelta(days=5),
            "blocked_identifiers": "phone\t+8100\tdummy\nemail\tno\tplaceholder", "corporate_number": "7000012050002",
        },
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    split = frame["contact_id"].str.split(":", expand=True)
    frame = frame.assign(source=split[0], source_id=split[1], party_type="person", content_hash="0")
    return conform(frame, frames.CONTACTS)


def identifiers() -> pd.DataFrame:
    """Return the identifiers of the contacts."""
    shown = pd.DataFrame({"golden_id": ["GA"], "type": ["email"], "value": ["a@x.jp"]}, dtype=object)
    return list_identifiers(contacts(), LINKS, HOT, shown)


def touchpoints(*rows: dict[str, object]) -> pd.DataFrame:
    """Return TOUCHPOINTS; id, day and fields."""
    base = {"source": "z", "stream": "events", "channel": "email", "type": "message"}
    built = [
        base
        | {"touchpoint_id": f"z:events:{row['id']}", "source_id": row["id"], "occurred_at": DAY + pd.Timedelta(days=int(str(row.get("day", 0))))}
        | {name: value for name, value in row.items() if name not in ("id", "day")}
        for row in rows
    ]  # fmt: skip
    return conform(pd.DataFrame(built), frames.TOUCHPOINTS) if rows else empty(frames.TOUCHPOINTS)


def by_email(name: str, address: str) -> dict[str, object]:
    """Return a touchpoint that names an address only."""
    return {"id": name, "identifier_type": "email", "identifier": address}


def test_identifiers_say_what_they_are_worth() -> None:
    """Primary, shared, blocked with its reason, times and sources of each."""
    found = identifiers()
    check_key(found, PUBLISHED["profile_identifier"])
    rows = found.set_index(["golden_id", "value"])
    assert rows.loc[("GA", "a@x.jp"), ["is_primary", "is_shared", "is_blocked", "source_count"]].tolist() == [
        True,
        False,
        False,
        2,
    ]
    assert rows.loc[("GA", "a@x.jp"), "first_seen_at"] == DAY
    assert rows.loc[("GA", "a@x.jp"), "last_seen_at"] == DAY + pd.Timedelta(days=5)
    assert found.loc[found["is_shared"].astype(bool), "value"].unique().tolist() == ["home@x.jp"]
    reasons = {"no": "placeholder", "+8100": "dummy", "info@x.jp": "role", "+819": "shared_by_many"}
    assert rows["block_reason"].droplevel(0).dropna().to_dict() == reasons
    assert set(found["type"]) == {"email", "phone", "line_user_id", "corporate_number"}


def test_a_touchpoint_belongs_by_its_record_else_by_an_identifier_of_one_customer() -> None:
    """The source's own word first; never through a shared, role or much shared value; a record that is gone falls through."""
    events = touchpoints(
        {"id": "1", "contact_id": "s:2", "identifier_type": "email", "identifier": "a@x.jp"},
        by_email("2", "a@x.jp"), by_email("3", "home@x.jp"), by_email("4", "info@x.jp"), by_email("5", "new@x.jp"),
        {"id": "6", "identifier_type": "phone", "identifier": "+819"},
        {"id": "7", "identifier_type": "line_user_id", "identifier": "U1"},
        {"id": "8", "contact_id": "s:gone", "identifier_type": "email", "identifier": "a@x.jp"},
        {"id": "9"},
    )  # fmt: skip
    found = attach_touchpoints(events, LINKS, identifiers(), NEVER)
    assert found["golden_id"].tolist() == ["GB", "GA", None, None, None, None, "GA", "GA", None]
    assert found["golden_id_at_event"].tolist() == found["golden_id"].tolist()
    assert found["touchpoint_id"].tolist() == events["touchpoint_id"].tolist()


def held(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    """Return profile_identifier of phones: customer, value, first and last day; shared as the rows say."""
    frame = pd.DataFrame(rows, columns=["golden_id", "value", "first", "last"])
    frame["is_shared"] = frame.duplicated("value", keep=False)
    for name in ("first", "last"):
        frame[f"{name}_seen_at"] = DAY + pd.to_timedelta(frame.pop(name), unit="D")
    frame = frame.assign(type="phone", is_primary=False, is_blocked=False, source_count=1, run_id="")
    return conform(frame, PUBLISHED["profile_identifier"])


def test_a_number_that_was_handed_on_is_each_holders_in_its_time() -> None:
    """The first gave it up for another and half a year went by: his calls are his, later ones hers, between nobody's."""
    days = (-1, 0, 50, 51, 399, 400, 900)
    calls = touchpoints(*({"id": str(d), "day": d, "identifier_type": "phone", "identifier": "+81"} for d in days))
    moved = held(("GA", "+81", 0, 50), ("GA", "+82", 60, 100), ("GB", "+81", 400, 500))
    found = attach_touchpoints(calls, LINKS, moved, NEVER)["golden_id"].tolist()
    assert found == [None, "GA", "GA", None, None, "GB", "GB"]
    for kept in (
        held(("GA", "+81", 0, 50), ("GB", "+81", 400, 500)),  # he has told no other number since
        held(("GA", "+81", 0, 50), ("GA", "+82", 60, 99), ("GB", "+81", 100, 500)),  # too soon after
        held(("GA", "+81", 0, 450), ("GA", "+82", 460, 499), ("GB", "+81", 400, 500)),  # both had it
        moved.assign(is_blocked=True),
    ):
        assert attach_touchpoints(calls, LINKS, kept, NEVER)["golden_id"].isna().all()


def test_what_was_believed_at_first_stays_when_the_customer_changes() -> None:
    """The ID at the event is kept; one that was unattributed gets today's."""
    before = pd.DataFrame(
        {"touchpoint_id": ["z:events:1", "z:events:2"], "golden_id_at_event": ["GOLD", None]}, dtype=object
    )
    found = attach_touchpoints(
        touchpoints({"id": "1", "contact_id": "s:1"}, by_email("2", "a@x.jp")), LINKS, identifiers(), before
    )
    assert found[["golden_id", "golden_id_at_event"]].to_numpy().tolist() == [["GA", "GOLD"], ["GA", "GA"]]


def test_no_touchpoints_and_no_identifiers_are_fine() -> None:
    """Empty frames keep their columns."""
    none = empty(PUBLISHED["profile_identifier"]).drop(columns="run_id")
    assert attach_touchpoints(touchpoints(), LINKS, none, NEVER).empty
    assert attach_touchpoints(touchpoints(by_email("1", "a@x.jp")), LINKS, none, NEVER)["golden_id"].isna().all()
    assert list_identifiers(empty(frames.CONTACTS), LINKS.iloc[:0], HOT.iloc[:0]).empty
    history = attach_touchpoints(touchpoints(), LINKS, none, NEVER)
    assert measure_contacts(history, touchpoints(), AT).empty


def test_measures_equal_the_sums_by_hand() -> None:
    """Counts without duplicates, first and last, open cases, the newest answer of each metric on its own scale."""
    survey = {"channel": "survey", "type": "survey_response", "contact_id": "s:1"}
    events = touchpoints(
        {"id": "1", "day": 3, "contact_id": "s:1", "channel": "phone", "type": "call"},
        {"id": "2", "day": 1, "contact_id": "z:1"},
        {"id": "3", "day": 9, "contact_id": "z:1", "channel": "phone"},
        {"id": "t1", "day": 2, "contact_id": "z:1", "type": "ticket_opened", "status": "open"},
        {"id": "t2", "day": 2, "contact_id": "z:1", "type": "ticket_opened", "status": "closed"},
        {"id": "c1", "day": 4, **survey, "metric": "csat", "score": 2}, {"id": "c2", "day": 5, **survey, "metric": "csat", "score": 5},
        {"id": "n1", "day": 6, **survey, "metric": "nps", "score": 0}, {"id": "n2", "day": 7, **survey, "metric": "nps"},
        {"id": "o1", "day": 2, "contact_id": "s:2"}, {"id": "x", "day": 2},
    )  # fmt: skip
    history = attach_touchpoints(events, LINKS, identifiers(), NEVER)
    history.loc[history["source_id"] == "3", "duplicate_of"] = "z:events:1"
    found = measure_contacts(history, events, AT).set_index("golden_id")
    one = found.T["GA"]
    assert (one["contact_count"], one["open_case_count"]) == (8, 1)
    assert (one["first_contact_at"], one["last_contact_at"]) == (DAY + pd.Timedelta(days=1), DAY + pd.Timedelta(days=7))
    assert one["last_contact_channel"] == "survey"
    assert (one["latest_csat"], one["latest_nps"]) == (5, 0)
    assert pd.isna(one["latest_ces"])
    assert found.loc["GB", ["contact_count", "open_case_count"]].tolist() == [1, 0]


def test_cases_of_two_streams_are_two() -> None:
    """Ticket 17 and claim 17 have nothing but the number in common."""
    rows = touchpoints(
        {"id": "17", "contact_id": "s:1", "type": "ticket_opened", "status": "open"},
        {"id": "17", "contact_id": "s:1", "type": "ticket_opened", "status": "closed"},
    ).assign(touchpoint_id=["z:tickets:17", "z:claims:17"], stream=["tickets", "claims"])
    history = attach_touchpoints(rows, LINKS, identifiers(), NEVER)
    assert measure_contacts(history, rows, AT)["open_case_count"].tolist() == [1]


def test_a_case_closed_by_a_later_touchpoint_is_not_open() -> None:
    """A ticket with an opened and a solved touchpoint counts by its last state."""
    rows = touchpoints(
        {"id": "t1", "contact_id": "s:1", "type": "ticket_opened", "status": "open"},
        {"id": "t1", "contact_id": "s:1", "type": "ticket_solved", "status": "closed", "day": 1},
    ).assign(touchpoint_id=["z:tickets:t1", "z:tickets:t1:solved"])
    history = attach_touchpoints(rows, LINKS, identifiers(), NEVER)
    assert measure_contacts(history, rows, AT)["open_case_count"].tolist() == [0]


def test_a_case_closed_by_an_answer_that_two_systems_logged_is_not_open() -> None:
    """The answer that closed it is the row that does not count, or the one that does; an opening told twice is one case."""
    rows = touchpoints(
        {"id": "t1", "contact_id": "s:1", "type": "form_submitted", "status": "open"},
        {"id": "t1", "contact_id": "s:1", "type": "message", "status": "closed", "day": 1},
        {"id": "m1", "contact_id": "s:1", "type": "message", "day": 1},
        {"id": "t2", "contact_id": "s:1", "type": "form_submitted", "status": "open", "day": 2},
        {"id": "t3", "contact_id": "s:1", "type": "form_submitted", "status": "open", "day": 2},
    ).assign(touchpoint_id=["z:tickets:t1", "z:tickets:t1:solved", "s:mails:m1", "z:tickets:t2", "s:cases:t3"])
    history = attach_touchpoints(rows, LINKS, identifiers(), NEVER)
    history["duplicate_of"] = [None, "s:mails:m1", None, None, "z:tickets:t2"]
    assert measure_contacts(history, rows, AT)[["contact_count", "open_case_count"]].to_numpy().tolist() == [[3, 1]]


def test_what_is_planned_counts_from_its_time_on() -> None:
    """At its very time it was; until then it is listed as planned. A customer of plans alone has no measures."""
    events = touchpoints({"id": "1", "day": 3, "contact_id": "s:1"}, {"id": "2", "day": 4, "contact_id": "z:1"})
    history = attach_touchpoints(events, LINKS, identifiers(), NEVER).assign(duplicate_of=None)
    then = DAY + pd.Timedelta(days=4)
    for at, count in ((DAY, 0), (then - pd.Timedelta(microseconds=1), 1), (then, 2)):
        assert measure_contacts(history, events, at)["contact_count"].sum() == count
        planned = list_planned(history, at)
        assert planned["touchpoint_id"].tolist() == ["z:events:1", "z:events:2"][count:]
        assert (planned["occurred_at"] > at).all()
