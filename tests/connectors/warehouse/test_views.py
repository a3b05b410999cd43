"""Views on contact history against values that were summed by hand, on both databases."""

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse import versions
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.tables import TABLES, add_indexes
from connectors.warehouse.versions import create_tables
from resolve.errors import WarehouseError
from resolve.schema.views import VIEWS

DAY = pd.Timestamp("2026-03-01 12:00", tz="UTC")


def tell(engine: sa.Engine, *rows: dict[str, object]) -> None:
    """Write rows of contact_history: calls of customer G1, a day after each other, unless a row says otherwise."""
    base = {
        "golden_id": "G1",
        "golden_id_at_event": "G1",
        "source": "s",
        "channel": "phone",
        "type": "call",
        "run_id": "r",
    }
    names = [c.name for c in TABLES["contact_history"].columns]
    built = []
    for number, row in enumerate(rows):
        own = {
            "touchpoint_id": f"s:e:{number}",
            "source_id": str(number),
            "occurred_at": DAY + pd.Timedelta(days=number),
        }
        if "day" in row:
            own["occurred_at"] = DAY + pd.Timedelta(days=float(str(row["day"])))
        whole = base | own | {k: v for k, v in row.items() if k != "day"}
        built.append({name: whole.get(name) for name in names})
    with engine.begin() as conn:
        conn.execute(sa.insert(TABLES["contact_history"]), built)


def ask(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query, numbers as floats."""
    with engine.connect() as conn:
        rows = conn.execute(sa.text(query)).all()
    return [tuple(v if v is None or isinstance(v, str) else float(v) for v in row) for row in rows]


def answer(metric: str, score: float, low: float, high: float, **fields: object) -> dict[str, object]:
    """Return an answer to a survey."""
    scale = {"metric": metric, "score": score, "scale_min": low, "scale_max": high}
    return {"channel": "survey", "type": "survey_response", "day": 0} | scale | fields


def test_empty_tables_give_empty_views(engine: sa.Engine) -> None:
    """No division by nothing."""
    for name in VIEWS:
        assert ask(engine, f"SELECT * FROM {name}") == []


def test_answers_are_summed_by_metric_and_scale_and_never_across(engine: sa.Engine) -> None:
    """CSAT of 1-5 and of 0-1 apart; NPS with passives and on a scale that has none; an answer told twice counts once."""
    tell(
        engine,
        answer("csat", 5, 1, 5), answer("csat", 4, 1, 5), answer("csat", 3, 1, 5), answer("csat", 1, 0, 1),
        answer("csat", 0, 0, 1), answer("csat", 5, 1, 5, duplicate_of="s:e:0"),
        *(answer("nps", score, 0, 10) for score in (10, 9, 8, 7, 6, 0)), answer("nps", 5, 1, 5),
        answer("ces", 2, 1, 7), answer("ces", 5, 1, 7), answer("ces", 5, 1, 5), answer("nps", 9, 0, 10, golden_id=None),
    )  # fmt: skip
    columns = "metric, scale_max, response_count, csat_percent, promoter_count, detractor_count, nps, ces_mean"
    found = ask(engine, f"SELECT {columns} FROM experience_daily ORDER BY metric, scale_max")
    assert found[:2] == [("ces", 5, 1, None, None, None, None, 5), ("ces", 7, 2, None, None, None, None, 3.5)]
    assert found[2] == ("csat", 1, 2, 50, None, None, None, None)
    assert found[3] == ("csat", 5, 3, pytest.approx(200 / 3), None, None, None, None)
    assert found[4] == ("nps", 5, 1, None, None, None, None, None)
    assert found[5] == ("nps", 10, 7, None, 3, 2, pytest.approx(100 / 7), None)


def test_an_answer_is_about_the_last_contact_before_it(engine: sa.Engine) -> None:
    """Not about later ones, other surveys or contacts told twice; without one its own channel stands."""
    tell(
        engine,
        {"day": 0, "channel": "email"}, {"day": 1, "channel": "chat"}, {"day": 2, "channel": "web", "duplicate_of": "s:e:1"},
        answer("csat", 5, 1, 5, day=3), answer("csat", 2, 1, 5, day=4), {"day": 9},
        answer("csat", 1, 1, 5, golden_id="G2"), answer("csat", 1, 1, 5, golden_id=None),
    )  # fmt: skip
    found = ask(engine, "SELECT channel, response_count, csat_percent FROM experience_by_channel ORDER BY channel")
    assert found == [("chat", 2, 50), ("survey", 2, 0)]


def test_a_journey_runs_through_its_stages_with_the_time_between(engine: sa.Engine) -> None:
    """A stage that the source names goes before what the type tells; a call after an order is use; changes of channel."""
    tell(
        engine,
        {"type": "page_viewed", "channel": "web"}, {"type": "email_opened", "channel": "email"}, {}, {"type": "order"},
        {}, {"type": "ticket_opened"}, {"journey_stage": "renewal"}, {"golden_id": "G2"}, {"golden_id": None},
    )  # fmt: skip
    columns = "step, stage, stage_order, contact_count, first_channel, channel_changes, previous_stage, seconds_since_previous"
    found = ask(engine, f"SELECT {columns} FROM customer_journey WHERE golden_id = 'G1' ORDER BY step")
    assert found == [
        (1, "awareness", 1, 2, "web", 1, None, None),
        (2, "consideration", 2, 1, "phone", 1, "awareness", 86_400),
        (3, "purchase", 3, 1, "phone", 0, "consideration", 86_400),
        (4, "use", 5, 1, "phone", 0, "purchase", 86_400),
        (5, "support", 6, 1, "phone", 0, "use", 86_400),
        (6, "renewal", 7, 1, "phone", 0, "support", 86_400),
    ]
    assert ask(engine, "SELECT stage FROM customer_journey WHERE golden_id = 'G2'") == [("consideration",)]


def test_a_timeline_tells_each_event_once(engine: sa.Engine) -> None:
    """With how many systems logged it; unattributed ones belong to no timeline."""
    tell(engine, {}, {"duplicate_of": "s:e:0", "source": "t"}, {}, {"golden_id": None})
    found = ask(engine, "SELECT touchpoint_id, logged_count FROM customer_timeline ORDER BY occurred_at")
    assert found == [("s:e:0", 2), ("s:e:2", 1)]


def test_a_table_under_the_name_of_a_view_is_not_touched(url: str) -> None:
    """The error says which, and what to do."""
    engine = open_engine(url)
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE id_graph (a INTEGER)")
    with pytest.raises(WarehouseError, match=r"id_graph.*of its own"), engine.begin() as conn:
        create_tables(conn, DAY)
    engine.dispose()


def test_an_upgrade_makes_the_views_anew(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go before the tables change, so that PostgreSQL lets them, and come back."""

    def change(conn: sa.Connection) -> None:
        conn.exec_driver_sql("ALTER TABLE contact_history DROP COLUMN outcome")
        conn.exec_driver_sql("ALTER TABLE contact_history ADD COLUMN outcome TEXT")

    step = versions.Upgrade(99, change=change)
    monkeypatch.setattr(versions, "UPGRADES", (*versions.UPGRADES, step))
    monkeypatch.setattr(versions, "SCHEMA_VERSION", 99)
    monkeypatch.setattr(
        versions, "create_views", lambda conn: conn.exec_driver_sql("CREATE VIEW id_graph AS SELECT 1 AS a")
    )
    with engine.begin() as conn:
        assert create_tables(conn, DAY) is False
        assert [c["name"] for c in sa.inspect(conn).get_columns("id_graph")] == ["a"]


def test_a_customer_with_many_contacts_is_told_by_look_ups(engine: sa.Engine) -> None:
    """Who else logged a contact is looked up by both columns; all contacts of its customer cost the square of them."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan of PostgreSQL hangs on the rows that are there")
    with engine.begin() as conn:
        add_indexes(conn, "contact_history")
        plan = conn.execute(sa.text("EXPLAIN QUERY PLAN SELECT SUM(logged_count) FROM customer_timeline")).all()
    assert any("(golden_id=? AND duplicate_of=?)" in row[3] for row in plan), plan


def test_the_journey_of_one_customer_reads_the_contacts_of_that_one(engine: sa.Engine) -> None:
    """Not those of everyone: a dashboard asks for one at a time."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan of PostgreSQL hangs on the rows that are there")
    with engine.begin() as conn:
        add_indexes(conn, "contact_history")
        query = "EXPLAIN QUERY PLAN SELECT * FROM customer_journey WHERE golden_id = 'G1'"
        plan = [row[3] for row in conn.execute(sa.text(query)) if "contact_history" in row[3]]
    assert len(plan) == 1
    assert "(golden_id=? AND" in plan[0]
