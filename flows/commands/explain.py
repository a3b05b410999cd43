"""`meibo explain`: why a profile is as it is, and why two records are one person, or are not."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.bodies import contacts_of
from connectors.warehouse.landed import load_marks
from connectors.warehouse.store import load_active_model, load_contact_hashes, load_table
from connectors.warehouse.tables import TABLES
from flows import console, exits
from flows.commands.beside import describe_records, print_records
from flows.commands.judged import describe_judgements, find_contradicting, tell_judgement
from flows.commands.outcome import tell_outcome
from flows.intake.changed_contacts import contact_streams
from flows.models import read_model, stored_model
from flows.options import ExplainOptions
from flows.project import Project, open_published
from flows.reports.customer import describe_contacts, print_timeline, write_customer_page
from resolve.errors import ConfigError
from resolve.golden.review import CONTRADICTION
from resolve.link.scored import LISTED
from resolve.model import MatchModel
from resolve.quality.explain import Explanation, explain_pair

_CONTRADICTED = "not followed: a non_match between records of the two customers contradicts it (table review_queue)"


def explain_ids(options: ExplainOptions) -> int:
    """Print the explanation of a profile or of a pair, and return the exit code; raise ConfigError for unknown IDs."""
    if len(options.ids) not in (1, 2):
        raise ConfigError("name one golden ID or record, or two records: meibo explain ID [ID]")
    with open_published(options.config) as project:
        facts, show = _explain(project, options)
    if options.json:
        console.print_json(facts | {"exit_code": exits.OK})
    else:
        show(facts)
    return exits.OK


def _explain(project: Project, options: ExplainOptions) -> tuple[dict[str, Any], Callable[[dict[str, Any]], None]]:
    """Return the facts, and what prints them; write the page of a customer where one is asked for."""
    if len(options.ids) == 1:
        facts = describe_profile(project, options.ids[0], contacts=options.timeline or options.page is not None)
        if options.page is not None:
            write_customer_page(facts, options.page)
            console.say(f"written: {options.page}")
        return facts, partial(_print_profile, timeline=options.timeline)
    if options.timeline or options.page is not None:
        raise ConfigError("--timeline and --page are for one customer: meibo explain ID --timeline")
    return describe_pair(project, (options.ids[0], options.ids[1])), _print_pair


def describe_pair(project: Project, pair: tuple[str, str]) -> dict[str, Any]:
    """Return what two records say, their waterfall, what was decided on them, and whether they are one customer now."""
    model = _active_model(project)
    with project.reading() as conn:
        stored = load_contact_hashes(conn, list(pair))
        unknown = [f"{name}: {_why_absent(conn, project, name)}" for name in pair if name not in stored]
    if unknown or pair[0] == pair[1]:
        raise ConfigError(unknown or "name two records")
    contacts = _known_contacts(project)
    explanation: Explanation = explain_pair(contacts, model, pair)
    left, right = sorted(pair)
    with project.reading() as conn:
        edge, asked = (
            load_table(conn, name, where=(TABLES[name].c.contact_id_l == left) & (TABLES[name].c.contact_id_r == right))
            for name in ("match_edge", "review_queue")
        )
        golden = [_golden_of(load_table(conn, "profile_link", where=_is_record(name))) for name in pair]
        is_golden = TABLES["golden_profile"].c.golden_id == golden[0]
        records = load_table(conn, "golden_profile", ["record_count"], where=is_golden)["record_count"].tolist()
        is_contradicted = CONTRADICTION in asked["reason"].tolist()
        said = {
            "judgements": describe_judgements(conn, (left, right)),
            "contradicted_by": find_contradicting(conn, (golden[0], golden[1])) if is_contradicted else [],
        }
    told = {"verdict": "verdict", "decided_by": "decided_by", "found_by": "rule"}
    decided: dict[str, Any] = {name: edge[column].iloc[0] if len(edge) else None for name, column in told.items()}
    state = {
        "is_one_customer": golden[0] is not None and golden[0] == golden[1],
        "record_count": records[0] if records else None,
        "is_contradicted": is_contradicted,
        "asked_because": asked["reason"].iloc[0] if len(asked) else None,
    }
    found = {"pair": list(pair), "golden_ids": golden, "records": describe_records(contacts, pair)}
    return found | state | decided | said | asdict(explanation)


def describe_profile(project: Project, name: str, *, contacts: bool = False) -> dict[str, Any]:
    """Return a profile: its records, its values with where they came from, and the evidence that holds it together.

    `contacts`: with its identifiers and its timeline; of a retired ID what was its own and nobody has now.
    """
    with project.reading() as conn:
        golden_id = name
        if ":" in name:
            golden_id = _golden_of(load_table(conn, "profile_link", where=_is_record(name))) or name
        redirect = load_table(conn, "golden_id_redirect", where=TABLES["golden_id_redirect"].c.golden_id == golden_id)
        if redirect.empty:
            raise ConfigError(f"{name}: {_why_absent(conn, project, name)}")
        now = redirect["current_golden_id"].iloc[0]
        current = None if pd.isna(now) else str(now)
        shown = current or golden_id  # a retired one has its own events; to ask for none finds what nobody has
        found = {
            table: load_table(conn, table, where=TABLES[table].c.golden_id == shown)
            for table in ("golden_profile", "profile_link", "golden_lineage", "identity_event")
        }
        members = (found["profile_link"]["source"] + ":" + found["profile_link"]["source_id"]).tolist()
        edges = load_table(conn, "match_edge", where=TABLES["match_edge"].c.contact_id_l.in_(members))
        told = describe_contacts(conn, shown, is_former=current is None) if contacts else {}
    inside = edges[edges["contact_id_r"].isin(members)]
    return {
        "asked": name,
        "golden_id": current,
        "profile": console.plain_rows(found["golden_profile"])[0] if len(found["golden_profile"]) else None,
        "records": console.plain_rows(found["profile_link"]),
        "lineage": console.plain_rows(found["golden_lineage"]),
        "evidence": console.plain_rows(inside.sort_values("match_weight", ascending=False)),
        "events": console.plain_rows(found["identity_event"]),
    } | told


def _why_absent(conn: Connection, project: Project, name: str) -> str:
    """Return why nothing is published under a name."""
    source, _, source_id = name.partition(":")
    streams = contact_streams(project.settings, source) if source in project.settings.sources else []
    marks = [load_marks(conn, source, stream, [source_id]) for stream in streams]
    landed = [mark[source_id] for mark in marks if mark]
    if not landed:
        return "there is no such golden ID or record (a record is source:source_id)"
    if all(landed):
        return "its source has deleted it: it is no customer's record any more"
    return "it was read, yet is no customer's record: the table quarantine may say why, or the next run publishes it"


def _active_model(project: Project) -> MatchModel:
    """Return the model of the last run; before the first one that of the settings."""
    with project.reading() as conn:
        stored = load_active_model(conn)
    return read_model(project.settings.model) if stored is None else stored_model(stored.body)[0]


def _known_contacts(project: Project) -> pd.DataFrame:
    """Return CONTACTS of the last run, all of them: how rare a value is shows only beside all the others."""
    with project.reading() as conn:
        rows = load_table(conn, "contact", ["contact_id", "source", "source_id", "content_hash", "body"])
    return contacts_of(rows)


def _is_record(name: str) -> Any:
    """Return the condition for the row of profile_link that is `source:source_id`."""
    source, _, source_id = name.partition(":")
    links = TABLES["profile_link"].c
    return (links.source == source) & (links.source_id == source_id)


def _golden_of(links: pd.DataFrame) -> str | None:
    """Return the customer of the only row, if there is one."""
    return None if links.empty else str(links["golden_id"].iloc[0])


def _print_pair(facts: dict[str, Any]) -> None:
    """Print the records of a pair side by side, and their waterfall."""
    out = console.out()
    now = "one customer" if facts["is_one_customer"] else "two customers"
    out.print(f"{facts['pair'][0]} and {facts['pair'][1]}: {now} now", markup=False)
    print_records(facts["records"])
    total = 0.0
    rows = []
    for bar in facts["bars"]:
        if bar["level"] == "missing":
            continue
        total += bar["bits"]
        rows.append((bar["name"], bar["level"], f"{bar['bits']:+.1f}", f"{total:+.1f}"))
    console.print_table(("evidence", "what agrees", "bits", "sum"), rows)
    missing = [bar["name"] for bar in facts["bars"] if bar["level"] == "missing"]
    if missing:
        out.print(f"no evidence either way: {', '.join(missing)}", markup=False)
    chance = f"{facts['match_probability']:.1%} the same person"
    out.print(f"{facts['match_weight']:+.1f} bits: {chance}; most likely: {facts['relation']}", markup=False)
    out.print(f"brought together by: {_met(facts)}", markup=False)
    if facts["verdict"]:
        out.print(f"verdict of the last run: {facts['verdict']}, by {facts['decided_by']}", markup=False)
    if outcome := tell_outcome(facts):
        out.print(outcome, markup=False)
    if facts["asked_because"]:
        out.print(f"in the review queue (table review_queue): {facts['asked_because']}", markup=False)
    for judgement in facts["judgements"]:
        out.print(tell_judgement(judgement), markup=False)
    if facts["is_contradicted"]:
        pairs = "; ".join(f"{one} and {other}" for one, other in facts["contradicted_by"])
        out.print(f"{_CONTRADICTED}: {pairs}", markup=False)


def _met(facts: dict[str, Any]) -> str:
    """Return in words why a run compares the two, or why it does not."""
    if facts["rules"]:
        return ", ".join(facts["rules"])
    if facts["found_by"] == LISTED:
        return "links of both to a third record; they share no blocking key"
    if facts["verdict"]:
        return f"a {facts['decided_by']}; they share no blocking key"
    return "nothing: they share no blocking key, and no third record is linked with both"


def _print_profile(facts: dict[str, Any], *, timeline: bool) -> None:
    """Print a profile, its records, where its values came from, and its history; with its timeline where asked for."""
    out = console.out()
    if facts["asked"] != facts["golden_id"]:
        out.print(f"{facts['asked']} is {facts['golden_id'] or 'retired'}", markup=False)
    hidden = {"run_id", "golden_id", "status"}
    values = [(name, _shown(value)) for name, value in (facts["profile"] or {}).items() if name not in hidden]
    chosen = {row["field"]: f"{row['source']}:{row['source_id']} ({row['rule']})" for row in facts["lineage"]}
    console.print_table(("field", "value", "chosen from"), [(n, v, chosen.get(n)) for n, v in values])
    records = [
        (f"{r['source']}:{r['source_id']}", r["link_type"], f"{r.get('match_probability', 1):.4f}")
        for r in facts["records"]
    ]
    console.print_table(("record", "linked by", "probability"), records)
    evidence = [
        (e["contact_id_l"], e["contact_id_r"], _bits(e), e["verdict"], e["decided_by"], e.get("rule"))
        for e in facts["evidence"]
    ]
    if evidence:
        console.print_table(("record", "record", "bits", "verdict", "decided by", "found by"), evidence)
    events = [
        (f"{e['at']:%Y-%m-%d %H:%M}", e["type"], e.get("reason"), e.get("other_golden_ids", "").replace(",", ", "))
        for e in facts["events"]
    ]
    console.print_table(("when (UTC)", "what happened", "why", "with"), events)
    if timeline:
        print_timeline(facts)


def _shown(value: object) -> str:
    """Return a value of a profile as people read it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _bits(edge: dict[str, Any]) -> str:
    """Return the weight of a pair; a person or a rule may join two that were never compared."""
    return f"{edge['match_weight']:+.1f}" if "match_weight" in edge else "–"
