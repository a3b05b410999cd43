"""How many customers a run merged into how many, and split: counted from its events, told in a sentence."""

from typing import Any

import pandas as pd

Counts = dict[str, dict[str, int]]


def count_unions(events: pd.DataFrame) -> Counts:
    """Return `merges` and `splits` of identity events, each with `customers` before and `into` after; none, no key.

    Both ends of a merge have an event `merged`, so their number says neither: 3 customers that became 1 have three.
    An ID that was retired and comes back under another one was no customer before.
    """
    told = events.assign(reason=events["reason"].fillna(""))
    merged = told[(told["type"] == "merged") & told["records"].notna()]
    is_taken = _says(merged, "taken over")
    taken = merged[is_taken]
    over = {name for names in taken["other_golden_ids"].dropna() for name in names.split(",")}
    known = set(merged.loc[~is_taken, "golden_id"])
    split = told[told["type"] == "split"]
    born = told[told["type"].isin(("created", "restored"))]
    parts = int(_says(born, "split off").sum())
    found: Counts = {}
    if len(taken):
        found["merges"] = {"customers": len(taken) + len(over & known), "into": len(over)}
    if len(split):
        found["splits"] = {"customers": len(split), "into": len(split) + parts}
    return found


def _says(events: pd.DataFrame, reason: str) -> "pd.Series[bool]":
    """Return which events give a reason, among others or alone; no reason is part of another one's words."""
    return events["reason"].str.contains(reason, regex=False).astype(bool)


def tell_unions(facts: dict[str, Any]) -> list[str]:
    """Return a sentence for the merges and one for the splits of a run, as far as there were any."""
    verbs = (("merges", "merged"), ("splits", "split"))
    return [_sentence(verb, facts[kind]) for kind, verb in verbs if facts.get(kind)]


def _sentence(verb: str, count: dict[str, int]) -> str:
    """Return `3 customers were merged into 1`."""
    before = count["customers"]
    return f"{before:,} {'customer was' if before == 1 else 'customers were'} {verb} into {count['into']:,}"


def profile_rows(facts: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the counts of golden profiles with their names; without events of merges that a sentence tells better."""
    told = [word for kind, word in (("merges", "merged"), ("splits", "split")) if facts.get(kind)]
    return [
        (name.replace("_", " "), count)
        for name, count in facts.get("profiles", {}).items()
        if isinstance(count, int) and name not in told
    ]
