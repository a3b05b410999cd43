"""Keys that too many contacts share are left out of pairing, and that is told."""

from dataclasses import replace

import pandas as pd
import pytest

from flows.reports.summary import skipped
from resolve.model import MatchModel
from resolve.pipeline import RunContext, State, resolve_contacts
from resolve.schema import empty, frames
from resolve.standardise.contact import standardise_contacts


def test_what_a_cap_leaves_out_is_counted() -> None:
    """Six people on one telephone number, a rule with a cap of four: one key and its 15 pairs are told."""
    names = ["Ann Lee", "Bob Hill", "Carl Moss", "Dora Pike", "Earl Finch", "Fay Marsh"]
    records = pd.DataFrame({"source": "crm", "source_id": list("123456"), "full_name": names, "phone": "03-3123-4567"})
    model = MatchModel.shipped()
    rules = tuple(replace(rule, cap=4) for rule in model.link.blocking if rule.name == "phone")
    model = replace(model, link=replace(model.link, blocking=rules))
    run = RunContext(pd.Timestamp("2026-01-01", tz="UTC"), b"key", {"crm": 1})
    touchpoints = empty(frames.TOUCHPOINTS)
    counts = resolve_contacts(standardise_contacts(records), touchpoints, State.nothing(), model, run).counts
    assert (counts["skipped_keys"], counts["skipped_pairs"], counts["candidate_pairs"]) == (1, 15, 0)
    told = skipped({"skipped": {"keys": counts["skipped_keys"], "pairs": counts["skipped_pairs"]}})
    assert told == "15 pairs on 1 key that too many contacts share were not compared"


@pytest.mark.parametrize("column", ["email", "phone"])
def test_one_person_in_hundreds_of_records_is_one_customer(column: str) -> None:
    """A guest with every order: far more records than a mailbox, number or name is compared in; others stay apart."""
    values = {"email": ["hana@mail.example", "ken@mail.example"], "phone": ["090-1111-2222", "090-3333-4444"]}[column]
    guests = [
        {"source": "shop", "source_id": f"g{at}", "full_name": "勅使河原 花", column: values[0]} for at in range(300)
    ]
    other = [{"source": "shop", "source_id": f"o{at}", "full_name": f"山田 {at} 郎", column: None} for at in range(300)]
    namesake = {"source": "shop", "source_id": "namesake", "full_name": "勅使河原 花", column: values[1]}
    contacts = standardise_contacts(pd.DataFrame([*guests, *other, namesake]))
    run = RunContext(pd.Timestamp("2026-01-01", tz="UTC"), b"key", {"shop": 1})
    found = resolve_contacts(contacts, empty(frames.TOUCHPOINTS), State.nothing(), MatchModel.shipped(), run)
    customer = found.tables["profile_link"].set_index("source_id")["golden_id"]
    assert set(customer[[f"g{at}" for at in range(300)]]) == {customer["g0"]}
    assert customer["namesake"] != customer["g0"]
