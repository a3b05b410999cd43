"""What nights add to the blocking index and take out of it: rows of their own, each sorted, beside the buckets.

A night touches nearly as many buckets as it has entries, so that a row in each of them costs a page each; one row with
all of them costs a few. Readers look into every such row; now and then they become one, or go into the buckets.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from connectors.warehouse.buckets import MEMBER, Entries, Numbers, Row, net, spans

RUN = -2  # the bucket whose rows are runs
_BYTES = 12  # of an entry: 64 bits of the first bits of its key, then, after those of all others, 32 of the contact
_LOW = np.uint64(32)


def run_row(number: int, added: Entries, taken: Entries) -> Row:
    """Return the row of a run; each side: the first bits of the keys that the index holds, and members."""
    return RUN, number, _written(*added), _written(*taken)


def run_sides(rows: Iterable[Row]) -> list[Entries]:
    """Return (bucket, packed) of the entries that runs add, and of those that they take out, by bucket."""
    sides = []
    for number, member in _joined(rows):
        order = np.argsort(number)
        sides.append(((number[order] >> _LOW).astype(np.int64), _packed(number[order], member[order])))
    return sides


def run_matches(row: Row, asked: Numbers) -> list[Entries]:
    """Return (position among the asked, packed) of the entries that a run adds, and of those that it takes out.

    `asked`: the first bits of keys, in order.
    """
    sides = []
    for number, member in map(_read, row[2:]):
        at, place = spans(number, asked)
        sides.append((at, _packed(number[place], member[place])))
    return sides


def merge_runs(number: int, rows: Sequence[Row]) -> Row:
    """Return one run that does what several did, whichever came first."""
    (added, member), (taken, lost) = _joined(rows)
    keys, group = np.unique(np.concatenate([added, taken]), return_inverse=True)
    sides = ((group[: len(added)], member.astype(np.uint64)), (group[len(added) :], lost.astype(np.uint64)))
    stay, go = net([*sides]), net([*sides[::-1]])
    return run_row(number, *((keys[at], held) for at, held in (stay, go)))


def count_entries(rows: Iterable[Row]) -> int:
    """Return how many entries runs have, on both sides."""
    return sum(len(blob or b"") for row in rows for blob in row[2:]) // _BYTES


def _packed(number: Numbers, member: Numbers) -> Numbers:
    """Return entries as buckets hold them: the bits of the key that do not choose the bucket, above the member."""
    packed: Numbers = (number & MEMBER) << _LOW | member
    return packed


def _written(number: Numbers, member: Numbers) -> bytes | None:
    """Return entries as bytes, in order of their numbers; None for none."""
    if not len(number):
        return None
    order = np.argsort(number)
    return number[order].astype(np.uint64).tobytes() + member[order].astype(np.uint32).tobytes()


def _read(blob: bytes | None) -> Entries:
    """Return the numbers and members of one side of a run."""
    blob = blob or b""
    count = len(blob) // _BYTES
    return np.frombuffer(blob, np.uint64, count), np.frombuffer(blob, np.uint32, count, offset=8 * count)


def _joined(rows: Iterable[Row]) -> list[Entries]:
    """Return the numbers and members that runs add, and those that they take out."""
    read = [[_read(blob) for blob in row[2:]] for row in rows]
    return [
        (np.concatenate([one[side][0] for one in read]), np.concatenate([one[side][1] for one in read]))
        for side in (0, 1)
    ]
