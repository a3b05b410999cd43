"""Raw rows out of payloads: id, change time, tombstone and merge read by the plan; rows without a usable id refused."""

import datetime as dt
import decimal
import math
from typing import Any

from connectors.settings_mapping import Flag
from connectors.sources.plan import NOT_DELETED, Header, StreamPlan
from connectors.sources.source import Payload, Raw, Reject


def as_text(value: Any) -> str | None:
    """Return a cell as text: None for blank, whole numbers without `.0`, true and false in lower case."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    text = str(value)
    return text if text and not text.isspace() else None


def as_json(value: Any) -> Any:
    """Return a cell of a table as the landing keeps it: text, None, or lists and objects of these."""
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return value if isinstance(value, str) else as_text(value)


def read_path(payload: Payload, column: str) -> Any:
    """Return the value of `column`; a dotted name also reaches into nested objects: `properties.email`."""
    if column in payload or "." not in column:
        return payload.get(column)
    value: Any = payload
    for step in column.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def nested_columns(payload: Payload, above: str = "") -> list[str]:
    """Return the columns of a payload, nested objects as dotted names."""
    names: list[str] = []
    for key, value in payload.items():
        inner = nested_columns(value, f"{above}{key}.") if isinstance(value, dict) and value else None
        names += inner if inner is not None else [f"{above}{key}"]
    return names


class RowReader:
    """Turns the payloads of one file or table into Raw rows; knows the ids it has seen, so that a repeat is refused."""

    def __init__(self, plan: StreamPlan, header: Header) -> None:
        """Take the plan and the columns that there are."""
        self._id = header.choose(plan.id)
        self._updated_at = header.choose(plan.updated_at)
        told = (header.find(column) for column in plan.merged_into)
        self._merged_into = plan.merged_into if header.is_open else tuple(column for column in told if column)
        self._deleted = header.choose(plan.deleted.column if plan.deleted else ())
        self._flag = plan.deleted
        self.seen: set[str] = set()

    def read(self, payload: Payload, row_key: str) -> Raw | Reject:
        """Return the row, or a Reject with reason missing_id or duplicate_id (the first row of an id counts)."""
        source_id = _first_text(payload, self._id)
        if source_id is None:
            return Reject(row_key, "missing_id", f"no value in the id column {' or '.join(self._id)}", payload)
        source_id = source_id.strip()
        if source_id in self.seen:
            return Reject(row_key, "duplicate_id", "an earlier row of the same read has this id", payload)
        self.seen.add(source_id)
        return Raw(
            source_id=source_id,
            payload=payload,
            updated_at=_first_text(payload, self._updated_at),
            deleted=self._flag is not None and is_flagged(self._flag, _first_text(payload, self._deleted)),
            merged_into=_first_text(payload, self._merged_into),
        )


def _first_text(payload: Payload, columns: tuple[str, ...]) -> str | None:
    """Return the first of `columns` that has a value, as text."""
    for column in columns:
        value = payload.get(column)
        if value is None:
            value = read_path(payload, column)
        text = (value if value and not value.isspace() else None) if type(value) is str else as_text(value)
        if text is not None:
            return text
    return None


def is_flagged(flag: Flag, value: str | None) -> bool:
    """Return whether a value of the flag's column says yes: a listed value, or anything that is no kind of `no`."""
    if value is None:
        return False
    folded = value.strip().lower()
    return folded in {v.lower() for v in flag.values} if flag.values else folded not in NOT_DELETED
