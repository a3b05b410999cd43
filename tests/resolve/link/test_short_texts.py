"""Short texts side by side: distances and bytes are those of the plain ways."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from resolve.link.buffers import byte_objects, int_array, integers
from resolve.link.columns import encode_texts
from resolve.link.compare_values import unequal_levels
from resolve.link.short_texts import FAR, OPEN, lay_out

WORDS = st.lists(st.text(alphabet="ab1", max_size=16), min_size=2, max_size=30, unique=True)


def pairs_of(words):
    """Return both ends of all pairs of different words."""
    return np.nonzero(~np.eye(len(words), dtype=bool))


@settings(max_examples=200, deadline=None)
@given(words=WORDS)
def test_edits_of_short_texts_are_exact(words):
    """Of one length, 1, 2 or more edits are those of rapidfuzz; of other lengths, far only where the gap proves it."""
    laid = lay_out(pa.array(words, type=pa.string()))
    left, right = pairs_of(words)
    found = laid.edits(left, right)
    for a, b, edits in zip(left, right, found, strict=True):
        true = min(Levenshtein.distance(words[a], words[b]), FAR)
        assert edits == true or (edits == OPEN and len(words[a]) != len(words[b]))


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.text(alphabet="abé0\x00", max_size=18), min_size=2, max_size=20, unique=True))
def test_levels_of_edits_are_those_of_the_strings(words):
    """Short or long, ASCII or not, with zero bytes or without: levels follow the distance."""
    left, right = pairs_of(words)
    levels = unequal_levels(encode_texts(pa.array(words, type=pa.string())), left, right, ("edits", (1.0, 2.0)))
    true = [min(Levenshtein.distance(words[a], words[b]), FAR) + 1 for a, b in zip(left, right, strict=True)]
    assert levels.tolist() == true


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.text(alphabet="ab1", max_size=70), max_size=20), first=st.integers(0, 5))
def test_bytes_of_texts_are_their_bytes(words, first):
    """Also of a part of an array, of one that is empty, and of texts that are too wide to be cut out at one width."""
    values = pa.array(words, type=pa.string()).slice(min(first, len(words)))
    assert byte_objects(values).tolist() == [word.encode() for word in values.to_pylist()]


def test_numbers_go_to_arrow_and_back():
    """Also from the middle of an array."""
    numbers = np.asarray([5, -1, 7], dtype=np.int32)
    assert integers(int_array(numbers).slice(1)).tolist() == [-1, 7]


def test_texts_that_are_too_long_are_not_laid_out():
    """One of seventeen characters is enough."""
    assert lay_out(pa.array(["a" * 17, "b"])) is None
