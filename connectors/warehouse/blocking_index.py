"""The blocking index: which contacts have a key, in buckets of packed numbers instead of forty rows a contact.

A key is 64 bits, a contact the 32 bits of its hash. The first bits of the key choose the bucket, the next 32 stand in
it beside the contact. Each run appends one small row to the buckets it touches: what it adds and what it takes out;
readers net them. Now and then a run makes one row of each bucket it touches; a full run writes all of them anew.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from connectors.warehouse.asked import among
from connectors.warehouse.buckets import MEMBER, Numbers, Row, differences, distinct, entries_of, net, only, pack
from connectors.warehouse.bulk import all_rows, insert_rows, stored
from connectors.warehouse.cells import rows_of
from connectors.warehouse.copying import copy_rows
from connectors.warehouse.staging_file import copy_twin
from connectors.warehouse.tables import METADATA

PER_BUCKET = 32  # entries of a bucket on a full run
MOST_PARTS = 8  # every so many runs the buckets that a run touches become one row each
LAYOUT = -1  # the bucket whose `added` is the number of bits that choose a bucket
SLICE_BITS = 4  # a full index is sorted and written in so many parts as these bits tell apart
_ROWS = 50_000

INDEX_TABLE = sa.Table(
    "blocking_index",
    METADATA,
    sa.Column("bucket", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("generation", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("added", sa.LargeBinary()),
    sa.Column("removed", sa.LargeBinary()),
    comment="Which contacts have a blocking key, packed; Meibo's own, rebuilt by every full run.",
    sqlite_with_rowid=False,
)
Slices = list[list[tuple[Numbers, Numbers]]]  # of (key, member): one list for each value of the first bits of a key


def slice_entries(parts: Iterable[tuple[Numbers, Numbers]]) -> Slices:
    """Return the entries of parts of (key, member) by the first bits of their keys; it needs no connection."""
    slices: Slices = [[] for _ in range(1 << SLICE_BITS)]
    for keys, members in parts:
        first = (keys >> np.uint64(64 - SLICE_BITS)).astype(np.uint8)
        order = np.argsort(first, kind="stable")
        ends = np.cumsum(np.bincount(first, minlength=len(slices)))[:-1]
        mine = np.split(keys[order], ends), np.split(members[order].astype(np.uint32), ends)
        for entries, key, member in zip(slices, *mine, strict=True):
            entries.append((key, member))
    return slices


def packed_parts(slices: Slices) -> Iterator[pa.Table]:
    """Yield the rows of a whole index, slice by slice, which are emptied on the way; what stands twice counts once."""
    count = sum(len(keys) for entries in slices for keys, _ in entries)
    bits = max(int(np.ceil(np.log2(max(count / PER_BUCKET, 1)))), SLICE_BITS)
    layout = np.array([LAYOUT]), np.frombuffer(bits.to_bytes(1, "big"), dtype=np.uint8)
    yield _bucket_rows(*layout, 0)
    for entries in slices:
        if entries:
            keys, members = (np.concatenate(arrays) for arrays in zip(*entries, strict=True))
            entries.clear()
            yield _bucket_rows(*pack(keys, members, bits, once=True), 0)


def write_index(conn: sa.Connection, slices: Slices) -> None:
    """Write the whole index anew."""
    conn.execute(sa.delete(INDEX_TABLE))
    for rows in packed_parts(slices):
        _insert(conn, rows)


def copy_index(conn: sa.Connection, twin: sa.Table) -> None:
    """Write the whole index anew, from a twin of its table that holds the rows of `packed_parts`."""
    conn.execute(sa.delete(INDEX_TABLE))
    copy_twin(conn, twin)


def _insert(conn: sa.Connection, rows: pa.Table) -> None:
    """Insert rows of the index."""
    if conn.dialect.name == "postgresql":
        copy_rows(conn, INDEX_TABLE, rows)
        return
    for start in range(0, rows.num_rows, _ROWS):
        insert_rows(conn, INDEX_TABLE, rows_of(rows.slice(start, _ROWS)))


def _bucket_rows(bucket: Numbers, packed: Numbers, generation: int) -> pa.Table:
    """Return one row a bucket; the entries are ordered by bucket."""
    starts = np.flatnonzero(np.append(True, bucket[1:] != bucket[:-1])) if len(bucket) else np.empty(0, dtype=int)
    ends = np.append(starts, len(packed)).astype(np.int64) * packed.itemsize
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(packed))]
    added = pa.Array.from_buffers(pa.large_binary(), len(starts), buffers)
    numbers = {"bucket": bucket[starts].astype(np.int64), "generation": np.full(len(starts), generation)}
    return pa.table(numbers | {"added": added, "removed": pa.nulls(len(starts), pa.large_binary())})


def has_index(conn: sa.Connection) -> bool:
    """Return whether an index was written."""
    return _bits(conn) is not None


def _bits(conn: sa.Connection) -> int | None:
    """Return how many bits choose a bucket."""
    found = conn.execute(sa.select(INDEX_TABLE.c.added).where(INDEX_TABLE.c.bucket == LAYOUT)).scalar()
    return None if found is None else int.from_bytes(bytes(found), "big")


def find_members(conn: sa.Connection, keys: Numbers) -> tuple[Numbers, Numbers]:
    """Return (position among the keys, member) of every entry under the keys, which are sorted and distinct."""
    bits = _bits(conn)
    if bits is None or not len(keys):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    wanted = (keys >> np.uint64(64 - bits)).astype(np.int64)
    buckets = distinct(wanted)
    # One number for bucket (by rank) and the rest of the key; both sides are small enough for 64 bits.
    asked = np.searchsorted(buckets, wanted).astype(np.uint64) << np.uint64(32)
    asked |= (keys << np.uint64(bits)) >> np.uint64(32)
    at, packed = net([only(part, asked) for part in entries_of(_load(conn, buckets), buckets)])
    return at, (packed & MEMBER).astype(np.int64)


def _load(conn: sa.Connection, buckets: Numbers) -> list[Row]:
    """Return the rows of buckets."""
    columns = [stored(INDEX_TABLE.c[name]) for name in ("bucket", "generation", "added", "removed")]
    rows: list[Row] = []
    for part in np.array_split(buckets, max(len(buckets) // _ROWS, 1)):
        query = sa.select(*columns).where(among(conn, INDEX_TABLE.c.bucket, part.tolist()))
        rows += all_rows(conn.execute(query))
    return rows


def append_index(conn: sa.Connection, taken: tuple[Numbers, Numbers], added: tuple[Numbers, Numbers]) -> None:
    """Append what a run takes out and adds, each (key, member); buckets of many rows become one."""
    bits = _bits(conn)
    if bits is None:
        return
    taken, added = differences(taken, added)
    (gone_bucket, gone), (new_bucket, new) = pack(*taken, bits), pack(*added, bits)
    buckets = distinct(np.concatenate([gone_bucket, new_bucket]))
    if not len(buckets):
        return
    last = int(conn.scalar(sa.select(sa.func.max(INDEX_TABLE.c.generation)).where(INDEX_TABLE.c.bucket == LAYOUT)) or 0)
    marked = sa.update(INDEX_TABLE).where(INDEX_TABLE.c.bucket == LAYOUT).values(generation=last + 1)
    conn.execute(marked)
    slices = []
    for bucket, packed in ((new_bucket, new), (gone_bucket, gone)):
        first, end = (np.searchsorted(bucket, buckets, side=side) * 8 for side in ("left", "right"))
        slices.append((packed.tobytes(), first.tolist(), end.tolist()))
    (add, add_first, add_end), (drop, drop_first, drop_end) = slices
    rows = [
        (number, last + 1, add[add_first[i] : add_end[i]] or None, drop[drop_first[i] : drop_end[i]] or None)
        for i, number in enumerate(buckets.tolist())
    ]
    for start in range(0, len(rows), _ROWS):
        insert_rows(conn, INDEX_TABLE, rows[start : start + _ROWS])
    if (last + 1) % MOST_PARTS == 0:
        _compact(conn, buckets, last + 1)


def _compact(conn: sa.Connection, buckets: Numbers, generation: int) -> None:
    """Make one row of each of the buckets that has several."""
    rows = _load(conn, buckets)
    numbers, counts = np.unique([row[0] for row in rows], return_counts=True)
    several = set(numbers[counts > 1].tolist())
    whole = np.array(sorted(several), dtype=np.int64)
    place, packed = net(entries_of([row for row in rows if row[0] in several], whole))
    bucket, order = whole[place], np.lexsort((packed, place))
    for part in np.array_split(whole, max(len(whole) // _ROWS, 1)):
        conn.execute(sa.delete(INDEX_TABLE).where(among(conn, INDEX_TABLE.c.bucket, part.tolist())))
    _insert(conn, _bucket_rows(bucket[order], packed[order], generation))
