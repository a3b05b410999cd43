"""Whose event is it? The events of three_sources against the person behind each: `python tests/bench/attribution.py`.

Customers are found without labels, as in accuracy.py. A customer is the person of most of its records; an event is right
when its customer is its person. Two rows: events whose source names a record, and events with an address or number only.
`possible` counts those whose person has a customer that the links allow to find: it holds the record, or has the value
for itself.
"""

import pandas as pd
from labelled import SHARED, LabelledSet, three_sources
from path import run_path
from tables import as_table

from resolve.model import MatchModel
from resolve.pipeline import RunContext, State, prepare_touchpoints, resolve_contacts
from resolve.schema import conform
from resolve.schema.frames import TOUCHPOINTS

FOLDER = SHARED / "three_sources"
CHANNELS = {"call": "phone", "chat": "chat", "survey_response": "survey", "meeting": "meeting", "ticket": "other"}


def read_events() -> pd.DataFrame:
    """Return TOUCHPOINTS of the file of events, identifiers as contacts carry them."""
    events = pd.read_csv(FOLDER / "events.csv", dtype=str, keep_default_na=False).astype(object)
    events = events.where(events != "", None)
    is_named = events["identifier_type"] == "source_id"
    mails = events["event_type"].str.startswith("email")
    frame = {
        "touchpoint_id": events["source"] + ":events:" + events["event_id"],
        "source": events["source"],
        "stream": "events",
        "source_id": events["event_id"],
        "contact_id": (events["source"] + ":" + events["source_id"]).where(is_named, None),
        "identifier_type": events["identifier_type"].mask(is_named, None),
        "identifier": events["identifier"],
        "channel": events["event_type"].map(CHANNELS).fillna("web").mask(mails, "email"),
        "type": events["event_type"],
        "occurred_at": pd.to_datetime(events["occurred_at"], utc=True),
    }
    return prepare_touchpoints(conform(pd.DataFrame(frame), TOUCHPOINTS), "JP")


def attribute(labelled: LabelledSet, model: MatchModel, contacts: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return a row per event: kind, person, found (the person of its customer, if any), possible; and the run's counts."""
    events = read_events()
    run = RunContext(pd.Timestamp("2026-01-01", tz="UTC"), b"bench", {"sales": 0, "marketing": 1, "support": 2})
    result = resolve_contacts(contacts, events, State.nothing(), model, run)
    links = result.tables["profile_link"]
    person = (links["source"] + ":" + links["source_id"]).map(labelled.truth.reindex(labelled.counted))
    of_customer = person.groupby(links["golden_id"]).agg(lambda people: people.mode().min())
    told = pd.read_csv(FOLDER / "truth_events.csv", dtype=str).set_index("event_id")["person_id"]
    history = result.tables["contact_history"].merge(events[["touchpoint_id", "contact_id", "identifier"]])
    known = result.tables["profile_identifier"]
    own = set(known.loc[~(known["is_shared"] | known["is_blocked"]), "value"])
    rows = pd.DataFrame({
        "kind": history["identifier"].isna().map({True: "a record", False: "a value only"}),
        "person": history["contact_id"].map(labelled.truth.reindex(labelled.counted)).fillna(history["source_id"].map(told)),
        "is_attributed": history["golden_id"].notna(),
        "found": history["golden_id"].map(of_customer),
        "possible": history["contact_id"].notna() | history["identifier"].isin(own),
    })  # fmt: skip
    return rows[rows["person"].notna()], result.counts


def measure(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Return precision and recall by kind of event and over all."""
    figures = []
    for kind, some in [*rows.groupby("kind"), ("all", rows)]:
        attributed, right = some["is_attributed"], some["found"] == some["person"]
        figures.append({
            "event names": kind, "events": len(some), "attributed": int(attributed.sum()),
            "precision": (right & attributed).sum() / max(attributed.sum(), 1),
            "recall": right.mean(), "recall of possible": right[some["possible"]].mean(),
        })  # fmt: skip
    return figures


def main() -> None:
    """Measure and print."""
    labelled = three_sources()
    path = run_path(labelled)
    rows, counts = attribute(labelled, path.model, path.contacts)
    print(as_table(measure(rows)))
    print(f"{counts['touchpoints']:,} events, {counts['touchpoints_unattributed']:,} unattributed")


if __name__ == "__main__":
    main()
