"""The records of every profile side by side, and the choice among them by survivorship rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resolve.golden.survivorship import Strategy, SurvivorshipRule

_KANJI = r"[\x{3400}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}]"
_INITIAL = r"\A[A-Za-z]\.?\z"
_TOWN = r"\A[^0-9]*[\x{3041}-\x{30ff}\x{3400}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}][^0-9]*\z"
_PLACE = ("street", "city", "region")  # the most exact first
_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Choice:
    """What one rule chose.

    giver: row of the record that gives each column to each profile, -1 for none; columns of the rule by profiles.
    rows: candidate rows of profiles with more than one version of the columns, by profile, the best first. keys: the
    strategies' keys along `rows`, smaller is better.
    """

    giver: np.ndarray
    rows: np.ndarray
    keys: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Ballot:
    """Candidate values of all records, sorted by profile, then contact_id.

    values: a column per field of a profile, source, created_at, updated_at. profile: code of the profile, rising.
    reach: for fields that reach a customer 0 (personal), 1 (shared) or 2 (role) per record. source_rank: per record.
    """

    values: pd.DataFrame
    profile: np.ndarray
    reach: Mapping[str, np.ndarray]
    source_rank: np.ndarray

    @cached_property
    def count(self) -> int:
        """The number of profiles."""
        return int(self.profile[-1]) + 1 if len(self.profile) else 0

    @cached_property
    def age(self) -> np.ndarray:
        """Minus the time of the last change of each record, ns; records without a time come last."""
        changed = self.values["updated_at"].fillna(self.values["created_at"])
        nanoseconds = changed.astype("datetime64[ns, UTC]").astype("int64").to_numpy()
        return np.where(changed.isna(), _LAST, -nanoseconds)

    def codes(self, column: str) -> np.ndarray:
        """Return a code per distinct value of a column, -1 for missing."""
        return pd.factorize(self.values[column])[0].astype(np.int64)

    def choose(self, rule: SurvivorshipRule, codes: Mapping[str, np.ndarray]) -> Choice:
        """Return the record that gives each profile the columns of a rule; gaps filled from records that agree."""
        filled = np.zeros(len(self.profile), dtype=np.int64)
        for name in rule.columns:
            filled += codes[name] >= 0
        candidates = np.flatnonzero(filled > 0)
        version = _combine([codes[name][candidates] for name in rule.columns])
        profile = self.profile[candidates]
        first = np.flatnonzero(np.diff(profile, prepend=-1))
        size = np.diff(np.append(first, len(candidates)))
        several = np.zeros(len(candidates), dtype=bool)
        if len(candidates):
            several = np.repeat(np.logical_or.reduceat(version != np.repeat(version[first], size), first), size)
        giver = np.full((len(rule.columns), self.count), -1, dtype=np.int64)
        giver[:, profile[first]] = candidates[first]
        rows, versions = candidates[several], version[several]
        keys = tuple(self._key(Strategy(name), rule, rows, versions) for name in rule.prefer)
        order = np.lexsort((rows, *reversed(keys), self.profile[rows]))
        rows, keys = rows[order], tuple(key[order] for key in keys)
        best = np.flatnonzero(np.diff(self.profile[rows], prepend=-1))
        giver[:, self.profile[rows[best]]] = rows[best]
        if len(rule.columns) > 1 and len(rows):
            place = [rule.columns.index(name) for name in _PLACE if name in rule.columns]
            _fill_gaps(giver, (self.profile, rows), [codes[name] for name in rule.columns], place)
        for at, name in enumerate(rule.columns):
            giver[at, (giver[at] >= 0) & (codes[name][giver[at]] < 0)] = -1
        return Choice(giver, rows, keys)

    def _key(self, strategy: Strategy, rule: SurvivorshipRule, rows: np.ndarray, version: np.ndarray) -> np.ndarray:
        """Return the key of a strategy for the rows, smaller is better."""
        key: np.ndarray
        if strategy == Strategy.SOURCE_RANK:
            key = self.source_rank[rows]
        elif strategy == Strategy.MOST_RECENT:
            key = self.age[rows]
        elif strategy == Strategy.MOST_FREQUENT:
            pair = self.profile[rows] * (version.max(initial=0) + 1) + version
            _, at, count = np.unique(pair, return_inverse=True, return_counts=True)
            key = -count[at]
        elif strategy == Strategy.PERSONAL:
            reach = [self.reach[name][rows] for name in rule.fields if name in self.reach]
            key = np.maximum.reduce([np.zeros(len(rows), dtype=np.int64), *reach])
        else:
            cells = [self.values[name].iloc[rows] for name in rule.fields]
            key = -np.add.reduce([_length(column, strategy) for column in cells])
            if strategy == Strategy.MOST_COMPLETE and "street" in rule.fields:
                key += _is_town(self.values["street"].iloc[rows])
        return key


def _length(cells: pd.Series, strategy: Strategy) -> np.ndarray:
    """Return the length of each cell; or 1 where it has kanji (own_script), more than an initial (most_complete)."""
    texts = pa.array(cells, type=pa.large_string(), from_pandas=True).fill_null("")
    if strategy == Strategy.OWN_SCRIPT:
        return np.asarray(pc.match_substring_regex(texts, _KANJI), dtype=np.int64)
    length = np.asarray(pc.utf8_length(texts), dtype=np.int64)
    if strategy == Strategy.LONGEST:
        return length
    return np.where(np.asarray(pc.match_substring_regex(texts, _INITIAL), dtype=bool), 0, np.minimum(length, 1))


def _is_town(streets: pd.Series) -> np.ndarray:
    """Return 1 for each Japanese street without a number, as a postal code gives it: half an address, else 0."""
    texts = pa.array(streets, type=pa.large_string(), from_pandas=True).fill_null("")
    return np.asarray(pc.match_substring_regex(texts, _TOWN), dtype=np.int64)


def _combine(columns: list[np.ndarray]) -> np.ndarray:
    """Return one code per distinct combination of codes."""
    combined = columns[0]
    for column in columns[1:]:
        combined = pd.factorize((combined + 1) * (column.max(initial=0) + 2) + column + 1)[0].astype(np.int64)
    return combined


def _fill_gaps(
    giver: np.ndarray, ranked: tuple[np.ndarray, np.ndarray], codes: list[np.ndarray], place: list[int]
) -> None:
    """Fill the gaps of chosen records from the next best ones that agree with them; changes `giver`.

    ranked: profile of each record; rows, by profile, the best first. place: columns of a place, the most exact first,
    of which the first that is filled has to be shared: two records that say the same country may mean two addresses.
    """
    profile, rows = ranked
    first = np.flatnonzero(np.diff(profile[rows], prepend=-1))
    size = np.diff(np.append(first, len(rows)))
    target = profile[rows[first]]
    held = np.array([np.where(giver[at, target] >= 0, code[giver[at, target]], -1) for at, code in enumerate(codes)])
    for rank in range(1, int(size.max())):
        open_ = np.flatnonzero((size > rank) & (held < 0).any(axis=0))
        if not len(open_):
            break
        row = rows[first[open_] + rank]
        offered = np.array([code[row] for code in codes])
        mine = held[:, open_]
        same = (offered == mine) & (mine >= 0)
        agrees = (same | (offered < 0) | (mine < 0)).all(axis=0) & same.any(axis=0)
        if place:
            exact = np.array(place)[(mine[place] >= 0).argmax(axis=0)]
            agrees &= same[exact, np.arange(len(open_))]
        take = agrees & (mine < 0) & (offered >= 0)
        at, which = np.nonzero(take)
        held[at, open_[which]] = offered[at, which]
        giver[at, target[open_[which]]] = row[which]
