"""One part of a stream's rows as touchpoints: when, who, which channel, what came of it, which score."""

import math
import re
import unicodedata
from collections import Counter

import numpy as np
import pandas as pd

from connectors.sources.cells import Cells, RowBlock, fold_value
from connectors.sources.event_words import CHANNEL_WORDS, CHANNELS, DIRECTIONS, METRICS, SCALES, TYPE_BY_CHANNEL
from connectors.sources.plan import PartPlan, StreamPlan
from connectors.sources.times import parse_times

Refusal = tuple[str, str, str, str]  # row_key, reason, detail, payload

_NOT_WORD = re.compile(r"[^0-9a-z\u3040-\u30ff\u3400-\u9fff]+")
_NOT_NUMBER = re.compile(r"[^\d.\-]")


def map_part(
    block: RowBlock, rows: pd.DataFrame, plan: StreamPlan, part: PartPlan, notes: Counter[str]
) -> tuple[pd.DataFrame, list[Refusal]]:
    """Return the touchpoints that `part` makes of a block, and the rows that it must refuse.

    Rows that do not meet `when` give nothing. In a part with `when`, a row without a time gives nothing either.
    """
    applies = _applies(block, part)
    time_text = pd.Series(block.field("occurred_at", part), dtype=object)
    times = parse_times(time_text, plan.time_zone, plan.country)
    if part.when or part.name:
        applies &= time_text.notna().to_numpy()
    frame = _columns(block, rows, plan, part, notes).assign(occurred_at=times)
    is_bad_time = applies & times.isna().to_numpy()
    is_bad_score = applies & ~is_bad_time & _score(frame, block, part)
    refused = [
        *_refuse(rows, part, is_bad_time, "bad_time", "occurred_at is missing or no time"),
        *_refuse(rows, part, is_bad_score, "bad_score", "score is no number or outside its scale"),
    ]
    return frame[applies & ~is_bad_time & ~is_bad_score], refused


def _applies(block: RowBlock, part: PartPlan) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which rows have the values that `when` asks for."""
    applies = np.ones(block.size, dtype=bool)
    for column, wanted in part.when.items():
        accepted = {fold_value(value) for value in wanted}
        any_value = "*" in accepted
        cells = block.column(column)
        applies &= np.array([c is not None and (any_value or fold_value(c) in accepted) for c in cells], dtype=bool)
    return applies


def _refuse(
    rows: pd.DataFrame, part: PartPlan, mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]", reason: str, detail: str
) -> list[Refusal]:
    """Return the refused rows; the row key of a named part ends with its name."""
    suffix = f":{part.name}" if part.name else ""
    bad = rows[mask]
    return [
        (f"{key}{suffix}", reason, detail, body) for key, body in zip(bad["source_id"], bad["payload"], strict=True)
    ]


def _columns(
    block: RowBlock, rows: pd.DataFrame, plan: StreamPlan, part: PartPlan, notes: Counter[str]
) -> pd.DataFrame:
    """Return the touchpoint columns of every row, besides time and score."""
    suffix = f":{part.name}" if part.name else ""
    channel = _words(block.field("channel", part), CHANNEL_WORDS, CHANNELS, "other")
    kinds = [_snake(cell) for cell in block.field("type", part)]
    contact_id, identifier_type, identifier = _who(block, plan, part)
    source_ids = rows["source_id"].tolist()
    return pd.DataFrame(
        {
            "touchpoint_id": [f"{plan.source}:{plan.stream}:{source_id}{suffix}" for source_id in source_ids],
            "source": plan.source,
            "stream": plan.stream,
            "source_id": source_ids,
            "contact_id": contact_id,
            "identifier_type": identifier_type,
            "identifier": identifier,
            "channel": channel,
            "direction": _words(block.field("direction", part), {}, DIRECTIONS, None),
            "type": [k or TYPE_BY_CHANNEL.get(c or "", "message") for k, c in zip(kinds, channel, strict=True)],
            "subject": block.field("subject", part),
            "outcome": block.field("outcome", part),
            "metric": _words(block.field("metric", part), METRICS, ("csat", "nps", "ces"), None),
            "amount": _numbers("amount", block.field("amount", part), notes),
            "currency": block.field("currency", part),
            "duration_seconds": _durations(block.field("duration_seconds", part), part.seconds, notes),
            "journey_stage": [_snake(cell) for cell in block.field("journey_stage", part)],
            "status": _words(block.field("status", part), {}, ("open", "closed"), None),
        },
        dtype=object,
    )


def _who(block: RowBlock, plan: StreamPlan, part: PartPlan) -> tuple[Cells, Cells, Cells]:
    """Return the contact that a row names, or else the type and value of an identifier."""
    ids, sources = block.field("contact_id", part), block.field("contact_source", part)
    contacts = [f"{s or plan.source}:{i.strip()}" if i else None for i, s in zip(ids, sources, strict=True)]
    named = [(kind, block.field(kind, part)) for kind in ("email", "phone", "line_user_id")]
    kinds, values = block.field("identifier_type", part), block.field("identifier", part)
    found: list[tuple[str | None, str | None]] = []
    for row, contact in enumerate(contacts):
        kind, value = (kinds[row] or "").strip().lower(), values[row]
        pairs = [(kind, value) if kind in ("email", "phone", "line_user_id") else ("", None)]
        pairs += [(name, cells[row]) for name, cells in named]
        found.append((None, None) if contact else next(((k, v) for k, v in pairs if v), (None, None)))
    return contacts, [kind for kind, _ in found], [value for _, value in found]


def _words(cells: Cells, words: dict[str, str], known: tuple[str, ...], default: str | None) -> Cells:
    """Return values of a closed list: known ones as they are, other words by the table, else the default."""
    cache: dict[str | None, str | None] = {None: default}
    for cell in {cell for cell in cells if cell is not None}:
        folded = fold_value(cell)
        cache[cell] = folded if folded in known else words.get(folded, default)
    return [cache[cell] for cell in cells]


def _snake(cell: str | None) -> str | None:
    """Return a word as a code: lower case, other characters as underscores."""
    return (_NOT_WORD.sub("_", fold_value(cell)).strip("_") or None) if cell else None


def _number(cell: str | None) -> float:
    """Return the number in a text with blanks, thousands commas or a currency sign; NaN when there is none."""
    if cell is None:
        return float("nan")
    try:
        return float(_NOT_NUMBER.sub("", unicodedata.normalize("NFKC", cell)))
    except ValueError:
        return float("nan")


def _numbers(name: str, cells: Cells, notes: Counter[str]) -> list[float]:
    """Return cells as numbers; unreadable ones are left empty and counted."""
    numbers = [_number(cell) for cell in cells]
    bad = sum(math.isnan(n) and cell is not None for n, cell in zip(numbers, cells, strict=True))
    if bad:
        notes[f"{name} unreadable"] += bad
    return numbers


def _durations(cells: Cells, seconds: float, notes: Counter[str]) -> list[float]:
    """Return lengths in seconds, from numbers of the unit or from h:mm:ss."""
    plain = [cell if cell is None or ":" not in cell else _clock_seconds(cell, seconds) for cell in cells]
    return [number * seconds for number in _numbers("duration_seconds", plain, notes)]


def _clock_seconds(cell: str, seconds: float) -> str:
    """Return h:mm:ss or mm:ss as a number of the unit, as text; other texts as they are."""
    parts = cell.strip().split(":")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return "?"
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return str(total / seconds)


def _score(frame: pd.DataFrame, block: RowBlock, part: PartPlan) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Fill score and scale into `frame`; return which rows have a score that cannot be used.

    The scale is the mapped one, else the metric's usual one. Without a score there is no metric either.
    """
    text = block.field("score", part)
    score = np.array([_number(cell) for cell in text], dtype=float)
    has_text = np.array([cell is not None for cell in text], dtype=bool)
    usual = [SCALES.get(metric, (None, None)) for metric in frame["metric"]]
    for index, name in enumerate(("scale_min", "scale_max")):
        given = np.array([_number(cell) for cell in block.field(name, part)], dtype=float)
        default = np.array([scale[index] for scale in usual], dtype=float)
        frame[name] = np.where(has_text, np.where(np.isnan(given), default, given), np.nan)
    frame["score"] = score
    frame.loc[~has_text, "metric"] = None
    low, high = frame["scale_min"].to_numpy(dtype=float), frame["scale_max"].to_numpy(dtype=float)
    bad: np.ndarray[tuple[int], np.dtype[np.bool_]] = has_text & (np.isnan(score) | (score < low) | (score > high))
    return bad
