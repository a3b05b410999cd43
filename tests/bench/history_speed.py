"""Seconds and memory of the history stage alone: `python tests/bench/history_speed.py [MILLION CONTACTS] [SEED]`.

Made-up contacts, three events for each: nine in ten name a record, the others an address or number; one call in ten is
logged by a second system as well. No contact is linked here: who belongs to whom is drawn.
"""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from resolve.golden.history import attach_touchpoints
from resolve.golden.measures import measure_contacts
from resolve.golden.same_event import mark_same_events
from resolve.model import MatchModel
from resolve.schema import PUBLISHED, conform
from resolve.schema.frames import TOUCHPOINTS

SOURCES = np.array(["sales", "marketing", "support"], dtype=object)
TYPES = (
    ("call", "phone"), ("message", "email"), ("email_opened", "email"), ("page_viewed", "web"), ("survey_response", "survey"),
    ("ticket_opened", "other"), ("order", "web"), ("meeting", "meeting"),
)  # fmt: skip
SHARES = (0.2, 0.15, 0.25, 0.15, 0.08, 0.1, 0.04, 0.03)
SUBJECTS = np.array([f"件名 {n}" for n in range(2000)], dtype=object)


@contextmanager
def timed(name: str, total: list[float]) -> Iterator[None]:
    """Print seconds and CPU seconds of a block."""
    clock, cpu = time.perf_counter(), time.process_time()
    yield
    seconds = time.process_time() - cpu
    total.append(seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{name:24s} {time.perf_counter() - clock:7.1f} s {seconds:7.1f} CPU s  peak so far {peak:.2f} GB", flush=True
    )


def make_links(rng: np.random.Generator, contacts: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return links (contact_id, golden_id) of contacts of half as many customers, and an identifier for each customer."""
    golden = rng.integers(0, contacts // 2, contacts)
    ids = [f"{SOURCES[n % 3]}:{n}" for n in range(contacts)]
    names = np.array([f"G{n:016d}" for n in range(contacts // 2)], dtype=object)
    links = pd.DataFrame({"contact_id": pd.Series(ids, dtype=object), "golden_id": names[golden]})
    own = {"golden_id": names, "type": "email", "value": [f"c{n}@example.jp" for n in range(len(names))]}
    flags = {"is_primary": True, "is_shared": rng.random(len(names)) < 0.03, "is_blocked": False, "source_count": 1}
    identifiers = pd.DataFrame(own | flags).assign(run_id="")
    return links, conform(identifiers, PUBLISHED["profile_identifier"])


def make_touchpoints(rng: np.random.Generator, links: pd.DataFrame, events: int) -> pd.DataFrame:
    """Return TOUCHPOINTS."""
    first = events * 10 // 11
    row = rng.integers(0, len(links), first)
    kind = rng.choice(len(TYPES), first, p=SHARES)
    again = rng.choice(np.flatnonzero(kind == 0), events - first)  # calls that another system logged as well
    source = np.append(rng.integers(0, 3, first), np.zeros(events - first, dtype=int))
    source[first:] = (source[again] + 1) % 3
    row, kind = np.append(row, row[again]), np.append(kind, kind[again])
    seconds = rng.integers(0, 5 * 365 * 86_400, first)
    seconds = np.append(seconds, seconds[again] + rng.integers(-20, 20, len(again)))
    named = rng.random(events) < 0.9
    length = np.where(kind == 0, rng.integers(20, 1500, events), np.nan)
    length[first:] = length[again]
    about = rng.integers(0, 2000, events)
    about[first:] = about[again]
    ids = [f"{SOURCES[s]}:events:{n}" for n, s in enumerate(source.tolist())]
    answered = kind == 4
    frame = {
        "touchpoint_id": pd.Series(ids, dtype=object), "source": SOURCES[source], "stream": "events",
        "source_id": pd.Series(ids, dtype=object), "contact_id": np.where(named, links["contact_id"].to_numpy()[row], None),
        "identifier_type": np.where(named, None, "email"),
        "identifier": np.where(named, None, [f"c{n}@example.jp" for n in row % (len(links) // 2)]),
        "channel": np.array([c for _, c in TYPES], dtype=object)[kind], "direction": np.where(kind == 0, "inbound", None),
        "type": np.array([t for t, _ in TYPES], dtype=object)[kind],
        "occurred_at": pd.to_datetime(seconds, unit="s", utc=True), "subject": SUBJECTS[about],
        "metric": np.where(answered, "nps", None), "score": np.where(answered, rng.integers(0, 11, events), np.nan),
        "duration_seconds": length, "status": np.where(kind == 5, "closed", None),
    }  # fmt: skip
    return conform(pd.DataFrame(frame), TOUCHPOINTS)


def main() -> None:
    """Build the frames, run the stage, print."""
    contacts = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    links, identifiers = make_links(rng, contacts)
    touchpoints = make_touchpoints(rng, links, contacts * 3)
    before = pd.DataFrame({"touchpoint_id": [], "golden_id_at_event": []}, dtype=object)
    total: list[float] = []
    print(f"{contacts:,} contacts, {len(touchpoints):,} events", flush=True)
    with timed("attribute", total):
        history = attach_touchpoints(touchpoints, links, identifiers, before)
    with timed("one event once", total):
        history["duplicate_of"] = mark_same_events(history, MatchModel.shipped().same_event)
    with timed("measures", total):
        measures = measure_contacts(history, touchpoints, touchpoints["occurred_at"].max())
    again = history["duplicate_of"].notna().sum()
    print(f"{sum(total):.1f} CPU s; {again:,} told again, {len(measures):,} customers with contacts")


if __name__ == "__main__":
    main()
