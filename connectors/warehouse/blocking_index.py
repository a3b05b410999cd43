"""The blocking index: which contacts have a key, in buckets of packed numbers instead of forty rows a contact.

A key is 64 bits, a contact the 32 bits of its hash. The first bits of the key choose the bucket, the next 32 stand in
it beside the contact. A run appends one row with all that it adds and takes out; readers net them. Once these rows hold
much, beside the buckets, they go into them; a full run writes everything anew.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from connectors.warehouse.asked import among
from connectors.warehouse.buckets import (
    MEMBER,
    Entries,
    Numbers,
    Row,
    differences,
    distinct,
    entries_of,
    net,
    only,
    pack,
)
from connectors.warehouse.bulk import all_rows, insert_rows, stored
from connectors.warehouse.cells import rows_of
from connectors.warehouse.copying import copy_rows
from connectors.warehouse.index_runs import RUN, count_entries, merge_runs, run_matches, run_row, run_sides
from connectors.warehouse.staging_file import copy_twin
from connectors.warehouse.tables import METADATA

PER_BUCKET = 32  # entries of a bucket on a full run
MOST_RUNS = 8  # more become one
FULL_SHARE = 1 / 8  # of the entries of a full run; runs that hold more go into the buckets,
MOST_ENTRIES = 10_000_000  # and so do those that hold more than this: no value of a row grows beyond 120 MB
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
_ROW = [stored(INDEX_TABLE.c[name]) for name in ("bucket", "generation", "added", "removed")]
_NO_RUNS = sa.delete(INDEX_TABLE).where(INDEX_TABLE.c.bucket == RUN)
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
    asked = _held(keys, bits)
    rows = _load(conn, distinct((asked >> np.uint64(32)).astype(np.int64)))
    whole = [only(side, asked) for side in entries_of(rows)]
    at, packed = net(_chained([whole, *(run_matches(run, asked) for run in _load_runs(conn))]))
    return at, (packed & MEMBER).astype(np.int64)


def _chained(parts: list[list[Entries]]) -> list[Entries]:
    """Return both sides of all parts."""
    added, taken = zip(*parts, strict=True)
    return [(np.concatenate([e[0] for e in side]), np.concatenate([e[1] for e in side])) for side in (added, taken)]


def _held(keys: Numbers, bits: int) -> Numbers:
    """Return the first bits of keys that the index holds: those that choose the bucket, and 32 more."""
    return keys >> np.uint64(32 - bits)


def _load(conn: sa.Connection, buckets: Numbers) -> list[Row]:
    """Return the rows of buckets."""
    rows: list[Row] = []
    for part in np.array_split(buckets, max(len(buckets) // _ROWS, 1)):
        query = sa.select(*_ROW).where(among(conn, INDEX_TABLE.c.bucket, part.tolist()))
        rows += all_rows(conn.execute(query))
    return rows


def _load_runs(conn: sa.Connection) -> list[Row]:
    """Return the rows of runs, in their order."""
    query = sa.select(*_ROW).where(INDEX_TABLE.c.bucket == RUN).order_by(INDEX_TABLE.c.generation)
    return all_rows(conn.execute(query))


def append_index(conn: sa.Connection, taken: tuple[Numbers, Numbers], added: tuple[Numbers, Numbers]) -> None:
    """Append what a run takes out and adds, each (key, member); now and then it goes into the buckets."""
    bits = _bits(conn)
    if bits is None:
        return
    (gone, lost), (new, member) = differences(taken, added)
    if not len(gone) and not len(new):
        return
    runs = _load_runs(conn)
    row = run_row(1 + max((run[1] for run in runs), default=0), (_held(new, bits), member), (_held(gone, bits), lost))
    every = [*runs, row]
    if count_entries(every) > min(FULL_SHARE * PER_BUCKET * 2**bits, MOST_ENTRIES):
        conn.execute(_NO_RUNS)
        _fold(conn, every)
    elif len(every) > MOST_RUNS:
        conn.execute(_NO_RUNS)
        insert_rows(conn, INDEX_TABLE, [merge_runs(row[1], every)])
    else:
        insert_rows(conn, INDEX_TABLE, [row])


def _fold(conn: sa.Connection, runs: list[Row]) -> None:
    """Let buckets hold what runs add and take out, some at a time."""
    sides = run_sides(runs)
    buckets = distinct(np.concatenate([bucket for bucket, _ in sides]))
    for part in np.array_split(buckets, max(len(buckets) // _ROWS, 1)):
        here = [slice(*np.searchsorted(bucket, [part[0], part[-1] + 1])) for bucket, _ in sides]
        mine = [(bucket[some], packed[some]) for (bucket, packed), some in zip(sides, here, strict=True)]
        bucket, packed = net(_chained([entries_of(_load(conn, part)), mine]))
        order = np.lexsort((packed, bucket))
        conn.execute(sa.delete(INDEX_TABLE).where(among(conn, INDEX_TABLE.c.bucket, part.tolist())))
        _insert(conn, _bucket_rows(bucket[order], packed[order], 0))
