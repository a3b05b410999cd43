"""Every query of the documents runs on both databases, and every view is what its description says."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from flows.project import open_project
from resolve.schema.views import VIEWS

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs" / "data-dictionary.md", ROOT / "docs" / "runbook.md", ROOT / "README.md")
MORE = """
      events:
        path: events.csv
        preset: event
"""
HEAD = "event_id,contact_id,identifier_type,identifier,type,channel,occurred_at,subject,metric,score,amount,currency\n"
ROWS = (
    "1,900,,,form_submitted,web,2026-01-20T09:00:00Z,資料請求,,,,",
    "2,900,,,call,phone,2026-02-01T09:00:20Z,見積,,,,",  # the call that sales logged as well
    "3,900,,,order,web,2026-02-03T09:00:00Z,,,,120000,JPY",
    "4,900,,,survey_response,survey,2026-02-04T09:00:00Z,,nps,9,,",
    "5,901,,,survey_response,survey,2026-02-04T10:00:00Z,,nps,6,,",
    "6,901,,,survey_response,survey,2026-02-04T11:00:00Z,,csat,4,,",
    "7,902,,,survey_response,survey,2026-02-05T11:00:00Z,,ces,3,,",
    "8,,email,stranger@example.jp,page_viewed,web,2026-02-05T11:00:00Z,/,,,,",
)


def statements() -> list[str]:
    """Return every query in the SQL blocks of the documents.

    Those that write are tested in test_judged_by_hand.py and test_kept_denials.py.
    """
    blocks = [b for page in PAGES for b in re.findall(r"```sql\n(.*?)```", page.read_text("utf-8"), re.DOTALL)]
    plain = [re.sub(r"^--.*$", "", block, flags=re.MULTILINE) for block in blocks]
    every = [one.strip() for block in plain for one in block.split(";") if one.strip()]
    writes = ("INSERT INTO judgement", "UPDATE golden_registry", "DELETE FROM kept_denial")
    return [one for one in every if not one.startswith(writes)]


@pytest.fixture(scope="module")
def warehouse(build_on: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The small project after a night, with events of a second system: an open connection and a customer of both."""
    small = build_on(tmp_path_factory.mktemp("examples") / "project")
    text = small.config.read_text("utf-8")
    small.config.write_text(text.rstrip("\n") + MORE, "utf-8")  # the last source of the project is support
    (small.folder / "events.csv").write_text(HEAD + "\n".join(ROWS) + "\n", "utf-8")
    small.run()
    project = open_project(small.config)
    with project.reading() as conn:
        golden = conn.scalar(
            sa.text("SELECT golden_id FROM profile_link WHERE source = 'support' AND source_id = '900'")
        )
        yield conn, golden
    project.engine.dispose()


def ask(conn: sa.Connection, query: str, **values: object) -> pd.DataFrame:
    """Return the answer to a query."""
    found = conn.execute(sa.text(query), values)
    return pd.DataFrame(found.all(), columns=list(found.keys()))


def test_every_query_of_the_documents_runs(warehouse: Any) -> None:
    """Each example of the dictionary, the runbook and the README; names after a colon are values to fill in."""
    conn, golden = warehouse
    queries = statements()
    assert len(queries) > len(VIEWS)
    known = {"golden_id": golden, "stored_id": golden, "email": "someone@example.jp"}
    known |= {"source": "support", "source_id": "900"}
    for query in queries:
        ask(conn, query, **{name: known[name] for name in re.findall(r"(?<![:\w]):([a-z]\w*)", query)})


def person_queries() -> list[str]:
    """Return the queries of the section on one person's data."""
    text = PAGES[1].read_text("utf-8").partition("## Where one person's data is")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    plain = (re.sub(r"^--.*$", "", block, flags=re.MULTILINE) for block in blocks)
    return [one.strip() for block in plain for one in block.split(";") if one.strip()]


def test_the_queries_on_one_person_find_records_and_contacts(warehouse: Any) -> None:
    """Each of a customer's records with its row, and each of the contacts with its row; by the source's id first."""
    conn, golden = warehouse
    known = {"golden_id": golden, "email": "stranger@example.jp", "source": "support", "source_id": "900"}
    found = {}
    for query in person_queries():
        asked = {name: known[name] for name in re.findall(r"(?<![:\w]):([a-z]\w*)", query)}
        found[query] = ask(conn, query, **asked)
    links = ask(conn, "SELECT source_id FROM profile_link WHERE golden_id = :g", g=golden)
    events = ask(conn, "SELECT touchpoint_id FROM contact_history WHERE golden_id = :g", g=golden)
    assert len(links) > 1
    assert len(events) > 1

    def rows_of(begin: str) -> int:
        """Return how many rows the one query with this beginning found."""
        (rows,) = (len(frame) for query, frame in found.items() if query.startswith(begin))
        return rows

    assert rows_of("SELECT golden_id FROM profile_link") == 1
    assert rows_of("SELECT l.source, l.source_id, l.link_type, c.body") == len(links)
    assert rows_of("SELECT h.*") == len(events)
    assert rows_of("SELECT touchpoint_id FROM touchpoint WHERE identifier") == 1
    raw = [frame for query, frame in found.items() if query.startswith("SELECT r.source, r.stream")]
    assert [len(frame) for frame in raw] == [len(links), len(events)]


def test_views_have_the_columns_and_keys_of_their_descriptions(warehouse: Any) -> None:
    """Names in order; what is always filled is filled; keys are unique."""
    conn, _ = warehouse
    for name, view in VIEWS.items():
        rows = ask(conn, f"SELECT * FROM {name}")
        assert list(rows.columns) == view.names, name
        assert rows[[c.name for c in view.columns if c.required]].notna().all(axis=None), name
        assert not rows.duplicated(list(view.key)).any(), name


def test_a_customers_timeline_and_journey_tell_each_event_once(warehouse: Any) -> None:
    """The call that two systems logged is one; stages follow each other with the time between them."""
    conn, golden = warehouse
    told = ask(
        conn, "SELECT type, logged_count FROM customer_timeline WHERE golden_id = :g ORDER BY occurred_at", g=golden
    )
    assert told.to_numpy().tolist() == [["form_submitted", 1], ["call", 2], ["order", 1], ["survey_response", 1]]
    columns = "step, stage, contact_count, channel_changes, previous_stage, seconds_since_previous"
    steps = ask(conn, f"SELECT {columns} FROM customer_journey WHERE golden_id = :g ORDER BY step", g=golden)
    assert steps["stage"].tolist() == ["consideration", "purchase", "use"]
    assert steps["contact_count"].tolist() == [2, 1, 1]
    assert steps["channel_changes"].tolist() == [1, 1, 1]
    assert steps["previous_stage"].tolist() == [None, "consideration", "purchase"]
    days = steps["seconds_since_previous"].iloc[1:].astype(float) / 86_400
    assert days.round(2).tolist() == [2.0, 1.0]


def test_experience_is_summed_by_metric_and_scale(warehouse: Any) -> None:
    """NPS 9 and 6: one promoter, one detractor, 0; CSAT 4 of 5: 100 per cent; CES as it is; about the channel before."""
    conn, _ = warehouse
    daily = ask(conn, "SELECT * FROM experience_daily ORDER BY day, metric")
    assert daily["day"].tolist() == ["2026-02-04", "2026-02-04", "2026-02-05"]
    assert daily["metric"].tolist() == ["csat", "nps", "ces"]
    assert daily["response_count"].tolist() == [1, 2, 1]
    assert daily.loc[1, ["promoter_count", "detractor_count", "nps"]].astype(float).tolist() == [1, 1, 0]
    assert (daily.loc[0, "csat_percent"], daily.loc[2, "ces_mean"]) == (100, 3)
    channels = ask(
        conn, "SELECT channel, response_count FROM experience_by_channel WHERE metric = 'nps' ORDER BY channel"
    )
    assert channels.to_numpy().tolist() == [["phone", 1], ["web", 1]]


def test_segments_follow_the_rules_of_the_model(warehouse: Any) -> None:
    """One customer ordered for 120,000 yen, fifty have no contact at all."""
    conn, golden = warehouse
    columns = "recency, frequency, value, lifecycle, contact_count, order_count"
    one = ask(conn, f"SELECT {columns} FROM customer_segment WHERE golden_id = :g", g=golden).iloc[0]
    assert one[["frequency", "value", "contact_count", "order_count"]].tolist() == ["now and then", "high", 4, 1]
    assert one["recency"] in ("active", "cooling", "dormant")
    rest = ask(conn, "SELECT * FROM customer_segment WHERE contact_count = 0")
    assert set(rest["recency"]) == {"never contacted"}
    assert set(rest["value"]) == {"none"}
    assert set(rest["lifecycle"]) == {"lost prospect"}


BACK_AND_FORTH = (
    "1,900,,,page_viewed,web,2026-01-20T09:00:00Z,,,,,",
    "2,900,,,form_submitted,web,2026-01-21T09:00:00Z,,,,,",
    "3,900,,,page_viewed,web,2026-01-22T09:00:00Z,,,,,",
    "4,900,,,form_submitted,web,2026-01-23T09:00:00Z,,,,,",
    "5,no-such-record,,,page_viewed,web,2026-02-05T11:00:00Z,,,,,",
    "6,,email,tazuko@example.jp,page_viewed,web,2026-02-05T11:00:00Z,,,,,",
)


def test_examples_count_what_their_comments_say(build_on: Any, tmp_path: Path) -> None:
    """Customers, not steps; addresses and numbers, not records that are unknown; links by weight, not by a person."""
    small = build_on(tmp_path / "project")
    small.config.write_text(small.config.read_text("utf-8").rstrip("\n") + MORE, "utf-8")
    (small.folder / "events.csv").write_text(HEAD + "\n".join(BACK_AND_FORTH) + "\n", "utf-8")
    small.run()
    pair = "'sales:S030', 'sales:S041'"
    small.execute(
        "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_at) "
        f"VALUES (1, {pair}, 'match', CURRENT_TIMESTAMP)"
    )
    small.run()
    parts = re.split(r"^-- (\w+): .*\n", (ROOT / "docs" / "example-queries.sql").read_text("utf-8"), flags=re.MULTILINE)
    examples = dict(zip(parts[1::2], parts[2::2], strict=True))
    project = open_project(small.config)
    with project.reading() as conn:
        journey = ask(conn, examples["customer_journey"])
        unknown = ask(conn, examples["touchpoint"])
        weak = ask(conn, examples["match_edge"])
        judged = ask(conn, "SELECT contact_id_l FROM match_edge WHERE verdict = 'link' AND decided_by = 'person'")
    project.engine.dispose()
    steps = journey[(journey["previous_stage"] == "awareness") & (journey["stage"] == "consideration")]
    assert steps["customers"].tolist() == [1]
    assert unknown.to_dict("list") == {"identifier_type": ["email"], "events": [1]}
    assert judged["contact_id_l"].tolist() == ["sales:S030"]
    assert len(weak)
    assert "sales:S030" not in weak["contact_id_l"].tolist()
