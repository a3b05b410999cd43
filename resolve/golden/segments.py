"""Rules that put customers into segments by recency, frequency, value and lifecycle; model.yaml names them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from resolve.errors import ConfigError
from resolve.schema import OPERATIONS, conform

if TYPE_CHECKING:
    import pandas as pd

DIMENSIONS = ("recency", "frequency", "value", "lifecycle")
_TABLE = OPERATIONS["segment_rule"]


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """One segment of a dimension: its bounds are least values (`from`) and values it stays below; None always holds.

    days: since the last contact, as of the run. contacts, orders: told once. amount: money spent on orders, in
    `currency`, or in any one currency; only the dimension value asks for it. Raises ConfigError.
    """

    segment: str
    currency: str | None = None
    days_from: float | None = None
    days_below: float | None = None
    contacts_from: float | None = None
    contacts_below: float | None = None
    orders_from: float | None = None
    orders_below: float | None = None
    amount_from: float | None = None
    amount_below: float | None = None

    def __post_init__(self) -> None:
        """Check that bounds are numbers."""
        bounds = {name: value for name, value in asdict(self).items() if name not in ("segment", "currency")}
        wrong = [name for name, value in bounds.items() if not isinstance(value, int | float | None)]
        if wrong:
            raise ConfigError([f"{name} is no number" for name in wrong])


Segments = Mapping[str, tuple[SegmentRule, ...]]


def read_segments(data: Any, mistakes: list[str]) -> dict[str, tuple[SegmentRule, ...]]:
    """Return the rules of every dimension from plain data; what is wrong is added to `mistakes`."""
    if not isinstance(data, dict) or not all(isinstance(rules, list) for rules in data.values()):
        mistakes.append("segments: a list of rules for each dimension is needed")
        return {}
    mistakes += [f"segments: {name!r} is none of {', '.join(DIMENSIONS)}" for name in data if name not in DIMENSIONS]
    known = {f.name for f in fields(SegmentRule)}
    read: dict[str, tuple[SegmentRule, ...]] = {}
    for dimension in (name for name in DIMENSIONS if name in data):
        rules = []
        for number, entry in enumerate(data[dimension]):
            where = f"segments: {dimension}[{number}]"
            if not isinstance(entry, dict) or "segment" not in entry or set(entry) - known:
                mistakes.append(f"{where}: a segment and bounds ({', '.join(sorted(known - {'segment'}))}) are needed")
            elif dimension != "value" and {"currency", "amount_from", "amount_below"} & set(entry):
                mistakes.append(f"{where}: amounts and currencies are for value alone")
            else:
                try:
                    rules.append(SegmentRule(**entry))
                except ConfigError as error:
                    mistakes += [f"{where}: {mistake}" for mistake in error.mistakes]
        read[dimension] = tuple(rules)
    return read


def write_segments(segments: Segments) -> dict[str, list[dict[str, Any]]]:
    """Return the rules as plain data that `read_segments` reads back."""
    return {
        dimension: [{name: value for name, value in asdict(rule).items() if value is not None} for rule in rules]
        for dimension, rules in segments.items()
    }


def list_segment_rules(segments: Segments) -> "pd.DataFrame":
    """Return segment_rule without run_id (key dimension, position)."""
    import pandas as pd

    rows: Sequence[dict[str, Any]] = [
        {"dimension": dimension, "position": number, **asdict(rule)}
        for dimension, rules in segments.items()
        for number, rule in enumerate(rules, start=1)
    ]
    frame = pd.DataFrame(rows, columns=[name for name in _TABLE.names if name != "run_id"])
    return conform(frame.assign(run_id=""), _TABLE).drop(columns="run_id")
