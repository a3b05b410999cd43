"""By how much the counts of a run's summary differ from those of the last published run."""

import pandas as pd

from resolve.golden.identify import Identification
from resolve.golden.judge import Verdict
from resolve.increment.history_around import AroundHistory
from resolve.increment.settle import Settled

KINDS = ("auto", "rule", "person", "single")


def count_changes(
    settled: Settled, identity: Identification, history: AroundHistory, reviews: pd.DataFrame, waiting: pd.DataFrame
) -> dict[str, int]:
    """Return by name what is to be added to the counts of the last run; names as in `Resolution.counts`.

    reviews, waiting: rows of review_queue with a side among the contacts, now and before.
    """
    before, now = settled.closure.links, identity.links
    kinds = {
        f"links_{kind}": int((settled.clusters["link_type"] == kind).sum()) - int((before["link_type"] == kind).sum())
        for kind in KINDS
    }
    linked = [int((edges["verdict"] == Verdict.LINK).sum()) for edges in (settled.verdicts, settled.closure.edges)]
    return kinds | {
        "contacts": len(now) - len(before),
        "profiles": now["golden_id"].nunique() - before["golden_id"].nunique(),
        "linked_pairs": linked[0] - linked[1],
        "review_pairs": len(reviews) - len(waiting),
        "touchpoints": len(history.rows) - len(history.before),
        "touchpoints_unattributed": int(history.rows["golden_id"].isna().sum())
        - int(history.before["golden_id"].isna().sum()),
    }
