"""Two customers that a person merges and takes apart again: timeline, measures and consent return exactly."""

from functools import cache

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.model import MatchModel
from resolve.pipeline import RunContext, State, resolve_contacts
from resolve.schema import conform, frames
from resolve.standardise.contact import standardise_contacts

DAY = pd.Timestamp("2026-01-01", tz="UTC")
RECORDS = [
    {"source": "a", "source_id": "1", "full_name": "佐藤 花子", "email": "hanako@a.example.jp", "email_consent": "no"},
    {"source": "b", "source_id": "1", "full_name": "佐藤 花子", "email": "hanako@a.example.jp"},
    {"source": "b", "source_id": "2", "full_name": "Peter Schmidt", "email": "peter@b.example.de", "email_consent": "yes"},
]  # fmt: skip
SAID = {"email_consent_at": ["2025-01-01T00:00:00Z", None, "2025-02-01T00:00:00Z"]}
TABLES = ("golden_profile", "contact_history", "profile_identifier", "profile_link")


@cache
def contacts() -> pd.DataFrame:
    """Return three records of two customers, who said different things on e-mail at different times."""
    records = conform(pd.DataFrame(RECORDS).assign(**SAID).astype(object), frames.SOURCE_RECORDS)
    return standardise_contacts(records, default_countries="JP")


def touchpoints(drawn: list[tuple[str, int, str, str]]) -> pd.DataFrame:
    """Return TOUCHPOINTS of (who, minute, kind, source)."""
    kinds = {
        "call": {"channel": "phone", "type": "call"},
        "case": {"channel": "other", "type": "ticket_opened", "status": "open"},
        "nps": {"channel": "survey", "type": "survey_response", "metric": "nps"},
    }
    rows = []
    for number, (who, minute, kind, source) in enumerate(drawn):
        by_mail = {"identifier_type": "email", "identifier": who} if "@" in who else {"contact_id": who}
        answer = {"score": minute % 11, "scale_min": 0, "scale_max": 10} if kind == "nps" else {}
        rows.append({
            "touchpoint_id": f"{source}:e:{number}", "source": source, "stream": "e", "source_id": str(number),
            "occurred_at": DAY + pd.Timedelta(minutes=minute), **kinds[kind], **by_mail, **answer,
        })  # fmt: skip
    return conform(pd.DataFrame(rows, columns=frames.TOUCHPOINTS.names).astype(object), frames.TOUCHPOINTS)


def night(number: int, events: pd.DataFrame, before: State, said: str | None) -> tuple[dict[str, pd.DataFrame], State]:
    """Return the tables of a night in which a person said `said` of a:1 and b:2, and what the next one starts from."""
    columns = frames.JUDGEMENTS.names
    rows = [] if said is None else [("a:1", "b:2", said, "me", DAY, None)]
    judged = conform(pd.DataFrame(rows, columns=columns), frames.JUDGEMENTS)
    state = State(before.links, before.registry, before.history, judged, before.aliases)
    run = RunContext(DAY + pd.Timedelta(days=number + 1), b"key", {"a": 0, "b": 1})
    tables = resolve_contacts(contacts(), events, state, MatchModel.shipped(), run).tables
    links = tables["profile_link"].assign(
        contact_id=lambda rows: rows["source"] + ":" + rows["source_id"],
        previous_golden_id=None,
        linked_at=DAY,
        gone=None,
    )
    history = tables["contact_history"][["touchpoint_id", "golden_id_at_event"]]
    return tables, State(
        links, tables["golden_registry"], history[history["golden_id_at_event"].notna()], judged, before.aliases
    )


WHO = ("a:1", "b:1", "b:2", "peter@b.example.de", "hanako@a.example.jp", "nobody@c.example")


@settings(max_examples=4, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(WHO), st.integers(0, 4), st.sampled_from(["call", "case", "nps"]), st.sampled_from("ab")
        ),
        max_size=8,
    )
)
def test_a_merge_and_its_undoing_change_nothing(drawn: list[tuple[str, int, str, str]]) -> None:
    """Every table is as before; what was believed at the time of an event never changes."""
    events = touchpoints(drawn)
    first, state = night(0, events, State.nothing(), None)
    merged, state = night(1, events, state, "match")
    again, _ = night(2, events, state, "non_match")
    assert (len(first["golden_profile"]), len(merged["golden_profile"])) == (2, 1)
    believed = [tables["contact_history"]["golden_id_at_event"].tolist() for tables in (first, merged, again)]
    assert believed[0] == believed[1] == believed[2]
    for name in TABLES:
        columns = [
            c for c in first[name] if c not in ("previous_golden_id", "linked_at", "link_type", "match_probability")
        ]
        pd.testing.assert_frame_equal(again[name][columns], first[name][columns], obj=name)


def test_while_merged_the_newer_choice_counts_and_events_are_told_once() -> None:
    """A call that each customer's system logged becomes one; consent is that of the newer choice; then all returns."""
    events = touchpoints([("a:1", 0, "call", "a"), ("b:2", 0, "call", "b")])
    first, state = night(0, events, State.nothing(), None)
    merged, state = night(1, events, state, "match")
    again, _ = night(2, events, state, "non_match")
    assert sorted(first["golden_profile"]["email_consent"]) == ["denied", "granted"]
    assert merged["golden_profile"]["email_consent"].tolist() == ["granted"]
    counts = [tables["golden_profile"]["contact_count"].sum() for tables in (first, merged, again)]
    assert counts == [2, 1, 2]
    assert merged["contact_history"]["duplicate_of"].notna().sum() == 1
    assert sorted(again["golden_profile"]["email_consent"]) == ["denied", "granted"]
