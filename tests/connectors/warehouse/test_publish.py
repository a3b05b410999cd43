"""Publishing by difference: what is written, what stays, and what a profile's history says, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.diff import Changes
from connectors.warehouse.publish import Scope, publish_tables
from connectors.warehouse.store import load_table
from resolve.errors import SchemaError

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")
Tables = dict[str, pd.DataFrame]
Dump = Callable[[], dict[str, list[tuple[Any, ...]]]]


def night(number: int) -> pd.Timestamp:
    """Return the time of the n-th night."""
    return AT + timedelta(days=number)


def profiles(**names: str) -> pd.DataFrame:
    """Return golden_profile with a name per golden_id."""
    facts: dict[str, Any] = {
        "party_type": "person",
        "record_count": 1,
        "source_count": 1,
        "sources": "crm",
        "status": "active",
    }
    counts: dict[str, Any] = {"contact_count": 0, "open_case_count": 0, "first_seen_at": AT, "match_confidence": 0.75}
    frame = pd.DataFrame({"golden_id": list(names), "full_name": list(names.values())}, dtype=object)
    return frame.assign(**facts, **counts)


def links(**owners: str) -> pd.DataFrame:
    """Return profile_link with a golden_id per record of the source crm."""
    frame = pd.DataFrame({"source_id": list(owners), "golden_id": list(owners.values())}, dtype=object)
    return frame.assign(source="crm", link_type="auto", match_probability=0.5)


def history(**customers: str | None) -> pd.DataFrame:
    """Return contact_history with a customer per touchpoint."""
    frame = pd.DataFrame({"touchpoint_id": list(customers), "golden_id": list(customers.values())}, dtype=object)
    fixed: dict[str, Any] = {
        "source": "crm",
        "source_id": "1",
        "channel": "email",
        "type": "message",
        "occurred_at": AT,
    }
    return frame.assign(golden_id_at_event=frame["golden_id"], **fixed)


def redirects(**targets: str | None) -> pd.DataFrame:
    """Return golden_id_redirect with a target per golden_id."""
    return pd.DataFrame({"golden_id": list(targets), "current_golden_id": list(targets.values())}, dtype=object)


def publish(
    engine: sa.Engine,
    tables: Tables,
    number: int = 0,
    *,
    scope: Scope | None = None,
    events: pd.DataFrame | None = None,
) -> dict[str, Changes]:
    """Publish as the run of the n-th night, in a transaction of its own."""
    with engine.begin() as conn:
        return publish_tables(conn, tables, run_id=f"run{number}", at=night(number), events=events, scope=scope)


def read(engine: sa.Engine, name: str) -> pd.DataFrame:
    """Return a table."""
    with engine.connect() as conn:
        return load_table(conn, name)


def test_a_second_publish_of_the_same_writes_nothing(engine: sa.Engine, dump: Dump) -> None:
    """Not a run_id, not a time stamp of any row changes; every row counts as unchanged."""
    tables = {
        "golden_profile": profiles(g1="山田 太郎", g2='O\'Brien, "Pat"'),
        "profile_link": links(r1="g1", r2="g2"),
        "contact_history": history(t1="g1", t2=None),
        "golden_id_redirect": redirects(g1="g1", g2="g2"),
    }
    publish(engine, tables)
    before = dump()
    changes = publish(engine, tables, 1)
    assert dump() == before
    assert all(change == Changes(unchanged=2) for name, change in changes.items() if name in tables)


def test_a_changed_profile_gets_the_next_version_and_the_others_stay(engine: sa.Engine) -> None:
    """golden_version, updated_at and run_id move with the content, and with nothing else."""
    publish(engine, {"golden_profile": profiles(g1="A", g2="B")})
    changes = publish(engine, {"golden_profile": profiles(g1="A", g2="C")}, 1)
    assert changes["golden_profile"] == Changes(updated=1, unchanged=1)
    found = read(engine, "golden_profile")
    assert found["golden_version"].tolist() == [1, 2]
    assert found["run_id"].tolist() == ["run0", "run1"]
    assert found["updated_at"].tolist() == [night(0), night(1)]


def test_history_has_every_version_without_gap_or_overlap(engine: sa.Engine) -> None:
    """A change closes a version and opens the next at the same moment; a removal closes the last; a return restores."""
    states = [profiles(g1="A"), profiles(g1="B"), profiles(), profiles(g1="C")]
    for number, state in enumerate(states):
        publish(engine, {"golden_profile": state}, number)
    found = read(engine, "golden_profile_history")
    assert found["full_name"].tolist() == ["A", "B", "C"]
    assert found["golden_version"].tolist() == [1, 2, 3]
    assert found["change_type"].tolist() == ["created", "changed", "restored"]
    assert found["valid_from"].tolist() == [night(0), night(1), night(3)]
    assert found["valid_to"].tolist() == [night(1), night(2), pd.NaT]


def test_two_publishes_at_one_moment_leave_one_version(engine: sa.Engine) -> None:
    """With a clock that stands still the later content replaces the earlier one in the history."""
    for name in ("A", "B"):
        with engine.begin() as conn:
            publish_tables(conn, {"golden_profile": profiles(g1=name)}, run_id=name, at=AT)
    found = read(engine, "golden_profile_history")
    assert found[["full_name", "golden_version"]].to_numpy().tolist() == [["B", 2]]
    assert found["valid_to"].isna().all()


def test_a_record_that_moves_says_from_where_and_when(engine: sa.Engine) -> None:
    """previous_golden_id and linked_at change with the customer alone; another link type keeps them."""
    publish(engine, {"profile_link": links(r1="g1", r2="g1")})
    publish(engine, {"profile_link": links(r1="g2", r2="g1")}, 1)
    publish(engine, {"profile_link": links(r1="g2", r2="g1").assign(link_type="person")}, 2)
    found = read(engine, "profile_link")
    assert found["previous_golden_id"].tolist() == ["g1", None]
    assert found["linked_at"].tolist() == [night(1), night(0)]
    assert found["run_id"].tolist() == ["run2", "run2"]


def test_who_an_event_was_first_believed_to_be_never_changes(engine: sa.Engine) -> None:
    """golden_id_at_event keeps its first value; one that had none takes the first it gets."""
    publish(engine, {"contact_history": history(t1="g1", t2=None)})
    changes = publish(engine, {"contact_history": history(t1="g2", t2="g3")}, 1)
    publish(engine, {"contact_history": history(t1="g4", t2="g5")}, 2)
    found = read(engine, "contact_history")
    assert found["golden_id"].tolist() == ["g4", "g5"]
    assert found["golden_id_at_event"].tolist() == ["g1", "g3"]
    assert changes["contact_history"] == Changes(updated=2)


def test_a_redirect_is_never_lost_and_keeps_its_date(engine: sa.Engine) -> None:
    """An ID that the run no longer names still resolves; `since` moves only with the target."""
    publish(engine, {"golden_id_redirect": redirects(g1="g1", g2="g2")})
    publish(engine, {"golden_id_redirect": redirects(g1="g1", g3="g3")}, 1)
    publish(engine, {"golden_id_redirect": redirects(g1="g3").assign(since=night(7))}, 2)
    found = read(engine, "golden_id_redirect").set_index("golden_id")
    assert found["current_golden_id"].to_dict() == {"g1": "g3", "g2": "g2", "g3": "g3"}
    assert found["since"].to_dict() == {"g1": night(7), "g2": night(0), "g3": night(1)}


def test_events_are_appended_in_their_order_with_rising_ids(engine: sa.Engine) -> None:
    """Ids go on from the last event of earlier runs; no event is overwritten."""
    first = pd.DataFrame({"golden_id": ["b", "a"], "type": "created", "at": night(0)})
    second = pd.DataFrame({"golden_id": ["c"], "type": "merged", "other_golden_ids": ["a,b"], "at": night(1)})
    publish(engine, {}, events=first)
    assert publish(engine, {}, 1, events=second)["identity_event"] == Changes(inserted=1)
    publish(engine, {}, 2)
    found = read(engine, "identity_event")
    assert found["event_id"].tolist() == [1, 2, 3]
    assert found["golden_id"].tolist() == ["b", "a", "c"]
    assert found["run_id"].tolist() == ["run0", "run0", "run1"]


def test_a_rolled_back_publish_leaves_everything_as_it_was(engine: sa.Engine, dump: Dump) -> None:
    """Rows, history, events and links are those of before."""
    publish(engine, {"golden_profile": profiles(g1="A", g2="B"), "profile_link": links(r1="g1")})
    before = dump()
    events = pd.DataFrame({"golden_id": ["g3"], "type": "created", "at": night(1)})
    tables = {"golden_profile": profiles(g1="C", g3="D"), "profile_link": links(r1="g3", r2="g3")}
    with engine.connect() as conn:
        publish_tables(conn, tables, run_id="r", at=night(1), events=events)
        conn.rollback()
    assert dump() == before
    publish(engine, tables, 2)
    assert read(engine, "golden_profile")["full_name"].tolist() == ["C", "D"]


def test_readers_see_the_tables_before_or_after_and_are_not_blocked(engine: sa.Engine) -> None:
    """While a publish is under way another connection reads the old state at once, and the new one after commit."""
    publish(engine, {"golden_profile": profiles(g1="A"), "profile_link": links(r1="g1")})
    with engine.connect() as writer:
        publish_tables(
            writer, {"golden_profile": profiles(g1="B"), "profile_link": links(r1="g2")}, run_id="r", at=night(1)
        )
        assert read(engine, "golden_profile")["full_name"].tolist() == ["A"]
        assert read(engine, "profile_link")["golden_id"].tolist() == ["g1"]
        writer.commit()
    assert read(engine, "golden_profile")["full_name"].tolist() == ["B"]
    assert read(engine, "profile_link")["golden_id"].tolist() == ["g2"]


@pytest.mark.parametrize(
    ("name", "frame", "why"),
    [
        ("golden_profile", pd.concat([profiles(g1="A"), profiles(g1="B")]), "key is not unique"),
        ("golden_profile", profiles(g1="A").assign(age=7), "unknown columns"),
        ("golden_profile", profiles(g1="A").drop(columns="party_type"), "absent"),
        ("golden_profile", profiles(g1="A").assign(status=None), "nulls"),
        ("golden_profile", profiles(g1="A").assign(record_count="many"), "no int64"),
        ("golden_profile", profiles(g1="A").assign(full_name=7), "no large_string"),
        ("raw_record", profiles(g1="A"), "not a table that a run publishes"),
    ],
)
def test_a_frame_that_breaks_its_schema_is_refused_before_anything_is_written(
    engine: sa.Engine, dump: Dump, name: str, frame: pd.DataFrame, why: str
) -> None:
    """SchemaError names table and column, never a value; the good table beside it is not written either."""
    before = dump()
    with pytest.raises(SchemaError, match=why), engine.begin() as conn:
        publish_tables(conn, {"profile_link": links(r1="g1"), name: frame}, run_id="r", at=AT)
    assert dump() == before


def test_what_is_outside_the_scope_is_left_alone(engine: sa.Engine, dump: Dump) -> None:
    """Rows of the scope that the frames no longer have go; rows outside stay although no frame has them."""
    publish(
        engine,
        {
            "golden_profile": profiles(g1="A", g2="B", g3="C"),
            "profile_link": links(r1="g1", r2="g2", r3="g3"),
            "contact_history": history(t1="g1", t2="g2", t3="g3"),
        },
    )
    scope = Scope(frozenset({"g1", "g2"}), frozenset({"crm:r1", "crm:r2"}), frozenset({"t1", "t2"}))
    changes = publish(
        engine,
        {
            "golden_profile": profiles(g1="AB"),
            "profile_link": links(r1="g1", r2="g1"),
            "contact_history": history(t1="g1"),
        },
        1,
        scope=scope,
    )
    assert changes["golden_profile"] == Changes(updated=1, deleted=1)
    assert changes["profile_link"] == Changes(updated=1, unchanged=1)
    assert changes["contact_history"] == Changes(deleted=1, unchanged=1)
    assert read(engine, "golden_profile")["full_name"].tolist() == ["AB", "C"]
    assert read(engine, "profile_link")["golden_id"].tolist() == ["g1", "g1", "g3"]
    assert read(engine, "contact_history")["touchpoint_id"].tolist() == ["t1", "t3"]
    assert read(engine, "golden_profile_history")["valid_to"].notna().tolist() == [True, False, True, False]
    before = dump()
    publish(engine, {"golden_profile": profiles()}, 2, scope=Scope())
    assert dump() == before


def test_pairs_in_scope_are_those_of_rescored_contacts(engine: sa.Engine) -> None:
    """All pairs of a contact that was scored again are replaced, whichever side it is on."""
    pairs = pd.DataFrame({"contact_id_l": ["a", "b", "c"], "contact_id_r": ["b", "c", "d"]}, dtype=object)
    fixed: dict[str, Any] = {"match_weight": 1.0, "verdict": "link", "decided_by": "weight", "model_version": "m"}
    publish(engine, {"match_edge": pairs.assign(**fixed)})
    changes = publish(engine, {"match_edge": pairs.iloc[:1].assign(**fixed)}, 1, scope=Scope(scored_ids=frozenset("b")))
    assert changes["match_edge"] == Changes(deleted=1, unchanged=1)
    assert read(engine, "match_edge")["contact_id_l"].tolist() == ["a", "c"]
