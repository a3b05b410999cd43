"""What the blocking index lists of a contact: its blocking keys, its shared values, and where it was merged into."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from resolve.golden.reach import main_emails, main_phones
from resolve.link.arrays import Bools, Hashes, Ints, mix
from resolve.link.encode import Encoded
from resolve.link.index_keys import (
    SHARED_VALUES,
    IndexKeys,
    all_entries,
    contact_hashes,
    distinct_entries,
    index_keys,
    named_keys,
    salt,
)
from resolve.link.neighbour_keys import Entries
from resolve.link.rules import LinkRules
from resolve.schema.rows import join_rows

MAIN = {"email": "main email", "phone": "main phone"}
MERGED = "merged into"


def index_entries(contacts: Encoded, rules: LinkRules, keys: IndexKeys | None = None) -> Entries:
    """Return the entries of the index for contacts; `keys` are those of `index_keys`, if at hand."""
    row, key = (keys or index_keys(contacts, rules)).entries()
    rows, found = [row], [key]
    for at, hashes in [*(value_entries(contacts, kind) for kind in SHARED_VALUES), *_singles(contacts.frame)]:
        rows.append(at)
        found.append(hashes)
    row, key = distinct_entries(np.concatenate(rows), np.concatenate(found))
    return Entries(key, contact_hashes(pd.Series(contacts.ids, dtype=object))[row])


def whole_index(contacts: pd.DataFrame | Encoded, rules: LinkRules) -> Iterator[tuple[Hashes, Ints]]:
    """Yield (key, member) of everything that the index lists of CONTACTS, encoded or not; an entry may stand twice."""
    encoded = contacts if isinstance(contacts, Encoded) else Encoded(contacts)
    member = contact_hashes(pd.Series(encoded.ids, dtype=object))
    values = (value_entries(encoded, kind) for kind in SHARED_VALUES)
    for row, key in chain(all_entries(encoded, rules), values, _singles(encoded.frame)):
        yield key, member[row]


def value_entries(contacts: Encoded, kind: str) -> tuple[Ints, Hashes]:
    """Return (contact, key) of the values of a kind that several contacts may share."""
    lists = contacts.lists(SHARED_VALUES[kind])
    return lists.owners, mix(lists.values.hashes[lists.lists.values] ^ salt((kind,)))


def main_values(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return contact (row), kind, value and key of the main mailbox and number of each of CONTACTS."""
    parts = []
    for kind, main in (("email", main_emails), ("phone", main_phones)):
        values = main(contacts)["key"].reset_index(drop=True)
        row = np.flatnonzero(values.notna().to_numpy())
        keys = named_keys(MAIN[kind], values.iloc[row])
        parts.append(pd.DataFrame({"contact": row, "kind": kind, "value": values.iloc[row].to_numpy(), "key": keys}))
    return join_rows(parts)


def _singles(contacts: pd.DataFrame) -> list[tuple[Ints, Hashes]]:
    """Return (contact, key) of main values, and of the contact that a record was merged into."""
    main = main_values(contacts)
    target = contacts["merged_into"].reset_index(drop=True)
    held: Bools = target.notna().to_numpy()
    merged = named_keys(MERGED, target[held])
    return [(main["contact"].to_numpy(np.int64), main["key"].to_numpy(np.uint64)), (np.flatnonzero(held), merged)]
