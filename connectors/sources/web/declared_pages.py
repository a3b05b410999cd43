"""Declared APIs: where the next page begins, also in a list that moves while it is read.

A page that is shorter than asked is no end: servers give less than they are asked for. The end is a page without
anything new, or what the API tells (`total`, no further token).
"""

from collections.abc import Sequence
from typing import Any

from connectors.settings.declared import PageRules
from connectors.sources.rows import read_path
from connectors.sources.values import as_text, read_flag
from connectors.sources.web.declared_calls import read_data
from connectors.sources.web.http_messages import Answer

# Where the next page begins; {"end": true} behind the last one. Of an offset, `after` is the id of the last row that
# was read: pages overlap by this row, and `back` counts the rows that were gone back to find it.
Position = dict[str, Any]
Ids = Sequence[str | None]

MOST_STEPS_BACK = 20  # of one walk, or a quarter of its pages
MOST_RESTARTS = 5  # of one walk, because the last row that was read is nowhere
_END: Position = {"end": True}


class Paging:
    """The pages of one walk."""

    def __init__(self, rules: PageRules, size: int) -> None:
        """Take the rules, and how many rows a page is asked for."""
        self._rules = rules
        self._size = size
        self._pages = 0
        self._steps_back = 0
        self._restarts = 0

    def next_position(self, at: Position, answer: Answer, rows: Sequence[Any], ids: Ids) -> Position:
        """Return where the page behind this one begins; `ids` are those of its rows.

        Raises ValueError when the rows do not tell, and when they never stand still.
        """
        rules, total = self._rules, None
        if rules.kind == "keyset":
            return _behind_key(rules.column, self._size, at, rows)
        if rules.kind == "token":
            token = read_data(answer, rules.token)
            is_more = rules.more is None or read_flag(as_text(read_data(answer, rules.more)) or "") is not False
            return {"token": token} if token and is_more else _END
        if rules.total:
            total = read_data(answer, rules.total)
        behind = _behind_rows(self._size, at, total if isinstance(total, int) else None, ids)
        self._pages += 1
        self._steps_back += is_step_back(behind)
        self._restarts += is_step_back(at) and at["after"] not in ids and not is_step_back(behind)
        if self._steps_back > max(MOST_STEPS_BACK, self._pages // 4) or self._restarts > MOST_RESTARTS:
            raise ValueError("rows change places all the time while they are read by offset: ask for a fixed order")
        return behind


def _behind_key(column: str, size: int, at: Position, rows: Sequence[Any]) -> Position:
    """Return the position behind the last row's key."""
    if not rows:
        return _END
    keys = [as_text(read_path(row, column)) for row in rows]
    last = keys[-1]
    numbers = [int(key) for key in (at.get("last"), *keys) if key is not None and key.isdecimal()]
    if numbers not in (sorted(numbers), sorted(numbers, reverse=True)):
        raise ValueError(f"rows do not come in the order of {column}, so that pages pass some over: ask for that order")
    if last is None:
        raise ValueError(f"the last row of a page has nothing in {column}, so that the next page cannot be asked for")
    if last == at.get("last") and len(rows) < size:
        return _END  # the API gives the row itself once more, and nothing behind it
    return {"last": last}


def _behind_rows(size: int, at: Position, total: int | None, ids: Ids) -> Position:
    """Return the position behind a number of rows, one row back; where that row is not found, earlier.

    A row that vanished moves all behind it up, and the next page would pass over as many. An inserted one hides that
    from any count, so that the row itself is looked for.
    """
    begin, after = at.get("offset", 0), at.get("after")
    if after is not None and after not in ids and begin > 0:
        back = 2 * at["back"] if "back" in at else len(ids) or size
        return {"offset": max(begin - back, 0), "after": after, "back": back}
    behind = begin + len(ids)
    if not ids or (total is not None and behind >= total):
        return _END
    if total is None and ids == [after]:
        return _END
    if len(ids) > 1 and ids[-1] is not None:
        return {"offset": behind - 1, "after": ids[-1]}
    return {"offset": behind}


def is_step_back(at: Position) -> bool:
    """Return whether a position lies before the page that led to it."""
    return "back" in at


def overlap_of(at: Position, ids: Ids) -> int:
    """Return how many rows a page begins with that the page before ended with."""
    return int(bool(ids) and at.get("after") is not None and ids[0] == at["after"])
