"""Pairs of rows of contact_history that may be one event: which are compared, and what speaks for and against each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.order import sort_order
from resolve.golden.same_event_rules import SameEventRule
from resolve.golden.same_subject import compare_subjects, numbers_contradict

AHEAD = 60  # with how many later rows of its customer and kind a row is compared, at most
LONGEST = 4 * 3600.0  # seconds; a length beyond it is not believed
LONG, SLACK, SHARE = 60.0, 10.0, 0.05  # seconds from which a length tells something; how far two may be apart
END_SLACK = 30.0  # seconds between the end of a call and the moment at which a system wrote it down
UNLIKE = 0.3  # subjects less alike than this speak against one event where nothing speaks for it


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows: positions in the frame, the earlier one left, seconds apart, and the number of their rule."""

    left: np.ndarray
    right: np.ndarray
    apart: np.ndarray
    kind: np.ndarray


def find_candidates(history: pd.DataFrame, rules: Sequence[SameEventRule]) -> Candidates:
    """Return pairs of rows of one customer and kind, and of two sources, that may be one event by their times."""
    seconds = history["occurred_at"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
    kind, source = _kinds(history, rules), pd.factorize(history["source"])[0].astype(np.int64)
    rows, place = _comparable(history, kind, source)
    order = _in_time(history, rows, place, seconds)
    rows, place = rows[order], place[order]
    length = np.minimum(np.nan_to_num(history["duration_seconds"].to_numpy(dtype=float)[rows]), LONGEST)
    ends, reach = (np.array([getattr(r, name) for r in rules])[kind[rows]] for name in ("ends", "seconds"))
    reach = np.maximum(reach, np.where(ends, length + END_SLACK, 0.0))
    at, lefts, rights = np.arange(len(rows)), [rows[:0]], [rows[:0]]
    for step in range(1, AHEAD + 1):
        at = at[at + step < len(rows)]
        at = at[(place[at + step] == place[at]) & (seconds[rows[at + step]] - seconds[rows[at]] <= reach[at])]
        if not len(at):
            break
        other = at[source[rows[at + step]] != source[rows[at]]]
        lefts.append(rows[other])
        rights.append(rows[other + step])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return Candidates(left, right, seconds[right] - seconds[left], kind[left])


def judge_candidates(
    history: pd.DataFrame, found: Candidates, rules: Sequence[SameEventRule]
) -> tuple[np.ndarray, np.ndarray]:
    """Return (is one event, how much speaks for it beyond the time) along the candidates."""
    left, right = history.iloc[found.left], history.iloc[found.right]
    windows, alone, alike = (
        np.array([getattr(rule, name) for rule in rules], dtype=float)[found.kind]
        for name in ("seconds", "alone", "alike")
    )
    ends = np.array([rule.ends for rule in rules], dtype=bool)[found.kind]
    close, lasting, longer = _lengths(left, right)
    similar, numbers = compare_subjects(left["subject"], right["subject"])
    against = _both_differ(left["direction"], right["direction"]) | numbers | (~np.isnan(longer) & ~close)
    against |= _unequal(left, right, found.kind, rules) | (ends & _is_over(left, right, found.apart))
    for_it = (similar >= alike).astype(np.int64) + lasting
    in_time = found.apart <= np.where(for_it > 0, windows, np.where(similar < UNLIKE, 0.0, alone))
    in_time &= (for_it > 0) | (alone > 0)
    in_time |= ends & lasting & (np.abs(found.apart - np.nan_to_num(longer)) <= END_SLACK)
    return in_time & ~against, for_it


def find_contradictions(history: pd.DataFrame) -> Callable[[int, int], bool]:
    """Return what tells of two rows whether directions, lengths or numbers in subjects say that they are two events."""
    direction, subject = (history[name].to_numpy(dtype=object) for name in ("direction", "subject"))
    length = history["duration_seconds"].to_numpy(dtype=float)

    def are_two(row: int, other: int) -> bool:
        if not pd.isna(direction[row]) and not pd.isna(direction[other]) and direction[row] != direction[other]:
            return True
        one, two = float(length[row]), float(length[other])
        if abs(one - two) > max(SLACK, SHARE * max(one, two)):  # never where one is missing
            return True
        said = subject[row], subject[other]
        return not any(pd.isna(text) for text in said) and numbers_contradict(*said)

    return are_two


def _kinds(history: pd.DataFrame, rules: Sequence[SameEventRule]) -> np.ndarray:
    """Return the number of the first rule that a row's type and channel meet, -1 where there is none."""
    type_code, types = pd.factorize(history["type"])
    channel_code, channels = pd.factorize(history["channel"])
    table = np.full((len(types) + 1, len(channels) + 1), -1, dtype=np.int64)
    for number, rule in reversed(list(enumerate(rules))):
        at = [n for n, name in enumerate(types) if name in rule.types]
        on = [n for n, name in enumerate(channels) if not rule.channels or name in rule.channels]
        table[np.ix_(at, on)] = number
    kinds: np.ndarray = table[type_code, channel_code]
    return kinds


def _comparable(history: pd.DataFrame, kind: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows whose customer has their kind of event from two sources, and a number for customer and kind."""
    golden = pd.factorize(history["golden_id"])[0].astype(np.int64)
    rows = np.flatnonzero((golden >= 0) & (kind >= 0))
    place = golden[rows] * (kind.max(initial=0) + 1) + kind[rows]
    order = np.argsort(place, kind="stable")
    rows, place = rows[order], place[order]
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    if not len(starts):
        return rows, place
    several = np.minimum.reduceat(source[rows], starts) != np.maximum.reduceat(source[rows], starts)
    mine = np.repeat(several, np.diff(np.append(starts, len(rows))))
    return rows[mine], place[mine]


def _in_time(history: pd.DataFrame, rows: np.ndarray, place: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return the order of rows by place, time and, where these are equal, touchpoint_id."""
    order: np.ndarray = np.lexsort((seconds[rows], place))
    same = (np.diff(place[order]) == 0) & (np.diff(seconds[rows[order]]) == 0)
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(tied):
        ids = history["touchpoint_id"].to_numpy(dtype=object)[rows[order[tied]]]
        rank = np.empty(len(tied), dtype=np.int64)
        rank[sort_order(ids)] = np.arange(len(tied))
        run = np.cumsum(np.append(True, ~same))[tied]
        order[tied] = order[tied][np.lexsort((rank, run))]
    return order


def _lengths(left: pd.DataFrame, right: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (about equally long, and long enough to tell something, the longer length, NaN if one is missing)."""
    one, other = (side["duration_seconds"].to_numpy(dtype=float) for side in (left, right))
    longer = np.maximum(one, other)
    close = np.abs(one - other) <= np.maximum(SLACK, SHARE * longer)
    return close, close & (longer >= LONG), longer


def _is_over(left: pd.DataFrame, right: pd.DataFrame, apart: np.ndarray) -> np.ndarray:
    """Return where the earlier row was over before the later one, of unknown length, was noted."""
    over = right["duration_seconds"].isna().to_numpy() & (left["duration_seconds"].to_numpy(dtype=float) < apart)
    return np.asarray(over, dtype=bool)


def _both_differ(left: pd.Series, right: pd.Series) -> np.ndarray:
    """Return where both sides have a value, and not the same."""
    differ = left.notna().to_numpy() & right.notna().to_numpy() & (left.to_numpy() != right.to_numpy())
    return np.asarray(differ, dtype=bool)


def _unequal(left: pd.DataFrame, right: pd.DataFrame, kind: np.ndarray, rules: Sequence[SameEventRule]) -> np.ndarray:
    """Return where a column that has to be equal is missing or differs."""
    wrong = np.zeros(len(kind), dtype=bool)
    for name in sorted({name for rule in rules for name in rule.equal}):
        asks = np.array([name in rule.equal for rule in rules], dtype=bool)[kind]
        one, other = left[name], right[name]
        equal = one.notna().to_numpy() & (one.to_numpy() == other.to_numpy())
        wrong |= asks & ~np.asarray(equal, dtype=bool)
    return wrong
