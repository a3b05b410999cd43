"""Did a source give all its contacts other ids? Every row that is read is a new one then, and no known one comes."""

from connectors.warehouse.landed import living_ids
from flows.run import Run

LEAST = 20  # rows; fewer tell nothing
NEARLY_ALL = 0.95  # of the rows read
AS_MANY = 0.8  # of the rows that were known: fewer new ones are customers who came


def tell_renamed(run: Run, names: tuple[str, str], read: int, fresh: int) -> str:
    """Return a note where a stream of contacts seems to have other ids than before; empty otherwise.

    names: source and stream. read: rows that one reading read and did not refuse, of which `fresh` have new ids. Not
    for a stream of which no reading came to its end yet.
    """
    if fresh < max(LEAST, NEARLY_ALL * read):
        return ""
    with run.transactions.begin() as conn:
        known = len(living_ids(conn, *names)) - fresh
    if known < LEAST or fresh < AS_MANY * known:
        return ""
    came = max(read - fresh, 0)
    return (
        f"{fresh:,} of the {read:,} rows read have ids that were never read before, and {came:,} of the {known:,} "
        "known rows came: does the source give the same rows other ids? What was read by the former ids stays beside "
        "them (docs/runbook.md, Change a source)"
    )
