"""The pairs that a change can touch: found by the index, scored again, and set against what was stored."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.order import rank_texts
from resolve.increment.entries import MERGED, index_entries, value_entries
from resolve.increment.evidence import same_evidence
from resolve.increment.neighbourhood import SATURATED, Neighbourhood, name_marks, saturated
from resolve.increment.stored import Change, Stored
from resolve.link.arrays import Hashes, Ints
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.engine import hot_values
from resolve.link.index_keys import SHARED_VALUES, IndexKeys, index_keys, named_keys
from resolve.link.neighbour_keys import Entries, KeyBook
from resolve.link.restricted import first_rules, pairs_among, pairs_of_changed, sharing_a_set
from resolve.link.rules import LinkRules
from resolve.schema.rows import join_rows
from resolve.sets import among, distinct

_PAIR = ["contact_id_l", "contact_id_r"]


@dataclass(frozen=True, slots=True)
class Relinked:
    """What linking the change found.

    scored: SCORED_PAIRS at or above the floor of the pairs that were scored again. groups: contact_id, group; of two
    unchanged contacts in one group the stored pair is out of date. watchers: contacts that were merged into a changed
    one. hot: type, value, reason of values touched by the change that many share; values: type, value of all of them.
    taken, added: entries of the index that go and come. looked_at: how many pairs were scored.
    """

    scored: pd.DataFrame
    groups: pd.DataFrame
    watchers: pd.Index
    hot: pd.DataFrame
    values: pd.DataFrame
    taken: Entries
    added: Entries
    looked_at: int


class Relinker:
    """Links one change against the last published run.

    changed: contact_ids that are new, gone, or other in what linking reads. before: CONTACTS of them as they were.
    """

    def __init__(self, change: Change, stored: Stored, rules: LinkRules, workers: int = 1) -> None:
        """Load the former bodies of what changed and look up all keys; score in `workers` threads."""
        self.rules = rules
        before = stored.contacts("contact_id", change.touched.tolist())
        alike = same_evidence(before, change.contacts, rules)
        self.before = before[~before["contact_id"].isin(alike)].reset_index(drop=True)
        now = change.contacts[~change.contacts["contact_id"].isin(alike)].reset_index(drop=True)
        self.changed = pd.Index([*now["contact_id"], *change.gone["contact_id"]], dtype=object)
        self._old, self._new = Encoded(self.before), Encoded(now)
        old_keys, self._keys = index_keys(self._old, rules), index_keys(self._new, rules)
        self._old_keys = old_keys
        self.taken = index_entries(self._old, rules, old_keys)
        self.added = index_entries(self._new, rules, self._keys)
        self.book = KeyBook(stored.members, self.taken, self.added)
        watched = named_keys(MERGED, pd.Series(self.changed, dtype=object))
        self._watched = watched
        witnesses = [keys.witness[keys.witness > 0] for keys in (old_keys, self._keys)]
        self.book.look_up(distinct(np.concatenate([self.taken.key, self.added.key, watched, *witnesses])))
        gone = pd.Index(change.gone["contact_id"], dtype=object)
        self.around = Neighbourhood(stored, rules, now, gone, workers)

    def run(self) -> Relinked:
        """Return the scored pairs of the changed contacts and of everyone whose pairs they change."""
        follow = self.book.followed(self._keys, self.rules)
        row, member, rule = pairs_of_changed(self._keys, follow, self.book)
        self.around.load_hashed(distinct(member))
        values = self._touched_values()
        for kind in SHARED_VALUES:
            self.around.load_holders(self.book, values.loc[values["type"] == kind, "key"].to_numpy(np.uint64))
        watchers = self._watchers()
        groups, hot = self._dirty_groups(values)
        ids = pd.Series(self._new.ids, dtype=object)
        at, other = self.around.of_hashes(member)
        crossing = self._without_namesakes(_pairs(ids.iloc[row[at]], other, rule[at]))
        left, right, shared = pairs_among(self._keys, follow)
        inner = _pairs(ids.iloc[left], ids.iloc[right], shared)
        pairs = _distinct([crossing, inner, self.pairs_in(groups)])
        scored = self.around.score(pairs, self.book, self.rules.floor)
        return Relinked(scored, groups, watchers, hot, values[["type", "value"]], self.taken, self.added, len(pairs))

    def pairs_in(self, groups: pd.DataFrame) -> pd.DataFrame:
        """Return the candidate pairs (both sides, rule) of unchanged contacts that stand together in a group."""
        if not len(groups):
            return _pairs(pd.Series([], dtype=object), pd.Series([], dtype=object), np.empty(0, dtype=np.int64))
        encoded = self.around.encode(pd.Index(groups["contact_id"].unique(), dtype=object))
        keys = index_keys(encoded, self.rules)
        self.book.look_up(distinct(np.concatenate([keys.key[~keys.hot], keys.witness[keys.witness > 0]])))
        left, right, rule = pairs_among(keys, self.book.followed(keys, self.rules))
        ids = pd.Series(encoded.ids, dtype=object)
        row = pd.Index(ids).get_indexer(pd.Index(groups["contact_id"]))
        known = row >= 0
        code = pd.factorize(groups["group"])[0].astype(np.int64)
        together = sharing_a_set(left, right, row[known].astype(np.int64), code[known])
        return _pairs(ids.iloc[left[together]], ids.iloc[right[together]], rule[together])

    def pairs_found(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return those of the given pairs that blocking finds, with every rule that does."""
        number = np.arange(len(pairs))
        sides = [pd.DataFrame({"contact_id": pairs[side].to_numpy(dtype=object), "group": number}) for side in _PAIR]
        return self.pairs_in(pd.concat(sides, ignore_index=True))

    def _without_namesakes(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return the pairs but those of contacts that are listed under the number of one who has the key."""
        namesakes = self.around.namesakes()
        doubtful: np.ndarray = np.any([pairs[side].isin(namesakes) for side in _PAIR], axis=0)
        return join_rows([pairs[~doubtful], self.pairs_found(pairs[doubtful])]) if doubtful.any() else pairs

    def _touched_values(self) -> pd.DataFrame:
        """Return type, value, key of the mailboxes and numbers that changed contacts had or have."""
        parts = []
        for kind, column in SHARED_VALUES.items():
            for side in (self._old, self._new):
                lists = side.lists(column)
                _, key = value_entries(side, kind)
                texts = lists.values.texts[lists.lists.values] if len(key) else np.empty(0, dtype=object)
                parts.append(pd.DataFrame({"type": kind, "value": texts, "key": key}))
        found = join_rows(parts).drop_duplicates(["type", "value"], ignore_index=True)
        return found.astype({"type": object, "value": object, "key": np.uint64})

    def _watchers(self) -> pd.Index:
        """Return the unchanged contacts that their source merged into a changed one."""
        _, member = self.book.who(self._watched)
        self.around.load_hashed(distinct(member))
        _, ids = self.around.of_hashes(distinct(member))
        return pd.Index(ids.unique(), dtype=object)

    def _dirty_groups(self, values: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return (contact_id, group) of unchanged contacts whose pairs change, and the touched values many share."""
        shared, hot = self._values_that_change(values)
        flipped = self._flipped_keys()
        lines = [shared]
        at, member = self.book.who(flipped)
        self.around.load_hashed(distinct(member))
        where, ids = self.around.of_hashes(member)
        lines.append(pd.DataFrame({"contact_id": ids.to_numpy(dtype=object), "key": flipped[at[where]]}))
        groups = join_rows(lines).drop_duplicates(["contact_id", "key"], ignore_index=True)
        groups = groups[groups.duplicated("key", keep=False)]
        return groups.rename(columns={"key": "group"}).reset_index(drop=True), hot

    def _flipped_keys(self) -> Hashes:
        """Return the keys that blocking follows now and did not before, or the other way round."""
        keys = [self._old_keys, self._keys]
        both = IndexKeys(*(np.concatenate([getattr(k, name) for k in keys]) for name in IndexKeys.__slots__))
        now, before = (self.book.followed(both, self.rules, now=when) for when in (True, False))
        return distinct(both.key[now != before])

    def _values_that_change(self, values: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return (contact_id, key) of unchanged holders of values whose names change, and hot values."""
        at, member = self.book.who(values["key"].to_numpy(np.uint64))
        where, ids = self.around.of_hashes(member)
        holders = pd.DataFrame({"contact_id": ids.to_numpy(dtype=object), "value": at[where]})
        holders = holders.drop_duplicates(ignore_index=True)
        everyone = pd.Index([*holders["contact_id"].unique(), *self._new.ids], dtype=object)
        encoded = self.around.encode(everyone)
        place = pd.Index(encoded.ids).get_indexer(pd.Index(holders["contact_id"]))
        holders["mark"] = name_marks(encoded)[place]
        holders = holders[_hold(encoded, values, place, holders["value"].to_numpy(np.int64))]
        stay = _lines(holders)
        before, after = (np.union1d(stay, self._marks_of(side, values)) for side in (self._old, self._new))
        differ = np.setxor1d(before, after)
        changed = np.unique(differ["value"])
        hot = self._hot(Comparer(encoded, self.rules), values)
        keys: Hashes = values["key"].to_numpy(np.uint64)
        dirty = holders[holders["value"].isin(changed)]
        settled = self._settled(dirty, keys)
        held: Hashes = keys[dirty["value"]]
        dirty = dirty[~among(held, settled)]
        return pd.DataFrame({"contact_id": dirty["contact_id"], "key": keys[dirty["value"]]}), hot

    def _marks_of(self, side: Encoded, values: pd.DataFrame) -> np.ndarray:
        """Return the (value, name) lines of the changed contacts, before or after."""
        parts = [_NO_LINES]
        marks = name_marks(side) if len(side) else np.empty(0, dtype=np.uint64)
        position = pd.Index(values["key"])
        for kind in SHARED_VALUES:
            row, key = value_entries(side, kind)
            parts.append(_lines(pd.DataFrame({"value": position.get_indexer(pd.Index(key)), "mark": marks[row]})))
        return np.unique(np.concatenate(parts))

    def _settled(self, dirty: pd.DataFrame, keys: Hashes) -> Hashes:
        """Return the values on which the unchanged holders alone show so many names that others do not count."""
        counts = dirty["value"].value_counts()
        crowded = dirty.loc[dirty["value"].isin(counts.index[counts >= SATURATED]), ["contact_id", "value"]]
        if not len(crowded):
            return np.empty(0, dtype=np.uint64)
        unchanged = self.around.only(pd.Index(crowded["contact_id"].unique(), dtype=object))
        many = saturated(Comparer(unchanged, self.rules))
        held: Hashes = distinct(keys[crowded["value"]])
        return many[among(many, held)]

    def _hot(self, comparer: Comparer, values: pd.DataFrame) -> pd.DataFrame:
        """Return type, value, reason of touched values that many share."""
        found = hot_values(comparer)
        touched = pd.MultiIndex.from_frame(found[["type", "value"]]).isin(
            pd.MultiIndex.from_frame(values[["type", "value"]])
        )
        return found.loc[touched, ["type", "value", "reason"]].reset_index(drop=True)


def _hold(contacts: Encoded, values: pd.DataFrame, row: Ints, value: Ints) -> np.ndarray:
    """Return which contacts (rows) have a value: under the number of one who has it others may be listed."""
    position, count = pd.Index(values["key"]), len(values)
    held = [np.empty(0, dtype=np.int64)]
    for kind in SHARED_VALUES:
        at, key = value_entries(contacts, kind)
        found = position.get_indexer(pd.Index(key))
        held.append(at[found >= 0] * count + found[found >= 0])
    return among(row * count + value, distinct(np.concatenate(held)))


_NO_LINES = np.empty(0, dtype=[("value", np.int64), ("mark", np.uint64)])


def _lines(frame: pd.DataFrame) -> np.ndarray:
    """Return the distinct (value, mark) lines of contacts with a name."""
    lines = np.empty(len(frame), dtype=_NO_LINES.dtype)
    lines["value"], lines["mark"] = frame["value"].to_numpy(np.int64), frame["mark"].to_numpy(np.uint64)
    return np.unique(lines[lines["mark"] > 0])


def _pairs(left: pd.Series, right: pd.Series, rule: Ints) -> pd.DataFrame:
    """Return pairs with the smaller contact_id left, and their rule's number."""
    a, b = left.to_numpy(dtype=object), right.to_numpy(dtype=object)
    swap = a > b if len(a) else np.zeros(0, dtype=bool)
    columns = {"contact_id_l": np.where(swap, b, a), "contact_id_r": np.where(swap, a, b), "rule": rule}
    return pd.DataFrame(columns)


def _distinct(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the pairs of all parts once, each with its first rule."""
    every = join_rows(parts)
    codes, names = rank_texts(np.concatenate([every[side].to_numpy(dtype=object) for side in _PAIR]))
    left, right = np.split(codes.astype(np.int64), 2)
    pairs = first_rules(left, right, every["rule"].to_numpy(np.int64), len(names))
    return pd.DataFrame({"contact_id_l": names[pairs.left], "contact_id_r": names[pairs.right], "rule": pairs.rule})
