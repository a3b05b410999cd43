"""The contacts around a change, loaded as they are needed, and pairs of them scored as among all contacts.

A weight depends on its two contacts, the model, and how many names share a value that both have: so everyone who has
such a value is loaded before a pair is scored.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from resolve.increment.rows import text_table
from resolve.increment.stored import Stored
from resolve.link.arrays import Hashes, Ints, Ragged, inner_positions, mix
from resolve.link.block import CHUNK_PAIRS, Pairs
from resolve.link.columns_read import columns_read
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.engine import encode_named, score_pairs
from resolve.link.index_keys import SHARED_VALUES, contact_hashes, salt
from resolve.link.neighbour_keys import KeyBook
from resolve.link.rules import LinkRules
from resolve.link.workers import in_turn
from resolve.schema import empty, frames
from resolve.sets import among, distinct, joined, without

_PAIR = ["contact_id_l", "contact_id_r"]
MOST_HOLDERS = 2_000  # holders of one value that are loaded first, by their hash; all where these have few names
SATURATED = 50  # distinct names on a value from which on a few more or less change nothing
NAME_COLUMNS = ["name_key", "reading_source"] + [
    f"{side}_{field}" for side in ("family", "given") for field in ("key", "variants", "readings", "script")
]


class Neighbourhood:
    """Texts of contacts as they are after the change, by contact_id, as far as linking reads them; grows on demand."""

    def __init__(
        self, stored: Stored, rules: LinkRules, changed: pd.DataFrame, gone: pd.Index, workers: int = 1
    ) -> None:
        """Start with the changed contacts; those that are gone are never loaded again. Score in `workers` threads."""
        self._stored, self.rules, self._changed, self._workers = stored, rules, changed, workers
        self._columns = columns_read(rules)
        self._parts = [text_table(changed, self._columns)]
        self._ids = pd.Index(changed["contact_id"], dtype=object)
        self._never = gone.union(self._ids)
        self._hashes: Ints = np.empty(0, dtype=np.int64)  # looked up already
        self._whole: Hashes = np.empty(0, dtype=np.uint64)  # values all of whose holders are here
        self._numbers: tuple[Ints, np.ndarray] | None = None  # hashes of the unchanged in order, and their ids
        self._encoded: Encoded | None = None  # everyone who is here

    @property
    def bodies(self) -> pa.Table:
        """The texts of everyone loaded."""
        if len(self._parts) > 1:
            names = self._parts[0].column_names
            self._parts = [pa.concat_tables(part.select(names) for part in self._parts).combine_chunks()]
        return self._parts[0]

    def load(self, ids: pd.Index) -> None:
        """Load contacts by id."""
        missing = ids[~ids.isin(self._ids) & ~ids.isin(self._never)]
        if len(missing):
            self._add(self._stored.texts("contact_id", missing.tolist(), self._columns))

    def load_hashed(self, hashes: Ints) -> None:
        """Load contacts by hash; the changed ones are not taken from the last run."""
        missing = without(hashes, self._hashes)
        if len(missing):
            self._hashes = joined(self._hashes, missing)
            self._add(self._stored.texts("contact_hash", missing.tolist(), self._columns))

    def _add(self, contacts: pa.Table) -> None:
        """Take in contacts that are not here yet."""
        ids = pd.Index(contacts["contact_id"].to_numpy(), dtype=object)
        new = ~ids.isin(self._never) & ~ids.isin(self._ids)
        if new.any():
            self._parts.append(contacts.filter(pa.array(new)))
            self._ids = self._ids.append(ids[new])
            self._numbers = self._encoded = None

    def load_holders(self, book: KeyBook, keys: Hashes) -> None:
        """Load those who have the values of some keys; of very common ones a part, unless that shows too few names."""
        new = without(keys, self._whole)
        book.look_up(new)
        at, member = book.who(new)
        order = np.lexsort((member, at))
        at, member = at[order], member[order]
        rank = np.arange(len(at)) - np.searchsorted(at, at)
        self.load_hashed(member[rank < MOST_HOLDERS])
        common = distinct(at[rank >= MOST_HOLDERS])
        if len(common):
            few = self._few_names(new[common], member[among(at, common) & (rank < MOST_HOLDERS)])
            self.load_hashed(member[among(new[at], few)])
        self._whole = joined(self._whole, new)

    def _few_names(self, keys: Hashes, members: Ints) -> Hashes:
        """Return those of the values on which the holders with these hashes do not show enough names."""
        _, ids = self.of_hashes(distinct(members))
        many = saturated(Comparer(self.only(pd.Index(ids.unique(), dtype=object)), self.rules))
        return without(keys, many)

    def encode(self, ids: pd.Index) -> Encoded:
        """Return the given contacts, as far as they live, ready for linking, loading those that are missing."""
        self.load(ids)
        return self._everyone() if self._are_most(ids) else self.only(ids)  # the others do no harm

    def _are_most(self, ids: pd.Index) -> bool:
        """Return whether contacts are more than half of those that are here."""
        return 2 * len(ids) > len(self._ids)

    def _everyone(self) -> Encoded:
        """Return all who are here, ready for linking."""
        if self._encoded is None:
            self._encoded = Encoded(self.bodies)
        return self._encoded

    def only(self, ids: pd.Index) -> Encoded:
        """Return those of the given contacts that are loaded, and nobody else, ready for linking."""
        return Encoded(self.bodies.filter(pa.array(self._ids.isin(ids))))

    def of_hashes(self, hashes: Ints) -> tuple[Ints, pd.Series]:
        """Return (position among the hashes, contact_id) of loaded, unchanged contacts with each hash."""
        ordered, ids = self._numbered()
        first = np.searchsorted(ordered, hashes, side="left")
        counts = np.searchsorted(ordered, hashes, side="right") - first
        at = np.repeat(np.arange(len(hashes)), counts)
        return at, pd.Series(ids[np.repeat(first, counts) + inner_positions(counts)], dtype=object)

    def namesakes(self) -> pd.Index:
        """Return the loaded, unchanged contacts whose hash another of them has as well."""
        ordered, ids = self._numbered()
        same = np.append(False, ordered[1:] == ordered[:-1])[: len(ordered)]
        return pd.Index(ids[same | np.append(same[1:], False)[: len(same)]], dtype=object)

    def _numbered(self) -> tuple[Ints, np.ndarray]:
        """Return the hashes of the loaded, unchanged contacts in order, and their ids."""
        if self._numbers is None:
            ids = self._ids[~self._ids.isin(self._never)].to_numpy()
            mine = contact_hashes(pd.Series(ids, dtype=object))
            order = np.argsort(mine, kind="stable")
            self._numbers = mine[order], ids[order]
        return self._numbers

    def score(self, pairs: pd.DataFrame, book: KeyBook, floor: float) -> pd.DataFrame:
        """Score pairs (contact_id_l, contact_id_r, rule as a number, -1 for listed): SCORED_PAIRS at or above `floor`.

        The pairs are distinct, the smaller contact_id is left.
        """
        if not len(pairs):
            return empty(frames.SCORED_PAIRS)
        ids = pd.Index(pd.concat([pairs[side] for side in _PAIR]).unique(), dtype=object)
        encoded = self._with_holders(ids, pairs, book)
        left, right = _rows(encoded, pairs)
        rule = pairs["rule"].to_numpy(np.int64)
        order = np.lexsort((right, left))
        chunk = CHUNK_PAIRS // self._workers
        comparer = Comparer(encoded, self.rules)
        if self._workers > 1:
            encode_named(encoded, self.rules, self._workers)
            comparer.prepare(self._workers)
        found = in_turn(
            lambda part: score_pairs(comparer, Pairs(left[part], right[part], rule[part]), floor),
            np.split(order, range(chunk, len(order), chunk)),
            self._workers,
        )
        return pd.concat(found, ignore_index=True)

    def _with_holders(self, ids: pd.Index, pairs: pd.DataFrame, book: KeyBook) -> Encoded:
        """Return the contacts of pairs and all who share with them a value that two of a pair have in common.

        Whoever has a value of a changed contact was loaded with it.
        """
        if self._are_most(ids):
            self.load(ids)
            changed = self._changed["contact_id"]
            apart = pairs[~np.any([pairs[side].isin(changed) for side in _PAIR], axis=0)]
            if len(apart):
                some = self.only(pd.Index(pd.concat([apart[side] for side in _PAIR]).unique(), dtype=object))
                self.load_holders(book, shared_values(some, *_rows(some, apart)))
            return self._everyone()
        encoded = self.encode(ids)
        keys = shared_values(encoded, *_rows(encoded, pairs))
        self.load_holders(book, keys)
        _, member = book.who(keys)
        holders = pd.Index(self.of_hashes(distinct(member))[1].unique(), dtype=object)
        # of the changed ones, who had their values looked up with the others
        everyone = pd.Index([*holders, *self._changed["contact_id"]], dtype=object)
        missing = everyone[~everyone.isin(encoded.ids)]
        return self.encode(pd.Index([*encoded.ids, *missing], dtype=object)) if len(missing) else encoded


def saturated(comparer: Comparer) -> Hashes:
    """Return the keys of mailboxes and numbers with so many names that more would change nothing, in order."""
    found = [np.empty(0, dtype=np.uint64)]
    for kind, column in SHARED_VALUES.items():
        if comparer.contacts.has(column):
            many = comparer.sharing(column).names >= SATURATED
            found.append(mix(comparer.contacts.lists(column).values.hashes[many] ^ salt((kind,))))
    return distinct(np.concatenate(found))


def shared_values(contacts: Encoded, left: Ints, right: Ints) -> Hashes:
    """Return the keys of mailboxes and numbers that both contacts of some pair have."""
    found = [np.empty(0, dtype=np.uint64)]
    for kind, column in SHARED_VALUES.items():
        values = contacts.lists(column)
        common = _common(values.lists, left, right)
        found.append(mix(values.values.hashes[common] ^ salt((kind,))))
    return distinct(np.concatenate(found))


def _common(lists: Ragged, left: Ints, right: Ints) -> Ints:
    """Return the values that stand in the lists of both rows of some pair."""
    (at_l, value_l), (at_r, value_r) = lists.take(left), lists.take(right)
    width = np.int64(max(int(lists.values.max(initial=0)) + 1, 1))
    return distinct(value_l[among(at_l * width + value_l, np.sort(at_r * width + value_r))])


def _rows(contacts: Encoded, pairs: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the rows of both sides of pairs."""
    index = pd.Index(contacts.ids)
    left, right = (index.get_indexer(pd.Index(pairs[side])) for side in _PAIR)
    return left.astype(np.int64), right.astype(np.int64)


def name_marks(contacts: Encoded) -> Hashes:
    """Return one number for the name of each contact, 0 for those without one; equal names have equal numbers."""
    marks: Hashes = np.zeros(len(contacts), dtype=np.uint64)
    for name in NAME_COLUMNS:
        column = contacts.text(name)
        marks = mix(marks * np.uint64(3) + np.append(column.hashes, np.uint64(0))[column.codes])
    nameless = np.all([contacts.text(name).codes < 0 for name in ("name_key", "family_key", "given_key")], axis=0)
    return np.where(nameless, np.uint64(0), np.maximum(marks, np.uint64(1)))
