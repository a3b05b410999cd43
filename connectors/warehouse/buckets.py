"""Entries of buckets as arrays: packed into numbers, found again, and what is left of those added and taken out."""

from collections.abc import Sequence

import numpy as np

Numbers = np.ndarray
Entries = tuple[Numbers, Numbers]  # (bucket or group, packed), or (key, member)
Row = tuple[int, int, bytes | None, bytes | None]  # bucket, generation, added, removed: packed entries of 64 bits
ENTRY_BYTES = 8
MEMBER = np.uint64(0xFFFFFFFF)  # the bits of a packed entry that tell the contact; those above are of the key


def pack(keys: Numbers, members: Numbers, bits: int, *, once: bool = False) -> tuple[Numbers, Numbers]:
    """Return (bucket, packed entry) of entries, ordered by both."""
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1]) if len(keys) else np.empty(0, dtype=bool)
    # Sorting one number is far quicker than ordering by two: the rank of the key above the member.
    lines = (np.cumsum(new) - 1).astype(np.uint64) << np.uint64(32) | members[order].astype(np.uint64)
    lines.sort()
    if once and len(lines):
        lines = lines[np.append(True, lines[1:] != lines[:-1])]
    key = ordered[new][lines >> np.uint64(32)]
    packed = (((key << np.uint64(bits)) >> np.uint64(32)) << np.uint64(32)) | (lines & MEMBER)
    return (key >> np.uint64(64 - bits)).astype(np.int64), packed


def distinct(numbers: Numbers) -> Numbers:
    """Return the numbers in order, each once; numpy's own hashes them, which takes many times as long as sorting."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def entries_of(rows: list[Row]) -> list[Entries]:
    """Return (bucket, packed) of the entries that rows add, and that they take out."""
    numbers, _, added, removed = zip(*rows, strict=True) if rows else ((), (), (), ())
    bucket = np.fromiter(numbers, dtype=np.int64, count=len(rows))
    return [_unpacked(bucket, blobs) for blobs in (added, removed)]


def _unpacked(bucket: Numbers, blobs: Sequence[bytes | None]) -> Entries:
    """Return (bucket, packed) of the entries of one side of rows."""
    held = [blob or b"" for blob in blobs]
    counts = np.fromiter(map(len, held), dtype=np.int64, count=len(held)) // ENTRY_BYTES
    return np.repeat(bucket, counts), np.frombuffer(b"".join(held), dtype=np.uint64)


def only(entries: Entries, asked: Numbers) -> Entries:
    """Return (position among the asked, packed) of the entries (bucket, packed) that are asked for, in order.

    `asked`: the first bits of keys that the index holds, in order.
    """
    bucket, packed = entries
    numbers = bucket.astype(np.uint64) << np.uint64(32) | (packed >> np.uint64(32))
    if (numbers[1:] < numbers[:-1]).any():  # later rows of buckets behind the first ones
        order = np.argsort(numbers, kind="stable")
        numbers, packed = numbers[order], packed[order]
    at, place = spans(numbers, asked)
    return at, packed[place]


def spans(numbers: Numbers, asked: Numbers) -> tuple[Numbers, Numbers]:
    """Return (position among the asked, place among the numbers) of all that are equal; both sides are in order."""
    first = np.searchsorted(numbers, asked, side="left")
    counts = np.searchsorted(numbers, asked, side="right") - first
    counts[1:][asked[1:] == asked[:-1]] = 0  # keys that differ in bits alone that the index does not hold
    at = np.repeat(np.arange(len(asked)), counts)
    inner = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    return at, np.repeat(first, counts) + inner


def net(sides: list[Entries]) -> Entries:
    """Return (group, packed) of the entries that are there after all rows: what was added less what was taken out."""
    added, lost = sides
    if not len(lost[0]):
        return added
    keep = ~_matched(added, lost)
    return added[0][keep], added[1][keep]


def _matched(entries: Entries, lost: Entries) -> Numbers:
    """Return which entries are taken out, one for each that was lost."""
    bucket = np.concatenate([entries[0], lost[0]])
    packed = np.concatenate([entries[1], lost[1]])
    is_lost = np.arange(len(bucket)) >= len(entries[0])
    order = np.lexsort((is_lost, packed, bucket))
    bucket, packed, is_lost = bucket[order], packed[order], is_lost[order]
    new = np.append(True, (bucket[1:] != bucket[:-1]) | (packed[1:] != packed[:-1]))
    group = np.cumsum(new) - 1
    debts = np.bincount(group, weights=is_lost).astype(np.int64)
    rank = np.arange(len(group)) - np.flatnonzero(new)[group]
    taken = ~is_lost & (rank < debts[group])
    result = np.zeros(len(bucket), dtype=bool)
    result[order] = taken
    return result[: len(entries[0])]


def differences(taken: Entries, added: Entries) -> tuple[Entries, Entries]:
    """Return both sides without the entries that stand on both; each entry stands once on its side."""
    keys = np.concatenate([np.asarray(side[0], dtype=np.uint64) for side in (taken, added)])
    members = np.concatenate([np.asarray(side[1], dtype=np.int64) for side in (taken, added)])
    order = np.lexsort((members, keys))
    keys, members, is_added = keys[order], members[order], order >= len(taken[0])
    same = (keys[1:] == keys[:-1]) & (members[1:] == members[:-1])
    alone = ~(np.append(False, same) | np.append(same, False))[: len(keys)]
    out, into = alone & ~is_added, alone & is_added
    return (keys[out], members[out]), (keys[into], members[into])
