"""Keys that too many contacts share are left out of pairing, and that is told."""

from dataclasses import replace

import pandas as pd

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
