"""One event once: a contact that two systems logged is found, and all rows of it but one are marked.

Rows are compared within one customer and between different sources, by the rule of their kind: how far the clocks may
be apart, which values have to be equal, and what else speaks for one event: alike subjects, or like lengths of a minute
and more. Two directions, two lengths, or other numbers in the subjects (of a campaign, an order) speak against it for
good. In doubt they are two events: a contact that counts twice does less harm than one that is lost.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from resolve.golden.same_event_pairs import find_candidates, find_contradictions, judge_candidates
from resolve.golden.same_event_rules import SameEventRule

_TELLING = ("direction", "subject", "outcome", "duration_seconds", "amount", "score")


def mark_same_events(history: pd.DataFrame, rules: Sequence[SameEventRule]) -> pd.Series:
    """Return duplicate_of along contact_history: the touchpoint_id of the row that counts, None where the row counts.

    Of the rows of one event that one counts which tells most, then the smallest touchpoint_id; it is never marked. An
    event takes one row of each source, none that contradicts another of its rows: where several fit, those with most in
    common, then those closest in time. Marks depend on the rows of the same customer alone; rows without a customer are
    not marked.
    """
    marked = np.full(len(history), None, dtype=object)
    if len(history) and rules:
        found = find_candidates(history, rules)
        is_one, speaks = judge_candidates(history, found, rules)
        at = np.flatnonzero(is_one)
        ids = history["touchpoint_id"].to_numpy(dtype=object)
        pairs = zip(
            (-speaks[at]).tolist(),
            found.apart[at].tolist(),
            ids[found.left[at]].tolist(),
            ids[found.right[at]].tolist(),
            found.left[at].tolist(),
            found.right[at].tolist(),
            strict=True,
        )
        events = _group([pair[-2:] for pair in sorted(pairs)], history)
        telling = history[list(_TELLING)].notna().sum(axis=1).to_numpy()
        for rows in events:
            counts = min(rows, key=lambda row: (-telling[row], ids[row]))
            marked[[row for row in rows if row != counts]] = ids[counts]
    return pd.Series(marked, index=history.index, dtype=object)


def _group(pairs: Sequence[Sequence[int]], history: pd.DataFrame) -> list[list[int]]:
    """Return the rows of each event, from pairs of rows, the surest first.

    An event has one row of each source, and no two that contradict each other, though a third one agree with both.
    """
    source, are_two = history["source"].to_numpy(dtype=object), find_contradictions(history)
    event_of: dict[int, list[int]] = {}
    for left, right in pairs:
        one, other = event_of.get(left, [left]), event_of.get(right, [right])
        if one is other or {source[row] for row in one} & {source[row] for row in other}:
            continue
        if len(one) + len(other) > 2 and any(are_two(*rows) for rows in product(one, other)):
            continue
        joined = one + other
        event_of.update(dict.fromkeys(joined, joined))
    distinct = {id(rows): rows for rows in event_of.values()}
    return list(distinct.values())
