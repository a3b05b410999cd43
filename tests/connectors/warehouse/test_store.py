"""What is remembered between runs: state, runs, ledger, models, judgements."""

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse import store
from connectors.warehouse.publish import publish_tables
from resolve.errors import WarehouseError
from resolve.schema import OPERATIONS, frames

AT = pd.Timestamp("2026-11-02 03:04:05", tz="UTC")


def test_an_empty_warehouse_has_an_empty_state(engine: sa.Engine) -> None:
    """Frames with the right columns and no rows."""
    with engine.connect() as conn:
        state = store.load_state(conn)
    assert {name: len(frame) for name, frame in state.items()} == dict.fromkeys(state, 0)
    assert list(state["links"].columns) == ["contact_id", "golden_id", "previous_golden_id", "linked_at"]
    assert list(state["registry"].columns) == [c for c in OPERATIONS["golden_registry"].names if c != "run_id"]
    assert list(state["history"].columns) == ["touchpoint_id", "golden_id_at_event"]
    assert list(state["judgements"].columns) == frames.JUDGEMENTS.names


def test_the_state_is_what_was_published(engine: sa.Engine) -> None:
    """Links by contact_id; of the history the attributed events alone."""
    links = pd.DataFrame({"source": "crm", "source_id": ["1", "a:b"], "golden_id": ["g1", "g2"], "link_type": "auto"})
    fixed = {"source": "crm", "source_id": "1", "channel": "email", "type": "message", "occurred_at": AT}
    history = pd.DataFrame({"touchpoint_id": ["t1", "t2"], "golden_id_at_event": ["g1", None]}).assign(**fixed)  # type: ignore[arg-type]
    with engine.begin() as conn:
        publish_tables(conn, {"profile_link": links, "contact_history": history}, run_id="r", at=AT)
    with engine.connect() as conn:
        state = store.load_state(conn)
    found = state["links"][["contact_id", "golden_id", "previous_golden_id", "linked_at"]].to_numpy().tolist()
    assert found == [["crm:1", "g1", None, AT], ["crm:a:b", "g2", None, AT]]
    assert state["history"].to_numpy().tolist() == [["t1", "g1"]]


def test_a_run_is_running_until_it_says_how_it_ended(engine: sa.Engine) -> None:
    """Start and end with facts; a run that was killed is noted as failed by the next."""
    with engine.begin() as conn:
        store.start_run(conn, run_id="r1", kind="nightly", at=AT, config_hash="c")
        store.start_run(conn, run_id="r2", kind="nightly", at=AT)
        store.finish_run(conn, "r2", status="succeeded", at=AT, counts="{}", input_hash="h")
        assert store.end_stale_runs(conn, AT) == 1
        found = store.load_table(conn, "run_manifest").set_index("run_id")
    assert found["status"].to_dict() == {"r1": "failed", "r2": "succeeded"}
    assert found["config_hash"].to_dict() == {"r1": "c", "r2": None}
    assert found["ended_at"].tolist() == [AT, AT]
    assert "without saying" in found["message"]["r1"]


def test_one_model_is_active(engine: sa.Engine) -> None:
    """A new active model takes over; one that is saved again keeps its date; an inactive one changes nothing."""
    with engine.begin() as conn:
        assert store.load_active_model(conn) is None
        store.save_model(conn, version="a", body="x: 1", at=AT)
        store.save_model(conn, version="b", body="x: 2", at=AT, trained_on=7, report="{}", run_id="r")
        store.save_model(conn, version="c", body="x: 3", at=AT, is_active=False)
        active = store.load_active_model(conn)
        assert active is not None
        assert (active.version, active.body, active.report) == ("b", "x: 2", "{}")
        store.save_model(conn, version="a", body="x: 1", at=AT + pd.Timedelta(days=1))
        found = store.load_table(conn, "model_version").set_index("version")
    assert found["is_active"].to_dict() == {"a": True, "b": False, "c": False}
    assert found["created_at"].tolist() == [AT] * 3
    assert found["trained_on"].dropna().to_dict() == {"b": 7}


def test_the_newest_judgement_of_a_pair_counts(engine: sa.Engine) -> None:
    """Whichever side its contacts were given on; nothing is overwritten."""
    first = pd.DataFrame({"contact_id_l": ["a", "d"], "contact_id_r": ["b", "c"], "judgement": ["match", "unsure"]})
    second = pd.DataFrame({"contact_id_l": ["b"], "contact_id_r": ["a"], "judgement": ["non_match"]})
    with engine.begin() as conn:
        for given in (first, second):
            store.add_judgements(conn, given.assign(judged_by="reviewer", judged_at=AT))
        newest = store.load_judgements(conn)
        every = store.load_table(conn, "judgement")
    pairs = newest[["contact_id_l", "contact_id_r", "judgement"]].to_numpy().tolist()
    assert sorted(pairs) == [["a", "b", "non_match"], ["c", "d", "unsure"]]
    assert every["judgement_id"].tolist() == [1, 2, 3]


def test_the_ledger_is_appended(engine: sa.Engine) -> None:
    """One row per run and stream."""
    row = {name: 0 for name in OPERATIONS["run_ledger"].names if name.endswith("_count")}
    ledger = pd.DataFrame([{"run_id": "r1", "source": "crm", "stream": "contacts", **row}])
    with engine.begin() as conn:
        store.save_ledger(conn, ledger)
        store.save_ledger(conn, ledger.assign(run_id="r2"))
        assert store.load_table(conn, "run_ledger")["run_id"].tolist() == ["r1", "r2"]


def test_an_unknown_table_is_refused_with_the_names_there_are(engine: sa.Engine) -> None:
    """The message lists them."""
    with engine.connect() as conn, pytest.raises(WarehouseError, match="golden_profile"):
        store.load_table(conn, "golden_profiles")
