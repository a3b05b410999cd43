"""The sections of a run's page, each from plain facts to HTML; golden IDs and counts only, no personal values."""

from collections.abc import Sequence
from html import escape
from typing import Any

from connectors.warehouse.shapes import BIN_BITS
from flows.reports.charts import bar, bars, histogram, key, log_bars
from flows.reports.summary import NOTHING_CHANGED

ENDS = (("linked", "matsu"), ("single", "ai"), ("quarantined", "yamabuki"), ("deleted", "hai"), ("erased", "beni"))
GATE_STATES = {
    "passed": ("good", "passed"),
    "accepted": ("warn", "accepted"),
    "tripped": ("bad", "tripped"),
}
TIMES = ("largest_profile", "row_growth")  # gates whose values are times: 1 is as before
SIZES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, 10**12))


def section(title: str, note: str, inner: str, *, wide: bool = False) -> str:
    """Return one card of the page."""
    said = f'<p class="note">{note}</p>' if note else ""
    return f"<section{' class=wide' if wide else ''}><h2>{escape(title)}</h2>{said}{inner}</section>"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, drawn: Sequence[str] = ()) -> str:
    """Return a table; columns whose cells are numbers stand to the right, those in `drawn` hold HTML."""
    right = {i for i in range(len(columns)) if rows and all(isinstance(row[i], int | float | None) for row in rows)}
    head = "".join(f"<th{' class=n' if i in right else ''}>{escape(c)}</th>" for i, c in enumerate(columns))
    body = "".join(
        "<tr>"
        + "".join(_cell(columns[i], value, i in right, columns[i] in drawn) for i, value in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(column: str, value: object, is_right: bool, is_drawn: bool) -> str:
    """Return one cell."""
    if is_drawn:
        return f"<td{' class=bar' if 'track' in str(value) else ''}>{value}</td>"
    if is_right:
        return f'<td class="n">{_number(value)}</td>'
    text = "" if value is None else escape(str(value))
    return f"<td>{f'<code>{text}</code>' if column == 'golden ID' else text}</td>"


def _number(value: object) -> str:
    """Return a number as people read it."""
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


def figures(report: dict[str, Any]) -> str:
    """Return the numbers that are asked for first."""
    profiles = report.get("profiles", {})
    rows = [
        (profiles.get("total"), "golden profiles"),
        (report.get("counts", {}).get("contacts"), "source records"),
        (sum(row["new"] for row in report.get("sources", ())), "rows changed"),
        (profiles.get("created", 0), "created"),
        *_unions(report),
        (report.get("review_pairs"), "pairs to review"),
    ]
    cells = [f"<div><b>{value:,}</b><span>{name}</span></div>" for value, name in rows if value is not None]
    return f'<section class="figures wide">{"".join(cells)}</section>'


def _unions(report: dict[str, Any]) -> list[tuple[int, str]]:
    """Return merges and splits as figures: how many customers became how many; events, of an older version's run."""
    profiles, found = report.get("profiles", {}), []
    for kind, verb, noun in (("merges", "merged", "in merges"), ("splits", "split", "in splits")):
        count = report.get(kind)
        told = (count["customers"], f"{verb} into {count['into']:,}") if count else (profiles.get(verb, 0), noun)
        found.append(told)
    return found


def unchanged() -> str:
    """Return what there is to say of a run that found nothing to do."""
    return section("Nothing changed", "", f'<p class="note">{NOTHING_CHANGED}</p>', wide=True)


def funnel(report: dict[str, Any]) -> str:
    """Return what became of rows and of pairs, from many to few."""
    counts, links = report.get("counts", {}), report.get("links", {})
    united = sum(count for kind, count in links.items() if kind != "single")
    records = [
        ("rows read this time", sum(row["read"] for row in report.get("sources", ()))),
        ("source records", counts.get("contacts", 0)),
        ("linked with others", united),
        ("golden profiles", report.get("profiles", {}).get("total", 0)),
    ]
    pairs = [
        ("pairs compared", counts.get("candidate_pairs", 0)),
        ("pairs linked", counts.get("linked_pairs", 0)),
        ("pairs to review", counts.get("review_pairs", 0)),
    ]
    inner = bars(records) + '<div style="height:10px"></div>' + log_bars(pairs, "matsu")
    return section("From rows to customers", "Pairs on a logarithmic scale.", inner)


def sources(report: dict[str, Any], ledger: list[dict[str, Any]]) -> str:
    """Return what was read of each stream, and where its rows ended."""
    ends = {(row["source"], row["stream"]): row for row in ledger}
    rows = []
    for row in report.get("sources", ()):
        end = ends.get((row["source"], row["stream"]))
        total = max(end["row_count"], 1) if end else 1
        shares = [(colour, end[f"{name}_count"] / total) for name, colour in ENDS] if end else []
        words = ", ".join(f"{end[f'{n}_count']:,} {n}" for n, _ in ENDS if end[f"{n}_count"]) if end else ""
        where = f"{row['source']}.{row['stream']}"
        rows.append(
            (where, row["read"], row["new"], row["quarantined"], bar(shares, words) if end else "", row["error"])
        )
    columns = ["stream", "read", "new or changed", "in quarantine", "where its rows are", "not read"]
    kept = [0, 1, 2, 3, *([4] if ledger else []), *([5] if any(row[5] for row in rows) else [])]
    shown = table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows], drawn=[columns[4]])
    return section("Sources", "", shown + (key([(c, n) for n, c in ENDS]) if ledger else ""), wide=True)


def gates(found: list[dict[str, Any]]) -> str:
    """Return every gate with how much of its budget was used."""
    if not found:
        return section(
            "Gates", "", '<p class="note">Nothing to compare with: no run was published before.</p>', wide=True
        )
    rows = [_gate(gate) for gate in _worth_showing(found)]
    note = (
        "Of checks on every stream that passed, the one nearest to its budget. A gate trips on more than "
        "<code>gates.floor</code> cases only."
    )
    columns = ("gate", "found", "used", "budget", "state")
    return section("Gates", note, table(columns, rows, drawn=("used", "state")), wide=True)


def _worth_showing(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return gates over budget, and of each other gate the one that used most of its budget."""
    nearest: dict[str, dict[str, Any]] = {}
    for gate in found:
        name = gate["gate"] if gate["status"] == "passed" else f"{gate['gate']} {gate['subject']}"
        if name not in nearest or _used(gate) > _used(nearest[name]):
            nearest[name] = gate
    return list(nearest.values())


def _used(gate: dict[str, Any]) -> float:
    """Return how much of a gate's budget was used; 1 is all of it."""
    least = 1 if gate["gate"] in TIMES else 0
    room, value = gate["limit"] - least, gate["value"] - least
    return max(value / room, 0.0) if room else float(value > 0)


def _gate(gate: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Return the row of one gate."""
    tone, words = GATE_STATES[gate["status"]]
    colour = {"good": "matsu", "warn": "yamabuki", "bad": "beni"}[tone]
    name = gate["gate"].replace("_", " ") + (f" · {gate['subject']}" if gate["subject"] else "")
    text = gate["text"].partition(": ")[2].partition("; the budget is ")
    budget = text[2].replace(" times", "×")
    return name, text[0], bar([(colour, _used(gate))], gate["text"]), budget, f'<span class="{tone}">{words}</span>'


def weights(bins: list[tuple[int, str, int]]) -> str:
    """Return the histogram of match weights."""
    note = "Stored pairs by match weight, bits; the dashed line is 0, from where weights link."
    colours = [("matsu", "link"), ("yamabuki", "review"), ("hai", "reject")]
    return section("Match weights", note, histogram(bins, BIN_BITS) + key(colours))


def sizes(counted: list[tuple[int, int]]) -> str:
    """Return how many profiles have how many source records."""
    rows = []
    for low, high in SIZES:
        count = sum(n for size, n in counted if low <= size <= high)
        name = f"{low}" if low == high else f"{low} and more" if high > 10**9 else f"{low} to {high}"
        if count:
            rows.append((f"{name} record{'s' if name != '1' else ''}", count))
    return section("Sizes of profiles", "Logarithmic scale.", log_bars(rows))


def largest(rows: list[dict[str, Any]]) -> str:
    """Return the largest profiles: `meibo explain` says why they are one."""
    shown = [
        (r["golden_id"], r["record_count"], r["source_count"],
         None if r["match_confidence"] is None else float(r["match_confidence"]))
        for r in rows
    ]  # fmt: skip
    note = "<code>meibo explain ID</code> says why a profile is one customer."
    return section("Largest profiles", note, table(("golden ID", "records", "sources", "weakest link"), shown))


def samples(report: dict[str, Any]) -> str:
    """Return some merges, splits and retirements of the run."""
    found = report.get("samples", [])
    if not found:
        return section("Merges and splits", "", '<p class="note">None in this run.</p>')
    rows = [
        (
            s["type"],
            f"<code>{escape(s['golden_id'])}</code>",
            "<br>".join(f"<code>{escape(o)}</code>" for o in s["others"][:6]),
            s["records"],
        )
        for s in found
    ]
    drawn = ("golden ID", "with")
    note = "The first of each kind; <code>identity_event</code> has all of them."
    return section("Merges and splits", note, table(("what", "golden ID", "with", "records moved"), rows, drawn=drawn))


def stages(seconds: dict[str, float]) -> str:
    """Return where the time went."""
    total = sum(seconds.values()) or 1
    drawn = "".join(
        f'<div class="row"><span>{escape(n)}</span>{bar([("ai", s / total)])}<span class="v">{s:,.1f} s</span></div>'
        for n, s in seconds.items()
    )
    return section("Time", "Seconds by stage.", drawn)
