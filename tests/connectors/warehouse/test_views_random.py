"""Views that look for a contact, or a rule, against a plain computation on random rows; and what they read for it."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.tables import TABLES, add_indexes

DAY = pd.Timestamp("2026-03-01 12:00", tz="UTC").to_pydatetime()
BOUNDS = ("days", "contacts", "orders", "amount")
Row = dict[str, Any]


def write(engine: sa.Engine, name: str, rows: list[Row]) -> None:
    """Write rows, empty where one lacks a column."""
    table = TABLES[name]
    with engine.begin() as conn:
        conn.execute(sa.insert(table), [{c.name: None for c in table.columns} | {"run_id": "r"} | row for row in rows])


def make_history(rng: np.random.Generator, rows: int) -> list[Row]:
    """Return contacts of four customers and of nobody, many at one moment: calls, orders, answers, answers left empty."""
    made: list[Row] = []
    for number in range(rows):
        type_, channel = (("call", "phone"), ("message", "chat"), ("order", "web"), ("survey_response", "survey"))[
            rng.integers(4)
        ]
        metric = str(rng.choice(["csat", "nps"])) if type_ == "survey_response" else None
        golden = [None, "G1", "G2", "G3", "G4"][rng.integers(5)]
        told = [row["touchpoint_id"] for row in made if row["golden_id"] == golden and not row["duplicate_of"]]
        made.append(
            {
                "touchpoint_id": f"s:e:{rng.integers(10**6)}-{number}",
                "golden_id": golden,
                "source": "s",
                "source_id": str(number),
                "channel": "web" if metric and rng.random() < 0.3 else channel,
                "type": type_,
                "occurred_at": DAY + timedelta(hours=int(rng.integers(12))),
                "metric": metric,
                "score": float(rng.integers(0, 6)) if metric and rng.random() < 0.9 else None,
                "scale_min": 0.0 if metric else None,
                "scale_max": 5.0 if metric else None,
                "amount": float(rng.integers(0, 900)) if type_ == "order" and rng.random() < 0.9 else None,
                "currency": [None, "JPY", "USD"][rng.integers(3)] if type_ == "order" else None,
                "duplicate_of": str(rng.choice(told)) if told and golden and rng.random() < 0.2 else None,
            }
        )
    return made


def answers_by_channel(rows: list[Row]) -> dict[tuple[str, str], tuple[int, float]]:
    """Return answers and their mean by channel and metric: the channel of the last contact until then, or their own."""
    once = [row for row in rows if row["duplicate_of"] is None]
    found: dict[tuple[str, str], list[float]] = {}
    for answer in (row for row in once if row["score"] is not None):
        before = [
            (row["occurred_at"], row["touchpoint_id"], row["channel"])
            for row in once
            if row["metric"] is None
            and row["golden_id"] == answer["golden_id"] is not None
            and row["occurred_at"] <= answer["occurred_at"]
        ]
        channel = max(before)[2] if before else answer["channel"]
        found.setdefault((channel, answer["metric"]), []).append(answer["score"])
    return {key: (len(scores), round(float(np.mean(scores)), 9)) for key, scores in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_answers_find_the_channel_that_they_are_about(engine: sa.Engine, seed: int) -> None:
    """At one moment the contact with the largest id counts, whatever the id of the answer; nobody's answers keep theirs."""
    rows = make_history(np.random.default_rng(seed), 150)
    write(engine, "contact_history", rows)
    query = "SELECT channel, metric, response_count, score_mean FROM experience_by_channel"
    with engine.connect() as conn:
        found = {(row[0], row[1]): (row[2], round(row[3], 9)) for row in conn.execute(sa.text(query))}
    assert found == answers_by_channel(rows)


def make_rules(rng: np.random.Generator) -> list[Row]:
    """Return four rules for each dimension with random bounds, behind them one without any, or none for `value`."""
    rules: list[Row] = []
    for dimension in ("recency", "frequency", "value", "lifecycle"):
        for position in range(1, 5):
            rule: Row = {"dimension": dimension, "position": position, "segment": f"{dimension} {position}"}
            names = ("amount",) if dimension == "value" else BOUNDS[:3]
            for name in (f"{bound}_{side}" for bound in names for side in ("from", "below")):
                high = {"amount": 2000, "days": 3, "contacts": 30, "orders": 9}[name.split("_")[0]]
                rule[name] = float(rng.integers(0, high)) if rng.random() < 0.4 else None
            rule["currency"] = [None, "JPY", "USD"][rng.integers(3)] if dimension == "value" else None
            rules.append(rule)
        rules += [{"dimension": dimension, "position": 5, "segment": "rest"}] if rng.random() < 0.7 else []
    return rules


def holds(rule: Row, facts: dict[str, float | None]) -> bool:
    """Return whether every bound of a rule holds; one on an unknown fact does not."""
    for name, fact in facts.items():
        low, below = rule.get(f"{name}_from"), rule.get(f"{name}_below")
        if low is not None and (fact is None or fact < low):
            return False
        if below is not None and (fact is None or fact >= below):
            return False
    return True


def first_value(rules: list[Row], orders: list[Row]) -> str | None:
    """Return the segment of the first rule that the sum of a currency meets; without one, of the first without amounts."""
    sums: dict[str | None, float] = {}
    for row in (row for row in orders if row["amount"] is not None):
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount"]
    met = [
        rule
        for rule in rules
        if any(rule.get("currency") in (None, currency) and holds(rule, {"amount": spent}) for currency, spent in sums.items())
    ]  # fmt: skip
    free = [r for r in rules if all(r.get(name) is None for name in ("currency", "amount_from", "amount_below"))]
    return next((str(rule["segment"]) for rule in met or free), None)


@pytest.mark.parametrize("seed", range(3))
def test_segments_are_those_of_the_first_rule_that_holds(engine: sa.Engine, seed: int) -> None:
    """For customers with and without contacts and orders, in several currencies and none, where no rule holds as well."""
    rng = np.random.default_rng(seed)
    rows, rules = make_history(rng, 60), make_rules(rng)
    last = {"G1": DAY, "G2": DAY - timedelta(days=2), "G3": None, "G4": DAY - timedelta(days=1), "G5": None}
    profile = {"party_type": "person", "record_count": 1, "source_count": 1, "sources": "s", "open_case_count": 0}
    profile |= {"golden_version": 1, "status": "active", "updated_at": DAY}
    contacts = {golden: int(rng.integers(0, 30)) for golden in last}
    every = [{"golden_id": g, "last_contact_at": at, "contact_count": contacts[g]} | profile for g, at in last.items()]
    for name, given in (("contact_history", rows), ("segment_rule", rules), ("golden_profile", every)):
        write(engine, name, given)
    write(engine, "run_manifest", [{"run_id": "1", "kind": "nightly", "status": "succeeded", "started_at": DAY}])
    query = "SELECT golden_id, recency, frequency, value, lifecycle, order_count FROM customer_segment ORDER BY 1"
    with engine.connect() as conn:
        found = [tuple(row) for row in conn.execute(sa.text(query))]
    expected = []
    for golden, at in last.items():
        orders = [r for r in rows if r["golden_id"] == golden and r["type"] == "order" and not r["duplicate_of"]]
        facts = {
            "days": None if at is None else float((DAY - at).days),
            "contacts": contacts[golden],
            "orders": len(orders),
        }
        first = [
            next((r["segment"] for r in rules if r["dimension"] == name and holds(r, facts)), None)
            for name in ("recency", "frequency", "lifecycle")
        ]
        spent = first_value([r for r in rules if r["dimension"] == "value"], orders)
        expected.append((golden, first[0], first[1], spent, first[2], len(orders)))
    assert found == expected


def plan_of(engine: sa.Engine, query: str) -> list[str]:
    """Return the steps in which SQLite answers a query."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan of PostgreSQL hangs on the rows that are there")
    with engine.begin() as conn:
        add_indexes(conn, "contact_history")
        add_indexes(conn, "golden_profile")
        return [row[3] for row in conn.execute(sa.text(f"EXPLAIN QUERY PLAN {query}"))]


def test_answers_are_not_looked_up_one_by_one(engine: sa.Engine) -> None:
    """The contacts of a customer with many of them, walked for each answer, took minutes."""
    plan = plan_of(engine, "SELECT * FROM experience_by_channel")
    assert not any("CORRELATED" in step for step in plan), plan


def test_the_segment_of_one_customer_reads_the_contacts_of_that_one(engine: sa.Engine) -> None:
    """Named, and joined by an address: nothing is summed for everyone."""
    for query in (
        "SELECT * FROM customer_segment WHERE golden_id = 'G1'",
        "SELECT s.* FROM golden_profile g JOIN customer_segment s ON s.golden_id = g.golden_id WHERE g.primary_email = 'a'",
    ):
        plan = plan_of(engine, query)
        assert not any(
            step.startswith("SCAN") and step[5:].split()[0] in ("p", "h", "contact_history") for step in plan
        )
        read = [step for step in plan if step.startswith("SEARCH h ") or " contact_history " in step]
        assert read
        assert all("(golden_id=? AND duplicate_of=?)" in step for step in read), plan
