"""Keys by which a contact is found again without the others: what the warehouse's blocking index holds.

Blocking looks at all contacts at once and drops keys that nobody shares; an index cannot know that. So every key is
given, whether or not anyone shares it. Where a rule follows a key only if one kind of holder is among them (a mailbox
that spells a name, a number without area code), those holders are listed a second time, as witnesses of the key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Hashes, Ints, Ragged, hash_text, mix
from resolve.link.block import ROW_BITS
from resolve.link.encode import Encoded
from resolve.link.keys import cross_values, key_values, spelled_names
from resolve.link.local_numbers import LONGEST, SHORTEST, is_local
from resolve.link.rules import BlockingRule, LinkRules

WITNESSED = ("name_letters", "local_number")
SHARED_VALUES = {"email": "email_keys", "phone": "phone_keys"}
HASH_BITS = 32  # of a contact, all that the index has room for: among a million a hundred pairs share a number
_WITNESS = "witness"

Parts = tuple[Ints, Hashes, Bools]


@dataclass(frozen=True, slots=True)
class IndexKeys:
    """Keys of contacts, each once a contact and rule, sorted by contact: `row`, number of the `rule`, `key`.

    `witness` is the key under which the witnesses of `key` are listed, 0 where the rule needs none; `is_witness` marks
    contacts that are one. `hot` marks keys that the model never pairs; they are not in the index.
    """

    row: Ints
    rule: Ints
    key: Hashes
    witness: Hashes
    is_witness: Bools
    hot: Bools

    def entries(self) -> tuple[Ints, Hashes]:
        """Return (contact, key) of everything that the index lists, each once."""
        use = ~self.hot
        seen = use & self.is_witness
        row = np.concatenate([self.row[use], self.row[seen]])
        key = np.concatenate([self.key[use], self.witness[seen]])
        return distinct_entries(row, key)


def distinct_entries(row: Ints, key: Hashes) -> tuple[Ints, Hashes]:
    """Return (row, key) pairs each once, sorted by row, then key."""
    order = np.lexsort((key, row))
    row, key = row[order], key[order]
    new = np.append(True, (row[1:] != row[:-1]) | (key[1:] != key[:-1])) if len(row) else np.zeros(0, dtype=bool)
    return row[new], key[new]


def can_index(rules: LinkRules) -> bool:
    """Return whether pairs of these rules can be found by an index: all that depends on the whole set is frozen.

    A witnessed key stands alone in its rule.
    """
    frozen = all(rule.name in rules.hot for rule in rules.blocking)
    alone = all(len(rule.keys) == 1 or not set(rule.keys) & set(WITNESSED) for rule in rules.blocking)
    return frozen and alone and rules.sizes.records is not None and bool(rules.frequencies)


def open_rules(rules: LinkRules, contacts: int) -> bool:
    """Return whether a rule without keys pairs all of so many contacts."""
    return any(
        not rule.keys and contacts <= 2 * rule.cap and not len(rules.hot.get(rule.name, ())) for rule in rules.blocking
    )


def index_keys(contacts: Encoded, rules: LinkRules) -> IndexKeys:
    """Return the keys of every contact under every rule that has key names."""
    parts = []
    for number, rule in enumerate(rules.blocking):
        if not rule.keys:
            continue
        row, key, seen, hot = _rule_keys(contacts, rule, rules)
        needs = rule.keys[0] in WITNESSED
        witness = mix(key ^ salt((_WITNESS,))) if needs else np.zeros(len(key), dtype=np.uint64)
        order = np.lexsort((~seen, key, row))  # a contact that is a witness of its key counts as one
        row, key = row[order], key[order]
        new = np.append(True, (row[1:] != row[:-1]) | (key[1:] != key[:-1])) if len(row) else np.zeros(0, dtype=bool)
        at = order[new]
        parts.append((row[new], np.full(len(at), number), key[new], witness[at], seen[at] & needs, hot[at]))
    return IndexKeys(*(np.concatenate([p[i] for p in parts]) for i in range(6)))


def _rule_keys(contacts: Encoded, rule: BlockingRule, rules: LinkRules) -> tuple[Ints, Hashes, Bools, Bools]:
    """Return (contact, key, is a witness, is hot) under one rule; an entry may stand twice."""
    row, raw, seen = _FREE[rule.keys[0]](contacts) if rule.keys[0] in _FREE else _values(contacts, rule.keys)
    return (
        row,
        mix(raw ^ salt(rule.keys)),
        seen,
        _is_hot(raw, np.asarray(rules.hot.get(rule.name, ()), dtype=np.uint64)),
    )


def _is_hot(raw: Hashes, hot: Hashes) -> Bools:
    """Return which keys the model never pairs."""
    if not len(hot):
        return np.zeros(len(raw), dtype=bool)
    ordered, frozen = np.sort(hot), raw >> np.uint64(ROW_BITS)
    at = np.minimum(np.searchsorted(ordered, frozen), len(ordered) - 1)
    return np.asarray(ordered[at] == frozen)


def all_entries(contacts: Encoded, rules: LinkRules) -> Iterator[tuple[Ints, Hashes]]:
    """Yield (contact, key) of everything that the index lists of the rules, part by part; an entry may stand twice."""
    for rule in rules.blocking:
        if rule.keys:
            row, key, seen, hot = _rule_keys(contacts, rule, rules)
            yield row[~hot], key[~hot]
            if rule.keys[0] in WITNESSED:
                yield row[seen & ~hot], mix(key[seen & ~hot] ^ salt((_WITNESS,)))


def named_keys(kind: str, values: pd.Series) -> Hashes:
    """Return keys of values that stand for themselves, such as the contact that a record was merged into."""
    return np.asarray(mix(hash_values(values) ^ salt((kind,))))


def hash_values(values: pd.Series) -> Hashes:
    """Return the hash of each text as columns have it."""
    return mix(hash_text(pa.array(values, type=pa.string(), from_pandas=True))[0])


def contact_hashes(ids: pd.Series) -> Ints:
    """Return the number (of HASH_BITS) under which the index lists each contact_id; two contacts may share one."""
    return np.asarray(hash_values(ids) >> np.uint64(64 - HASH_BITS)).astype(np.int64)


def salt(keys: tuple[str, ...]) -> Hashes:
    """Return what tells the keys of one rule from those of another, shape (1,)."""
    return mix(hash_text(pa.array(["|".join(keys)]))[0] + np.uint64(1))


def _values(contacts: Encoded, keys: tuple[str, ...]) -> Parts:
    """Return (contact, hash, False) of the values of a rule, whether or not two contacts share them."""
    lists = key_values(contacts, keys[0])
    for name in keys[1:]:
        lists = cross_values(lists, key_values(contacts, name))
    return _flat(lists, is_witness=False)


def _flat(lists: Ragged, *, is_witness: bool) -> Parts:
    """Return (contact, hash, is a witness) of every element of lists."""
    row = np.repeat(np.arange(len(lists.counts)), lists.counts)
    return row, lists.values.view(np.uint64), np.full(len(row), is_witness)


def _letters(contacts: Encoded) -> Parts:
    """Return the letters of mailboxes, the witnesses, and all ways to spell the names."""
    mailboxes, ways = spelled_names(contacts)
    parts = [_flat(mailboxes, is_witness=True), *(_flat(way, is_witness=False) for way in ways)]
    row, raw, seen = (np.concatenate([p[i] for p in parts]) for i in range(3))
    return row, raw, seen.astype(bool)


def _numbers(contacts: Encoded) -> Parts:
    """Return numbers without area code, the witnesses, and all endings of full numbers that could be one."""
    lists = contacts.lists("phones")
    texts, codes = lists.values.values, lists.lists.values
    local = is_local(texts)
    at, full = np.flatnonzero(local[codes]), np.flatnonzero(~local[codes])
    parts = [(lists.owners[at], mix(hash_text(texts)[0])[codes[at]])]
    for length in range(SHORTEST, LONGEST + 1):
        ending = mix(hash_text(pc.utf8_slice_codeunits(texts, -length, None))[0])
        parts.append((lists.owners[full], ending[codes[full]]))
    row, raw = (np.concatenate([p[i] for p in parts]) for i in range(2))
    return row, raw, np.arange(len(row)) < len(at)


_FREE: dict[str, Callable[[Encoded], Parts]] = {"name_letters": _letters, "local_number": _numbers}
