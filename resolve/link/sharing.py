"""How many people use a mailbox or number: the distinct names on each value, for fading and the list of hot values."""

from dataclasses import dataclass

import numpy as np

from resolve.link.arrays import Bools, Ints, Levels, combine
from resolve.link.encode import Encoded, ListColumn
from resolve.link.keys import key_values

SHARED_LEVEL = 4  # the last level of an equal value: 4 or more other names, or a role

FAMILY_LEVEL = 3  # the mailbox of a family has other names, whether or not they are among the contacts


@dataclass(frozen=True, slots=True)
class Sharing:
    """Names on each value of a list column.

    `name[entry]` is the name of the contact that holds the entry, as a number within its value, -1 without a name;
    `names[value]` counts the distinct names on a value; `role[value]` marks values that never belong to one person.
    """

    values: Ints
    name: Ints
    names: Ints
    role: Bools
    least: Levels

    def levels(self, left: Ints, right: Ints) -> Levels:
        """Return the level (1 to 4) of pairs of entries with the same value: by 0, 1, 2-3, 4 or more other names."""
        a, b = self.name[left], self.name[right]
        own = (a >= 0).astype(np.int64) + ((b >= 0) & (b != a))
        value = self.values[left]
        levels = 1 + np.digitize(self.names[value] - own, (1, 2, 4))
        levels[self.role[value]] = SHARED_LEVEL
        return np.asarray(np.maximum(levels, self.least[value]), dtype=np.uint8)


def count_sharing(contacts: Encoded, lists: ListColumn, role: Bools, family: Bools) -> Sharing:
    """Count the distinct names on each value; names with a form in common (a reading, a nickname) are one name.

    `role`, `family`: which values belong to a role, to a household.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    values, owners = lists.lists.values, lists.owners
    least = np.where(family, FAMILY_LEVEL, 1).astype(np.uint8)
    size = len(lists.values.values)
    counts = np.bincount(values, minlength=size)
    name = np.full(len(values), -1, dtype=np.int64)
    keys = key_values(contacts, "name")
    entries = np.flatnonzero((counts[values] > 1) & (keys.counts[owners] > 0))
    if not len(entries):
        return Sharing(values, name, np.zeros(size, dtype=np.int64), role, least)
    at, form = keys.take(owners[entries])
    _, form = np.unique(form, return_inverse=True)
    node, _ = combine([values[entries][at], form])
    total = len(entries) + int(node.max()) + 1
    graph = coo_array((np.ones(len(at), dtype=np.int8), (at, len(entries) + node)), shape=(total, total))
    _, component = connected_components(graph, directed=False)
    name[entries] = component[: len(entries)]
    _, first = np.unique(name[entries], return_index=True)  # a component never spans two values
    return Sharing(values, name, np.bincount(values[entries][first], minlength=size).astype(np.int64), role, least)
