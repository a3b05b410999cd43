"""Edit distances between short texts of one length, exactly, on bytes side by side: neither strings nor a lock needed.

Two different texts of one length are within two edits if, and only if, they differ in one or two places, or one letter
was left out and another put in: between the first and the last place where they differ, one is the other moved by one.
"""

import numpy as np
import pyarrow as pa

from resolve.link.arrays import Levels, Rows
from resolve.link.buffers import byte_spans, side_by_side

WIDTH = 16  # bytes; longer texts are compared as strings
MOST = 2  # edits told apart
FAR, OPEN = MOST + 1, 255  # more than MOST edits; of different lengths, not decided here
_CHUNK = 1 << 15


class ShortTexts:
    """Distinct ASCII texts of at most WIDTH characters, padded with zeros, and their lengths."""

    def __init__(self, letters: np.ndarray, lengths: np.ndarray) -> None:
        """Take bytes (texts, WIDTH) and lengths (texts,), both uint8."""
        self._letters, self._lengths = letters, lengths

    def edits(self, left: Rows, right: Rows) -> Levels:
        """Return the Levenshtein distance of pairs of different texts, by code; FAR above MOST, OPEN if not decided."""
        found = np.empty(len(left), dtype=np.uint8)
        for start in range(0, len(left), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = self._edits(left[part], right[part])
        return found

    def _edits(self, left: Rows, right: Rows) -> Levels:
        """Return the same for pairs that fit the cache."""
        one, two = np.take(self._letters, left, axis=0), np.take(self._letters, right, axis=0)
        differ = _bits(one != two)
        found: Levels = np.minimum(np.bitwise_count(differ), np.uint8(FAR))
        rest = np.flatnonzero(found == FAR)
        if len(rest):
            found[rest] = _moved(one[rest], two[rest], differ[rest])
        long, other = self._lengths[left], self._lengths[right]
        apart = np.flatnonzero(long != other)
        if len(apart):
            gap = np.maximum(long[apart], other[apart]) - np.minimum(long[apart], other[apart])
            found[apart] = np.where(gap > MOST, FAR, OPEN)
        return found


def _moved(one: np.ndarray, two: np.ndarray, differ: np.ndarray) -> Levels:
    """Return 2 where one text is the other moved by one between the first and last difference, else FAR."""
    below = differ.copy()
    for step in (1, 2, 4, 8):
        below |= below >> np.uint16(step)
    below >>= np.uint16(1)  # every place before the last difference
    first = differ & (~differ + np.uint16(1))
    inside = below & ~(first - np.uint16(1))
    # The last place of a row meets the first of the next: nothing there, because it is never inside.
    flat, other = one.reshape(-1), two.reshape(-1)
    ahead, behind = np.ones(len(flat), dtype=bool), np.ones(len(flat), dtype=bool)
    np.not_equal(flat[1:], other[:-1], out=ahead[:-1])
    np.not_equal(flat[:-1], other[1:], out=behind[:-1])
    near = (_bits(ahead) & inside == 0) | (_bits(behind) & inside == 0)
    return np.where(near, np.uint8(MOST), np.uint8(FAR))


def _bits(places: np.ndarray) -> np.ndarray:
    """Return the truth of WIDTH places a row as the bits of one integer, the first place lowest."""
    return np.packbits(places.reshape(-1), bitorder="little").view("<u2")


def lay_out(values: pa.Array) -> ShortTexts | None:
    """Return plain texts (ASCII without zeros) side by side; None where one is too long."""
    lengths = np.diff(byte_spans(values)[1])
    if lengths.max(initial=0) > WIDTH:
        return None
    return ShortTexts(side_by_side(values, WIDTH), lengths.astype(np.uint8))
