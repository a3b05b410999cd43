"""One customer at a glance: identifiers and contacts as facts, as a table of a terminal, as a page that stands alone.

Unlike the reports of runs these hold personal values: they are made for one customer, by whoever asks for it.
"""

from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES
from flows import console
from flows.files import replacing
from flows.reports.charts import bars
from flows.reports.sections import section, table

_GLANCE = (
    ("contact_count", "contacts"), ("open_case_count", "open cases"), ("latest_csat", "latest CSAT"),
    ("latest_nps", "latest NPS"), ("latest_ces", "latest CES"), ("record_count", "source records"),
)  # fmt: skip
_VALUES = (
    "full_name", "family_name_kana", "given_name_kana", "organization", "department", "job_title", "primary_email",
    "primary_phone", "email_consent", "phone_consent", "birth_date", "preferred_language", "country_code",
    "postal_code", "region", "city", "street", "building", "first_contact_at", "last_contact_at",
    "last_contact_channel", "household_id",
)  # fmt: skip
_FORMER = "Former contacts of a retired customer: nobody has them now"


def describe_contacts(conn: Connection, golden_id: str, *, is_former: bool) -> dict[str, Any]:
    """Return identifiers and timeline of a customer: contacts newest first, told once, with all who logged them.

    `is_former`: the ID is retired. Its timeline is the contacts that were attributed to it first and to nobody now.
    """
    identifiers, history = TABLES["profile_identifier"].c, TABLES["contact_history"].c
    is_its = history.golden_id == golden_id
    if is_former:
        is_its = history.golden_id.is_(None) & (history.golden_id_at_event == golden_id)
    known = load_table(conn, "profile_identifier", where=identifiers.golden_id == golden_id)
    timeline = _tell_once(load_table(conn, "contact_history", where=is_its))
    return {
        "is_former": is_former,
        "identifiers": console.plain_rows(known.drop(columns=["golden_id", "run_id"])),
        "timeline": console.plain_rows(timeline.drop(columns=["golden_id", "run_id", "duplicate_of"])),
    }


def _tell_once(history: pd.DataFrame) -> pd.DataFrame:
    """Return contacts that several systems logged as one row each with `logged_by`, the newest first."""
    event = history["duplicate_of"].fillna(history["touchpoint_id"])
    logged = history.groupby(event)["source"].agg(lambda sources: ", ".join(sorted(sources)))
    told = history[history["duplicate_of"].isna()].assign(logged_by=lambda rows: rows["touchpoint_id"].map(logged))
    return told.sort_values(["occurred_at", "touchpoint_id"], ascending=False)


def print_timeline(facts: dict[str, Any]) -> None:
    """Print the contacts of a customer, newest first."""
    rows = [
        (
            f"{row['occurred_at']:%Y-%m-%d %H:%M}",
            row["channel"],
            " ".join(filter(None, (row.get("direction"), row["type"]))),
            row.get("subject"),
            _result(row),
            row["logged_by"],
        )
        for row in facts["timeline"]
    ]
    title = _FORMER if facts["is_former"] else None
    console.print_table(("when (UTC)", "channel", "what", "subject", "result", "logged by"), rows, title)


def _result(row: dict[str, Any]) -> str | None:
    """Return what came of a contact: outcome, answer, money, length."""
    answer = f"{row['metric']} {row['score']:g}" if "metric" in row and "score" in row else None
    if answer and "scale_max" in row:
        answer += f" of {row['scale_max']:g}"
    money = f"{row['amount']:,.10g} {row.get('currency', '')}".strip() if "amount" in row else None
    length = f"{row['duration_seconds'] / 60:.0f} min" if row.get("duration_seconds", 0) >= 60 else None
    return ", ".join(part for part in (row.get("outcome"), answer, money, length) if part) or None


def write_customer_page(facts: dict[str, Any], target: Path) -> None:
    """Write the page of a customer from its facts (see `describe_profile`); ConfigError where it cannot be written."""
    text = render_customer(facts)
    with replacing(target) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def render_customer(facts: dict[str, Any]) -> str:
    """Return the page: the customer at a glance, values and where they come from, records, identifiers, timeline."""
    profile = facts["profile"] or {}
    name = str(profile.get("full_name", facts["golden_id"] or facts["asked"]))
    parts = (_channels, _records, _identifiers, _timeline)
    cards = "".join([_glance(profile), _values(facts, profile), *(part(facts) for part in parts)])
    shown, state = (
        (facts["asked"], "retired") if facts["is_former"] else (facts["golden_id"], profile.get("sources", ""))
    )
    made = f"<code>{escape(str(shown))}</code> · {escape(str(state))}"
    body = (
        f'<header><p class="brand">Meibo 名簿 · customer</p><h1>{escape(name)}</h1><p class="meta">{made}</p></header>'
        f'<div class="grid">{cards}</div><footer>This page holds personal data. Times are UTC.</footer>'
    )
    template = Template((resources.files("flows.reports") / "page.html").read_text("utf-8"))
    return template.substitute(title=f"Meibo customer {escape(name)}", body=body)


def _glance(profile: dict[str, Any]) -> str:
    """Return the numbers that are asked for first."""
    shown = [(profile[field], label) for field, label in _GLANCE if field in profile]
    inner = "".join(f"<div><b>{value:g}</b><span>{label}</span></div>" for value, label in shown)
    return f'<section class="figures wide">{inner}</section>'


def _values(facts: dict[str, Any], profile: dict[str, Any]) -> str:
    """Return the values of the profile with the records that gave them."""
    chosen = {row["field"]: f"{row['source']}:{row['source_id']} ({row['rule']})" for row in facts["lineage"]}
    rows = [(n.replace("_", " "), _shown(profile[n]), chosen.get(n)) for n in _VALUES if n in profile]
    return section("Profile", "", table(("field", "value", "chosen from"), rows))


def _shown(value: object) -> str:
    """Return a value as people read it."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, pd.Timestamp) else str(value)


def _channels(facts: dict[str, Any]) -> str:
    """Return how many contacts came by which channel."""
    channels = [row["channel"] for row in facts["timeline"]]
    counts = sorted(((name, channels.count(name)) for name in set(channels)), key=lambda pair: (-pair[1], pair[0]))
    return section("Channels", "Contacts, each told once.", bars(counts) or "None yet.")


def _records(facts: dict[str, Any]) -> str:
    """Return the source records."""
    rows = [(r["source"], r["source_id"], r["link_type"], r.get("match_probability")) for r in facts["records"]]
    return section("Source records", "", table(("source", "record", "linked by", "probability"), rows))


def _identifiers(facts: dict[str, Any]) -> str:
    """Return the identifiers with what they are worth as evidence."""
    rows = []
    for row in facts["identifiers"]:
        marks = [word for word in ("primary", "shared", "blocked") if row[f"is_{word}"]]
        rows.append((row["type"], row["value"], ", ".join([*marks, *filter(None, [row.get("block_reason")])])))
    return section("Identifiers", "", table(("type", "value", "standing"), rows))


def _timeline(facts: dict[str, Any]) -> str:
    """Return the contacts, newest first."""
    names = ("channel", "direction", "type", "subject")
    rows = [
        (_shown(row["occurred_at"]), *(row.get(name) for name in names), _result(row), row["logged_by"])
        for row in facts["timeline"]
    ]
    columns = ("when", "channel", "direction", "what", "subject", "result", "logged by")
    note = f"{_FORMER}." if facts["is_former"] else "Newest first; what several systems logged is one row."
    return section("Timeline", note, table(columns, rows), wide=True)
