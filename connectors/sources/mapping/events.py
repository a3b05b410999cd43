"""One part of a stream's rows as touchpoints: when, who, which channel, what came of it, which score."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from connectors.sources.mapping.cells import Cells, RowBlock, fold_value, per_value
from connectors.sources.mapping.event_words import (
    CHANNEL_WORDS,
    CHANNELS,
    CURRENCY_WORDS,
    DIRECTION_WORDS,
    DIRECTIONS,
    METRICS,
    SCALES,
    STAGE_WORDS,
    STAGES,
    TYPE_BY_CHANNEL,
)
from connectors.sources.mapping.numbers import read_number, read_seconds
from connectors.sources.mapping.times import parse_times
from connectors.sources.plan import PartPlan, StreamPlan

IDENTIFIERS = ("email", "phone", "line_user_id")
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Columns = dict[str, np.ndarray[Any, np.dtype[Any]]]
Refusal = tuple[str, str, str, str]  # row_key, reason, detail, payload

_CAN_BE: dict[str, Callable[[str], object]] = {  # what a dash or なし in one column is not: the next one counts
    "email": re.compile("[@＠]").search,
    "phone": re.compile(r"\d").search,
    "line_user_id": re.compile(r"\w").search,
}
_NOT_WORD = re.compile(r"[^0-9a-z\u3040-\u30ff\u3400-\u9fff]+")


def map_part(
    block: RowBlock, rows: pd.DataFrame, plan: StreamPlan, part: PartPlan, notes: Counter[str]
) -> tuple[Columns, list[Refusal]]:
    """Return the touchpoints that `part` makes of a block, and the rows that it must refuse.

    Touchpoints are columns of TOUCHPOINTS by name, times to the microsecond without their zone, UTC; no columns where
    no row meets `when`. A row that does not meet it, or in a part with `when` has no time, gives nothing. A row
    `7:opened` gives no main event where another one has a part `opened`: the two would have one id.
    """
    applies = _applies(block, part)
    if not applies.any():
        return {}, []
    time_text = pd.Series(block.field("occurred_at", part), dtype=object)
    times = parse_times(time_text, plan.time_zone, plan.country)
    if part.when or part.name:
        applies &= time_text.notna().to_numpy()
    kept = times.to_numpy(dtype="datetime64[us]").astype("datetime64[ns]")  # as the warehouse will give it back
    columns = _columns(block, rows, plan, part, notes) | {"occurred_at": kept}
    is_ambiguous = applies & _is_like_part(rows, plan, part)
    applies &= ~is_ambiguous
    is_bad_time = applies & times.isna().to_numpy()
    is_bad_score = applies & ~is_bad_time & _score(columns, block, part)
    refused = [
        *_refuse(rows, part, is_ambiguous, "ambiguous_id", "the id ends like that of a part of another row"),
        *_refuse(rows, part, is_bad_time, "bad_time", "occurred_at is missing or no time"),
        *_refuse(rows, part, is_bad_score, "bad_score", "score is no number or outside its scale"),
    ]
    given = applies & ~is_bad_time & ~is_bad_score
    return {name: column[given] for name, column in columns.items()}, refused


def _applies(block: RowBlock, part: PartPlan) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which rows have the values that `when` asks for."""
    applies = np.ones(block.size, dtype=bool)
    for column, wanted in part.when.items():
        accepted = {fold_value(value) for value in wanted}
        any_value = "*" in accepted
        cells = block.column(column)
        applies &= np.array([c is not None and (any_value or fold_value(c) in accepted) for c in cells], dtype=bool)
    return applies


def _is_like_part(rows: pd.DataFrame, plan: StreamPlan, part: PartPlan) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which rows have an id whose main event could be the part of another row."""
    endings = tuple(f":{other.name}" for other in plan.parts if other.name)
    if part.name or not endings:
        return np.zeros(len(rows), dtype=bool)
    return np.array([source_id.endswith(endings) for source_id in rows["source_id"]], dtype=bool)


def _refuse(
    rows: pd.DataFrame, part: PartPlan, mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]", reason: str, detail: str
) -> list[Refusal]:
    """Return the refused rows; the row key of a named part ends with its name."""
    suffix = f":{part.name}" if part.name else ""
    bad = rows[mask]
    return [
        (f"{key}{suffix}", reason, detail, body) for key, body in zip(bad["source_id"], bad["payload"], strict=True)
    ]


def _columns(block: RowBlock, rows: pd.DataFrame, plan: StreamPlan, part: PartPlan, notes: Counter[str]) -> Columns:
    """Return the touchpoint columns of every row, besides time and score."""
    suffix = f":{part.name}" if part.name else ""
    channel = _words(block.field("channel", part), CHANNEL_WORDS, CHANNELS, "other")
    kinds = per_value(block.field("type", part), _snake, None)
    contact_id, identifier_type, identifier = _who(block, plan, part)
    source_ids = rows["source_id"].tolist()
    texts: dict[str, Iterable[str | None]] = {
        "touchpoint_id": (f"{plan.source}:{plan.stream}:{source_id}{suffix}" for source_id in source_ids),
        "source": repeat(plan.source, block.size),
        "stream": repeat(plan.stream, block.size),
        "source_id": source_ids,
        "contact_id": contact_id,
        "identifier_type": identifier_type,
        "identifier": identifier,
        "channel": channel,
        "direction": _words(block.field("direction", part), DIRECTION_WORDS, DIRECTIONS, None),
        "type": (k or TYPE_BY_CHANNEL.get(c or "", "message") for k, c in zip(kinds, channel, strict=True)),
        "subject": block.field("subject", part),
        "outcome": block.field("outcome", part),
        "metric": _words(block.field("metric", part), METRICS, ("csat", "nps", "ces"), None),
        "currency": per_value(block.field("currency", part), _currency, None),
        "journey_stage": _stages(block.field("journey_stage", part), notes),
        "status": _words(block.field("status", part), {}, ("open", "closed"), None),
    }
    return {name: np.fromiter(cells, dtype=object) for name, cells in texts.items()} | {
        "amount": _numbers("amount", block.field("amount", part), notes),
        "duration_seconds": _numbers(
            "duration_seconds", block.field("duration_seconds", part), notes, partial(read_seconds, unit=part.seconds)
        ),
    }


def _who(block: RowBlock, plan: StreamPlan, part: PartPlan) -> tuple[Cells, Cells, Cells]:
    """Return the contact that a row names, or else the type and value of the first identifier that can be one."""
    ids, sources = block.field("contact_id", part), block.field("contact_source", part)
    contacts = [f"{(s or plan.source).strip()}:{i.strip()}" if i else None for i, s in zip(ids, sources, strict=True)]
    kinds: Cells = [None] * block.size
    values: Cells = [None] * block.size
    given = _words(block.field("identifier_type", part), {}, IDENTIFIERS, None)
    for name in ("", *IDENTIFIERS):  # a typed identifier goes before columns of one type
        cells = block.field(name or "identifier", part)
        for row in [n for n, cell in enumerate(cells) if cell is not None]:
            kind = name or given[row]
            if contacts[row] is None and values[row] is None and kind and _CAN_BE[kind](cells[row] or ""):
                kinds[row], values[row] = kind, cells[row]
    return contacts, kinds, values


def _words(cells: Cells, words: dict[str, str], known: tuple[str, ...], default: str | None) -> Cells:
    """Return values of a closed list: known ones as they are, other words by the table, else the default."""

    def choose(cell: str) -> str | None:
        folded = fold_value(cell)
        return folded if folded in known else words.get(folded, default)

    return per_value(cells, choose, default)


def _snake(cell: str) -> str | None:
    """Return a word as a code: lower case, other characters as underscores."""
    return _NOT_WORD.sub("_", fold_value(cell)).strip("_") or None


def _currency(cell: str) -> str:
    """Return the ISO code of a currency; a word that is unknown stays as it is."""
    folded = fold_value(cell)
    return CURRENCY_WORDS.get(folded, folded.upper() if len(folded) == 3 and folded.isascii() else cell)


def _stages(cells: Cells, notes: Counter[str]) -> Cells:
    """Return stages of the journey; words that are none are left empty and counted."""
    stages = _words(cells, STAGE_WORDS, STAGES, None)
    unknown = stages.count(None) - cells.count(None)
    if unknown:
        notes["journey_stage unknown"] += unknown
    return stages


def _numbers(name: str, cells: Cells, notes: Counter[str], read: Callable[[str], float] = read_number) -> Floats:
    """Return cells as numbers; unreadable ones are left empty and counted."""
    numbers = np.array(per_value(cells, read, math.nan), dtype=np.float64)
    bad = int(np.isnan(numbers).sum()) - cells.count(None)
    if bad:
        notes[f"{name} unreadable"] += bad
    return numbers


def _score(columns: Columns, block: RowBlock, part: PartPlan) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Fill score and scale into `columns`; return which rows have a score that cannot be used.

    The scale is the mapped one, else the metric's usual one. Without a score there is no metric either.
    """
    text = block.field("score", part)
    score = np.array(per_value(text, read_number, math.nan), dtype=np.float64)
    has_text = np.array([cell is not None for cell in text], dtype=bool)
    usual = [SCALES.get(metric, (None, None)) for metric in columns["metric"]]
    for index, name in enumerate(("scale_min", "scale_max")):
        given = np.array(per_value(block.field(name, part), read_number, math.nan), dtype=np.float64)
        default = np.array([scale[index] for scale in usual], dtype=np.float64)
        columns[name] = np.where(has_text, np.where(np.isnan(given), default, given), np.nan)
    columns["score"] = score
    columns["metric"][~has_text] = None
    low, high = columns["scale_min"], columns["scale_max"]
    bad: np.ndarray[tuple[int], np.dtype[np.bool_]] = has_text & (np.isnan(score) | (score < low) | (score > high))
    return bad
