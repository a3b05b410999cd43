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
from resolve.link.buffers import integers

LONGEST = 63  # lengths from here on never reject by Jaro-Winkler
MARGIN = 1e-6
COUNTED = 15  # characters that a counter of four bits surely holds
DIGITS, LETTERS = 16, 32  # classes: of four bits each, of two bits each
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Signatures:
    """Of each distinct value of a column: signature, `lengths` and `first` letter.

    lengths: code points, at most LONGEST. slack: code points that the signature does not show. first: its low 16 bits.
    """

    bits: Hashes
    lengths: np.ndarray
    slack: np.ndarray
    first: np.ndarray


def sign_texts(values: pa.Array, classes: int) -> Signatures:
    """Return signatures with DIGITS or LETTERS classes."""
    bits = np.zeros(len(values), dtype=np.uint64)
    lengths = integers(pc.utf8_length(values)).astype(np.int64)
    first = np.zeros(len(values), dtype=np.uint16)
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        points = code_points(values[part])
        bits[part], first[part] = _sign(points, lengths[part], classes)
    slack = np.minimum(lengths - np.bitwise_count(bits), LONGEST).astype(np.uint8)
    return Signatures(bits, np.minimum(lengths, LONGEST).astype(np.uint8), slack, first)


def code_points(values: pa.Array) -> np.ndarray:
    """Return the code points of all texts, one behind the other: bytes where all is ASCII, else 32 bits each."""
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    data = values.buffers()[2]
    letters = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]] if data else np.empty(0, dtype=np.uint8)
    if not len(letters) or letters.max() < 128:
        return letters
    return np.frombuffer(
        letters.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    )


def _sign(points: np.ndarray, lengths: Ints, classes: int) -> tuple[Hashes, np.ndarray]:
    """Return signatures and first letters of texts given as joined code points."""
    bits = np.zeros(len(lengths), dtype=np.uint64)
    first = np.zeros(len(lengths), dtype=np.uint16)
    filled = np.flatnonzero(lengths)
    if not len(filled):
        return bits, first
    starts = (np.cumsum(lengths) - lengths)[filled]
    first[filled] = points[starts]
    place = (points % points.dtype.type(classes)).astype(np.uint8)
    halves = []
    for half in range(classes // DIGITS):
        counters = np.add.reduceat(_COUNTER[half][place], starts)
        halves.append(_UNARY[classes][counters.view(np.uint8)].view(np.uint64))
    found = halves[0] if classes == DIGITS else halves[0] | halves[1] << np.uint64(4)
    long = np.flatnonzero(lengths[filled] > COUNTED)  # a counter may have run over
    if len(long):
        found[long] = _sign_long(place, (starts[long], lengths[filled][long]), classes)
    bits[filled] = found
    return bits, first


def _sign_long(place: np.ndarray, where: tuple[Ints, Ints], classes: int) -> Hashes:
    """Return the same signatures for texts of any length, from (starts, lengths) in the classes of all characters."""
    starts, lengths = where
    owner = np.repeat(np.arange(len(lengths)), lengths)
    inner = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    width = 64 // classes
    counts = np.bincount(owner * classes + place[np.repeat(starts, lengths) + inner], minlength=len(lengths) * classes)
    table = np.minimum(counts, width).reshape(len(lengths), classes)
    bits = np.zeros(len(lengths), dtype=np.uint64)
    for number in range(classes):
        half, k = divmod(number, DIGITS)
        shift = 4 * k if classes == DIGITS else 8 * (k // 2) + 4 * half + 2 * (k % 2)
        bits |= ((np.uint64(1) << table[:, number].astype(np.uint64)) - np.uint64(1)) << np.uint64(shift)
    return bits


def _counters() -> list[np.ndarray]:
    """Return for each half of the classes what a character adds: 1 in the four bits of its class."""
    tables = []
    for half in range(2):
        table = np.zeros(LETTERS, dtype=np.uint64)
        table[half * DIGITS : (half + 1) * DIGITS] = np.uint64(1) << (4 * np.arange(DIGITS, dtype=np.uint64))
        tables.append(table)
    return tables


def _unary() -> dict[int, np.ndarray]:
    """Return how two counters of four bits look as unary bits: four each, or two each in the lower half."""
    byte = np.arange(256)
    low, high = byte & 15, byte >> 4
    four = ((1 << np.minimum(low, 4)) - 1) | ((1 << np.minimum(high, 4)) - 1) << 4
    two = ((1 << np.minimum(low, 2)) - 1) | ((1 << np.minimum(high, 2)) - 1) << 2
    return {DIGITS: four.astype(np.uint8), LETTERS: two.astype(np.uint8)}


_COUNTER, _UNARY = _counters(), _unary()


def too_many_edits(a: Hashes, b: Hashes, most: int) -> Bools:
    """Return where two signatures prove more than `most` edits (insertion, deletion, substitution, swap)."""
    return np.asarray(np.bitwise_count(a ^ b) > 2 * most)


def least_matches(threshold: float) -> np.ndarray:
    """Return how many characters must match for Jaro-Winkler >= threshold, flat by first letter equal, |a|, |b|.

    The place of an entry is `equal << 12 | |a| << 6 | |b|`.
    """
    length = np.arange(LONGEST + 1, dtype=np.float64)
    total = np.maximum(length[:, None] + length[None, :], 1.0)
    product = length[:, None] * length[None, :]
    tables = []
    for prefix in (0, 4):
        jaro = (threshold - 0.1 * prefix) / (1 - 0.1 * prefix)
        tables.append(np.ceil((3 * jaro - 1) * product / total - MARGIN))
    table: np.ndarray = np.clip(np.stack(tables), 0, 255)
    table[:, LONGEST, :] = table[:, :, LONGEST] = 0  # lengths are cut there
    return np.asarray(table, dtype=np.uint8).ravel()


Side = tuple[np.ndarray, ...]  # of many texts: signatures; for `too_unlike` also lengths, slack, first


def too_unlike(a: Side, b: Side, least: np.ndarray) -> Bools:
    """Return where the signatures of two texts prove Jaro-Winkler below the table's threshold."""
    (bits_a, long_a, slack_a, first_a), (bits_b, long_b, slack_b, first_b) = a, b
    # |a| - popcount(a & ~b) = what a does not show + popcount(a & b): no more characters can match
    matched = np.bitwise_count(bits_a & bits_b) + np.minimum(slack_a, slack_b)
    place = (first_a == first_b).astype(np.uint16) << np.uint16(12)
    place |= long_a.astype(np.uint16) << np.uint16(6)
    place |= long_b
    return np.asarray(matched < least[place])
