"""The end of a run as a person reads it."""

from typing import Any

from flows import console
from flows.reports.unions import profile_rows, tell_unions
from resolve.errors import counted

_NEXT_AFTER_RUN = (
    ("meibo status", "runs, cursors, and where every row ended"),
    ("meibo nightly", "again: reads only what is new; with --dry-run shows what would change"),
)
_NEXT_AFTER_DRY_RUN = (("meibo nightly", "the same for good: reads, and writes the tables"),)
NOTHING_CHANGED = "Nothing changed: the published tables are as the run before left them."


def next_steps(facts: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what to try after a nightly run: after a dry one, which wrote nothing, the run itself.

    Where gates are over budget that run would publish nothing, so it is named with what accepts them.
    """
    if not facts["dry_run"]:
        return _NEXT_AFTER_RUN
    tripped = dict.fromkeys(gate["gate"] for gate in facts["gates"] if gate["status"] == "tripped")
    if not tripped:
        return _NEXT_AFTER_DRY_RUN
    accepting = " ".join(f"--accept-gate {name}" for name in tripped)
    return ((f"meibo nightly {accepting}", "if it is as it should be: the same for good, though over these budgets"),)


def print_summary(facts: dict[str, Any], warehouse: str, seconds: float) -> None:
    """Print rows per source, profiles, links, review pairs, where the tables are, and what to try next."""
    out = console.out()
    out.print()
    out.print(f"[bold]{headline(facts).capitalize()}[/bold] in {seconds:.1f} s (run {facts['run_id']})")
    rows = [(r["source"], r["stream"], r["read"], r["new"], quarantined(r)) for r in facts["sources"]]
    console.print_table(("source", "stream", "rows read", "new or changed", "in quarantine"), rows)
    for failure in facts["failures"]:
        out.print(f"not read: {failure}", markup=False, style="red")
    print_warnings(facts)
    print_profiles(facts)
    print_gates(facts["gates"])
    links = [(kind, count) for kind, count in facts["links"].items() if count]
    console.print_table(("source records linked by", ""), links)
    for kind, ids in facts["profiles"].get("samples", {}).items():
        out.print(f"{kind}, for example: {', '.join(ids)}", markup=False)
    attributed = facts["touchpoints"] - facts["touchpoints_unattributed"]
    whose = "is" if attributed == 1 else "are"
    said = (
        f"{attributed:,} of {counted(facts['touchpoints'], 'contact')} in the history {whose} attributed to a customer"
    )
    out.print(said)
    out.print(f"{counted(facts['review_pairs'], 'pair is', 'pairs are')} worth a person's look (table review_queue)")
    if facts["skipped"]["keys"]:
        out.print(skipped(facts))
    for text in why_everything(facts):
        out.print(text)
    out.print(f"model {facts['model']['version']} ({facts['model']['origin']})")
    out.print(f"tables: {warehouse}{' (nothing was written)' if facts['dry_run'] else ''}", markup=False)


def warnings(facts: dict[str, Any]) -> list[str]:
    """Return a line for each stream whose columns changed, `sales.contacts: new columns: tier`, or cannot be read.

    Behind them what a run warns of beside its streams; facts of a run by an older version have none of it.
    """
    of_streams = [
        f"{row['source']}.{row['stream']}: {row[what]}"
        for row in facts.get("sources", ())
        for what in ("drift", "unread")
        if row.get(what)
    ]
    return [*of_streams, *facts.get("warnings", ())]


def print_warnings(facts: dict[str, Any]) -> None:
    """Print what a run warns of."""
    for text in warnings(facts):
        console.out().print(text, markup=False, style="yellow")


def print_profiles(facts: dict[str, Any]) -> None:
    """Print how many golden profiles there are and what became of them."""
    rows = profile_rows(facts)
    if rows:
        console.print_table(("golden profiles", ""), rows)
    for text in tell_unions(facts):
        console.out().print(text)


def print_gates(gates: list[dict[str, Any]]) -> None:
    """Print the gates that are over budget, accepted or not."""
    for gate in gates:
        if gate["status"] != "passed":
            style = "red" if gate["status"] == "tripped" else "yellow"
            console.out().print(f"gate {gate['status']}: {gate['text']}", markup=False, style=style)


def headline(facts: dict[str, Any]) -> str:
    """Return one sentence on how the run ended."""
    if facts["status"] == "unchanged":
        return "nothing changed"
    if facts["dry_run"]:
        return "dry run, nothing was written"
    if facts["status"] == "partial":
        return "finished without some source"
    return "finished"


def skipped(facts: dict[str, Any]) -> str:
    """Return what blocking left out because too many contacts share a key (`cap` of the rules in model.yaml)."""
    pairs, keys = facts["skipped"]["pairs"], facts["skipped"]["keys"]
    return (
        f"{counted(pairs, 'pair')} on {counted(keys, 'key')} "
        f"that too many contacts share {'was' if pairs == 1 else 'were'} not compared"
    )


def why_everything(facts: dict[str, Any]) -> list[str]:
    """Return a line on why all rows were prepared; none where those were that changed, or an older version ran."""
    return [f"all rows were prepared, not the changed ones alone: {facts['full']}"] if facts.get("full") else []


def quarantined(row: dict[str, Any]) -> str:
    """Return the quarantine count of a stream with its reasons: `3 (missing_id 2, ragged_row 1)`."""
    reasons = ", ".join(f"{reason} {count}" for reason, count in row["reasons"].items())
    return f"{row['quarantined']} ({reasons})" if reasons else str(row["quarantined"])
