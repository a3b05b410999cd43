"""Signatures of texts: 64 bits that prove two texts too different, before any distance is computed.

A signature counts characters by class, unary and saturated. One edit sets at most one bit and clears at most one, so
`popcount(a ^ b) > 2k` proves more than k edits. Every bit of `a & ~b` is a character of a without a partner in b, which
bounds Jaro-Winkler from above. Neither many characters of one class nor a full count can make a proof wrong: they only
hide differences.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Hashes, Ints

LONGEST = 63  # lengths from here on never reject by Jaro-Winkler
MARGIN = 1e-6
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Signatures:
    """Signature, length (code points, at most LONGEST) and first code point of each distinct value of a column."""

    bits: Hashes
    lengths: np.ndarray
    first: np.ndarray


def sign_texts(values: pa.Array, classes: int) -> Signatures:
    """Return signatures with the given number of classes: 16 of 4 bits for digits, 32 of 2 bits for letters."""
    bits = np.zeros(len(values), dtype=np.uint64)
    lengths = np.asarray(pc.utf8_length(values).to_numpy(zero_copy_only=False), dtype=np.int64)
    first = np.zeros(len(values), dtype=np.uint32)
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        points = np.frombuffer("".join(values[part].to_pylist()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        bits[part], first[part] = _sign(points, lengths[part], classes)
    return Signatures(bits, np.minimum(lengths, LONGEST).astype(np.uint8), first)


def _sign(points: np.ndarray, lengths: Ints, classes: int) -> tuple[Hashes, np.ndarray]:
    """Return signatures and first code points of texts given as joined code points."""
    width = 64 // classes
    owner = np.repeat(np.arange(len(lengths)), lengths)
    counts = np.bincount(owner * classes + points % np.uint32(classes), minlength=len(lengths) * classes)
    unary = ((np.uint64(1) << np.minimum(np.arange(width + 1), width).astype(np.uint64)) - np.uint64(1)).astype(
        np.uint64
    )
    table = np.minimum(counts, width).reshape(len(lengths), classes)
    bits = np.zeros(len(lengths), dtype=np.uint64)
    for number in range(classes):
        bits |= unary[table[:, number]] << np.uint64(number * width)
    first = np.zeros(len(lengths), dtype=np.uint32)
    filled = np.flatnonzero(lengths)
    first[filled] = points[(np.cumsum(lengths) - lengths)[filled]]
    return bits, first


def too_many_edits(a: Hashes, b: Hashes, most: int) -> Bools:
    """Return where two signatures prove more than `most` edits (insertion, deletion, substitution, swap)."""
    return np.asarray(np.bitwise_count(a ^ b) > 2 * most)


def least_matches(threshold: float) -> np.ndarray:
    """Return how many characters must match for Jaro-Winkler >= threshold, by (first letter equal, |a|, |b|)."""
    length = np.arange(LONGEST + 1, dtype=np.float64)
    total = np.maximum(length[:, None] + length[None, :], 1.0)
    product = length[:, None] * length[None, :]
    tables = []
    for prefix in (0, 4):
        jaro = (threshold - 0.1 * prefix) / (1 - 0.1 * prefix)
        tables.append(np.ceil((3 * jaro - 1) * product / total - MARGIN))
    table: np.ndarray = np.clip(np.stack(tables), 0, 255)
    table[:, LONGEST, :] = table[:, :, LONGEST] = 0  # lengths are cut there
    return np.asarray(table, dtype=np.uint8)


def too_unlike(
    a: tuple[Hashes, np.ndarray, np.ndarray], b: tuple[Hashes, np.ndarray, np.ndarray], least: np.ndarray
) -> Bools:
    """Return where (signature, length, first letter) of two texts prove Jaro-Winkler below the table's threshold."""
    (bits_a, long_a, first_a), (bits_b, long_b, first_b) = a, b
    matched = np.minimum(
        long_a.astype(np.int16) - np.bitwise_count(bits_a & ~bits_b),
        long_b.astype(np.int16) - np.bitwise_count(bits_b & ~bits_a),
    )
    return np.asarray(matched < least[(first_a == first_b).astype(np.uint8), long_a, long_b])
