"""The difference to the last published run, added to what is stored, is what preparing everything gives."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from connectors.settings.project import parse_settings
from connectors.sources.source import Page, Raw, Reject
from connectors.warehouse.bodies import contacts_of
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.landing import land_page
from connectors.warehouse.store import load_open_quarantine, load_table
from connectors.warehouse.tables import TABLES
from connectors.warehouse.touchpoints import load_touchpoints
from flows.intake.basis import find_basis
from flows.intake.difference import OPEN, prepare_difference
from flows.intake.extract import Extraction, landed_before
from flows.intake.prepare import prepare_everything
from flows.intake.prepared import Prepared
from flows.night import PLAIN, run_night
from flows.progress import Progress
from flows.project import Project
from flows.publishing.ledger import build_ledger
from flows.publishing.ledger_changes import extend_ledger
from flows.publishing.publish import publish_run
from flows.run import Run

SETTINGS = """
warehouse: "sqlite://"
training: never
quarantine: {max_rate: 1}
sources:
  a:
    kind: sales
    streams:
      contacts: {path: a.csv, id: id, map: {full_name: name, email: mail}}
      others: {path: o.csv, id: id, role: contacts, map: {full_name: name, email: mail}}
      cases:
        path: c.csv
        id: id
        map: {contact_id: who, contact_source: system, email: mail}
        touchpoints:
          - {name: opened, map: {occurred_at: start}, constant: {channel: web, type: ticket_opened, status: open}}
          - {name: closed, when: {end: ["*"]}, map: {occurred_at: end}, constant: {channel: web, status: closed}}
      calls: {path: e.csv, id: id, map: {contact_id: who, occurred_at: start}, constant: {channel: phone}}
  b:
    kind: support
    streams:
      contacts: {path: b.csv, id: id, merged_ids: [losers], map: {full_name: name, email: mail}}
"""
PHASES = (Phase.explicit, Phase.generate)  # no shrinking: a history takes a second
NAMES = ("佐藤 一郎", "鈴木 花子", "Ann Lee")
MAILS = ("a@x.example", "b@x.example", None)
IDS = ("1", "2", "3", "4", "5")

_contact = st.builds(
    lambda name, mail, losers: {"name": name, "mail": mail, "losers": losers},
    st.sampled_from(NAMES),
    st.sampled_from(MAILS),
    st.sampled_from((None, None, "1", "2;3", "4")),
)
_marks = st.sampled_from(({}, {}, {}, {"deleted": True}, {"merged_into": "1"}, {"merged_into": "3", "deleted": True}))
_event = st.builds(
    lambda who, system, mail, start, end: {"who": who, "system": system, "mail": mail, "start": start, "end": end},
    st.sampled_from((*IDS, None)),
    st.sampled_from((None, "b")),
    st.sampled_from(MAILS),
    st.sampled_from(("2026-01-01", "2026-01-02T03:04:05.123456789Z", "someday", None)),
    st.sampled_from((None, "2026-02-01", "never")),
)
_gone = st.sampled_from(({}, {}, {}, {"deleted": True}))


_refused = st.sampled_from(("1", "2", "6", "1:opened")).map(lambda i: Reject("x.csv:2", "bad_deleted", "", {}, i))


def _rows(payload: st.SearchStrategy[Any], marks: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Raw | Reject]]:
    """Rows of one stream as one night reads them, some of them refused."""
    row = st.builds(
        lambda i, p, m: Raw(i, {} if m == {"deleted": True} else p | {"id": i}, None, **m),
        st.sampled_from(IDS),
        payload,
        marks,
    )
    return st.lists(st.one_of(row, row, row, _refused), max_size=4)


NIGHT = st.fixed_dictionaries(
    {
        ("a", "contacts"): _rows(_contact, _marks),
        ("a", "others"): _rows(_contact, _marks).map(
            lambda rows: [r._replace(source_id=f"o{r.source_id}") for r in rows if isinstance(r, Raw)]
        ),
        ("b", "contacts"): _rows(_contact, _marks),
        ("a", "cases"): _rows(_event, _gone),
        ("a", "calls"): _rows(_event, _gone),
    }
)


def by_key(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a frame in the order of its key."""
    return frame.sort_values(key, ignore_index=True)


def added(stored: pd.DataFrame, fresh: pd.DataFrame, gone: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return what is stored with a difference added."""
    kept = stored[~stored[key].isin({*fresh[key], *gone[key]})]
    return by_key(pd.concat([part for part in (kept, fresh) if len(part)] or [fresh], ignore_index=True), key)


def as_text(frame: pd.DataFrame) -> str:
    """Return a frame as text, so that types of empty columns do not count; times to the microsecond."""
    times = {n: frame[n].dt.floor("us") for n in frame if isinstance(frame[n].dtype, pd.DatetimeTZDtype)}
    return frame.assign(**times).to_csv(index=False)


class Checked:
    """The stages of a night that lands given rows, and compares the difference with everything on its way."""

    def __init__(self, rows: dict[tuple[str, str], list[Raw | Reject]]) -> None:
        self._rows = rows
        self._difference: Prepared | None = None

    def extract(self, run: Run) -> Extraction:
        """Land the rows of the night."""
        for (source, stream), rows in self._rows.items():
            with run.transactions.writing() as conn:
                good = [row for row in rows if isinstance(row, Raw)]
                bad = [row for row in rows if isinstance(row, Reject)]
                land_page(conn, source, stream, Page(good, bad, {"n": 1}), run.run_id, run.at)
        return landed_before(run)

    def prepare(self, run: Run, extraction: Extraction) -> Prepared:
        """Prepare both ways, compare, and go on with everything."""
        with run.transactions.begin() as conn:
            basis = find_basis(conn)
        if basis is not None:
            self._difference = prepare_difference(run, extraction, basis)
            with run.transactions.begin() as conn:
                held = load_open_quarantine(conn, OPEN)
        everything = prepare_everything(run, extraction)
        if self._difference is not None:
            with run.transactions.begin() as conn:
                self._compare(conn, self._difference, everything)
            assert as_text(held) == as_text(everything.quarantine)
        return everything

    def _compare(self, conn: Connection, part: Prepared, everything: Prepared) -> None:
        """Compare what is stored and the difference with everything."""
        names = ["contact_id", "source", "source_id", "content_hash", "body"]
        stored = contacts_of(load_table(conn, "contact", names))
        assert as_text(added(stored, part.contacts, part.delta.gone, "contact_id")) == as_text(
            by_key(everything.contacts, "contact_id")
        )
        known = load_touchpoints(conn, TABLES["touchpoint"].c.touchpoint_id.is_not(None))
        together = added(known, part.touchpoints, part.delta.touchpoints_gone, "touchpoint_id")
        assert as_text(together) == as_text(by_key(everything.touchpoints, "touchpoint_id"))
        merged = dict(zip(stored["contact_id"], stored["content_hash"], strict=True))
        fresh = part.contacts[["contact_id", "content_hash"]].itertuples(index=False, name=None)
        assert all(merged.get(contact) != content for contact, content in fresh)  # nothing that is the same

    def publish(self, run: Run, extraction: Extraction, prepared: Prepared, unified: Any) -> Any:
        """Compare the ledgers, both from what the whole resolution published."""
        if self._difference is not None:
            tables = {} if unified.resolution is None else unified.resolution.tables
            with run.transactions.begin() as conn:
                extended = extend_ledger(conn, run, self._difference, extraction.readings, tables)
                if unified.resolution is not None:
                    whole = build_ledger(run.run_id, prepared, extraction.readings, tables)
                    assert as_text(extended) == as_text(whole)
        return publish_run(run, extraction, prepared, unified)


def run_nights(nights: list[dict[tuple[str, str], list[Raw | Reject]]], between: Callable[[Connection], None]) -> None:
    """Run nights on a warehouse in memory; `between` is called before each."""
    project = Project(parse_settings(SETTINGS, "meibo.yaml", Path(), {}), open_engine("sqlite://"))
    for number, rows in enumerate(nights):
        if number:
            with project.engine.begin() as conn:
                between(conn)
        checked = Checked(rows)
        stages = replace(PLAIN, extract=checked.extract, prepare=checked.prepare, publish=checked.publish)
        run_night(project, Progress(quiet=True), stages=stages)
    project.engine.dispose()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(nights=st.lists(NIGHT, min_size=2, max_size=4))
def test_the_difference_is_what_everything_gives(nights: list[dict[tuple[str, str], list[Raw | Reject]]]) -> None:
    """Contacts, touchpoints, quarantine and ledger, over inserts, edits, deletes, restores and merges of sources."""
    run_nights(nights, lambda _: None)
