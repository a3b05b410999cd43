"""Array primitives that encoding, blocking and comparing share: hashes of text, ragged lists, run lengths."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes32 = NDArray[np.int32]
Rows = NDArray[np.int64] | NDArray[np.int32]  # numbers of contacts, or codes of values
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Levels = NDArray[np.uint8]

_BASE = np.uint64(0x9E3779B97F4A7C15 | 1)  # odd, so that its powers never lose the low bits
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Ragged:
    """Lists of unequal length: list i is `values[offsets[i]:offsets[i + 1]]`."""

    offsets: Ints
    values: Ints

    @cached_property
    def counts(self) -> Ints:
        """The length of each list."""
        return np.diff(self.offsets)

    def take(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return (position in `rows`, value) of every element of the lists of `rows`, in order."""
        counts = self.counts[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        return owner, self.values[inner_positions(counts) + np.repeat(self.offsets[rows], counts)]


def ragged(owner: Ints, values: Ints, size: int) -> Ragged:
    """Return the lists of `size` owners from (owner, value) elements that are ordered by owner."""
    offsets = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=size), out=offsets[1:])
    return Ragged(offsets, values)


def inner_positions(counts: Ints) -> Ints:
    """Return 0..count-1 for each count, one behind the other."""
    total = int(counts.sum())
    starts = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) - np.repeat(starts, counts)


def mix(hashes: Hashes) -> Hashes:
    """Return well-spread 64-bit hashes (the finaliser of splitmix64)."""
    h = hashes.copy()
    h ^= h >> np.uint64(30)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return h


def powers(exponents: Ints) -> Hashes:
    """Return the hash base to the given powers, modulo 2**64."""
    top = int(exponents.max(initial=0)) + 1
    table = np.ones(top, dtype=np.uint64)
    if top > 1:
        table[1:] = np.multiply.accumulate(np.full(top - 1, _BASE, dtype=np.uint64))
    return table[exponents]


def hash_text(values: pa.Array) -> tuple[Hashes, Ints]:
    """Return the polynomial hash and the length in bytes of each text; missing counts as empty.

    `hash(a + b) == hash(a) + powers(len(a)) * hash(b)`, so that joined names need no joined strings.
    """
    hashes = np.zeros(len(values), dtype=np.uint64)
    lengths = np.zeros(len(values), dtype=np.int64)
    for start in range(0, len(values), _CHUNK):
        part = values.slice(start, _CHUNK)
        hashes[start : start + len(part)], lengths[start : start + len(part)] = _hash_chunk(part)
    return hashes, lengths


def _hash_chunk(values: pa.Array) -> tuple[Hashes, Ints]:
    """Hash one chunk of text."""
    values = (values.fill_null("") if values.null_count else values).cast(pa.large_string())
    _, offset_buffer, data = values.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    lengths = np.diff(offsets)
    hashes = np.zeros(len(values), dtype=np.uint64)
    filled = np.flatnonzero(lengths)
    if not len(filled):
        return hashes, lengths
    bytes_ = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]].astype(np.uint64) + np.uint64(1)
    terms = bytes_ * powers(inner_positions(lengths))
    hashes[filled] = np.add.reduceat(terms, (offsets[:-1] - offsets[0])[filled])
    return hashes, lengths


def first_of_each(codes: Ints, most: int) -> Ints:
    """Return the first position of each distinct code (0 <= code < most), in order of the codes."""
    bits = max(len(codes).bit_length(), 1)
    if most.bit_length() + bits <= 63:  # plain numbers are sorted several times as fast as positions
        packed = codes << bits | np.arange(len(codes))
        packed.sort()
        return np.asarray((packed & ((1 << bits) - 1))[starts_of(packed >> bits)])
    order = np.argsort(codes)
    starts = starts_of(codes[order])
    return np.minimum.reduceat(order, starts) if len(starts) else order


def starts_of(codes: Rows | Hashes) -> Ints:
    """Return where each run of equal codes begins."""
    return np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if len(codes) else np.empty(0, dtype=np.int64)


def combine(columns: list[Ints]) -> tuple[Ints, Ints]:
    """Return (code of each row's tuple, first row of each code): equal tuples share a code, by appearance."""
    import pandas as pd

    code = columns[0]
    for column in columns[1:]:
        width = int(column.max(initial=-1)) + 2
        code, _ = pd.factorize(code * width + column + 1)
        code = code.astype(np.int64)
    code, _ = pd.factorize(code)
    code = code.astype(np.int64)
    first = np.zeros(int(code.max(initial=-1)) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return code, first


def distinct_pairs(left: Rows, right: Rows) -> tuple[Ints, Ints, Ints]:
    """Return the distinct unordered pairs (a, b, position of each input pair among them), a <= b."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    width = np.int64(int(high.max(initial=0)) + 1)
    packed, inverse = np.unique(low * width + high, return_inverse=True)
    return packed // width, packed % width, inverse


def distinct_rows(columns: list[Levels]) -> tuple[Ints, Ints]:
    """Return (first row of each distinct row, number of each row among them), ordered by the columns in turn."""
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    room = 1
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if room * width >= 1 << 62:
            _, packed = np.unique(packed, return_inverse=True)
            room = int(packed.max(initial=0)) + 1
        packed = packed * width + column
        room *= width
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    return first, inverse
