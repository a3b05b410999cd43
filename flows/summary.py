"""The end of a run as a person reads it."""

from typing import Any

from flows import console
from flows.report import headline, quarantined

NEXT_AFTER_RUN = (
    ("meibo status", "runs, cursors, and where every row ended"),
    ("meibo nightly", "again: reads only what is new; with --dry-run shows what would change"),
)


def print_summary(facts: dict[str, Any], warehouse: str, seconds: float) -> None:
    """Print rows per source, profiles, links, review pairs, where the tables are, and what to try next."""
    out = console.out()
    out.print()
    out.print(f"[bold]{headline(facts).capitalize()}[/bold] in {seconds:.1f} s (run {facts['run_id']})")
    rows = [(r["source"], r["stream"], r["read"], r["new"], quarantined(r)) for r in facts["sources"]]
    console.print_table(("source", "stream", "rows read", "new or changed", "in quarantine"), rows)
    for failure in facts["failures"]:
        out.print(f"not read: {failure}", markup=False, style="red")
    console.print_table(
        ("golden profiles", ""), [(n.replace("_", " "), c) for n, c in facts["profiles"].items() if n != "samples"]
    )
    links = [(kind, count) for kind, count in facts["links"].items() if count]
    console.print_table(("source records linked by", ""), links)
    for kind, ids in facts["profiles"].get("samples", {}).items():
        out.print(f"{kind}, for example: {', '.join(ids)}", markup=False)
    attributed = facts["touchpoints"] - facts["touchpoints_unattributed"]
    out.print(f"{attributed:,} of {facts['touchpoints']:,} contacts in the history are attributed to a customer")
    out.print(f"{facts['review_pairs']:,} pairs are worth a person's look (table review_queue)")
    out.print(f"model {facts['model']['version']} ({facts['model']['origin']})")
    out.print(f"tables: {warehouse}", markup=False)


def print_next(steps: tuple[tuple[str, str], ...]) -> None:
    """Print commands to try next."""
    console.out().print("\n[bold]Try next[/bold]")
    width = max(len(command) for command, _ in steps)
    for command, why in steps:
        console.out().print(f"  {command:<{width}}  {why}", markup=False)
