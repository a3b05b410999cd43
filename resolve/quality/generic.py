"""Extra columns (`x_…`) that no known field covers: which comparison and blocking rule each one gets, or why none."""

import re
from dataclasses import replace

import numpy as np

from resolve.link.encode import Column, Encoded
from resolve.link.rules import BlockingRule, Comparison, LinkRules
from resolve.link.rules_text import levels_of
from resolve.schema import EXTRA

LONGEST = 40.0  # mean characters above which a column is free text
FEWEST = 0.02  # share of contacts that must hold a value
COMMON = 0.9  # chance that two contacts agree from which on agreeing says nothing
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_CODE = re.compile(r"^[\d\W_]*\d[\d\W_]*$")
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def add_generic(contacts: Encoded, rules: LinkRules) -> tuple[LinkRules, dict[str, str]]:
    """Return the rules with a comparison for each useful extra column, and the reason for each one left out."""
    named = {column for c in rules.comparisons for column in c.columns}
    compared, blocking, left_out = list(rules.comparisons), list(rules.blocking), {}
    for column in sorted(c for c in contacts.names if c.startswith(EXTRA) and c not in named):
        values = contacts.text(column)
        reason = useless(values)
        if reason:
            left_out[column] = reason
            continue
        compared.append(generic_comparison(column, values))
        if selective(values):
            blocking.append(BlockingRule(f"extra {column.removeprefix(EXTRA)}", (column,), 20))
    return replace(rules, comparisons=tuple(compared), blocking=tuple(blocking)), left_out


def useless(values: Column) -> str | None:
    """Return why a column cannot tell people apart, or None."""
    held = int(values.present.sum())
    distinct = len(values.values)
    if held < max(FEWEST * len(values.codes), 2):
        return "nearly empty"
    if distinct <= 1:
        return "the same value everywhere"
    if float(((values.counts / held) ** 2).sum()) > COMMON:
        return "nearly the same value everywhere"
    if float((values.lengths * values.counts).sum()) / held > LONGEST:
        return "free text"
    if _row_numbers(values, held):
        return "row numbers"
    if np.mean([bool(_STAMP.match(t)) for t in values.texts[:1000]]) > 0.8:
        return "times of loading"
    return None


def _row_numbers(values: Column, held: int) -> bool:
    """Return whether the values are whole numbers, each once, without large gaps."""
    if len(values.values) < held or not all(t.isdecimal() and len(t) < 16 for t in values.texts):
        return False
    numbers = np.asarray([int(t) for t in values.texts])
    return bool(numbers.max() - numbers.min() < 2 * held)


def generic_comparison(column: str, values: Column) -> Comparison:
    """Return a comparison with levels by the type of the values, and cautious starting probabilities."""
    texts = values.texts[:2000]
    kind: str
    thresholds: tuple[float, ...] = ()
    if np.mean([bool(_DATE.match(t)) for t in texts]) > 0.8:
        kind = "date"
    elif len(values.values) <= 30 or float(values.lengths.mean()) < 3:
        kind = "exact"
    elif np.mean([bool(_CODE.match(t)) for t in texts]) > 0.8:
        kind, thresholds = "edits", (1.0, 2.0)
    else:
        kind, thresholds = "similar", (0.92, 0.8)
    names = levels_of(kind, thresholds)
    u = _unrelated(values, len(names))
    match = (
        np.asarray([0.8, *[0.15 / (len(names) - 2)] * (len(names) - 2), 0.05])
        if len(names) > 2
        else np.asarray([0.9, 0.1])
    )
    even = (1.0 / len(names),) * len(names)
    frequency = kind != "date"
    blank = Comparison(column.removeprefix(EXTRA), kind, (column,), names, even, even, even, even)
    return replace(blank, frequency=frequency, thresholds=thresholds).with_probabilities(np.stack([match, u, u, u]))


def _unrelated(values: Column, levels: int) -> np.ndarray:
    """Return starting probabilities of unrelated pairs: equality by frequency, little in the levels between."""
    share = values.counts / max(int(values.counts.sum()), 1)
    equal = float(np.clip((share**2).sum(), 1e-6, 0.9))
    between = [min(0.02, (1 - equal) / levels)] * (levels - 2)
    return np.asarray([equal, *between, 1 - equal - sum(between)])


def selective(values: Column) -> bool:
    """Return whether a value is shared by so few contacts that it is worth bringing them together."""
    counts = values.counts
    shared = counts[(counts > 1) & (counts <= 20)]
    return bool(shared.sum() >= 0.05 * counts.sum() or len(values.values) > 0.5 * counts.sum())
